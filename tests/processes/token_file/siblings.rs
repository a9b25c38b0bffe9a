//! What can stand beside a token file, or be written as its path, and is no file.

use super::{folder, said, token};
use globus_sdk::ErrorKind;
use globus_sdk::token_storage::{JsonTokenStorage, TokenStorage};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SERVER: &str = super::SERVER;

/// Every storage that keeps a file, in this one.
fn storages(path: &Path) -> Vec<Arc<dyn TokenStorage>> {
    vec![
        Arc::new(JsonTokenStorage::new(path)),
        Arc::new(JsonTokenStorage::legacy(path)),
        #[cfg(feature = "sqlite")]
        Arc::new(globus_sdk::token_storage::SqliteTokenStorage::new(path)),
        #[cfg(feature = "sqlite")]
        Arc::new(globus_sdk::token_storage::SqliteTokenStorage::legacy(path)),
    ]
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Puts something into the place of a file; each with what the error calls it.
fn plant(kind: &str, at: &Path, target: &Path) {
    match kind {
        "a symbolic link" => symlink(target, at).unwrap(),
        "a folder" => fs::create_dir(at).unwrap(),
        _ => {
            let made = Command::new("mkfifo").arg(at).status().unwrap();
            assert!(made.success());
        }
    }
}

const KINDS: [&str; 3] = ["a symbolic link", "a folder", "a device or a pipe"];

#[tokio::test]
async fn a_lock_that_is_no_file_is_refused_at_once() {
    for kind in KINDS {
        let (folder, path) = folder();
        let target = folder.path().join("target");
        plant(kind, &with_suffix(&path, ".lock"), &target);
        for storage in storages(&path) {
            let began = Instant::now();
            let text = said(&storage.lock().await.map(drop).unwrap_err());
            assert!(text.contains(".lock is ") && text.contains(kind), "{text}");
            assert!(text.ends_with("; remove it"), "{text}");
            assert!(began.elapsed() < Duration::from_secs(10), "{kind}");
        }
        let stored = JsonTokenStorage::new(&path).store(&[token("new")]).await;
        assert!(said(&stored.unwrap_err()).contains(kind));
        assert!(!target.exists(), "{kind}");
        assert!(!path.exists(), "{kind}");
    }
}

#[tokio::test]
async fn a_lock_that_is_a_link_to_a_file_leaves_that_alone() {
    let (folder, path) = folder();
    let target = folder.path().join("target");
    fs::write(&target, "mine").unwrap();
    symlink(&target, with_suffix(&path, ".lock")).unwrap();
    let error = JsonTokenStorage::new(&path).lock().await.map(drop);
    assert!(said(&error.unwrap_err()).contains("a symbolic link"));
    assert_eq!(fs::read(&target).unwrap(), b"mine");
}

#[tokio::test]
async fn a_new_file_is_not_written_through_what_is_in_its_place() {
    for kind in KINDS {
        let (folder, path) = folder();
        let target = folder.path().join("target");
        fs::write(&target, "mine").unwrap();
        plant(kind, &with_suffix(&path, ".new"), &target);
        let storage = JsonTokenStorage::new(&path);
        let stored = storage.store(&[token("new")]).await;
        match kind {
            "a folder" => assert!(said(&stored.unwrap_err()).contains("a folder")),
            // whoever was killed while writing leaves one
            _ => {
                stored.unwrap();
                let known = storage.get(SERVER).await.unwrap();
                assert_eq!(known, Some(token("new")), "{kind}");
            }
        }
        assert_eq!(fs::read(&target).unwrap(), b"mine", "{kind}");
    }
}

#[tokio::test]
async fn every_storage_refuses_what_is_no_file_at_its_path() {
    for kind in KINDS {
        let (folder, path) = folder();
        let target = folder.path().join("target");
        plant(kind, &path, &target);
        for storage in storages(&path) {
            let began = Instant::now();
            for outcome in [
                storage.get(SERVER).await.map(drop),
                storage.all().await.map(drop),
                storage.store(&[token("new")]).await,
                storage.remove(SERVER).await.map(drop),
                storage.lock().await.map(drop),
            ] {
                assert!(said(&outcome.unwrap_err()).contains(kind));
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{kind}");
        }
        assert!(!target.exists(), "{kind}");
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn files_that_sqlite_keeps_beside_its_own_are_files_or_refused() {
    use globus_sdk::token_storage::SqliteTokenStorage;
    for suffix in ["-journal", "-wal", "-shm"] {
        for kind in KINDS {
            let (folder, path) = folder();
            let storage = SqliteTokenStorage::new(&path);
            storage.store(&[token("old")]).await.unwrap();
            let target = folder.path().join("target");
            plant(kind, &with_suffix(&path, suffix), &target);
            for outcome in [
                storage.get(SERVER).await.map(drop),
                storage.store(&[token("new")]).await,
                storage.remove(SERVER).await.map(drop),
            ] {
                let text = said(&outcome.unwrap_err());
                assert!(text.contains(suffix) && text.contains(kind), "{text}");
            }
            assert!(!target.exists(), "{suffix} {kind}");
        }
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_database_in_a_linked_folder_is_used() {
    use globus_sdk::token_storage::SqliteTokenStorage;
    let (folder, _) = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    symlink("real", folder.path().join("linked")).unwrap();
    let storage = SqliteTokenStorage::new(folder.path().join("linked/tokens.db"));
    storage.store(&[token("new")]).await.unwrap();
    assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("new")));
    assert!(folder.path().join("real/tokens.db").exists());
}

#[tokio::test]
async fn a_tilde_that_a_shell_should_have_expanded_is_refused() {
    for path in ["~/t.json", "~", "~me/t.json"] {
        for storage in storages(Path::new(path)) {
            for outcome in [
                storage.get(SERVER).await.map(drop),
                storage.store(&[token("new")]).await,
                storage.lock().await.map(drop),
            ] {
                let error = outcome.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Storage);
                let remedy = format!("or ./{path} for a file of that name");
                assert!(error.message().contains(&remedy), "{error}");
            }
        }
        assert!(!Path::new("~").exists() && !Path::new("~me").exists());
    }
}

#[tokio::test]
async fn a_folder_that_is_really_named_by_a_tilde_is_used() {
    let (folder, _) = folder();
    let path = folder.path().join("~/tokens.json");
    for storage in storages(&path) {
        storage.store(&[token("new")]).await.unwrap();
        assert_eq!(storage.get(SERVER).await.unwrap(), Some(token("new")));
        fs::remove_dir_all(folder.path().join("~")).unwrap();
    }
}
