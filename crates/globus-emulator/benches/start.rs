//! How long it takes until an emulator in this process is ready, and until it has answered: the first,
//! for which the specs are read, and the ones after it.
//!
//! ```sh
//! cargo bench --package globus-emulator --bench start
//! ```
#![allow(clippy::print_stdout, reason = "a measurement speaks to a person")]

use globus_emulator::{Emulator, Uuid};
use std::time::{Duration, Instant};

/// What is promised once the specs are read.
const LIMIT: Duration = Duration::from_millis(50);
const TIMES: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // in a build of the whole workspace reqwest is one with TLS, which wants a provider
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut times = Vec::new();
    for _ in 0..=TIMES {
        let folder = tempfile::tempdir()?;
        let started = Instant::now();
        let emulator = Emulator::builder()
            .strict(true)
            .collection("a folder", folder.path())
            .client(Uuid::from_u128(1), "a secret")
            .start()
            .await?;
        let ready = started.elapsed();
        let health = format!("{}/_emulator/health", emulator.base_url());
        http.get(health).send().await?.error_for_status()?;
        times.push((ready, started.elapsed()));
        emulator.stop().await;
    }
    let first = times.remove(0);
    times.sort();
    let (median, worst) = (times[TIMES / 2], times[TIMES - 1]);
    println!("                    ready     and has answered");
    for (name, (ready, answered)) in [
        ("the first", first),
        ("median of the rest", median),
        ("slowest of the rest", worst),
    ] {
        println!("{name:<20}{ready:>9.2?}{answered:>13.2?}");
    }
    if median.0 > LIMIT {
        return Err(format!("more than the promised {LIMIT:?}").into());
    }
    Ok(())
}
