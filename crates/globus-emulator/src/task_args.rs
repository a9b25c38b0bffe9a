//! Command-line options for slow and failing tasks.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use globus_emulator::{EmulatorBuilder, TaskFault, Uuid};

use crate::read_json;

#[derive(Args)]
pub(crate) struct TaskArgs {
    /// Maximum rate at which each task copies, in bytes per second; unlimited by default
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    bytes_per_second: Option<u64>,
    /// Time between the submission and the start of a task; 0.03 by default
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    start_delay: Option<Duration>,
    /// Quota of each collection in bytes, or of the collection with this id
    #[arg(long, value_name = "[UUID=]BYTES", value_parser = quota, allow_negative_numbers = true)]
    quota: Vec<Quota>,
    /// Faults of tasks: a JSON file with a list of rules
    #[arg(long, value_name = "FILE")]
    task_faults: Option<PathBuf>,
}

#[derive(Clone)]
struct Quota {
    collection: Option<Uuid>,
    bytes: u64,
}

impl TaskArgs {
    pub(crate) fn apply(&self, mut builder: EmulatorBuilder) -> Result<EmulatorBuilder, String> {
        if let Some(rate) = self.bytes_per_second {
            builder = builder.transfer_rate(rate);
        }
        if let Some(delay) = self.start_delay {
            builder = builder.transfer_start_delay(delay);
        }
        for quota in &self.quota {
            builder = match quota.collection {
                Some(id) => builder.collection_quota(id, quota.bytes),
                None => builder.quota(quota.bytes),
            };
        }
        if let Some(file) = &self.task_faults {
            let faults: Vec<TaskFault> = read_json(file)?;
            builder = faults
                .into_iter()
                .fold(builder, EmulatorBuilder::task_fault);
        }
        Ok(builder)
    }
}

fn rate(text: &str) -> Result<u64, String> {
    let rate = text.parse().ok().filter(|rate| *rate > 0);
    rate.ok_or_else(|| String::from("expected a whole number of bytes, at least 1"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::try_from_secs_f64);
    let delay = seconds.and_then(Result::ok);
    delay.ok_or_else(|| String::from("expected a number of seconds, at least 0"))
}

fn quota(text: &str) -> Result<Quota, String> {
    let (collection, bytes) = match text.split_once('=') {
        Some((id, bytes)) => {
            let id = Uuid::parse_str(id).map_err(|_| "the ID must be a UUID")?;
            (Some(id), bytes)
        }
        None => (None, text),
    };
    let bytes = bytes.parse();
    let bytes = bytes.map_err(|_| "expected a whole number of bytes, at least 0")?;
    Ok(Quota { collection, bytes })
}
