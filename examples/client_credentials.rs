//! An unattended program that keeps its tokens in a file: each run requests new ones only when the
//! old ones have expired.
//!
//! Without arguments it runs twice against an emulator in this process. With the id of your own
//! client, and its secret in `GLOBUS_CLIENT_SECRET`, it is that client at Globus: `cargo run
//! --example client_credentials -- CLIENT_ID`. A secret is never an argument, since every user of
//! the machine can read arguments.
#![allow(clippy::print_stdout, reason = "an example speaks to a person")]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::token_storage::JsonTokenStorage;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [id] = arguments.as_slice() {
        let secret = std::env::var("GLOBUS_CLIENT_SECRET")
            .map_err(|e| format!("GLOBUS_CLIENT_SECRET, the client's secret: {e}"))?;
        let storage = JsonTokenStorage::for_app(id, "client credentials example")?;
        return count_tasks(Environment::from_env(), id, &secret, storage).await;
    }

    let id = Uuid::new_v4().to_string();
    let emulator = Emulator::builder()
        .client(id.parse()?, "a secret")
        .start()
        .await?;
    let here = Environment::empty().with_all_services(emulator.base_url());
    let folder = tempfile::tempdir()?;
    let storage = JsonTokenStorage::new(folder.path().join("tokens.json"));
    for run in ["the first run", "the second run"] {
        println!("\n{run}");
        count_tasks(here.clone(), &id, "a secret", storage.clone()).await?;
    }
    let requests = emulator.requests();
    let asked = requests
        .iter()
        .filter(|r| r.path == "/v2/oauth2/token")
        .count();
    println!("\nthe service was asked for a token {asked} time");
    if asked == 1 {
        Ok(())
    } else {
        Err("the second run did not use the token of the first".into())
    }
}

/// What the program does.
async fn count_tasks(
    environment: Environment,
    id: &str,
    secret: &str,
    storage: JsonTokenStorage,
) -> Result<()> {
    println!("tokens are in {}", storage.path().display());
    let app = ClientApp::new(id, secret).storage(storage);
    let globus = Globus::builder(app).environment(environment).build()?;
    let tasks = globus.transfer().task_list().await?;
    println!("the client has {} tasks", tasks.total.unwrap_or_default());
    Ok(())
}
