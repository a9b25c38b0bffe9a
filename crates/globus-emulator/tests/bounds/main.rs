//! What the emulator's work and memory grow with.
#![allow(unreachable_pub, reason = "a test is one crate")]

#[cfg(target_os = "linux")]
mod snapshots;

use std::sync::atomic::{AtomicU64, Ordering};

use globus_test_support::emulator::{Fallible, Lab, TestResult};
use serde_json::json;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// How many folders have been opened in this process.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// Counts the folders that are opened, by what is traced.
struct FolderCount;

impl Subscriber for FolderCount {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "globus_emulator::transfer::files::folder"
    }

    fn event(&self, _: &Event<'_>) {
        OPENED.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// How many folders are opened to copy, compare and delete a chain of so many folders, each with a file and
/// another folder beside the next.
async fn folders_opened(depth: usize) -> Fallible<[u64; 3]> {
    let lab = Lab::start().await?;
    let mut path = String::new();
    for _ in 0..depth {
        path.push_str("a/");
        lab.write(&format!("{path}file"), "a")?;
        lab.write(&format!("{path}z/file"), "a")?;
    }
    let mut counts = [0; 3];
    for (operation, count) in counts.iter_mut().enumerate() {
        let before = OPENED.load(Ordering::Relaxed);
        let task = match operation {
            0 => lab.transfer_all(json!({})).await?,
            1 => lab.transfer_all(json!({ "sync_level": 3 })).await?,
            _ => lab.delete(&["/a"], json!({ "recursive": true })).await?,
        };
        assert_eq!(task["status"], "SUCCEEDED", "{task:#}");
        *count = OPENED.load(Ordering::Relaxed) - before;
    }
    Ok(counts)
}

#[tokio::test]
async fn work_grows_with_the_depth_of_a_tree_and_no_faster() -> TestResult {
    tracing::subscriber::set_global_default(FolderCount)?;
    let half = folders_opened(150).await?;
    let whole = folders_opened(300).await?;
    for ((half, whole), operation) in half.iter().zip(whole).zip(["copy", "compare", "delete"]) {
        // twice the depth; with its square it would be four times as many
        let ratio = whole as f64 / *half as f64;
        assert!(ratio < 2.5, "{operation}: {half} and {whole}");
    }
    Ok(())
}
