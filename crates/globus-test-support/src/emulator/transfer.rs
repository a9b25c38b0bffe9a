//! Two folders, an emulator over them, and a robot that uses it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use globus_emulator::{EmulatorBuilder, Uuid};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

pub type Fallible<T> = Result<T, Box<dyn Error>>;

pub const SOURCE: Uuid = Uuid::from_u128(0xaaaa_aaaa_0000_4000_8000_0000_0000_0001);
pub const DESTINATION: Uuid = Uuid::from_u128(0xbbbb_bbbb_0000_4000_8000_0000_0000_0002);

/// Longer than any test should take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub struct Lab {
    pub sandbox: Sandbox,
    token: String,
    outer: TempDir,
}

impl Lab {
    pub async fn start() -> Fallible<Self> {
        Self::of(|builder| builder).await
    }

    /// As [`Sandbox::probed`].
    pub async fn probed() -> Fallible<Self> {
        Self::of(|builder| builder.strict_responses(true)).await
    }

    /// Both folders lie in one that holds a secret, so that it shows when something gets out.
    pub async fn of(change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Fallible<Self> {
        let outer = tempfile::tempdir()?;
        std::fs::create_dir(outer.path().join("source"))?;
        std::fs::create_dir(outer.path().join("destination"))?;
        std::fs::write(outer.path().join("secret.txt"), "secret")?;
        std::fs::write(outer.path().join("canary"), "")?;
        Self::over(outer, change).await
    }

    async fn over(
        outer: TempDir,
        change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder,
    ) -> Fallible<Self> {
        let builder = strict()
            .auto_consent(true)
            .transfer_retry_delay(Duration::from_millis(50))
            .collection_with_id(SOURCE, "Instrument", outer.path().join("source"))
            .collection_with_id(DESTINATION, "Archive", outer.path().join("destination"));
        let sandbox = Sandbox::of(change(builder)).await?;
        let token = sandbox.robot_token(TRANSFER_ALL).await?;
        Ok(Self {
            sandbox,
            token,
            outer,
        })
    }

    /// Stops the emulator and starts another one over the same folders.
    pub async fn restart(
        self,
        change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder,
    ) -> Fallible<Self> {
        let Self { sandbox, outer, .. } = self;
        sandbox.emulator.stop().await?;
        Self::over(outer, change).await
    }

    pub fn outer(&self) -> &Path {
        self.outer.path()
    }

    pub fn source(&self, path: &str) -> PathBuf {
        self.outer.path().join("source").join(path)
    }

    pub fn destination(&self, path: &str) -> PathBuf {
        self.outer.path().join("destination").join(path)
    }

    /// Writes a file of the source, with the directories above it.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> Fallible<()> {
        write(&self.source(path), contents)
    }

    pub fn write_destination(&self, path: &str, contents: impl AsRef<[u8]>) -> Fallible<()> {
        write(&self.destination(path), contents)
    }

    /// From here on as the person of this machine instead of the robot.
    pub async fn as_local_user(&mut self) -> Fallible<()> {
        self.token = self
            .sandbox
            .native_login(TRANSFER_ALL)
            .await?
            .text_at("/access_token")?;
        Ok(())
    }

    /// From here on as another person, who has no rights on the collections.
    pub async fn as_person(&mut self, username: &str) -> Fallible<()> {
        self.token = self.login(username).await?;
        Ok(())
    }

