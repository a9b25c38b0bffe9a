//! Schedules run in processes of their own, one at a time in each: whatever becomes of a process (a
//! crash, a hang), its parent knows the seed. And what a process prints can be searched for secrets.

use crate::log_capture;
use crate::schedule::{self, Outcome};
use globus_test_support::child_process;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use std::{io, thread};

/// How long a schedule may take, in real time.
const HANG: Duration = Duration::from_secs(120);
/// How many processes there are: more than most machines have cores for, since some faults are
/// waited for.
const WORKERS: u64 = 4;
/// The test whose children the workers are.
pub(crate) const PARENT: &str = "the_main_job_survives_every_schedule_of_faults";
/// What a worker's lines to its parent begin with.
const MARK: &str = "torture\t";

/// What came of all schedules.
#[derive(Default)]
pub(crate) struct Tally {
    counted: u64,
    without_faults: u64,
    fired: u64,
    begun_anew: u64,
    pub(crate) failed: BTreeMap<u64, Vec<String>>,
    took: Duration,
}

impl Tally {
    /// How to see a failure again.
    pub(crate) fn remedy(&self) -> String {
        let seeds = self.failed.iter().map(|(seed, failures)| {
            format!(
                "\nseed {seed}: {}\n  to replay: just torture {seed} 1",
                failures.join("\n  ")
            )
        });
        seeds.collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            counted,
            without_faults,
            fired,
            begun_anew,
            failed,
            took,
        } = self;
        write!(
            f,
            "{counted} schedules, {fired} faults fired, {begun_anew} jobs begun anew, {} failed, \
             {:.1} s ({without_faults} in which no fault fired do not count)",
            failed.len(),
            took.as_secs_f64()
        )
    }
}

/// Runs so many schedules that count, from a seed on.
pub(crate) fn run(seed: u64, schedules: u64) -> Tally {
    let started = Instant::now();
    let next = AtomicU64::new(seed);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..schedules.min(WORKERS) {
            scope.spawn(|| {
                let mut worker = Worker::start();
                loop {
                    // reserved before it runs, so that no more run than count
                    let counts = |tally: &mut Tally| {
                        tally.counted += 1;
                        tally.counted <= schedules
                    };
                    if !counts(&mut tally.lock().expect("a tally")) {
                        break;
                    }
                    loop {
                        let seed = next.fetch_add(1, Ordering::SeqCst);
                        let outcome = worker.run(seed);
                        if !tally.lock().expect("a tally").add(seed, &outcome) {
                            break;
                        }
                    }
                }
            });
        }
    });
    let mut tally = tally.into_inner().expect("a tally");
    tally.counted = schedules;
    tally.took = started.elapsed();
    tally
}

impl Tally {
    /// Whether another one has to be drawn in its place.
    fn add(&mut self, seed: u64, outcome: &Outcome) -> bool {
        self.fired += outcome.fired;
        self.begun_anew += u64::from(outcome.line.contains("begun anew"));
        println!("seed {seed}: {}", outcome.line);
        if !outcome.failures.is_empty() {
            println!("seed {seed} FAILED: {}", outcome.failures.join("\n  "));
            self.failed.insert(seed, outcome.failures.clone());
            return false;
        }
        let none = outcome.fired == 0;
        self.without_faults += u64::from(none);
        none
    }
}

/// A process that runs schedules.
pub(crate) struct Worker {
    child: Child,
    seeds: ChildStdin,
    lines: Receiver<String>,
}

impl Worker {
    pub(crate) fn start() -> Self {
        let mut child = child_process::command(PARENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let (line, lines) = channel();
        read(child.stdout.take(), line.clone());
        read(child.stderr.take(), line);
        let seeds = child.stdin.take().expect("a pipe");
        Self {
            child,
            seeds,
            lines,
        }
    }

    /// Runs one schedule; a process that is lost over it is replaced.
    pub(crate) fn run(&mut self, seed: u64) -> Outcome {
        let mut outcome = Outcome::default();
        if let Err(error) = writeln!(self.seeds, "{seed}") {
            outcome
                .failures
                .push(format!("the process is gone: {error}"));
        }
        let deadline = Instant::now() + HANG;
        let mut printed = String::new();
        while outcome.failures.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let ended = self.child.try_wait().ok().flatten();
                outcome.failures.push(match ended {
                    Some(status) => format!("the process ended: {status}\n{printed}"),
                    None => format!("it hangs: nothing came of it for {HANG:?}"),
                });
                break;
            };
            match line.strip_prefix(MARK) {
                Some(answer) => {
                    let mut parts = answer.split('\t').map(|part| part.replace("\\n", "\n"));
                    let fired = parts.next().and_then(|fired| fired.parse().ok());
                    outcome.fired = fired.expect("a number");
                    outcome.line = parts.next().expect("a line");
                    outcome.failures.extend(parts);
                    break;
                }
                None => printed += &format!("{line}\n"),
            }
        }
        if let Some(token) = log_capture::betrayed(&printed) {
            outcome
                .failures
                .push(format!("a token was printed: {token}"));
        }
        if !outcome.failures.is_empty() {
            *self = Self::start();
        }
        outcome
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes lines on, until there are no more.
fn read(from: Option<impl Read + Send + 'static>, to: Sender<String>) {
    let from = from.expect("a pipe");
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if to.send(line).is_err() {
                break;
            }
        }
    });
}

/// What a worker does: runs the seeds that come in, until none comes any more.
pub(crate) fn serve() -> ! {
    for line in io::stdin().lines().map_while(Result::ok) {
        let seed = line.parse().expect("a seed");
        let outcome = schedule::run(seed);
        let mut parts = vec![outcome.fired.to_string(), outcome.line];
        parts.extend(outcome.failures);
        let parts: Vec<_> = parts
            .iter()
            .map(|part| part.replace('\t', " ").replace('\n', "\\n"))
            .collect();
        let mut out = io::stdout().lock();
        writeln!(out, "\n{MARK}{}", parts.join("\t")).expect("a parent");
        out.flush().expect("a parent");
    }
    child_process::end()
}
