//! One measurement: this process does one kind of work, and tells what it took.

use crate::case::Case;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Who does the work.
pub(crate) trait Implementation {
    /// Does it, and counts what came of it.
    async fn work(&self, case: Case, size: usize) -> usize;
}

/// What a measurement prints.
#[derive(Deserialize, Serialize)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of the processor's time, user's and system's.
    pub(crate) cpu: f64,
    /// The most memory that the process had, in KiB, and the most before it began.
    pub(crate) peak: u64,
    pub(crate) before: u64,
}

impl Cost {
    pub(crate) fn cpu(&self) -> f64 {
        self.cpu
    }

    pub(crate) fn wall(&self) -> f64 {
        self.wall
    }
}

/// Opens the connection, then does the work and prints its cost.
pub(crate) fn run(implementation: &impl Implementation, case: &str, size: &str) {
    let case = Case::named(case);
    let size: usize = size.parse().expect("a size");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let cost = runtime.block_on(async {
        implementation.work(Case::GetTask, 10).await;
        let before = peak();
        let (wall, cpu) = (Instant::now(), cpu());
        let done = implementation.work(case, size).await;
        let cost = Cost {
            wall: wall.elapsed().as_secs_f64(),
            cpu: self::cpu() - cpu,
            peak: peak(),
            before,
        };
        assert_eq!(done, case.expected(size), "of {}", case.name());
        cost
    });
    println!("{}", serde_json::to_string(&cost).expect("JSON"));
}

/// The time that this process had on a processor, to the nanosecond: times by `getrusage` come in
/// ticks of the scheduler on some systems.
fn cpu() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("a Linux");
    let nanoseconds: u64 = threads
        .map(|thread| {
            let path = thread.expect("a thread").path().join("schedstat");
            let text = std::fs::read_to_string(path).expect("a thread's time");
            let first = text.split(' ').next().and_then(|n| n.parse::<u64>().ok());
            first.expect("nanoseconds")
        })
        .sum();
    nanoseconds as f64 / 1e9
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next());
    kilobytes.and_then(|n| n.parse().ok()).expect("a peak")
}
