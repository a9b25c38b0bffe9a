//! Tasks from end to end: documents with every option, deadlines that count from now, retried
//! submissions, and the ways to wait.
//!
//! On an emulator in this process: `cargo run --example transfer_tasks`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::transfer::types::{FilterRuleType, RecursiveSymlinks, TransferResult};
use globus_sdk::transfer::{
    Client, DeleteData, FilterRule, TaskChange, TransferData, TransferItem, TransferSymlinkItem,
};
use globus_sdk::types::{SyncLevel, Uuid};
use globus_sdk::{Environment, ErrorKind, Globus};
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let (source, destination) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for run in 0..5 {
        let folder = source.path().join(format!("run{run}"));
        fs::create_dir(&folder)?;
        for name in ["a.txt", "b.txt", "c.tmp"] {
            fs::write(folder.join(name), vec![b'x'; 40_000])?;
        }
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("run4", source.path().join("latest"))?;
    let client = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("source", source.path())
        .collection("destination", destination.path())
        .client(client, "the robot's secret")
        // slow enough to watch
        .transfer_rate(400_000)
        .start()
        .await?;
    let id = |name| emulator.collection_id(name).ok_or("no such collection");
    let (from, to) = (id("source")?, id("destination")?);
    let globus = Globus::builder(ClientApp::new(client, "the robot's secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let transfer = globus.transfer();

    let task = everything(&transfer, from, to).await?;
    wait_as_in_python(&transfer, task).await?;
    watch(&transfer, from, to).await?;
    wait_for_all(&transfer, from, to).await?;
    too_late(&transfer, from, to).await?;
    delete(&transfer, to).await
}

/// A document with most of its options, submitted with extra retries.
async fn everything(transfer: &Client, from: Uuid, to: Uuid) -> Result<Uuid> {
    let mut data = TransferData::new(from, to)
        .label("nightly")
        // given up one hour after the submission
        .deadline(HOUR)
        // by name, as in a configuration file
        .sync_level("checksum".parse::<SyncLevel>()?)
        .verify_checksum(true)
        .preserve_timestamp(true)
        .encrypt_data(true)
        .skip_source_errors(true)
        .fail_on_quota_errors(true)
        .recursive_symlinks(RecursiveSymlinks::Keep)
        .notify_on_succeeded(false)
        .filter_rule(FilterRule::exclude("*.tmp").r#type(FilterRuleType::File))
        .item(TransferItem::folder("/run0/", "/in/run0/"));
    data.add_item(TransferItem::file("/run1/a.txt", "/in/a.txt"));
    #[cfg(unix)]
    data.add_item(TransferSymlinkItem::new("/latest", "/in/latest"));
    for (from, to) in data.data.iter().filter_map(|item| item.paths()) {
        println!("{from} -> {to}");
    }
    let task = submit_with_patience(transfer, &data).await?;
    println!("{}", task.message.as_deref().unwrap_or("submitted"));
    Ok(task.task_id)
}

/// The SDK already retries; this retries for longer. The document keeps its submission id, so that
/// there is one task whatever happens.
async fn submit_with_patience(
    transfer: &Client,
    data: &TransferData,
) -> globus_sdk::Result<TransferResult> {
    let mut tries = 5;
    loop {
        match transfer.submit_transfer(data).await {
            Err(error) if error.is_retryable() && tries > 1 => {
                tries -= 1;
                eprintln!("submission {:?}: {error}", error.submission_id());
                tokio::time::sleep(MINUTE).await;
            }
            result => return result,
        }
    }
}

/// `task_wait`, three times: with a message every minute, with an end after ten, with a dot every
/// second.
async fn wait_as_in_python(transfer: &Client, task: Uuid) -> Result<()> {
    while !transfer.task_wait(task, MINUTE, 10 * SECOND).await? {
        println!("another minute went by without {task} terminating");
    }
    if transfer.task_wait(task, 10 * MINUTE, MINUTE).await? {
        println!("{task} completed");
    } else {
        println!("{task} did not terminate");
    }
    while !transfer.task_wait(task, SECOND, SECOND).await? {
        print!(".");
    }
    Ok(())
}

/// Changes, as they happen.
async fn watch(transfer: &Client, from: Uuid, to: Uuid) -> Result<()> {
    let data = TransferData::new(from, to).item(TransferItem::folder("/run1/", "/watched/"));
    let task = transfer.submit_transfer(&data).await?;
    let mut changes = transfer.watch(task.task_id).timeout(HOUR).stream();
    while let Some(change) = changes.next().await {
        match change? {
            TaskChange::Stalled(now) => println!("stalled: {now}"),
            TaskChange::Finished(last) => println!("finished: {last}"),
            other => println!("{}", other.progress()),
        }
    }
    Ok(())
}

/// Many tasks, one poller.
async fn wait_for_all(transfer: &Client, from: Uuid, to: Uuid) -> Result<()> {
    let mut ids = Vec::new();
    for run in 2..5 {
        let item = TransferItem::folder(format!("/run{run}/"), format!("/all/run{run}/"));
        let data = TransferData::new(from, to).item(item);
        ids.push(transfer.submit_transfer(&data).await?.task_id);
    }
    let mut ended = transfer.wait_all(ids).timeout(HOUR).stream();
    while let Some(task) = ended.next().await {
        let task = task?;
        println!("{}: {}", task.task_id, task.status);
    }
    Ok(())
}

/// A deadline that is too early: the task fails, and the error says why.
async fn too_late(transfer: &Client, from: Uuid, to: Uuid) -> Result<()> {
    let data = TransferData::new(from, to)
        .deadline(2 * SECOND)
        .item(TransferItem::file("/nowhere", "/nowhere"));
    let task = transfer.submit_transfer(&data).await?;
    match transfer.wait(task.task_id).timeout(MINUTE).await {
        Err(error) if error.kind() == ErrorKind::TaskFailed => {
            println!("{error}");
            Ok(())
        }
        other => Err(format!("it should have been too late: {other:?}").into()),
    }
}

/// Deletes some of the copied files again.
async fn delete(transfer: &Client, collection: Uuid) -> Result<()> {
    let data = DeleteData::new(collection)
        .label("tidy up")
        .recursive(true)
        .ignore_missing(true)
        .interpret_globs(true)
        .deadline(HOUR)
        .item("/all/run[23]/")
        .item("/watched/");
    let task = transfer.submit_delete(&data).await?;
    let done = transfer.wait(task.task_id).timeout(MINUTE).await?;
    println!("deletion {}", done.status);
    Ok(())
}
