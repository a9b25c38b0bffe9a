//! Command-line options for limits.

use clap::Args;
use globus_emulator::Limits;

/// Limits per user.
#[derive(Args)]
pub(crate) struct LimitArgs {
    /// Maximum number of transfer tasks of a user that run at the same time, or 'none'; others are queued
    #[arg(long, value_name = "N", default_value = "3", value_parser = max_count)]
    running_transfers: MaxCount,
    /// Maximum number of delete tasks of a user that run at the same time, or 'none'; others are queued
    #[arg(long, value_name = "N", default_value = "3", value_parser = max_count)]
    running_deletes: MaxCount,
    /// Maximum number of unfinished tasks of a user, or 'none'; further submissions are rejected
    #[arg(long, value_name = "N", default_value = "100", value_parser = max_count)]
    pending_tasks: MaxCount,
    /// Accept a transfer even if an unfinished one has the same paths
    #[arg(long)]
    allow_identical_paths: bool,
    /// Reject a user's requests to Transfer above this many per second (20 without a number); unlimited by
    /// default
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "20")]
    rate_limit: Option<u32>,
    /// Period in seconds over which the rate limit counts requests; longer ones allow bursts
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u32).range(1..))]
    rate_period: u32,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> Limits {
        Limits::default()
            .running_transfers(self.running_transfers.0)
            .running_deletes(self.running_deletes.0)
            .pending_tasks(self.pending_tasks.0)
            .allow_identical_paths(self.allow_identical_paths)
            .requests_per_second(self.rate_limit)
            .rate_period(self.rate_period)
    }
}

/// A number or no limit. Not an `Option`, which clap would take for an optional argument.
#[derive(Clone, Copy)]
struct MaxCount(Option<u32>);

fn max_count(text: &str) -> Result<MaxCount, String> {
    if text == "none" {
        return Ok(MaxCount(None));
    }
    let number = text.parse().map_err(|_| "expected a number, or 'none'")?;
    Ok(MaxCount(Some(number)))
}