    pub async fn login(&self, username: &str) -> Fallible<String> {
        let mut query = native_query(TRANSFER_ALL);
        query.push(("login_hint", username.to_owned()));
        let page = self
            .sandbox
            .get("/v2/oauth2/authorize")
            .query(&query)
            .send()
            .await?;
        let code = pair(&location(&page)?, "code").ok_or("no code")?;
        let tokens = self.sandbox.exchange(&code, VERIFIER).await?;
        tokens.text_at("/access_token")
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.sandbox
            .http
            .request(method, self.sandbox.url(path))
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Fallible<Answer> {
        answer(self.request(Method::GET, path).query(query)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Fallible<Answer> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Fallible<Answer> {
        answer(self.request(Method::PUT, path).json(body)).await
    }

    /// A file operation that reads.
    pub async fn look(&self, operation: &str, query: &[(&str, &str)]) -> Fallible<Answer> {
        self.get(
            &format!("/v0.10/operation/endpoint/{SOURCE}/{operation}"),
            query,
        )
        .await
    }

    /// A file operation that changes something.
    pub async fn operate(&self, operation: &str, body: Value) -> Fallible<Answer> {
        self.post(
            &format!("/v0.10/operation/endpoint/{SOURCE}/{operation}"),
            &body,
        )
        .await
    }

    /// The names of a listing of the source.
    pub async fn names(&self, query: &[(&str, &str)]) -> Fallible<Vec<String>> {
        let listing = self.look("ls", query).await?;
        let entries = listing
            .at("/DATA")
            .as_array()
            .ok_or_else(|| format!("no listing: {listing:?}"))?;
        Ok(entries
            .iter()
            .filter_map(|entry| entry["name"].as_str())
            .map(str::to_owned)
            .collect())
    }

    pub async fn submission_id(&self) -> Fallible<String> {
        self.get("/v0.10/submission_id", &[])
            .await?
            .text_at("/value")
    }

    /// Submits a transfer of these items; `extra` is laid over the document.
    pub async fn try_transfer(&self, items: Value, extra: Value) -> Fallible<Answer> {
        let document = json!({
            "DATA_TYPE": "transfer",
            "submission_id": self.submission_id().await?,
            "source_endpoint": SOURCE,
            "destination_endpoint": DESTINATION,
            "DATA": items,
        });
        self.post("/v0.10/transfer", &laid_over(document, extra))
            .await
    }

    pub async fn try_delete(&self, paths: &[&str], extra: Value) -> Fallible<Answer> {
        let items: Vec<Value> = paths
            .iter()
            .map(|path| json!({ "DATA_TYPE": "delete_item", "path": path }))
            .collect();
        let document = json!({
            "DATA_TYPE": "delete",
            "submission_id": self.submission_id().await?,
            "endpoint": SOURCE,
            "DATA": items,
        });
        self.post("/v0.10/delete", &laid_over(document, extra))
            .await
    }

    pub async fn submit_transfer(&self, items: Value, extra: Value) -> Fallible<String> {
        accepted(self.try_transfer(items, extra).await?)
    }

    pub async fn submit_delete(&self, paths: &[&str], extra: Value) -> Fallible<String> {
        accepted(self.try_delete(paths, extra).await?)
    }

    /// Transfers and waits for the end.
    pub async fn transfer(&self, items: Value, extra: Value) -> Fallible<Value> {
        let task = self.submit_transfer(items, extra).await?;
        self.ended(&task).await
    }

    /// Transfers `/` of the source to `/copy`, and waits for the end.
    pub async fn transfer_all(&self, extra: Value) -> Fallible<Value> {
        self.transfer(json!([item("/", "/copy")]), extra).await
    }

    pub async fn delete(&self, paths: &[&str], extra: Value) -> Fallible<Value> {
        let task = self.submit_delete(paths, extra).await?;
        self.ended(&task).await
    }

    pub async fn task(&self, task: &str) -> Fallible<Value> {
        Ok(self.get(&format!("/v0.10/task/{task}"), &[]).await?.body)
    }

    pub async fn ended(&self, task: &str) -> Fallible<Value> {
        self.wait(task, |task| task["status"] != "ACTIVE").await
    }

    /// Looks at a task until it is as wanted.
    pub async fn wait(&self, task: &str, wanted: impl Fn(&Value) -> bool) -> Fallible<Value> {
        let start = Instant::now();
        loop {
            let document = self.task(task).await?;
            if wanted(&document) {
                return Ok(document);
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("it never came: {document:#}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The codes of a task's events, newest first.
    pub async fn codes(&self, task: &str) -> Fallible<Vec<String>> {
        let events = self
            .get(&format!("/v0.10/task/{task}/event_list"), &[])
            .await?;
        let events = events.at("/DATA").as_array().cloned().unwrap_or_default();
        Ok(events
            .iter()
            .filter_map(|event| event["code"].as_str())
            .map(str::to_owned)
            .collect())
    }

    pub async fn of_task(&self, task: &Value, what: &str) -> Fallible<Vec<Value>> {
        let task = task["task_id"].as_str().ok_or("no task id")?;
        let list = self.get(&format!("/v0.10/task/{task}/{what}"), &[]).await?;
        list.at("/DATA")
            .as_array()
            .cloned()
            .ok_or_else(|| format!("no list: {list:?}").into())
    }

    /// Nothing next to the folders was changed or added.
    pub fn assert_nothing_got_out(&self) -> TestResult {
        assert_eq!(
            std::fs::read_to_string(self.outer.path().join("secret.txt"))?,
            "secret"
        );
        let mut names: Vec<_> = std::fs::read_dir(self.outer.path())?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Fallible<_>>()?;
        names.retain(|name| name != "data");
        names.sort();
        assert_eq!(names, ["canary", "destination", "secret.txt", "source"]);
        Ok(())
    }
}

pub fn item(source: &str, destination: &str) -> Value {
    json!({ "DATA_TYPE": "transfer_item", "source_path": source, "destination_path": destination })
}

fn laid_over(mut document: Value, extra: Value) -> Value {
    if let (Value::Object(document), Value::Object(extra)) = (&mut document, extra) {
        document.extend(extra);
    }
    document
}

pub fn accepted(answer: Answer) -> Fallible<String> {
    assert_eq!(answer.at("/code"), "Accepted", "{answer:?}");
    assert_eq!(answer.status, 202);
    answer.text_at("/task_id")
}

fn write(path: &Path, contents: impl AsRef<[u8]>) -> Fallible<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(path, contents)?)
}

/// Everything below a folder: directories end with `/`, links with their target, files hold their
/// contents.
pub fn tree(folder: &Path) -> Fallible<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![(folder.to_path_buf(), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                found.insert(format!("{name}/"), Vec::new());
                pending.push((entry.path(), format!("{name}/")));
            } else if kind.is_symlink() {
                let target = std::fs::read_link(entry.path())?;
                found.insert(format!("{name} -> {}", target.display()), Vec::new());
            } else {
                found.insert(name, std::fs::read(entry.path())?);
            }
        }
    }
    Ok(found)
}

pub fn names(tree: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    tree.keys().map(String::as_str).collect()
}
