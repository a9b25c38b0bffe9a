//! `globus-emulator serve`: the emulator as a program.

// A program's own output is what print is for; the library never prints.
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

/// A Globus on your own machine.
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
    /// Where to listen; port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:7117")]
    addr: SocketAddr,
    /// Also answer requests for this host name; IP addresses, localhost and, beyond loopback, names
    /// without a dot always are
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Keep everything in this folder, across restarts; in memory without it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A folder to serve as a collection, with an id if you want a certain one
    #[arg(long, value_name = "[UUID=]DIR", value_parser = collection)]
    collection: Vec<CollectionArg>,
    /// A confidential client; without one, an id and a secret are made and written to the env file
    #[arg(long, value_name = "ID:SECRET", value_parser = client)]
    client: Vec<ClientArg>,
    /// Say yes on the authorize page without asking
    #[arg(long)]
    auto_consent: bool,
    /// What to begin with: a JSON file of people, collections and requests
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// What goes wrong on purpose: a JSON file of rules
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    #[command(flatten)]
    tasks: task_args::TaskArgs,
    /// Refuse requests that the API's specs do not allow, and report answers that they do not
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitArgs,
    /// Write a file of exports for a shell to source, once everything is ready
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

#[derive(Clone)]
struct CollectionArg {
    id: Option<Uuid>,
    folder: PathBuf,
}

/// The secret of a client: not `Debug`, so that it ends up in no message.
#[derive(Clone)]
struct ClientArg {
    id: Uuid,
    secret: String,
}

fn collection(text: &str) -> Result<CollectionArg, String> {
    // A folder may have a '=' in its name, so only a UUID in front of one counts.
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

/// A client for those who named none: with a data folder, the same one each time with a new secret.
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
    // after the command line, whose collections come first
    if let Some(file) = &args.seed {
        builder = builder.seed(read_json(file)?);
    }
    Ok(builder.start().await?)
}

/// A file of JSON.
fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// A collection is called as its folder is.
fn display_name(folder: &Path, number: usize) -> String {
    let real = folder.canonicalize();
    let name = real.as_deref().unwrap_or(folder).file_name();
    name.map_or_else(
        || format!("Collection {number}"),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// AbortableListener a shell can source.
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

/// The value as one word of a shell, in quotes only if it needs them.
fn shell_quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// Whoever sees the file sees all of it: it is renamed into place. It may hold a secret, so only
/// its owner can read it.
fn write_atomically(file: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = file.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", Uuid::new_v4().simple()));
    let temporary = PathBuf::from(temporary);
    let mut options = std::fs::OpenOptions::new();
    // never through a link that somebody put there
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
    println!("What happens there: {}/", emulator.base_url());
    println!("\nTo use it from a shell:\n");
    // The file has the secret; a terminal, and what scrolls by in it, need not.
    for line in exports.lines().filter(|line| !line.contains("_SECRET=")) {
        println!("{line}");
    }
    if !args.addr.ip().is_loopback() {
        eprintln!(
            "warning: listening on {}: whoever reaches this address can read and write the \
             collections",
            emulator.address()
        );
    }
    // Whoever waits for these lines through a pipe waits for the flush.
    let _ = std::io::stdout().flush();
}

/// Resolves when the program is asked to stop.
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
