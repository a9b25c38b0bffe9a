//! Whether a submission is taken now, or only when others have ended.

use axum::http::StatusCode;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::Item;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::transfer::tasks::{NewTask, queue};

/// Refuses a submission of somebody whose queue is full, or whose transfer with the same paths has not ended.
pub(super) fn refuse_for_now(
    conn: &Connection,
    limits: Limits,
    task: &NewTask<'_>,
    paths: Option<&[u8; 32]>,
) -> Result<(), Problem> {
    // The code is known from a public program that compares with it; the message is ours.
    // Whether tasks at work count, too, and deletes with transfers, is not known: here they all do.
    if let Some(most) = limits.pending_tasks
        && queue::count_active(conn, task.owner.identity_id)? >= most
    {
        let message = format!("You have {most} tasks that have not completed; the limit is {most}");
        let code = "ClientError.Conflict.TooManyPendingJobs";
        return Err(Problem::transfer(StatusCode::CONFLICT, code, message));
    }
    // Code and message are word for word those of a traceback (brockpalen/archivetar#65).
    if !limits.allow_identical_paths
        && let Some(digest) = paths
        && queue::has_active_with_paths(conn, digest)?
    {
        let message = "A transfer with identical paths has not yet completed";
        return Err(Problem::transfer(StatusCode::CONFLICT, "Conflict", message));
    }
    Ok(())
}

/// What two transfers with identical paths have in common; `None` for a delete task, of which no such refusal
/// is known.
///
/// Identical are the owner, both collections and the pairs of paths as they are written, in any order.
/// The message speaks of paths only, and public programs find the other task under another label or with other
/// options; so neither count. That the paths of one must not merely overlap with the other's is the word
/// "identical"; order and owner are a guess.
pub(super) fn paths_digest(task: &NewTask<'_>) -> Option<[u8; 32]> {
    let destination = task.destination?;
    let mut pairs: Vec<(&str, &str)> = task.items.iter().filter_map(paths).collect();
    pairs.sort();
    let mut digest = Sha256::new();
    for id in [task.owner.identity_id, task.source.id, destination.id] {
        digest.update(id.as_bytes());
    }
    for (source, destination) in pairs {
        // no path holds a NUL
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
