//! A token file: for its owner alone, never half written, and never lost to what else can be at its
//! path.
#![cfg(unix)]

mod siblings;

use globus_sdk::auth::TokenData;
use globus_sdk::token_storage::{JsonTokenStorage, TokenStorage};
use globus_sdk::{Error, ErrorKind};
use globus_test_support::child_process;
use serde_json::{Value, json};
use std::error::Error as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};
use tempfile::TempDir;

const SERVER: &str = "transfer.api.globus.org";

fn token(access_token: &str) -> TokenData {
    let expiry = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    TokenData::new(SERVER, access_token, expiry)
}

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tokens.json");
    (folder, path)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn said(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    error.to_string()
}

async fn refused(path: &Path) -> String {
    let storage = JsonTokenStorage::new(path);
    let text = said(&storage.get(SERVER).await.unwrap_err());
    assert_eq!(
        said(&storage.store(&[token("new")]).await.unwrap_err()),
        text
    );
    assert_eq!(said(&storage.remove(SERVER).await.unwrap_err()), text);
    assert!(text.contains(&*path.to_string_lossy()), "{text}");
    text
}

#[tokio::test]
async fn symbolic_link_is_refused_and_its_target_left_alone() {
    let (folder, path) = folder();
    let target = folder.path().join("target.json");
    JsonTokenStorage::new(&target)
        .store(&[token("old")])
        .await
        .unwrap();
    let before = fs::read(&target).unwrap();
    symlink(&target, &path).unwrap();
    assert!(
        refused(&path)
            .await
            .contains("use the file that it points to")
    );
    assert_eq!(fs::read(&target).unwrap(), before);
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[tokio::test]
async fn a_link_that_points_nowhere_is_refused_and_makes_no_file() {
    let (folder, path) = folder();
    let target = folder.path().join("not there");
    symlink(&target, &path).unwrap();
    refused(&path).await;
    assert!(!target.exists());
}

#[tokio::test]
async fn a_folder_at_the_path_is_refused() {
    let (_folder, path) = folder();
    fs::create_dir(&path).unwrap();
    assert!(refused(&path).await.contains("a folder; use a file in it"));
    assert!(path.is_dir());
}

#[tokio::test]
async fn a_pipe_at_the_path_is_refused_and_nothing_hangs() {
    let (_folder, path) = folder();
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    assert!(refused(&path).await.contains("a device or a pipe"));
}

#[tokio::test]
async fn a_file_where_the_folder_should_be_is_refused() {
    let (_folder, path) = folder();
    fs::write(&path, "mine").unwrap();
    let storage = JsonTokenStorage::new(path.join("tokens.json"));
    let text = said(&storage.store(&[token("new")]).await.unwrap_err());
    assert!(
        text.contains("use a file in a folder that can be created"),
        "{text}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[tokio::test]
async fn a_file_that_makes_no_sense_is_named_and_never_overwritten() {
    for (content, why) in [
        ("", "is not valid JSON"),
        (
            "{\"format_version\": \"2.0\", \"data\"",
            "is not valid JSON",
        ),
        ("[]", "is not a JSON object"),
        ("{}", "does not say which format it has"),
        (
            r#"{"format_version": "3.0"}"#,
            "has the unsupported format 3.0",
        ),
        (
            r#"{"format_version": "2.0", "data": []}"#,
            "has no object `data`",
        ),
        (r#"{"format_version": "1.0"}"#, "has no object `by_rs`"),
        (
            r#"{"format_version": "2.0", "data": {"DEFAULT": 7}}"#,
            "has something other than an object for the namespace",
        ),
    ] {
        let (_folder, path) = folder();
        fs::write(&path, content).unwrap();
        let text = refused(&path).await;
        assert!(text.contains(why), "{content}: {text}");
        assert!(
            text.contains("move it away and log in again, or use another file"),
            "{text}"
        );
        assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
    }
}

#[tokio::test]
async fn an_entry_that_is_no_token_is_named_and_its_values_are_not() {
    let (_folder, path) = folder();
    let entry = json!({"resource_server": SERVER, "access_token": "s3cret", "expires_at_seconds": "s3cret"});
    let content = json!({"format_version": "2.0", "data": {"DEFAULT": {SERVER: entry}}});
    fs::write(&path, content.to_string()).unwrap();
    let error = JsonTokenStorage::new(&path).get(SERVER).await.unwrap_err();
    assert!(said(&error).contains(&format!("invalid token data for {SERVER}")));
    assert!(!format!("{error:?} {:?}", error.source()).contains("s3cret"));
}

#[tokio::test]
async fn what_is_not_ours_in_a_file_is_kept() {
    let (_folder, path) = folder();
    let theirs = json!({"access_token": "theirs", "unknown": {"deep": [1.5, null]}});
    let content = json!({
        "format_version": "2.0", "globus-sdk.version": "4.9.1", "note": "mine",
        "data": {"other": {"server": theirs}, "DEFAULT": {"another": {"unknown": true}}},
    });
    fs::write(&path, content.to_string()).unwrap();
    let storage = JsonTokenStorage::new(&path);
    storage.store(&[token("new")]).await.unwrap();
    assert!(storage.remove(SERVER).await.unwrap());
    let after: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(after["note"], "mine");
    assert_eq!(after["data"], content["data"]);
}

#[tokio::test]
async fn a_file_of_format_1_is_read_and_becomes_one_of_format_2() {
    let (_folder, path) = folder();
    JsonTokenStorage::legacy(&path)
        .store(&[token("old")])
        .await
        .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""format_version":"1.0""#), "{text}");
    let storage = JsonTokenStorage::new(&path);
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("old")));
    let mut other = token("other");
    other.resource_server = "auth.globus.org".to_owned();
    storage.store(&[other]).await.unwrap();
    assert_eq!(storage.all().await.unwrap().len(), 2);
    let old = JsonTokenStorage::legacy(&path)
        .get(SERVER)
        .await
        .unwrap_err();
    assert!(said(&old).contains("has format 2.0"));
}

#[tokio::test]
async fn a_namespace_in_a_file_that_has_none_is_refused() {
    let (_folder, path) = folder();
    let storage = JsonTokenStorage::legacy(&path).namespace("another");
    let error = storage.store(&[token("new")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn removing_what_is_not_there_writes_nothing() {
    let (_folder, path) = folder();
    let storage = JsonTokenStorage::new(&path);
    assert!(!storage.remove(SERVER).await.unwrap());
    assert!(!path.exists());
}

#[tokio::test]
async fn waiting_for_a_lock_ends_with_a_word_about_who_holds_it() {
    let (_folder, path) = folder();
    let _lock = JsonTokenStorage::new(&path).lock().await.unwrap();
    let other = JsonTokenStorage::new(&path).lock_timeout(Duration::from_millis(50));
    let text = said(&other.lock().await.unwrap_err());
    assert!(text.contains("tokens.json.lock"), "{text}");
    assert!(text.contains("another program has held"), "{text}");
}

#[test]
fn outside_of_a_runtime_storing_is_an_error() {
    let (_folder, path) = folder();
    let storage = JsonTokenStorage::new(&path);
    let mut call = storage.all();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match call.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Err(error)) => assert_eq!(error.kind(), ErrorKind::Usage),
        other => panic!("{other:?}"),
    }
}

/// The test whose child all children of these tests are.
const PARENT: &str = "token_file::a_full_disk_is_a_clear_error_and_the_old_tokens_are_kept";
const FILE: &str = "GLOBUS_SDK_TEST_TOKEN_FILE";
const TIMES: &str = "GLOBUS_SDK_TEST_TIMES";

/// What a child of these tests does: stores a token as often as it is told, and says how that went.
async fn child() -> ! {
    let times: u32 = env::var(TIMES).unwrap().parse().unwrap();
    let path = PathBuf::from(env::var_os(FILE).unwrap());
    for n in 0..times {
        let tokens = [token(&format!("new {n}"))];
        let stored = store(&path, &tokens).await;
        if let Err(error) = stored {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            println!("{:?}: {error} ({cause})", error.kind());
        }
    }
    child_process::end()
}

async fn store(path: &Path, tokens: &[TokenData]) -> globus_sdk::Result<()> {
    #[cfg(feature = "sqlite")]
    if path.extension().is_some_and(|extension| extension == "db") {
        return globus_sdk::token_storage::SqliteTokenStorage::new(path)
            .store(tokens)
            .await;
    }
    JsonTokenStorage::new(path).store(tokens).await
}

/// This program as a child, started by a line of shell.
fn shell(before: &str, program: &Path, path: &Path, times: u32) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{before} exec \"$0\" \"$@\"")])
        .arg(program)
        .args(child_process::arguments(PARENT))
        .envs([child_process::variable(PARENT)])
        .env(FILE, path)
        .env(TIMES, times.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn report(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(child_process::acted(output.status), "{text}{errors}");
    text
}

/// What an umask of 000 lets others see: nothing, at any moment.
fn private_under_an_open_umask(name: &str, expected: &[&str]) {
    let (folder, path) = {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("made").join(name);
        (folder, path)
    };
    let program = env::current_exe().unwrap();
    let mut child = shell("umask 000;", &program, &path, 150).spawn().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let inside = folder.path().join("made");
    while child.try_wait().unwrap().is_none() {
        // as fast as it can: a file that is too open is so for microseconds
        for entry in fs::read_dir(&inside).into_iter().flatten().flatten() {
            if let Ok(known) = entry.metadata() {
                let name = entry.file_name().to_string_lossy().into_owned();
                assert_eq!(known.permissions().mode() & 0o777, 0o600, "{name}");
                seen.insert(name);
            }
        }
    }
    report(&child.wait_with_output().unwrap());
    assert_eq!(mode(&inside), 0o700);
    assert_eq!(mode(&path), 0o600);
    for name in expected {
        assert!(seen.contains(*name), "{name} was not seen: {seen:?}");
    }
}

#[test]
fn files_are_private_from_the_first_byte_under_umask_000() {
    private_under_an_open_umask(
        "tokens.json",
        &["tokens.json", "tokens.json.new", "tokens.json.lock"],
    );
}

#[test]
#[cfg(feature = "sqlite")]
fn database_is_private_from_the_first_byte_under_umask_000() {
    private_under_an_open_umask("tokens.db", &["tokens.db", "tokens.db-journal"]);
}

#[tokio::test]
async fn a_file_that_was_open_to_others_is_private_once_it_is_written() {
    let (_folder, path) = folder();
    let storage = JsonTokenStorage::new(&path);
    storage.store(&[token("old")]).await.unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    storage.store(&[token("new")]).await.unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn what_a_killed_writer_left_is_replaced() {
    let (folder, path) = folder();
    let left = folder.path().join("tokens.json.new");
    fs::write(&left, "half of a tok").unwrap();
    let storage = JsonTokenStorage::new(&path);
    storage.store(&[token("new")]).await.unwrap();
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("new")));
    assert!(!left.exists());
}

