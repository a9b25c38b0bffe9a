//! A script without an async runtime: `.call()` instead of `.await`, `for` over a stream.
//!
//! Run it with `cargo run --example blocking --features blocking`.
#![allow(clippy::print_stdout, reason = "an example speaks to a person")]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::blocking::Blocking as _;
use globus_sdk::transfer::{TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // the emulator is asynchronous and needs its own runtime here
    let elsewhere = tokio::runtime::Runtime::new()?;
    let (here, there) = (tempfile::tempdir()?, tempfile::tempdir()?);
    std::fs::write(here.path().join("results.csv"), "a,b\n1,2\n")?;
    let id = Uuid::new_v4();
    let emulator = elsewhere.block_on(
        Emulator::builder()
            .collection("here", here.path())
            .collection("there", there.path())
            .client(id, "a secret")
            .start(),
    )?;
    let collection = |name| emulator.collection_id(name).ok_or("no such collection");
    let (from, to) = (collection("here")?, collection("there")?);

    let globus = Globus::builder(ClientApp::new(id, "a secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let transfer = globus.transfer();
    let data = TransferData::new(from, to).item(TransferItem::file("/results.csv", "/copy.csv"));
    let task = transfer.submit_transfer(&data).call()?;
    let done = transfer.wait(task.task_id).call()?;
    println!("{} bytes", done.bytes_transferred);
    for entry in transfer.ls(to, "/").stream() {
        println!("{}", entry?.path);
    }
    Ok(())
}
