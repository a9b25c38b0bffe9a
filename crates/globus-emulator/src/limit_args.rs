//! The limits, as options of the command line.

use clap::Args;
use globus_emulator::Limits;

/// What one user may do at a time.
#[derive(Args)]
pub(crate) struct LimitArgs {
    /// Most transfer tasks of one user at work at a time, or 'none'; more are queued
    #[arg(long, value_name = "N", default_value = "3", value_parser = max_count)]
    running_transfers: MaxCount,
    /// Most delete tasks of one user at work at a time, or 'none'; more are queued
    #[arg(long, value_name = "N", default_value = "3", value_parser = max_count)]
    running_deletes: MaxCount,
    /// Most tasks of one user that have not ended, or 'none'; more are refused
    #[arg(long, value_name = "N", default_value = "100", value_parser = max_count)]
    pending_tasks: MaxCount,
    /// Accept a transfer though one with the same paths has not ended
    #[arg(long)]
    allow_identical_paths: bool,
    /// Refuse what one user asks of Transfer beyond this many requests a second, 20 if no number is
    /// given; without it nothing is refused
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "20")]
    rate_limit: Option<u32>,
    /// The seconds over which requests are counted for the rate limit, so that bursts are possible
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

/// A number, or no limit; not an `Option`, which to clap is an option that may be left out.
#[derive(Clone, Copy)]
struct MaxCount(Option<u32>);

fn max_count(text: &str) -> Result<MaxCount, String> {
    if text == "none" {
        return Ok(MaxCount(None));
    }
    let number = text.parse().map_err(|_| "expected a number, or 'none'")?;
    Ok(MaxCount(Some(number)))
}
