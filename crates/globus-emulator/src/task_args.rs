//! The options that make tasks slow, or have them fail.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use globus_emulator::{EmulatorBuilder, TaskFault, Uuid};

use crate::read_json;

#[derive(Args)]
pub(crate) struct TaskArgs {
    /// The most bytes that each task copies in a second; as many as it can without it
    #[arg(long, value_name = "N", value_parser = rate, allow_negative_numbers = true)]
    bytes_per_second: Option<u64>,
    /// How long after its submission a task begins; 0.03 without it
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    start_delay: Option<Duration>,
    /// How many bytes each collection may hold, or the one with this id
    #[arg(long, value_name = "[UUID=]BYTES", value_parser = quota, allow_negative_numbers = true)]
    quota: Vec<Quota>,
    /// What goes wrong with files of tasks on purpose: a JSON file, a list of rules
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
