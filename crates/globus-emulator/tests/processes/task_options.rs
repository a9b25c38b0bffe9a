//! `globus-emulator serve` with tasks that are slow or fail: its options, and a kill in between.

use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use globus_emulator::Uuid;
use globus_test_support::emulator::{ROBOT, ROBOT_SECRET, TRANSFER_ALL, TestResult, http};
use serde_json::{Value, json};

/// Longer than a start or a task takes on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);
const COLLECTION: Uuid = Uuid::from_u128(1);

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The program, killed when it is dropped.
struct Program {
    child: Child,
    url: String,
    http: reqwest::Client,
}

impl Program {
    /// Serves `folder` of `home`, with the state in `data`.
    async fn start(home: &Path, options: &[&str]) -> Fallible<Self> {
        let env_file = home.join("env.sh");
        let _ = std::fs::remove_file(&env_file);
        let collection = format!("{COLLECTION}={}", home.join("folder").display());
        std::fs::create_dir_all(home.join("folder"))?;
        let child = Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
            .args([
                "serve",
                "--addr",
                "127.0.0.1:0",
                "--collection",
                &collection,
            ])
            .args(["--client", &format!("{ROBOT}:{ROBOT_SECRET}")])
            .arg("--data")
            .arg(home.join("data"))
            .arg("--env-file")
            .arg(&env_file)
            .args(options)
            .stdout(Stdio::null())
            .spawn()?;
        let mut program = Self {
            child,
            url: String::new(),
            http: http().no_proxy().build()?,
        };
        let began = Instant::now();
        while began.elapsed() < TIMEOUT {
            if let Ok(text) = std::fs::read_to_string(&env_file) {
                let mut lines = text.lines();
                let url = lines.find_map(|line| line.strip_prefix("export EMULATOR_URL="));
                url.ok_or("no URL")?.clone_into(&mut program.url);
                return Ok(program);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("it is not ready in time".into())
    }

    async fn control(&self, path: &str) -> Fallible<Value> {
        let url = format!("{}/_emulator/{path}", self.url);
        Ok(self.http.get(url).send().await?.json().await?)
    }

    async fn token(&self) -> Fallible<String> {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", TRANSFER_ALL),
        ];
        let request = self.http.post(format!("{}/v2/oauth2/token", self.url));
        let request = request.basic_auth(ROBOT, Some(ROBOT_SECRET)).form(&form);
        let answer: Value = request.send().await?.json().await?;
        text(&answer, "access_token")
    }

    async fn get(&self, token: &str, path: &str) -> Fallible<Value> {
        let request = self.http.get(format!("{}/v0.10/{path}", self.url));
        Ok(request.bearer_auth(token).send().await?.json().await?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: it has no say in this
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(document: &Value, member: &str) -> Fallible<String> {
    let text = document[member].as_str();
    let text = text.ok_or_else(|| format!("no {member} in {document}"))?;
    Ok(text.to_owned())
}

/// Runs it with options that keep it from starting.
fn refused(options: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
        .args(["serve", "--addr", "127.0.0.1:0"])
        .args(options)
        .output()
}

#[tokio::test]
async fn options_set_rate_delay_quota_and_faults() -> TestResult {
    let home = tempfile::tempdir()?;
    let faults = home.path().join("faults.json");
    let rule = json!({ "kind": "stall", "path": "*.h5", "max_fires": 1 });
    std::fs::write(&faults, json!([rule]).to_string())?;
    let own_quota = format!("{COLLECTION}=0");
    let options = [
        "--bytes-per-second",
        "1000",
        "--start-delay",
        "1.5",
        "--quota",
        "5000",
        "--quota",
        &own_quota,
        "--task-faults",
        faults.to_str().ok_or("not UTF-8")?,
    ];
    let program = Program::start(home.path(), &options).await?;
    let settings = program.control("task-settings").await?;
    assert_eq!(
        (
            &settings["bytes_per_second"],
            &settings["start_delay_seconds"],
            &settings["quota"]
        ),
        (&json!(1_000), &json!(1.5), &json!(5_000))
    );
    let rules = program.control("task-faults").await?;
    assert_eq!(rules, json!([{ "id": 1, "fault": rule, "fired": 0 }]));
    Ok(())
}

#[test]
fn options_that_make_no_sense_are_one_clear_error() -> TestResult {
    let home = tempfile::tempdir()?;
    let file = home.path().join("faults.json");
    let file = file.to_str().ok_or("not UTF-8")?;
    let unknown = format!("{}=5", Uuid::nil());
    for (options, why) in [
        (["--bytes-per-second", "0"], "at least 1"),
        (["--bytes-per-second", "-5"], "at least 1"),
        (["--start-delay", "-1"], "at least 0"),
        (["--start-delay", "soon"], "number of seconds"),
        (["--quota", "-1"], "at least 0"),
        (["--quota", "x=1"], "must be a UUID"),
        (["--quota", &unknown], "no collection"),
        (["--task-faults", file], "No such file"),
    ] {
        let output = refused(&options)?;
        let message = String::from_utf8(output.stderr)?;
        assert!(!output.status.success(), "{options:?}");
        assert!(message.contains(why), "{options:?}: {message}");
    }
    for (rules, why) in [
        (r#"[{"kind": "explosion"}]"#, "explosion"),
        (r#"[{"kind": "stall", "after_files": -1}]"#, "-1"),
        (r#"[{"kind": "stall", "path": "a/**"}]"#, "begin with /"),
    ] {
        std::fs::write(file, rules)?;
        let message = String::from_utf8(refused(&["--task-faults", file])?.stderr)?;
        assert!(message.contains(why), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stalled_task_goes_on_after_a_kill() -> TestResult {
    let home = tempfile::tempdir()?;
    let faults = home.path().join("faults.json");
    let rule = json!([{ "kind": "stall", "after_files": 1, "after_bytes": 7 }]);
    std::fs::write(&faults, rule.to_string())?;
    let faults = faults.to_str().ok_or("not UTF-8")?;
    let program = Program::start(home.path(), &["--task-faults", faults]).await?;
    let folder = home.path().join("folder");
    std::fs::create_dir(folder.join("in"))?;
    for name in ["a", "b", "c"] {
        std::fs::write(folder.join("in").join(name), "12345")?;
    }
    let token = program.token().await?;
    let document = json!({
        "DATA_TYPE": "transfer",
        "submission_id": text(&program.get(&token, "submission_id").await?, "value")?,
        "source_endpoint": COLLECTION,
        "destination_endpoint": COLLECTION,
        "DATA": [{ "DATA_TYPE": "transfer_item", "source_path": "/in/", "destination_path": "/out/" }],
    });
    let request = program.http.post(format!("{}/v0.10/transfer", program.url));
    let accepted = request.bearer_auth(&token).json(&document).send().await?;
    let task = format!("task/{}", text(&accepted.json().await?, "task_id")?);
    // the file that arrived is written down by then
    while program.get(&token, &task).await?["bytes_transferred"] != 7 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(program);

    let program = Program::start(home.path(), &[]).await?;
    let began = Instant::now();
    while began.elapsed() < TIMEOUT {
        let task = program.get(&token, &task).await?;
        if task["status"] != "ACTIVE" {
            assert_eq!(task["status"], "SUCCEEDED");
            let names = std::fs::read_dir(folder.join("out"))?;
            assert_eq!(names.count(), 3, "an incomplete file stays");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("it does not go on".into())
}
