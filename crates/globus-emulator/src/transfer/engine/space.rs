//! The space used in a mapped collection, for its quota.
//!
//! All tasks that write to a collection share one count; with one count per task, three tasks could write
//! three times the quota. Each attempt measures the folder again, since other programs write there, too.
//! After that, a file counts from when its copy starts until it is removed.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::transfer::files::Entry;

/// The space of one collection.
#[derive(Debug, Default)]
pub(crate) struct Space(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// The bytes of complete files.
    used: u64,
    /// The bytes that files being written will add.
    reserved: u64,
}

impl Space {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Measures the folder again, while no task completes or removes a file.
    pub(super) fn measure<E>(&self, measure: impl FnOnce() -> Result<u64, E>) -> Result<(), E> {
        let mut counts = self.lock();
        counts.used = measure()?;
        Ok(())
    }

    /// Reserves space for a file that replaces `target`. `None` if that would exceed the quota.
    pub(super) fn reserve(
        self: &Arc<Self>,
        size: u64,
        target: &Entry,
        quota: Option<u64>,
    ) -> Option<Reservation> {
        let mut counts = self.lock();
        let bytes = size.saturating_sub(size_of(target));
        let total = counts.used.saturating_add(counts.reserved);
        if bytes > 0 && quota.is_some_and(|quota| total.saturating_add(bytes) > quota) {
            return None;
        }
        counts.reserved = counts.reserved.saturating_add(bytes);
        Some(Reservation {
            space: Arc::clone(self),
            size,
            bytes,
        })
    }

    /// Removes a file of so many bytes.
    pub(super) fn remove<T>(
        &self,
        size: u64,
        remove: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        let mut counts = self.lock();
        let removed = remove()?;
        counts.used = counts.used.saturating_sub(size);
        Ok(removed)
    }
}

/// Space for a file that is being written; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    space: Arc<Space>,
    size: u64,
    bytes: u64,
}

impl Reservation {
    /// Puts the complete file in its place.
    pub(super) fn complete(
        self,
        target: &Entry,
        put: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut counts = self.space.lock();
        let replaced = size_of(target);
        put()?;
        counts.used = counts.used.saturating_sub(replaced);
        counts.used = counts.used.saturating_add(self.size);
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut counts = self.space.lock();
        counts.reserved = counts.reserved.saturating_sub(self.bytes);
    }
}

/// The size of a file, or of a link itself.
fn size_of(entry: &Entry) -> u64 {
    match entry.metadata() {
        Ok(metadata) if !metadata.is_dir() => metadata.len(),
        _ => 0,
    }
}
