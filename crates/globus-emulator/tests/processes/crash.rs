//! The program is killed while it works, again and again: what it has acknowledged is there
//! when it is back, and its tasks go on and end, each once.

#[cfg(target_os = "linux")]
mod deep;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use globus_emulator::Uuid;
use globus_test_support::emulator::{
    ROBOT, ROBOT_SECRET, SEARCH_ALL, TRANSFER_ALL, TestResult, http,
};
use reqwest::Method;
use serde_json::{Value, json};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// How often it is killed, unless `EMULATOR_CRASHES` says otherwise.
const ROUNDS: u64 = 10;
/// How long the program may take to answer, and a task to end, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const SOURCE: Uuid = Uuid::from_u128(1);
const DESTINATION: Uuid = Uuid::from_u128(2);
const GROUPS_ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";

/// The program, which is killed when this goes.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    async fn start(home: &Path, http: &reqwest::Client) -> Fallible<Self> {
        let env_file = home.join("env.sh");
        let _ = std::fs::remove_file(&env_file);
        let folder = |id: Uuid, name: &str| format!("{id}={}", home.join(name).display());
        let child = Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
            .args(["serve", "--addr", "127.0.0.1:0", "--auto-consent"])
            .args(["--client", &format!("{ROBOT}:{ROBOT_SECRET}")])
            .args(["--collection", &folder(SOURCE, "source")])
            .args(["--collection", &folder(DESTINATION, "destination")])
            .arg("--data")
            .arg(home.join("data"))
            .arg("--env-file")
            .arg(&env_file)
            .stdout(Stdio::null())
            .spawn()?;
        let mut running = Self {
            child,
            url: String::new(),
        };
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Ok(text) = std::fs::read_to_string(&env_file) {
                let line = text.lines().find(|line| line.contains("URL_AUTH="));
                let url = line.and_then(|line| line.split_once('=')).ok_or("no URL")?;
                url.1.trim_end_matches('/').clone_into(&mut running.url);
                let health = format!("{}/_emulator/health", running.url);
                assert_eq!(http.get(health).send().await?.status(), 200);
                return Ok(running);
            }
            if let Some(status) = running.child.try_wait()? {
                return Err(format!("it does not come back: {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("it is not ready in time".into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: it has no say in this
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What was promised by an answer.
#[derive(Debug, Clone)]
enum Promise {
    /// A document that can be had at this path again.
    Document(String),
    /// A token, for anything.
    Token(String),
    /// A submission and its task; the file it makes.
    Task { document: Value, task: String },
    /// A task of Search, whose entry can then be found.
    Ingest {
        index: String,
        task: String,
        subject: String,
    },
}

/// Who asks, and what was promised so far.
struct Client<'a> {
    http: &'a reqwest::Client,
    url: &'a str,
    tokens: &'a [String; 3],
}

impl Client<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Fallible<Value> {
        let token = match path {
            _ if path.starts_with("/v0.10") => &self.tokens[0],
            _ if path.starts_with("/v1") => &self.tokens[1],
            _ => &self.tokens[2],
        };
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.bearer_auth(token).send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            return Err(Box::from(format!("{path}: {status} {text}")));
        }
        Ok(serde_json::from_str(&text)?)
    }

    async fn get(&self, path: &str) -> Fallible<Value> {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Fallible<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn token(&self, scope: &str) -> Fallible<String> {
        let request = self.http.post(format!("{}/v2/oauth2/token", self.url));
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let request = request.basic_auth(ROBOT, Some(ROBOT_SECRET)).form(&form);
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        text(&answer, "access_token")
    }

    /// Does one thing of each kind, and writes down what was promised, until nobody answers.
    async fn work(&self, round: u64, kept: &Mutex<Vec<Promise>>) -> Fallible<()> {
        let keep = |promise| -> Fallible<()> {
            kept.lock().map_err(|_| "poisoned")?.push(promise);
            Ok(())
        };
        let index = json!({ "display_name": "Crash", "description": "of a round" });
        let index = text(&self.post("/v1/index", &index).await?, "id")?;
        keep(Promise::Document(format!("/v1/index/{index}")))?;
        let guest = json!({
            "DATA_TYPE": "shared_endpoint", "host_endpoint": SOURCE, "host_path": "/tree/",
            "display_name": format!("guest of round {round}"),
        });
        let guest = text(&self.post("/v0.10/shared_endpoint", &guest).await?, "id")?;
        let guest = format!("/v0.10/endpoint/{guest}");
        keep(Promise::Document(guest.clone()))?;
        for number in 0.. {
            let name = format!("{round}-{number}");
            let submission = text(&self.get("/v0.10/submission_id").await?, "value")?;
            let document = json!({
                "DATA_TYPE": "transfer", "submission_id": submission, "label": name,
                "source_endpoint": SOURCE, "destination_endpoint": DESTINATION,
                "DATA": [{ "DATA_TYPE": "transfer_item", "recursive": true,
                           "source_path": "/tree", "destination_path": format!("/{name}") }],
            });
            let accepted = self.post("/v0.10/transfer", &document).await?;
            let task = text(&accepted, "task_id")?;
            keep(Promise::Task { document, task })?;

            keep(Promise::Token(self.token(GROUPS_ALL).await?))?;

            let group = self.post("/v2/groups", &json!({ "name": name })).await?;
            let group = text(&group, "id")?;
            keep(Promise::Document(format!("/v2/groups/{group}")))?;

            let rule = json!({
                "DATA_TYPE": "access", "path": format!("/{name}/"), "permissions": "r",
                "principal_type": "group", "principal": group,
            });
            let rule = self.post(&format!("{guest}/access"), &rule).await?;
            let rule = text(&rule, "access_id")?;
            keep(Promise::Document(format!("{guest}/access/{rule}")))?;

            let role = json!({
                "DATA_TYPE": "role", "role": "activity_monitor",
                "principal_type": "group", "principal": group,
            });
            let role = text(&self.post(&format!("{guest}/role"), &role).await?, "id")?;
            keep(Promise::Document(format!("{guest}/role/{role}")))?;

            let bookmark = json!({ "name": name, "endpoint_id": SOURCE, "path": "/tree/" });
            let bookmark = self.post("/v0.10/bookmark", &bookmark).await?;
            let bookmark = text(&bookmark, "id")?;
            keep(Promise::Document(format!("/v0.10/bookmark/{bookmark}")))?;

            let rule = json!({
                "DATA_TYPE": "pause_rule", "endpoint_id": SOURCE, "message": name,
                "pause_mkdir": true,
            });
            let rule = self
                .post("/v0.10/endpoint_manager/pause_rule", &rule)
                .await?;
            let rule = text(&rule, "id")?;
            let rule = format!("/v0.10/endpoint_manager/pause_rule/{rule}");
            keep(Promise::Document(rule))?;

            let entry = json!({
                "ingest_type": "GMetaEntry",
                "ingest_data": { "subject": name, "visible_to": ["public"], "content": { "n": number } },
            });
            let path = format!("/v1/index/{index}/ingest");
            let task = text(&self.post(&path, &entry).await?, "task_id")?;
            let index = index.clone();
            keep(Promise::Ingest {
                index,
                task,
                subject: name,
            })?;
        }
        Ok(())
    }

    /// Whether a promise was kept.
    async fn check(&self, promise: &Promise, home: &Path) -> Fallible<()> {
        match promise {
            Promise::Document(path) => {
                self.get(path).await?;
            }
            Promise::Token(token) => {
                let request = self.http.get(format!("{}/v2/groups/my_groups", self.url));
                let answer = request.bearer_auth(token).send().await?;
                assert_eq!(answer.status(), 200, "a token is gone");
            }
            Promise::Ingest {
                index,
                task,
                subject,
            } => {
                let path = format!("/v1/task/{task}");
                self.end(&path, "state", &["SUCCESS"]).await?;
                let path = format!("/v1/index/{index}/subject?subject={subject}");
                assert_eq!(self.get(&path).await?["subject"], *subject);
            }
            Promise::Task { document, task } => {
                let again = self.post("/v0.10/transfer", document).await?;
                assert_eq!(again["code"], "Duplicate", "{again}");
                assert_eq!(again["task_id"], **task);
                let path = format!("/v0.10/task/{task}");
                let ended = self.end(&path, "status", &["SUCCEEDED"]).await?;
                let files = self.get(&format!("{path}/successful_transfers")).await?;
                let files = files["DATA"].as_array().ok_or("no list")?;
                let distinct: BTreeSet<_> =
                    files.iter().map(|f| f["source_path"].as_str()).collect();
                // each of them, and none twice
                assert_eq!((files.len(), distinct.len()), (FILES, FILES), "{files:?}");
                assert_eq!(ended["files_transferred"], FILES);
                let name = document["label"].as_str().ok_or("no label")?;
                for number in 0..FILES {
                    let copy = home.join("destination").join(name).join(number.to_string());
                    assert!(std::fs::read(copy)? == contents(number), "{name}/{number}");
                }
            }
        }
        Ok(())
    }

    /// Waits until a task has ended, and looks how.
    async fn end(&self, path: &str, key: &str, wanted: &[&str]) -> Fallible<Value> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let task = self.get(path).await?;
            let state = task[key].as_str().unwrap_or_default();
            if wanted.contains(&state) {
                return Ok(task);
            }
            assert_ne!(state, "FAILED", "{task}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(format!("{path} does not end").into())
    }
}

/// In the tree that is copied: small ones, and one that takes a while.
const FILES: usize = 6;

fn contents(number: usize) -> Vec<u8> {
    let length = if number == 0 {
        1_500_000
    } else {
        2_000 * number
    };
    (0..length)
        .map(|at| ((at * 31 + number) % 251) as u8)
        .collect()
}

fn text(document: &Value, key: &str) -> Fallible<String> {
    let text = document[key].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("no {key} in {document}").into())
}

