//! `globus-emulator serve`: the emulator as a program.

// Printing is the purpose of a program; the library never prints.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod limit_args;
mod task_args;

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use globus_emulator::{Emulator, Service, Uuid};

use limit_args::LimitArgs;

/// An emulator of the Globus services
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve folders as collections until interrupted.
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, default_value = "127.0.0.1:7117")]
    addr: SocketAddr,
    /// Also accept requests for this host name; IP addresses and localhost are always accepted, and names
    /// without a dot if the address is not loopback
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Folder to store the state in; by default it is in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder to serve as a collection, optionally with the collection's id
    #[arg(long, value_name = "[UUID=]DIR", value_parser = collection)]
    collection: Vec<CollectionArg>,
    /// A confidential client; by default, one is created and written to the env file
    #[arg(long, value_name = "ID:SECRET", value_parser = client)]
    client: Vec<ClientArg>,
    /// Consent on the authorize page automatically
    #[arg(long)]
    auto_consent: bool,
    /// Initial contents: a JSON file with people, collections and requests
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Faults of requests: a JSON file with a list of rules
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    #[command(flatten)]
    tasks: task_args::TaskArgs,
    /// Reject requests that the specs do not allow, and report responses that they do not allow
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitArgs,
    /// Write a file for a shell to source, when the emulator is ready
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

#[derive(Clone)]
struct CollectionArg {
    id: Option<Uuid>,
    folder: PathBuf,
}

/// A client with its secret. Not `Debug`, so that the secret cannot appear in messages.
#[derive(Clone)]
struct ClientArg {
    id: Uuid,
    secret: String,
}

fn collection(text: &str) -> Result<CollectionArg, String> {
    // A folder's name may contain '=', so only a valid UUID before it is an id.
    if let Some((id, folder)) = text.split_once('=')
        && let Ok(id) = Uuid::parse_str(id)
    {
        return Ok(CollectionArg {
            id: Some(id),
            folder: folder.into(),
        });
    }
    if text.is_empty() {
        return Err(String::from("a folder is required"));
    }
    Ok(CollectionArg {
        id: None,
        folder: text.into(),
    })
}

fn client(text: &str) -> Result<ClientArg, String> {
    let (id, secret) = text.split_once(':').ok_or("expected ID:SECRET")?;
    let id = Uuid::parse_str(id).map_err(|_| "the ID must be a UUID")?;
    if secret.is_empty() {
        return Err(String::from("the secret is empty"));
    }
    Ok(ClientArg {
        id,
        secret: secret.to_owned(),
    })
}

/// The client for users who give none. With a data folder, its id stays the same and its secret changes.
fn new_client(data: Option<&Path>) -> ClientArg {
    let id = match data {
        Some(folder) => {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            let key = format!("client:{}", folder.display());
            Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes())
        }
        None => Uuid::new_v4(),
    };
    ClientArg {
        id,
        secret: Uuid::new_v4().simple().to_string(),
    }
}

fn main() -> ExitCode {
    let Command::Serve(mut args) = Cli::parse().command;
    if args.client.is_empty() {
        args.client.push(new_client(args.data.as_deref()));
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("globus-emulator: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Serve) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let emulator = start(args).await?;
        let exports = exports(&emulator, args)?;
        if let Some(file) = &args.env_file {
            write_atomically(file, &exports)?;
        }
        announce(&emulator, args, &exports);
        interrupted().await?;
        // Before stopping, so that requests that are cut off by the shutdown are not reported.
        let conformant = emulator.check_violations();
        emulator.stop().await;
        Ok(conformant?)
    })
}

async fn start(args: &Serve) -> Result<Emulator, Box<dyn Error>> {
    let mut builder = Emulator::builder()
        .address(args.addr)
        .auto_consent(args.auto_consent)
        .strict(args.strict)
        .limits(args.limits.limits());
    if let Some(file) = &args.faults {
        builder = builder.faults(read_json(file)?);
    }
    if let Some(data) = &args.data {
        builder = builder.data_dir(data);
    }
    for (number, collection) in (1..).zip(&args.collection) {
        let name = display_name(&collection.folder, number);
        builder = match collection.id {
            Some(id) => builder.collection_with_id(id, name, &collection.folder),
            None => builder.collection(name, &collection.folder),
        };
    }
    builder = args.tasks.apply(builder)?;
    for host in &args.allow_host {
        builder = builder.allow_host(host);
    }
    for client in &args.client {
        builder = builder.client(client.id, &client.secret);
    }
    // After the command line, since its collections come first.
    if let Some(file) = &args.seed {
        builder = builder.seed(read_json(file)?);
    }
    Ok(builder.start().await?)
}

/// Reads a JSON file.
fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The display name of a collection: the name of its folder.
fn display_name(folder: &Path, number: usize) -> String {
    let real = folder.canonicalize();
    let name = real.as_deref().unwrap_or(folder).file_name();
    name.map_or_else(
        || format!("Collection {number}"),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Lines for a shell to source.
fn exports(emulator: &Emulator, args: &Serve) -> std::io::Result<String> {
    let mut lines = String::new();
    let mut export = |name: &str, value: &str| {
        lines.push_str(&format!("export {name}={}\n", shell_quoted(value)));
    };
    export("EMULATOR_URL", emulator.base_url());
    for service in Service::ALL {
        let name = format!("GLOBUS_SDK_SERVICE_URL_{}", service.variable_name());
        export(&name, &emulator.service_url(service));
    }
    if let Some(client) = args.client.first() {
        export("GLOBUS_CLI_CLIENT_ID", &client.id.to_string());
        export("GLOBUS_CLI_CLIENT_SECRET", &client.secret);
    }
    for (number, collection) in (1..).zip(emulator.collections()) {
        export(
            &format!("EMULATOR_COLLECTION_{number}"),
            &collection.id.to_string(),
        );
    }
    for (name, value) in emulator.seed_outputs()? {
        export(&format!("EMULATOR_{name}"), &value);
    }
    Ok(lines)
}

/// Quotes the value for a shell, if necessary.
fn shell_quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// Writes the file under another name and renames it, so that readers see all of it or nothing. Only the
/// owner can read it, since it may contain a secret.
fn write_atomically(file: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = file.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", Uuid::new_v4().simple()));
    let temporary = PathBuf::from(temporary);
    let mut options = std::fs::OpenOptions::new();
    // `create_new`, so that no link is followed that another user has created there.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&temporary)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    let renamed = std::fs::rename(&temporary, file);
    if renamed.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    renamed
}

fn announce(emulator: &Emulator, args: &Serve, exports: &str) {
    for service in Service::ALL {
        println!("{service:?}: {}", emulator.service_url(service));
    }
    for collection in emulator.collections() {
        println!(
            "Collection {}: {}",
            collection.id,
            collection.folder.display()
        );
    }
    println!("Status page: {}/", emulator.base_url());
    println!("\nTo use it from a shell:\n");
    // The secret is only written to the file: terminals keep their output.
    for line in exports.lines().filter(|line| !line.contains("_SECRET=")) {
        println!("{line}");
    }
    if !args.addr.ip().is_loopback() {
        eprintln!(
            "warning: listening on {}: everybody who can reach this address can read and write the \
             collections",
            emulator.address()
        );
    }
    // Programs that read these lines through a pipe wait for the flush.
    let _ = std::io::stdout().flush();
}

/// Resolves when the process is asked to stop (SIGINT or SIGTERM).
async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
