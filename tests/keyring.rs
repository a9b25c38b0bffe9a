//! Tokens in the kernel's own keyring.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on says why and stops"
)]

use globus_sdk::auth::TokenData;
use globus_sdk::store::{KeyringTokenStorage, TokenStorage};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, ErrorKind};
use std::error::Error as _;
use std::process::Command;
use tempfile::TempDir;

fn storage(home: &str, service: &str) -> KeyringTokenStorage {
    KeyringTokenStorage::new_in(&Environment::empty().with("HOME", home), service).unwrap()
}

fn token(server: &str) -> TokenData {
    TokenData::new(
        server,
        "a token",
        jiff::Timestamp::from_second(1_800_000_000).unwrap(),
    )
}

/// Another process: has what the first one stored, and removes it.
#[tokio::test]
async fn child() {
    if let (Ok(home), Ok(service)) = (
        std::env::var("KEYRING_HOME"),
        std::env::var("KEYRING_SERVICE"),
    ) {
        let storage = storage(&home, &service);
        assert_eq!(storage.get("b").await.unwrap(), Some(token("b")));
        assert!(storage.remove("b").await.unwrap());
    }
}

/// Some containers keep the kernel's keyring from their programs: then the error says what to do.
#[tokio::test]
async fn the_kernels_keyring_keeps_tokens_for_all_processes_or_says_what_to_use_instead() {
    let home = TempDir::new().unwrap();
    let home = home.path().to_str().unwrap();
    let service = format!("globus-sdk test {}", Uuid::new_v4());
    let storage = storage(home, &service);
    if let Err(error) = storage.store(&[token("a"), token("b")]).await {
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.message().ends_with("use a file"), "{error}");
        eprintln!("no keyring in the kernel here: {:?}", error.source());
        return;
    }
    assert_eq!(storage.get("a").await.unwrap(), Some(token("a")));
    assert!(storage.namespace("another").all().await.unwrap().is_empty());
    assert!(storage.remove("a").await.unwrap());
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child"])
        .envs([("KEYRING_HOME", home), ("KEYRING_SERVICE", &service)])
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    assert!(storage.all().await.unwrap().is_empty());
    assert!(!storage.remove("b").await.unwrap());
}
