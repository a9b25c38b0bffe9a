//! The differences between two trees on two collections, and a transfer of just those. On the
//! emulator: `cargo run --example tree_diff`, or on your own collections:
//!
//! ```sh
//! GLOBUS_TOKEN=... cargo run --example tree_diff -- COLLECTION_ID:/path/ COLLECTION_ID:/path/
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use globus_emulator::Emulator;
use globus_sdk::auth::{AccessTokenAuthorizer, ClientApp};
use globus_sdk::transfer::types::FileType;
use globus_sdk::transfer::{Client, DifferenceKind, Location, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let ([left, right], Ok(token)) = (&arguments[..], std::env::var("GLOBUS_TOKEN")) {
        let transfer = Client::builder()
            .authorizer(AccessTokenAuthorizer::new(token))
            .build()?;
        compare(&transfer, &left.parse()?, &right.parse()?).await?;
        return Ok(());
    }
    let (ours, theirs) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for path in ["raw/a.h5", "raw/b.h5", "notes.txt"] {
        write(ours.path(), path, "all of it")?;
    }
    write(theirs.path(), "raw/a.h5", "half")?;
    write(theirs.path(), "left over", "from last time")?;

    let robot = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("lab", ours.path())
        .collection("campus", theirs.path())
        .client(robot, "the robot's secret")
        .start()
        .await?;
    let globus = Globus::builder(ClientApp::new(robot, "the robot's secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let transfer = globus.transfer();
    let top = |name| emulator.collection_id(name).ok_or("no such collection");
    let (left, right) = (
        Location::new(top("lab")?, "/")?,
        Location::new(top("campus")?, "/")?,
    );

    let missing = compare(&transfer, &left, &right).await?;
    let task = transfer.submit_transfer(&missing).await?;
    transfer.wait(task.task_id).await?;
    println!("{} files copied; what differs now:", missing.data.len());
    let rest = compare(&transfer, &left, &right).await?;
    if !rest.data.is_empty() {
        return Err("something is still missing".into());
    }
    Ok(())
}

/// Prints the differences, and returns the transfer that would bring the right tree up to date.
async fn compare(
    transfer: &Client,
    left: &Location,
    right: &Location,
) -> globus_sdk::Result<TransferData> {
    let mut differences = transfer
        .ls_at(left)
        .concurrency(8)
        .diff(transfer.ls_at(right).concurrency(8))
        .stream();
    let mut missing = TransferData::new(left.collection(), right.collection());
    while let Some(difference) = differences.next().await {
        let difference = difference?;
        println!("{difference}");
        let wanted = match &difference.kind {
            DifferenceKind::OnlyLeft(entry) => entry.file.r#type == FileType::File,
            DifferenceKind::Modified { left, .. } => left.file.r#type == FileType::File,
            _ => false,
        };
        if wanted {
            let (from, to) = (left.join(&difference.path), right.join(&difference.path));
            missing = missing.item(TransferItem::file(from.path(), to.path()));
        }
    }
    Ok(missing)
}

fn write(root: &Path, path: &str, contents: &str) -> std::io::Result<()> {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap_or(root))?;
    std::fs::write(path, contents)
}
