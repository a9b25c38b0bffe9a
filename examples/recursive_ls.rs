//! The recursive listing that the Python SDK's documentation builds by hand (a depth limit, pauses
//! against rate limits, parameters for every listing and others for the first) is one expression
//! here. On the emulator: `cargo run --example recursive_ls`, or on your own collection:
//!
//! ```sh
//! GLOBUS_TOKEN=... cargo run --example recursive_ls -- COLLECTION_ID:/path/
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example shows what it does"
)]

use globus_emulator::Emulator;
use globus_sdk::auth::{AccessTokenAuthorizer, ClientApp};
use globus_sdk::transfer::{Client, FileFilter, Location, WalkEvent};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::path::Path;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let (Some(top), Ok(token)) = (std::env::args().nth(1), std::env::var("GLOBUS_TOKEN")) {
        let transfer = Client::builder()
            .authorizer(AccessTokenAuthorizer::new(token))
            .build()?;
        return Ok(list(&transfer, &top.parse()?).await?);
    }
    let folder = tempfile::tempdir()?;
    plant(folder.path())?;
    let robot = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("lab", folder.path())
        .client(robot, "the robot's secret")
        .start()
        .await?;
    let globus = Globus::builder(ClientApp::new(robot, "the robot's secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let lab = emulator.collection_id("lab").ok_or("no collection")?;
    list(&globus.transfer(), &Location::new(lab, "/")?).await?;
    Ok(())
}

async fn list(transfer: &Client, top: &Location) -> globus_sdk::Result<()> {
    println!("{top}");
    let mut events = transfer
        .ls_at(top)
        .max_depth(3)
        // a rate instead of sleeps: at most ten a second, and fewer while the service answers 429
        .requests_per_second(10.0)
        .ordered()
        // `ls_params`, with `top_level_ls_params` on top
        .map_request(|ls, depth| {
            let ls = ls.show_hidden(false).orderby("type,name");
            match depth {
                0 => ls.filter(FileFilter::new().name_like("run*")),
                _ => ls,
            }
        })
        .events();
    while let Some(event) = events.next().await {
        match event? {
            WalkEvent::Entry(entry) => {
                let indent = "  ".repeat(entry.depth + 1);
                println!("{indent}{} ({})", entry.file.name, entry.file.r#type);
            }
            WalkEvent::ListFailure(folder) => eprintln!("{folder}"),
        }
    }
    Ok(())
}

fn plant(root: &Path) -> std::io::Result<()> {
    for path in [
        "run1/raw/a.h5",
        "run1/notes.txt",
        "run2/b.h5",
        "run2/.cache/c",
        "other/d",
    ] {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(root))?;
        std::fs::write(path, "data")?;
    }
    Ok(())
}
