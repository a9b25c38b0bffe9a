//! A process that keeps replacing something by a link and putting it back.
//!
//! It is this program again, told by its environment what to flip. It writes a byte when it has flipped for the
//! first time and one for each pair of flips, and ends when its input does: also when whoever started it is gone.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::{RenameFlags, renameat, renameat_with};

use globus_test_support::emulator::{Fallible, TestResult};

/// The name of the link while it is out of the way.
pub const EVIL: &str = "evil";
const ASIDE: &str = "aside";
/// What the process is to do: how, with which seed, by which name, in which folder.
const ORDER: &str = "GLOBUS_EMULATOR_TEST_FLIPPER";

/// How something is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a link that stays there.
    Link,
    /// By two renames, between which nothing is there.
    Rename,
    /// In one step.
    Swap,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Link, Self::Rename, Self::Swap];
}

/// Flips until it is stopped, and then leaves everything as it was.
pub struct Flipper {
    process: Child,
    /// Closed to stop it.
    input: Option<ChildStdin>,
    flips: Arc<AtomicU64>,
    count: Option<JoinHandle<()>>,
}

impl Flipper {
    pub fn start(directory: &Path, name: &str, kind: Kind, seed: u64) -> Fallible<Self> {
        let order = format!("{kind:?}/{seed}/{name}/{}", directory.display());
        let mut process = Command::new(std::env::current_exe()?)
            .args([
                "--exact",
                "attacks::flipper::flip_as_ordered",
                "--nocapture",
            ])
            .env(ORDER, order)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take();
        let mut pairs = process.stderr.take().ok_or("no pipe")?;
        let flips = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&flips);
        pairs.read_exact(&mut [0])?;
        let count = std::thread::spawn(move || {
            let mut bytes = [0; 256];
            while let Ok(read @ 1..) = pairs.read(&mut bytes) {
                let pairs = bytes[..read].iter().filter(|byte| **byte == b'+').count();
                counted.fetch_add(2 * pairs as u64, Ordering::Relaxed);
            }
        });
        Ok(Self {
            process,
            input,
            flips,
            count: Some(count),
        })
    }

    pub fn flips(&self) -> u64 {
        self.flips.load(Ordering::Relaxed)
    }

    /// Ends it, and tells how often it has flipped.
    pub fn stop(mut self) -> Fallible<u64> {
        drop(self.input.take());
        let status = self.process.wait()?;
        if let Some(count) = self.count.take() {
            let _ = count.join();
        }
        if !status.success() {
            return Err(format!("the flipping process ended with {status}").into());
        }
        Ok(self.flips())
    }
}

impl Drop for Flipper {
    /// It ends with its input; waiting for it leaves no process behind.
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// No test by itself: what a [`Flipper`] runs.
#[test]
fn flip_as_ordered() -> TestResult {
    let Some(order) = std::env::var_os(ORDER) else {
        return Ok(());
    };
    let order = order.into_string().map_err(|_| "an order in UTF-8")?;
    let mut parts = order.splitn(4, '/');
    let mut part = || parts.next().ok_or("an order has four parts");
    let (kind, seed, name, directory) = (part()?, part()?, part()?, part()?);
    let kind = Kind::ALL.into_iter().find(|one| format!("{one:?}") == kind);
    flip(
        Path::new(directory),
        name,
        kind.ok_or("a kind")?,
        seed.parse()?,
    )
}

fn flip(directory: &Path, name: &str, kind: Kind, seed: u64) -> TestResult {
    // opened once, so that it is never reached through a link of another flipper
    let directory = File::open(directory)?;
    let stopped = Arc::<AtomicBool>::default();
    let stop = Arc::clone(&stopped);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stop.store(true, Ordering::Relaxed);
    });
    let exchange = || renameat_with(&directory, name, &directory, EVIL, RenameFlags::EXCHANGE);
    let rename = |from: &str, to: &str| renameat(&directory, from, &directory, to);
    // whoever reads it may be gone
    let write = |byte| {
        let _ = std::io::stderr().write_all(&[byte]);
    };
    let mut first = true;
    let mut begun = || {
        if std::mem::take(&mut first) {
            write(b'!');
        }
    };
    let mut random = seed;
    loop {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let pause = Duration::from_micros((random >> 33) % 300);
        if kind == Kind::Rename {
            let _ = rename(name, ASIDE).and_then(|()| rename(EVIL, name));
            begun();
            std::thread::sleep(pause / 2);
            let _ = rename(name, EVIL);
            let _ = rename(ASIDE, name);
        } else {
            let _ = exchange();
            begun();
            if kind == Kind::Link {
                while !stopped.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            std::thread::sleep(pause / 2);
            let _ = exchange();
        }
        write(b'+');
        if stopped.load(Ordering::Relaxed) {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
}