/// On a full disk no byte can be added to a file: so it is with a limit of none.
#[tokio::test]
async fn a_full_disk_is_a_clear_error_and_the_old_tokens_are_kept() {
    if child_process::is_child_of(PARENT) {
        child().await;
    }
    let (folder, path) = folder();
    let storage = JsonTokenStorage::new(&path);
    storage.store(&[token("old")]).await.unwrap();
    let program = env::current_exe().unwrap();
    let output = shell("trap '' XFSZ; ulimit -f 0;", &program, &path, 1)
        .output()
        .unwrap();
    let text = report(&output);
    assert!(text.contains("Storage: the token file"), "{text}");
    assert!(text.contains("free disk space"), "{text}");
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("old")));
    assert!(!folder.path().join("tokens.json.new").exists());
}

#[tokio::test]
#[cfg(feature = "sqlite")]
async fn a_full_disk_is_a_clear_error_and_the_old_database_is_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tokens.db");
    store(&path, &[token("old")]).await.unwrap();
    let program = env::current_exe().unwrap();
    let output = shell("trap '' XFSZ; ulimit -f 0;", &program, &path, 1)
        .output()
        .unwrap();
    let text = report(&output);
    assert!(text.contains("Storage: the token database"), "{text}");
    assert!(text.contains("free disk space"), "{text}");
    let storage = globus_sdk::token_storage::SqliteTokenStorage::new(&path);
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("old")));
}

