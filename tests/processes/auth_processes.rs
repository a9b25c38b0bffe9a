//! What the process list tells of a program that holds tokens, and of the browser that it opens: each
//! is a process of its own here, and is looked at from outside, as anybody on the machine can.
#![cfg(all(target_os = "linux", feature = "login"))]

use globus_sdk::auth::{LocalServerLogin, UserApp};
use globus_sdk::{Environment, Globus};
use globus_test_support::auth::{ROBOT, SECRET, Sandbox, browse};
use globus_test_support::child_process;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

const TEST: &str = "auth_processes::no_secret_is_in_the_process_list";
const EMULATOR: &str = "GLOBUS_SDK_TEST_EMULATOR";
/// Shows nothing, and lives as long as the program that opened it.
const BROWSER: &str = "#!/bin/sh\nwhile kill -0 $PPID; do sleep 0.1; done\n";

/// A program that is told its secret by a pipe, logs a person in by a browser, makes a call, and says
/// what it holds.
async fn child() -> ! {
    let emulator = env::var(EMULATOR).unwrap();
    let mut told = std::io::stdin().lines();
    let secret = told.next().unwrap().unwrap();
    let login = LocalServerLogin::new().timeout(Duration::from_secs(60));
    let person = UserApp::confidential(ROBOT, secret).login_flow(login);
    let here = Environment::empty().with_all_services(&emulator);
    let globus = Globus::builder(person.refresh_tokens(true)).environment(here);
    let globus = globus.build().unwrap();
    globus.transfer().task_list().await.unwrap();
    for data in globus.tokens().await.unwrap().values() {
        println!("\nholds {}", data.access_token.expose());
        println!("holds {}", data.refresh_token.as_ref().unwrap().expose());
    }
    println!("that is all");
    // until the parent has seen enough
    told.next();
    child_process::end()
}

/// Ends with the test, whatever becomes of it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What everybody is told about a process, or its owner.
fn seen(process: &str, file: &str) -> String {
    let text = fs::read(Path::new("/proc").join(process).join(file)).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// The process that runs a script, when there is one.
async fn running(script: &str) -> String {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        let mut processes = fs::read_dir("/proc").unwrap().map(|entry| {
            let name = entry.unwrap().file_name();
            name.to_string_lossy().into_owned()
        });
        if let Some(process) = processes.find(|name| seen(name, "cmdline").contains(script)) {
            return process;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody opened the browser");
}

// the child is read without a runtime, while the emulator answers it
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_process_list() {
    if child_process::is_child_of(TEST) {
        child().await;
    }
    let sandbox = Sandbox::start().await;
    let folder = tempfile::tempdir().unwrap();
    let browser = folder.path().join("browser");
    fs::write(&browser, BROWSER).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o700)).unwrap();
    let browser = browser.to_str().unwrap();

    let mut child = child_process::command(TEST)
        .env(EMULATOR, sandbox.emulator.base_url())
        .env("BROWSER", browser)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = child.stdin.take().unwrap();
    let says = BufReader::new(child.stdout.take().unwrap());
    let child = Ended(child);
    writeln!(told, "{SECRET}").unwrap();

    let opened = running(browser).await;
    let command = seen(&opened, "cmdline");
    let url = command.trim_end_matches('\0').rsplit('\0').next().unwrap();
    assert_eq!(browse(&url.parse().unwrap()).await.status, 200);
    let mut secrets = vec![SECRET.to_owned()];
    for line in says.lines().map(Result::unwrap) {
        match line.strip_prefix("holds ") {
            Some(token) => secrets.push(token.to_owned()),
            None if line == "that is all" => break,
            None => {}
        }
    }
    assert!(secrets.len() > 2, "the child holds no token");

    let child = child.0.id().to_string();
    for (process, name) in [(&child, "the program"), (&opened, "the browser")] {
        for file in ["cmdline", "environ"] {
            let text = seen(process, file);
            assert!(!text.is_empty(), "the {file} of {name} cannot be read");
            for secret in &secrets {
                assert!(!text.contains(secret), "a secret in the {file} of {name}");
            }
        }
    }
}
