//! Whether a submission is accepted, or rejected until other tasks have finished.

use axum::http::StatusCode;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::Item;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::transfer::tasks::{NewTask, queue};

/// Rejects a submission if the user has too many unfinished tasks, or one with the same paths.
pub(super) fn refuse_for_now(
    conn: &Connection,
    limits: Limits,
    task: &NewTask<'_>,
    paths: Option<&[u8; 32]>,
) -> Result<(), Problem> {
    // The code is known from a public program that compares it; the message is not known.
    // It is not known whether running tasks count, or deletes for transfers. Here, all of them do.
    if let Some(most) = limits.pending_tasks
        && queue::count_active(conn, task.owner.identity_id)? >= most
    {
        let message = format!("You have {most} tasks that have not completed; the limit is {most}");
        let code = "ClientError.Conflict.TooManyPendingJobs";
        return Err(Problem::transfer(StatusCode::CONFLICT, code, message));
    }
    // Code and message are copied from a traceback (brockpalen/archivetar#65).
    if !limits.allow_identical_paths
        && let Some(digest) = paths
        && queue::has_active_with_paths(conn, digest)?
    {
        let message = "A transfer with identical paths has not yet completed";
        return Err(Problem::transfer(StatusCode::CONFLICT, "Conflict", message));
    }
    Ok(())
}

/// A digest of what makes the paths of two transfers identical; `None` for a delete task, for which no such
/// error is known.
///
/// That is the owner, both collections, and the set of path pairs as written. The message only mentions
/// paths, and public programs find the other task under another label or with other options, so neither
/// counts. "Identical" suggests that overlapping paths are allowed. That order does not matter and the
/// owner does is a guess.
pub(super) fn paths_digest(task: &NewTask<'_>) -> Option<[u8; 32]> {
    let destination = task.destination?;
    let mut pairs: Vec<(&str, &str)> = task.items.iter().filter_map(paths).collect();
    pairs.sort();
    let mut digest = Sha256::new();
    for id in [task.owner.identity_id, task.source.id, destination.id] {
        digest.update(id.as_bytes());
    }
    for (source, destination) in pairs {
        // Paths cannot contain NUL.
        for text in [source, "\0", destination, "\0"] {
            digest.update(text);
        }
    }
    Some(digest.finalize().into())
}

fn paths(item: &Item) -> Option<(&str, &str)> {
    match item {
        Item::Transfer {
            source,
            destination,
            ..
        }
        | Item::Symlink {
            source,
            destination,
        } => Some((source, destination)),
        Item::Delete { .. } => None,
    }
}
