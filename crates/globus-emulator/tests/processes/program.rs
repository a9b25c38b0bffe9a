//! `globus-emulator serve` as a program.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use globus_test_support::emulator::{TestResult, http};

/// Longer than a start takes on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The program, killed when it is dropped.
struct Program(Child);

impl Program {
    fn start(env_file: &Path) -> std::io::Result<Self> {
        Self::start_with(env_file, &[])
    }

    fn start_with(env_file: &Path, options: &[&str]) -> std::io::Result<Self> {
        Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
            .args(["serve", "--addr", "127.0.0.1:0", "--env-file"])
            .arg(env_file)
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .map(Self)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until the env file is there.
fn read_env_file(file: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let began = Instant::now();
    while began.elapsed() < START_TIMEOUT {
        match std::fs::read_to_string(file) {
            Ok(text) if text.contains("EMULATOR_URL=") => return Ok(text),
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    Err("the emulator did not write its env file".into())
}

fn variable<'a>(text: &'a str, name: &str) -> Result<&'a str, String> {
    let start = format!("export {name}=");
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(&start));
    value.ok_or_else(|| format!("no {name} in {text}"))
}

#[tokio::test]
async fn without_a_client_one_is_made_that_works() -> TestResult {
    let home = tempfile::tempdir()?;
    let env_file = home.path().join("env.sh");
    let _program = Program::start(&env_file)?;
    let text = read_env_file(&env_file)?;
    let url = variable(&text, "EMULATOR_URL")?;
    let id = variable(&text, "GLOBUS_CLI_CLIENT_ID")?;
    let secret = variable(&text, "GLOBUS_CLI_CLIENT_SECRET")?;
    let request = http()
        .no_proxy()
        .build()?
        .post(format!("{url}/v2/oauth2/token"));
    let form = [("grant_type", "client_credentials"), ("scope", "openid")];
    let answer = request
        .basic_auth(id, Some(secret))
        .form(&form)
        .send()
        .await?;
    assert_eq!(answer.status(), 200);
    Ok(())
}

#[tokio::test]
async fn limits_are_set_on_the_command_line() -> TestResult {
    let home = tempfile::tempdir()?;
    let env_file = home.path().join("env.sh");
    let options = [
        "--running-transfers=1",
        "--running-deletes=none",
        "--pending-tasks=5",
        "--allow-identical-paths",
        "--rate-limit",
        "--rate-period=60",
    ];
    let _program = Program::start_with(&env_file, &options)?;
    let text = read_env_file(&env_file)?;
    let url = format!("{}/_emulator/limits", variable(&text, "EMULATOR_URL")?);
    let limits: serde_json::Value = http()
        .no_proxy()
        .build()?
        .get(url)
        .send()
        .await?
        .json()
        .await?;
    let expected = serde_json::json!({
        "running_transfers": 1, "running_deletes": null, "pending_tasks": 5,
        "allow_identical_paths": true, "requests_per_second": 20, "rate_period": 60,
    });
    assert_eq!(limits, expected);
    Ok(())
}

#[test]
fn the_limits_stand_in_the_help() -> TestResult {
    let help = Command::new(env!("CARGO_BIN_EXE_globus-emulator"))
        .args(["serve", "--help"])
        .output()?;
    let help = String::from_utf8(help.stdout)?;
    for option in ["--running-transfers", "--pending-tasks", "--rate-limit"] {
        assert!(help.contains(option), "{help}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn an_env_file_is_not_written_through_a_link() -> TestResult {
    let home = tempfile::tempdir()?;
    let (env_file, other) = (home.path().join("env.sh"), home.path().join("other"));
    std::fs::write(&other, "as it was")?;
    std::os::unix::fs::symlink(&other, &env_file)?;
    let _program = Program::start(&env_file)?;
    read_env_file(&env_file)?;
    assert_eq!(std::fs::read_to_string(&other)?, "as it was");
    assert!(!env_file.symlink_metadata()?.is_symlink());
    Ok(())
}

#[tokio::test]
async fn a_host_allowed_on_the_command_line_is_answered() -> TestResult {
    let home = tempfile::tempdir()?;
    let env_file = home.path().join("env.sh");
    let options = ["--allow-host", "lab.example", "--allow-host", "globus"];
    let _program = Program::start_with(&env_file, &options)?;
    let text = read_env_file(&env_file)?;
    let url = format!("{}/_emulator/health", variable(&text, "EMULATOR_URL")?);
    let http = http().no_proxy().build()?;
    for (host, status) in [("lab.example", 200), ("globus:1", 200), ("other", 421)] {
        let answer = http.get(&url).header("host", host).send().await?;
        assert_eq!(answer.status(), status, "{host}");
    }
    Ok(())
}
