//! Answers that are not as they should be: every example of the specs, and every recorded answer that
//! is at hand, damaged in a way that a seed chooses, becomes a value or an error that says where.
//! Nothing panics, and no error or memory grows without a bound.
//!
//! `MUTATIONS_SEED` says which is first (1), `MUTATIONS` how many there are (1,000), and
//! `MUTATIONS_CORPUS` names a file of recorded answers, as the example `contract_replay` reads them.
//! `just mutations SEED N` is the same. One seed alone is one mutation again, exactly.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says why and stops"
)]

mod absent;
mod corpus;
mod mutate;
mod typed;

use corpus::Sample;
use globus_sdk::ErrorKind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use std::{env, fs};

/// How long the message of an error may be.
const MESSAGE: usize = 4096;
/// Of the answers to operations that `typed` calls, every so many come over HTTP, too.
const TYPED: u64 = 2;
/// What decoding may take of memory, in KiB: the largest body has 1 MiB.
const MEMORY: u64 = 128 << 10;

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is {text:?}, and no number"))
    })
}

/// What became of mutations, by kind: values and errors.
type Tally = BTreeMap<&'static str, (u64, u64)>;

#[test]
fn a_damaged_answer_is_a_value_or_an_error_that_says_where() {
    let (seed, count) = (setting("MUTATIONS_SEED", 1), setting("MUTATIONS", 1_000));
    let samples = corpus::samples();
    let answers = samples.len();
    let (successes, errors): (Vec<_>, Vec<_>) =
        samples.into_iter().partition(|sample| sample.status < 300);
    let callers = typed::Callers::start();
    let (started, before) = (Instant::now(), peak());
    let (mut tally, mut typed) = (Tally::new(), 0);
    for seed in seed..seed + count {
        let mut chance = StdRng::seed_from_u64(seed);
        // most examples are errors, and most of these alike
        let from = match chance.random_bool(0.8) {
            true => &successes,
            false => &errors,
        };
        let sample = &from[chance.random_range(0..from.len())];
        let (kind, body) = mutate::apply(&sample.document, &mut chance);
        let decoded = catch_unwind(AssertUnwindSafe(|| {
            let error = replay(sample, &body);
            let answers = callers.knows(sample) && (count == 1 || seed % TYPED == 0);
            if answers {
                callers.call(sample, &body);
            }
            (error, answers)
        }));
        let Ok((error, answers)) = decoded else {
            panic!(
                "seed {seed}: {kind} of {} {}; to replay: just mutations {seed} 1",
                sample.operation.service, sample.operation.name
            );
        };
        typed += u64::from(answers);
        let (values, errors) = tally.entry(kind).or_default();
        *(if error { errors } else { values }) += 1;
    }
    let grown = peak().zip(before).map(|(now, before)| now - before);
    println!(
        "{count} mutations of {answers} answers, {typed} of them over HTTP too, {:.1} s, {} at most",
        started.elapsed().as_secs_f64(),
        grown.map_or("memory not measured".to_owned(), |grown| format!(
            "{grown} KiB"
        )),
    );
    for (kind, (values, errors)) in tally {
        println!("  {kind}: {values} values, {errors} errors");
    }
    assert!(typed > 0 || count < 100, "none came over HTTP");
    match grown {
        Some(grown) => assert!(grown < MEMORY, "decoding took {grown} KiB"),
        None if cfg!(target_os = "linux") => panic!("/proc/self/status tells no VmHWM"),
        None => {}
    }
}

/// Decodes an answer; whether that is an error, which must say where.
fn replay(sample: &Sample, body: &[u8]) -> bool {
    match sample.operation.decode_round_trip(sample.status, body) {
        Ok(replay) => {
            // what was understood is understood again, and is the same
            let text = replay.document.to_string();
            let again = sample
                .operation
                .decode_round_trip(sample.status, text.as_bytes());
            let again = again.unwrap_or_else(|error| panic!("{error}, of {text}"));
            assert_eq!(again.document, replay.document);
            false
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert_eq!(error.operation(), Some(sample.operation.name));
            let place = error.message().strip_prefix("at ");
            let place = place.and_then(|rest| rest.split_once(": "));
            assert!(place.is_some_and(|(path, _)| !path.is_empty()), "{error}");
            assert!(
                error.to_string().len() < MESSAGE,
                "{}",
                error.to_string().len()
            );
            true
        }
    }
}

/// The most memory that this process has had, in KiB; `None` where the system does not say.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