/// Where nothing can be written, tokens that are there can be read, and are kept. Root may write
/// everywhere: then the child is somebody else.
fn without_a_right_to_write(path: &Path) -> String {
    let folder = path.parent().unwrap();
    let elsewhere = TempDir::new().unwrap();
    fs::set_permissions(elsewhere.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = elsewhere.path().join("child");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    for known in fs::read_dir(folder).unwrap() {
        fs::set_permissions(known.unwrap().path(), PermissionsExt::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(folder, PermissionsExt::from_mode(0o555)).unwrap();
    let root = String::from_utf8(Command::new("id").arg("-u").output().unwrap().stdout);
    let output = if root.unwrap().trim() == "0" {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program)
            .args(child_process::arguments(PARENT))
            .envs([child_process::variable(PARENT)]);
        command.env(FILE, path).env(TIMES, "1").output()
    } else {
        shell("", &program, path, 1).output()
    };
    fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    report(&output.unwrap())
}

#[tokio::test]
async fn unwritable_folder_is_a_clear_error_and_keeps_old_tokens() {
    let (_folder, path) = folder();
    let storage = JsonTokenStorage::new(&path);
    storage.store(&[token("old")]).await.unwrap();
    let text = without_a_right_to_write(&path);
    assert!(text.contains("Storage: the token file"), "{text}");
    assert!(text.contains("let this user write to its folder"), "{text}");
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("old")));
}

#[tokio::test]
#[cfg(feature = "sqlite")]
async fn unwritable_database_is_a_clear_error_and_is_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("tokens.db");
    store(&path, &[token("old")]).await.unwrap();
    let text = without_a_right_to_write(&path);
    assert!(text.contains("Storage: the token database"), "{text}");
    assert!(text.contains("let this user write"), "{text}");
    let storage = globus_sdk::token_storage::SqliteTokenStorage::new(&path);
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("old")));
}

/// The kernel's own file system takes no file from anybody, root included.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_disk_that_takes_no_files_is_a_clear_error() {
    let storage = JsonTokenStorage::new("/proc/self/tokens.json");
    let began = Instant::now();
    let text = said(&storage.store(&[token("new")]).await.unwrap_err());
    assert!(
        text.contains("/proc/self/tokens.json cannot be locked"),
        "{text}"
    );
    assert_eq!(storage.get(SERVER).await.unwrap(), None);
    assert!(began.elapsed() < Duration::from_secs(5));
}
