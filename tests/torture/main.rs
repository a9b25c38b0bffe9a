//! The main job (log in, walk, submit, wait, ingest, query) under faults that a seed chooses.
//!
//! A schedule is a seed: it says which requests to the emulator go wrong and how. Whatever happens,
//! there must be no panic, no hang, no second and no lost submission, the right bytes wherever a
//! call says so, an error that names its operation wherever it does not, and no secret in anything
//! that is said. A job that a fault has ended is begun anew without faults, as a program would be,
//! with the same document, and has to end well.
//!
//! `TORTURE_SEED` says which schedule is first (1) and `TORTURE_SCHEDULES` how many count (10). One in
//! which no fault struck does not count. `just torture SEED N` is the same.
//!
//! A seed replays exactly: faults are counted by operation, jobs make one call after the other,
//! whoever sleeps moves the emulator's clock and waits until its tasks have ended, and no two
//! schedules share a process's time. The number at the end of a line is made of all requests, their
//! answers and their faults. Where it is not exact: a schedule whose walk lists several folders at
//! once (`wide` in its line) may have the same fault strike another folder; how often an ingest asks
//! after its task depends on how fast that is; and a fault that is a delay counts on a machine that
//! answers within seconds.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says why and stops; processes report to each other"
)]

mod clock;
mod job;
mod log_capture;
mod plan;
mod schedule;
mod workers;

use globus_test_support::child_process;
use std::env;
use workers::Worker;

/// A number of the environment.
fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}, and no number"))
    })
}

#[test]
fn the_main_job_survives_every_schedule_of_faults() {
    if child_process::is_child_of(workers::PARENT) {
        workers::serve();
    }
    let seed = setting("TORTURE_SEED", 1);
    let schedules = setting("TORTURE_SCHEDULES", 10);
    let tally = workers::run(seed, schedules);
    println!("{tally}");
    assert!(tally.failed.is_empty(), "{}", tally.remedy());
}

#[test]
fn a_schedule_replays_exactly() {
    let mut worker = Worker::start();
    for seed in 1..=3 {
        let first = worker.run(seed);
        assert_eq!(first.failures, Vec::<String>::new());
        assert_eq!(worker.run(seed), first, "seed {seed}");
    }
}
