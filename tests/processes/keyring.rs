//! Tokens in the kernel's own keyring.
#![cfg(target_os = "linux")]

use globus_sdk::auth::TokenData;
use globus_sdk::token_storage::{KeyringTokenStorage, TokenStorage};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, ErrorKind};
use globus_test_support::child_process;
use std::error::Error as _;
use tempfile::TempDir;

fn storage(home: &str, service: &str) -> KeyringTokenStorage {
    KeyringTokenStorage::new_in(&Environment::empty().with_var("HOME", home), service).unwrap()
}

fn token(server: &str) -> TokenData {
    TokenData::new(
        server,
        "a token",
        jiff::Timestamp::from_second(1_800_000_000).unwrap(),
    )
}

const TEST: &str = "keyring::kernel_keyring_keeps_tokens_for_all_processes_or_fails_clear";
const HOME: &str = "GLOBUS_SDK_TEST_KEYRING_HOME";
const SERVICE: &str = "GLOBUS_SDK_TEST_KEYRING_SERVICE";

/// Another process: has what the first one stored, and removes it.
async fn child() -> ! {
    let variable = |name| std::env::var(name).unwrap();
    let storage = storage(&variable(HOME), &variable(SERVICE));
    assert_eq!(storage.get("b").await.unwrap(), Some(token("b")));
    assert!(storage.remove("b").await.unwrap());
    child_process::end()
}

/// Some containers keep the kernel's keyring from their programs: then the error says what to do.
#[tokio::test]
async fn kernel_keyring_keeps_tokens_for_all_processes_or_fails_clear() {
    if child_process::is_child_of(TEST) {
        child().await;
    }
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
    let child = child_process::command(TEST)
        .envs([(HOME, home), (SERVICE, &service)])
        .output()
        .unwrap();
    assert!(
        child_process::acted(child.status),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    assert!(storage.all().await.unwrap().is_empty());
    assert!(!storage.remove("b").await.unwrap());
}
