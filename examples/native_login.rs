//! A program that a user logs in to once: the tokens are in a file, and the next run needs no
//! login.
//!
//! Without arguments it runs twice against an emulator in this process, with a simulated user. With
//! the id of your own native client you log in to Globus; run it again to see that you stay logged
//! in: `cargo run --example native_login -- CLIENT_ID`; with `--logout` after it, you log out.
#![allow(clippy::print_stdout, reason = "an example speaks to a person")]

use globus_emulator::Emulator;
use globus_sdk::auth::{CommandLineLogin, UserApp};
use globus_sdk::token_storage::JsonTokenStorage;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use url::Url;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(id) = arguments.first() {
        let storage = JsonTokenStorage::for_app(id, "native login example")?;
        let globus = connect(
            Environment::from_env(),
            id,
            storage,
            CommandLineLogin::new(),
        )?;
        return match arguments.get(1).map(String::as_str) {
            Some("--logout") => Ok(globus.logout().await?),
            _ => greet(&globus).await,
        };
    }

    let emulator = Emulator::builder().auto_consent(true).start().await?;
    let here = Environment::empty().with_all_services(emulator.base_url());
    let id = Uuid::new_v4().to_string();
    let folder = tempfile::tempdir()?;
    let storage = JsonTokenStorage::new(folder.path().join("tokens.json"));

    println!("\nthe first run");
    let globus = connect(here.clone(), &id, storage.clone(), nobody())?;
    if !globus.login_required().await? {
        return Err("logged in before any login".into());
    }
    greet(&globus).await?;

    println!("\nthe second run");
    let globus = connect(here, &id, storage, nobody())?;
    if globus.login_required().await? {
        return Err("the login was forgotten".into());
    }
    println!("no login is needed");
    greet(&globus).await?;

    println!("\nlogging out");
    globus.logout().await?;
    if globus.login_required().await? && globus.tokens().await?.is_empty() {
        println!("the tokens are revoked, and gone from the file");
        Ok(())
    } else {
        Err("a token was left behind".into())
    }
}

/// The program's app: its scopes, and where its tokens are stored.
fn connect(
    environment: Environment,
    id: &str,
    storage: JsonTokenStorage,
    login: CommandLineLogin,
) -> Result<Globus> {
    println!("tokens are in {}", storage.path().display());
    let app = UserApp::native(id)
        .refresh_tokens(true)
        .login_flow(login.prefill_named_grant("the example native_login"))
        .storage(storage);
    let globus = Globus::builder(app).environment(environment).build()?;
    // the login requests scopes for the clients that were created
    let _ = globus.transfer();
    Ok(globus)
}

/// What the program does. The first call that needs a login starts one.
async fn greet(globus: &Globus) -> Result<()> {
    let tasks = globus.transfer().task_list().await?;
    let me = globus.auth().userinfo().await?;
    let name = me.preferred_username.unwrap_or_else(|| me.sub.to_string());
    println!("{name} has {} tasks", tasks.total.unwrap_or_default());
    Ok(())
}

/// A simulated user: opens the page that the terminal shows, and pastes the code.
fn nobody() -> CommandLineLogin {
    let shown = Arc::new(Mutex::new(String::new()));
    let page = shown.clone();
    CommandLineLogin::new()
        .show(move |text| {
            println!("{text}");
            let url = text
                .split_whitespace()
                .find(|word| word.starts_with("http"));
            *page.lock().map_err(|_| io::Error::other("poisoned"))? =
                url.unwrap_or_default().to_owned();
            Ok(())
        })
        .read(move || {
            let page = shown
                .lock()
                .map_err(|_| io::Error::other("poisoned"))?
                .clone();
            code_of(&page)
        })
}

/// Follows redirects to the page whose URL has the code.
fn code_of(page: &str) -> io::Result<String> {
    let mut url = Url::parse(page).map_err(io::Error::other)?;
    for _ in 0..5 {
        if let Some((_, code)) = url.query_pairs().find(|(name, _)| name == "code") {
            return Ok(code.into_owned());
        }
        let mut stream = TcpStream::connect(&*url.socket_addrs(|| None)?)?;
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let location = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then_some(value)
        });
        let location = location.ok_or_else(|| io::Error::other("the page leads nowhere"))?;
        url = url.join(location).map_err(io::Error::other)?;
    }
    Err(io::Error::other("too many redirects"))
}
