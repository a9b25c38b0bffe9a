//! A web portal: users log in with Globus, see their collections, and log out.
//!
//! Three-legged OAuth on axum. All users share one connection pool; each has their own authorizer,
//! whose tokens never leave the server. `cargo run --example portal -- --emulator` tries it on this
//! machine, without an account. With your own client, registered at
//! <https://app.globus.org/settings/developers> with the redirect URI `PORTAL_URL/callback`, set
//! `GLOBUS_CLIENT_ID`, `GLOBUS_CLIENT_SECRET` and `PORTAL_URL`, and leave out the option.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

mod pages;
mod sessions;
mod web;

use globus_emulator::Emulator;
use globus_sdk::auth::{ClientApp, ConfidentialAppAuthClient};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use url::Url;

const USAGE: &str = "\
usage: portal --emulator        try it on this machine, with an emulator of Globus
       portal                   with your own client: set GLOBUS_CLIENT_ID, GLOBUS_CLIENT_SECRET
                                and PORTAL_URL, such as http://localhost:8000";

#[tokio::main]
async fn main() -> ExitCode {
    let on_emulator = match env::args().nth(1).as_deref() {
        Some("--emulator") => true,
        None if env::var_os("GLOBUS_CLIENT_ID").is_some() => false,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let served = if on_emulator {
        serve_on_emulator().await
    } else {
        serve_as_configured().await
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The portal failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_as_configured() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str| env::var(name).map_err(|e| format!("{name}: {e}\n{USAGE}"));
    let address: Url = setting("PORTAL_URL")?.parse()?;
    let port = address.port_or_known_default().unwrap_or(80);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let (id, secret) = (
        setting("GLOBUS_CLIENT_ID")?,
        setting("GLOBUS_CLIENT_SECRET")?,
    );
    serve(listener, address, &id, &secret, Environment::from_env()).await
}

/// Two users, one of whom has two collections, and a client that is registered for this portal.
async fn serve_on_emulator() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = Url::parse(&format!(
        "http://localhost:{}",
        listener.local_addr()?.port()
    ))?;
    let (id, secret) = (Uuid::new_v4(), "the portal's secret");
    let (lab, campus) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let emulator = Emulator::builder()
        .user("ada@sandbox.local", "Ada Lovelace", "ada@sandbox.local")
        .other_user("grace@sandbox.local", "Grace Hopper", "grace@sandbox.local")
        .collection("Lab collection", lab.path())
        .collection("Campus collection", campus.path())
        .client_with_redirect_uris(id, secret, [address.join("/callback")?])
        .start()
        .await?;
    let here = Environment::empty().with_all_services(emulator.base_url());
    serve(listener, address, &id.to_string(), secret, here).await
}

/// Serves the portal until the program is interrupted.
async fn serve(
    listener: TcpListener,
    address: Url,
    client_id: &str,
    client_secret: &str,
    environment: Environment,
) -> Result<(), Box<dyn Error>> {
    let globus = Globus::builder(ClientApp::new(client_id, client_secret))
        .app_name("example-portal/1.0")
        .environment(environment)
        .build()?;
    let client = ConfidentialAppAuthClient::with_client(client_id, client_secret, &globus.auth())?;
    let portal = web::Portal::new(globus, client, &address)?;
    println!("The portal is at {address}");
    let interrupted = async {
        // if the handler cannot be installed, Ctrl-C still ends the program
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, web::routes(Arc::new(portal)))
        .with_graceful_shutdown(interrupted)
        .await?;
    Ok(())
}
