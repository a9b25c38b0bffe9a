//! A program that crashes between submitting a transfer and receiving the answer, and its next run,
//! which resumes: the same document results in the same task.
//!
//! The first process prepares the document, writes it to disk, submits it, and is killed once the
//! service has it and before the task's id is written down. The second process finds the file and
//! submits what is in it. On an emulator in the parent process: `cargo run --example
//! resume_submission`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::transfer::{self, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const SECRET: &str = "the robot's secret";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [url, client, file, from, to] => nightly(url, client, Path::new(file), from, to).await,
        _ => parent().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The program: whatever happened in the last run, there is one task.
async fn nightly(url: &str, client: &str, file: &Path, from: &str, to: &str) -> Result<()> {
    let transfer = robot(url, client)?;
    let data = match fs::read(file) {
        Ok(stored) => {
            println!("a submission is pending: resuming it");
            serde_json::from_slice(&stored)?
        }
        Err(_) => {
            let data = TransferData::new(from.parse()?, to.parse()?)
                .label("nightly")
                .deadline(DAY)
                .item(TransferItem::folder("/run7/", "/in/run7/"));
            let id = data.prepare(&transfer).await?;
            store(file, &serde_json::to_vec(&data)?)?;
            println!("submission {id} is on disk");
            data
        }
    };
    let task = transfer.submit_transfer(&data).await?;
    if std::env::var_os("DIES").is_some() {
        // the task's id is lost here
        std::future::pending::<()>().await;
    }
    println!("{}", task.message.as_deref().unwrap_or("submitted"));
    let done = transfer.wait(task.task_id).timeout(DAY).await?;
    fs::remove_file(file)?;
    println!("task {}: {} files", done.task_id, done.files_transferred);
    Ok(())
}

/// Writes the file atomically: it is on the disk when this returns, or not at all.
fn store(file: &Path, document: &[u8]) -> Result<()> {
    let partial = file.with_extension("partial");
    let mut writer = fs::File::create(&partial)?;
    writer.write_all(document)?;
    writer.sync_all()?;
    Ok(fs::rename(&partial, file)?)
}

fn robot(url: &str, client: &str) -> Result<transfer::Client> {
    let globus = Globus::builder(ClientApp::new(client, SECRET))
        .environment(Environment::empty().with_all_services(url))
        .build()?;
    Ok(globus.transfer())
}

/// The environment: Globus, and a parent that kills the first process.
async fn parent() -> Result<()> {
    let (source, destination) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fs::create_dir(source.path().join("run7"))?;
    fs::write(source.path().join("run7/data.csv"), "1,2,3\n")?;
    let client = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("source", source.path())
        .collection("destination", destination.path())
        .client(client, SECRET)
        .start()
        .await?;
    let id = |name| emulator.collection_id(name).ok_or("no such collection");
    let (from, to) = (id("source")?, id("destination")?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pending.json");
    let run = |dies: bool| -> Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args([emulator.base_url(), &client.to_string()])
            .arg(&file)
            .args([from.to_string(), to.to_string()]);
        if dies {
            command.env("DIES", "1");
        }
        Ok(command.spawn()?)
    };

    let mut first = run(true)?;
    while !emulator
        .requests()
        .iter()
        .any(|request| request.path.ends_with("/transfer"))
    {
        if let Some(status) = first.try_wait()? {
            return Err(format!("the first process ended on its own: {status}").into());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    first.kill()?;
    first.wait()?;
    println!("the first process was killed");

    let mut second = run(false)?;
    let status = loop {
        if let Some(status) = second.try_wait()? {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let tasks = robot(emulator.base_url(), &client.to_string())?
        .task_list()
        .await?;
    if !status.success() || tasks.total != Some(1) || file.exists() {
        return Err(format!("{status}, and {:?} tasks", tasks.total).into());
    }
    let moved = fs::read(destination.path().join("in/run7/data.csv"))?;
    println!("one task in all, and {} bytes have arrived", moved.len());
    Ok(())
}
