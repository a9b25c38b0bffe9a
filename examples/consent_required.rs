//! The first transfer from a mapped collection fails with `ConsentRequired`: there is no consent
//! yet for Transfer to access its data for this program. The error says so, and contains the
//! remedy.
//!
//! It runs on an emulator in this process: `cargo run --example consent_required`. With a `UserApp`
//! instead of the `ClientApp` the code is the same, and the remedy opens the login page.
#![allow(clippy::print_stdout, reason = "an example speaks to a person")]

use globus_emulator::{CollectionOptions, Emulator};
use globus_sdk::auth::ClientApp;
use globus_sdk::transfer::{TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (source, destination) = (tempfile::tempdir()?, tempfile::tempdir()?);
    std::fs::write(source.path().join("run7.csv"), "1,2,3\n")?;
    let mapped = CollectionOptions::new().data_access(true);
    let client_id = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection_with("Lab", source.path(), mapped)
        .collection("Campus", destination.path())
        .client(client_id, "the robot's secret")
        .start()
        .await?;
    let lab = emulator.collection_id("Lab").ok_or("no collection")?;
    let campus = emulator.collection_id("Campus").ok_or("no collection")?;

    let globus = Globus::builder(ClientApp::new(client_id, "the robot's secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let transfer = globus.transfer();
    let data = TransferData::new(lab, campus).item(TransferItem::file("/run7.csv", "/run7.csv"));

    let mut submitted = transfer.submit_transfer(&data).await;
    if let Err(error) = &submitted
        && let Some(requirements) = error.auth_requirements()
    {
        println!("refused: {error}\n");
        globus.login_with(requirements).await?;
        submitted = transfer.submit_transfer(&data).await;
    }
    let done = transfer.wait(submitted?.task_id).await?;

    println!(
        "after the consent: {} file, {:?}",
        done.files_transferred, done.status
    );
    Ok(())
}
