//! A thread that keeps replacing something by a link and putting it back.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::{RenameFlags, renameat, renameat_with};

use super::transfer_support::Fallible;

/// The name of the link while it is out of the way.
pub const EVIL: &str = "evil";
const ASIDE: &str = "aside";

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

/// Flips until it is stopped, and then leaves everything as it was.
pub struct Flipper {
    stop: Arc<AtomicBool>,
    flips: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Flipper {
    /// The directory is opened once, so that it is never reached through a link of another flipper.
    pub fn start(directory: &Path, name: &str, kind: Kind, seed: u64) -> Fallible<Self> {
        let directory = File::open(directory)?;
        let (stop, flips) = (
            Arc::new(AtomicBool::new(false)),
            Arc::<AtomicU64>::default(),
        );
        let (stopped, count, name) = (Arc::clone(&stop), Arc::clone(&flips), name.to_owned());
        let thread = std::thread::spawn(move || {
            let exchange =
                || renameat_with(&directory, &name, &directory, EVIL, RenameFlags::EXCHANGE);
            let rename = |from: &str, to: &str| renameat(&directory, from, &directory, to);
            let mut random = seed;
            loop {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let pause = Duration::from_micros((random >> 33) % 300);
                if kind == Kind::Rename {
                    let _ = rename(&name, ASIDE).and_then(|()| rename(EVIL, &name));
                    std::thread::sleep(pause / 2);
                    let _ = rename(&name, EVIL);
                    let _ = rename(ASIDE, &name);
                } else {
                    let _ = exchange();
                    if kind == Kind::Link {
                        while !stopped.load(Ordering::Relaxed) {
                            std::thread::sleep(Duration::from_millis(1));
                        }
                    }
                    std::thread::sleep(pause / 2);
                    let _ = exchange();
                }
                count.fetch_add(2, Ordering::Relaxed);
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                std::thread::sleep(pause);
            }
        });
        Ok(Self {
            stop,
            flips,
            thread: Some(thread),
        })
    }

    pub fn flips(&self) -> u64 {
        self.flips.load(Ordering::Relaxed)
    }

    /// Ends it, and tells how often it has flipped.
    pub fn stop(mut self) -> u64 {
        self.join();
        self.flips()
    }

    fn join(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Flipper {
    fn drop(&mut self) {
        self.join();
    }
}