fn lay_out(home: &Path) -> std::io::Result<()> {
    let tree = home.join("source/tree");
    std::fs::create_dir_all(&tree)?;
    std::fs::create_dir_all(home.join("destination"))?;
    for number in 0..FILES {
        std::fs::write(tree.join(number.to_string()), contents(number))?;
    }
    Ok(())
}

/// The names of incomplete files, wherever in a folder they are.
fn incomplete(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            found.extend(incomplete(&entry.path())?);
        } else if name.starts_with(".globus-emulator-") {
            found.push(name);
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_incomplete_files_only_what_a_task_left_is_removed() -> TestResult {
    let home = tempfile::tempdir()?;
    lay_out(home.path())?;
    // Of holes only, so that copying it takes long and making it does not.
    let large = std::fs::File::create(home.path().join("source/tree/large"))?;
    large.set_len(4 << 30)?;
    let destination = home.path().join("destination");
    std::fs::create_dir(destination.join("copy"))?;
    let other = ".globus-emulator-00000000000000000000000000000000.part";
    std::fs::write(destination.join("copy").join(other), "not a task's")?;
    let http = http().no_proxy().build()?;
    let running = Running::start(home.path(), &http).await?;
    let url = running.url.clone();
    let tokens = <[String; 3]>::default();
    let mut client = Client {
        http: &http,
        url: &url,
        tokens: &tokens,
    };
    let tokens = [
        client.token(TRANSFER_ALL).await?,
        String::new(),
        String::new(),
    ];
    client.tokens = &tokens;
    let submission = text(&client.get("/v0.10/submission_id").await?, "value")?;
    let document = json!({
        "DATA_TYPE": "transfer", "submission_id": submission,
        "source_endpoint": SOURCE, "destination_endpoint": DESTINATION,
        "DATA": [{ "DATA_TYPE": "transfer_item", "recursive": false,
                   "source_path": "/tree/large", "destination_path": "/copy/large" }],
    });
    let task = text(&client.post("/v0.10/transfer", &document).await?, "task_id")?;
    let started = Instant::now();
    let part = loop {
        let found = incomplete(&destination)?;
        if let Some(part) = found.into_iter().find(|name| name != other) {
            break part;
        }
        assert!(started.elapsed() < PATIENCE, "no part was seen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    drop(running);
    assert!(incomplete(&destination)?.contains(&part), "it is left");

    let running = Running::start(home.path(), &http).await?;
    client.url = &running.url;
    client
        .post(&format!("/v0.10/task/{task}/cancel"), &json!({}))
        .await?;
    // The worker notices within a flush, and takes with it what it has begun anew.
    while incomplete(&destination)? != [other] {
        assert!(
            started.elapsed() < PATIENCE,
            "{:?}",
            incomplete(&destination)?
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_loses_nothing_acknowledged_and_runs_no_task_twice() -> TestResult {
    let rounds = match std::env::var("EMULATOR_CRASHES") {
        Ok(text) => text.parse()?,
        Err(_) => ROUNDS,
    };
    let home = tempfile::tempdir()?;
    lay_out(home.path())?;
    let http = http().no_proxy().build()?;
    let mut running = Running::start(home.path(), &http).await?;
    let mut tokens = <[String; 3]>::default();
    for (token, scope) in tokens
        .iter_mut()
        .zip([TRANSFER_ALL, SEARCH_ALL, GROUPS_ALL])
    {
        let (tokens, url) = (&Default::default(), running.url.as_str());
        *token = Client {
            http: &http,
            url,
            tokens,
        }
        .token(scope)
        .await?;
    }

    let mut all = Vec::new();
    for round in 0..rounds {
        let kept = Mutex::new(Vec::new());
        let client = Client {
            http: &http,
            url: &running.url,
            tokens: &tokens,
        };
        // 20 to 339 milliseconds, the same in every run
        let milliseconds = 20 + (round * 2_654_435_761 + 97) % 320;
        let work = client.work(round, &kept);
        if let Ok(stopped) = tokio::time::timeout(Duration::from_millis(milliseconds), work).await {
            return Err(format!("it stopped working by itself: {stopped:?}").into());
        }
        drop(running);
        running = Running::start(home.path(), &http).await?;
        let client = Client {
            http: &http,
            url: &running.url,
            tokens: &tokens,
        };
        let kept = kept.into_inner()?;
        for promise in &kept {
            let checked = client.check(promise, home.path()).await;
            checked.map_err(|error| format!("round {round}, {promise:?}: {error}"))?;
        }
        all.extend(kept);
    }
    // what was there once stays there
    let client = Client {
        http: &http,
        url: &running.url,
        tokens: &tokens,
    };
    for promise in &all {
        client.check(promise, home.path()).await?;
    }
    // Tasks that were killed while they wrote left nothing behind.
    assert_eq!(incomplete(&home.path().join("destination"))?, [""; 0]);
    let tasks = |promise: &&Promise| matches!(promise, Promise::Task { .. });
    let tasks = all.iter().filter(tasks).count();
    assert!(
        tasks as u64 >= rounds,
        "only {tasks} tasks in {rounds} rounds"
    );
    eprintln!(
        "{rounds} crashes, {} promises kept, {tasks} of them tasks",
        all.len()
    );
    Ok(())
}
