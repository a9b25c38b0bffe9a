//! What a call reports to a tracing subscriber: a span for each call, with OpenTelemetry's names,
//! and an event for each attempt.
//!
//! It calls an emulator in this process, which fails once, and prints the events. To export traces,
//! set another subscriber; nothing else changes: tracing-opentelemetry takes the span's kind, name
//! and status from the fields `otel.*`.
#![allow(clippy::print_stdout, reason = "an example speaks to a person")]

use globus_emulator::{Emulator, Fault, FaultRule};
use globus_sdk::auth::ClientApp;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    let id = Uuid::new_v4();
    let emulator = Emulator::builder().client(id, "a secret").start().await?;
    emulator.inject_fault(
        FaultRule::new(Fault::status(503))
            .operation("task_list")
            .nth([1]),
    )?;
    let here = Environment::empty().with_all_services(emulator.base_url());
    let globus = Globus::builder(ClientApp::new(id.to_string(), "a secret"))
        .environment(here)
        .build()?;

    let lines = tracing_subscriber::fmt::layer()
        // one line when a call has finished, with all of its fields
        .with_span_events(FmtSpan::CLOSE)
        .without_time();
    tracing_subscriber::registry()
        .with(Targets::new().with_target("globus_sdk", Level::DEBUG))
        .with(lines)
        .init();
    let tasks = globus.transfer().task_list().await?;
    println!("{} tasks", tasks.data.len());
    Ok(())
}
