//! Reads and writes token files for `scripts/token_interop.py`, which compares them with the Python
//! SDK's: `token_interop ACTION KIND PATH NAMESPACE`, with JSON on standard input and output.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to who runs it"
)]

use globus_sdk::Environment;
use globus_sdk::auth::TokenData;
use globus_sdk::token_storage::{JsonTokenStorage, TokenStorage};
use serde_json::{Value, json};
use std::process::ExitCode;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [action, kind, path, namespace] = arguments.as_slice() else {
        eprintln!("usage: token_interop ACTION KIND PATH NAMESPACE");
        return ExitCode::from(2);
    };
    match run(action, kind, path, namespace).await {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(action: &str, kind: &str, path: &str, namespace: &str) -> Result<Value> {
    let asked: Value = serde_json::from_reader(std::io::stdin())?;
    if action == "place" {
        let environment = Environment::from_env().with_var("GLOBUS_SDK_ENVIRONMENT", kind);
        let storage = JsonTokenStorage::for_app_in(&environment, path, namespace)?;
        return Ok(json!(storage.path()));
    }
    if action.ends_with("config") {
        return configuration(action, kind, path, &asked).await;
    }
    let storage = open(kind, path, namespace)?;
    let server = asked.as_str().unwrap_or_default();
    match action {
        "read" => {
            let tokens: Vec<TokenData> = storage.all().await?.into_values().collect();
            Ok(serde_json::to_value(tokens)?)
        }
        "write" => {
            let tokens: Vec<TokenData> = serde_json::from_value(asked)?;
            storage.store(&tokens).await?;
            Ok(Value::Null)
        }
        "remove" if storage.remove(server).await? => Ok(Value::Null),
        _ => Err(format!("nothing to {action}").into()),
    }
}

fn open(kind: &str, path: &str, namespace: &str) -> Result<Box<dyn TokenStorage>> {
    Ok(match kind {
        "json" => Box::new(JsonTokenStorage::new(path).namespace(namespace)),
        "legacy-json" => Box::new(JsonTokenStorage::legacy(path).namespace(namespace)),
        #[cfg(feature = "sqlite")]
        "sqlite" | "legacy-sqlite" => Box::new(database(kind, path).namespace(namespace)),
        _ => return Err(format!("{kind} is not in this build").into()),
    })
}

#[cfg(feature = "sqlite")]
fn database(kind: &str, path: &str) -> globus_sdk::token_storage::SqliteTokenStorage {
    match kind {
        "sqlite" => globus_sdk::token_storage::SqliteTokenStorage::new(path),
        _ => globus_sdk::token_storage::SqliteTokenStorage::legacy(path),
    }
}

#[cfg(feature = "sqlite")]
async fn configuration(action: &str, kind: &str, path: &str, asked: &Value) -> Result<Value> {
    let database = database(kind, path);
    if action == "read-config" {
        let found = database
            .read_config(asked.as_str().unwrap_or_default())
            .await?;
        return Ok(found.unwrap_or_default());
    }
    let name = asked["name"].as_str().unwrap_or_default();
    database.store_config(name, &asked["value"]).await?;
    Ok(json!(true))
}

#[cfg(not(feature = "sqlite"))]
async fn configuration(action: &str, kind: &str, _: &str, _: &Value) -> Result<Value> {
    Err(format!("{action} of {kind} is not in this build").into()).map(|()| json!(null))
}
