//! The memory that snapshots take of the program.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use globus_test_support::emulator::{Fallible, ROBOT, ROBOT_SECRET, SEARCH_ALL, TestResult, http};

/// How long the program may take to be ready on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const SNAPSHOTS: usize = 25;
/// Most memory of the program with its snapshots, in KiB.
const MEMORY: u64 = 400 * 1024;

/// The program, killed when it is dropped.
struct Program {
    child: Child,
    url: String,
    http: reqwest::Client,
    token: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    async fn start() -> Fallible<Self> {
        let home = tempfile::tempdir()?;
        let env_file = home.path().join("env.sh");
        let child = Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
            .args(["serve", "--addr", "127.0.0.1:0", "--env-file"])
            .arg(&env_file)
            .args(["--client", &format!("{ROBOT}:{ROBOT_SECRET}")])
            .stdout(Stdio::null())
            .spawn()?;
        let mut program = Self {
            child,
            url: String::new(),
            http: http().no_proxy().build()?,
            token: String::new(),
        };
        let started = Instant::now();
        let text = loop {
            match std::fs::read_to_string(&env_file) {
                Ok(text) => break text,
                Err(error) if started.elapsed() > START_TIMEOUT => return Err(error.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        let url = text
            .lines()
            .find_map(|line| line.strip_prefix("export EMULATOR_URL="));
        program.url = url.ok_or("no URL")?.to_owned();
        let form = [("grant_type", "client_credentials"), ("scope", SEARCH_ALL)];
        let token = program
            .http
            .post(format!("{}/v2/oauth2/token", program.url));
        let token = token.basic_auth(ROBOT, Some(ROBOT_SECRET)).form(&form);
        let token: Value = token.send().await?.json().await?;
        program.token = token["access_token"].as_str().ok_or("no token")?.to_owned();
        Ok(program)
    }

    async fn post(&self, path: &str, body: &Value) -> Fallible<Value> {
        let request = self
            .http
            .request(Method::POST, format!("{}{path}", self.url));
        let answer = request.bearer_auth(&self.token).json(body).send().await?;
        let status = answer.status();
        let document = answer.json().await?;
        assert!(status.is_success(), "{path}: {status} {document}");
        Ok(document)
    }

    /// The memory that it has, in KiB.
    fn memory(&self) -> Fallible<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse()?)
    }
}

#[tokio::test]
async fn snapshots_of_10_mb_take_little_memory() -> TestResult {
    let program = Program::start().await?;
    let index = json!({ "display_name": "Large", "description": "10 MB of text" });
    let index = program.post("/v1/index", &index).await?;
    let index = index["id"].as_str().ok_or("no index")?;
    for batch in 0..2 {
        let entries: Vec<Value> = (0..170)
            .map(|number| {
                json!({
                    "subject": format!("{batch}-{number}"), "visible_to": ["public"],
                    "content": { "text": "x".repeat(30_000) },
                })
            })
            .collect();
        let document = json!({ "ingest_type": "GMetaList", "ingest_data": { "gmeta": entries } });
        let task = program
            .post(&format!("/v1/index/{index}/ingest"), &document)
            .await?;
        let task = format!(
            "{}/v1/task/{}",
            program.url,
            task["task_id"].as_str().unwrap_or_default()
        );
        loop {
            let task = program
                .http
                .get(&task)
                .bearer_auth(&program.token)
                .send()
                .await?;
            let task: Value = task.json().await?;
            match task["state"].as_str() {
                Some("SUCCESS") => break,
                Some("PENDING" | "PROGRESS") => tokio::time::sleep(Duration::from_millis(5)).await,
                _ => return Err(format!("the entries are not there: {task}").into()),
            }
        }
    }
    let before = program.memory()?;
    for _ in 0..SNAPSHOTS {
        let taken = program
            .http
            .post(format!("{}/_emulator/snapshots", program.url));
        assert_eq!(taken.send().await?.status(), StatusCode::CREATED);
    }
    let after = program.memory()?;
    eprintln!("{before} KiB before, {after} KiB with {SNAPSHOTS} snapshots");
    assert!(after < MEMORY, "{after} KiB");
    Ok(())
}
