//! Pause rules: how managers of an endpoint pause operations on it.
//!
//! A pause rule pauses the operations of everybody, or of one user, on a collection; rules on a host also
//! apply to its guest collections. Managers can also pause single tasks. A paused file operation fails. A
//! paused task waits:
//!
//! ```text
//! rules (transfer_pause_rules) ────────┐
//!                                      ├─ refresh ─▶ transfer_tasks.paused ─▶ document, job, queue
//! single tasks (transfer_task_pauses) ─┘
//! ```
//!
//! Whether a task is paused is stored with the task, so that all readers agree, and so that the queue can
//! be read by a single statement.

mod rule;

use axum::http::StatusCode;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(super) use rule::{Rule, all, find, remove};

use super::collections::{self, Files};
use super::submit::Options;
use super::tasks::{self, Task};
use crate::app_state::AppState;
use crate::problem::Problem;

/// An operation that a rule can pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PausableOperation {
    Ls,
    Mkdir,
    Symlink,
    Rename,
    Delete,
    TransferRead,
    TransferWrite,
}

impl PausableOperation {
    pub(super) const ALL: [Self; 7] = [
        Self::Ls,
        Self::Mkdir,
        Self::Symlink,
        Self::Rename,
        Self::Delete,
        Self::TransferRead,
        Self::TransferWrite,
    ];

    /// The field of a rule for this operation.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Ls => "pause_ls",
            Self::Mkdir => "pause_mkdir",
            Self::Symlink => "pause_symlink",
            Self::Rename => "pause_rename",
            Self::Delete => "pause_task_delete",
            Self::TransferRead => "pause_task_transfer_read",
            Self::TransferWrite => "pause_task_transfer_write",
        }
    }
}

/// Rejects a file operation that a rule pauses.
pub(super) fn refuse_if_paused(
    app: &AppState,
    files: &Files,
    operation: PausableOperation,
) -> Result<(), Problem> {
    let rules = rule::list_on(&app.store().lock(), &files.collection)?;
    let now = app.now();
    let Some(rule) = rules
        .iter()
        .find(|rule| rule.pauses(operation, files.user, now))
    else {
        return Ok(());
    };
    let message = format!(
        "The manager of the endpoint '{}' has paused this operation",
        files.collection.display_name()
    );
    let problem = Problem::transfer(StatusCode::CONFLICT, "OperationPaused", message);
    Err(problem.with("pause_message", rule.message.as_str()))
}

/// The rules on a collection that pause any operation of a user.
pub(super) fn list_effective(
    conn: &Connection,
    collection: &collections::Collection,
    user: Uuid,
    now: Timestamp,
) -> rusqlite::Result<Vec<Rule>> {
    let mut rules = rule::list_on(conn, collection)?;
    rules.retain(|rule| {
        PausableOperation::ALL
            .iter()
            .any(|operation| rule.pauses(*operation, user, now))
    });
    Ok(rules)
}

/// The rules that pause a task.
pub(super) fn list_pausing(
    conn: &Connection,
    task: &Task,
    now: Timestamp,
) -> rusqlite::Result<Vec<Rule>> {
    // A task can be paused on either side, each by rules for its kind of access.
    let sides = match task.options {
        Options::Delete(_) => [
            (task.source, PausableOperation::Delete),
            (None, PausableOperation::Delete),
        ],
        Options::Transfer(_) => [
            (task.source, PausableOperation::TransferRead),
            (task.destination, PausableOperation::TransferWrite),
        ],
    };
    let mut rules: Vec<Rule> = Vec::new();
    for (collection, operation) in sides {
        let Some(collection) = collection else {
            continue;
        };
        let Some(collection) = collections::find(conn, collection)? else {
            continue;
        };
        for rule in rule::list_on(conn, &collection)? {
            if rule.pauses(operation, task.owner, now)
                && rules.iter().all(|known| known.id != rule.id)
            {
                rules.push(rule);
            }
        }
    }
    Ok(rules)
}

/// The side, and the role there, for which a manager pauses a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PauseSide {
    Source,
    SourceHost,
    Destination,
    DestinationHost,
}

impl PauseSide {
    const ALL: [Self; 4] = [
        Self::Source,
        Self::SourceHost,
        Self::Destination,
        Self::DestinationHost,
    ];

    /// The field with the manager's message.
    fn field(self) -> &'static str {
        match self {
            Self::Source => "source_pause_message",
            Self::SourceHost => "source_pause_message_share",
            Self::Destination => "destination_pause_message",
            Self::DestinationHost => "destination_pause_message_share",
        }
    }
}

/// Pauses a single task.
pub(super) fn pause(
    conn: &Connection,
    task: Uuid,
    sides: &[PauseSide],
    message: &str,
) -> rusqlite::Result<()> {
    for side in sides {
        conn.prepare_cached(
            "INSERT OR REPLACE INTO transfer_task_pauses (task_id, side, message) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![task.to_string(), side.field(), message])?;
    }
    Ok(())
}

/// Removes the pauses of a single task for these sides.
pub(super) fn resume(conn: &Connection, task: Uuid, sides: &[PauseSide]) -> rusqlite::Result<()> {
    for side in sides {
        conn.prepare_cached("DELETE FROM transfer_task_pauses WHERE task_id = ?1 AND side = ?2")?
            .execute(params![task.to_string(), side.field()])?;
    }
    Ok(())
}

/// Why a task is paused: the messages of managers, and the documents of the rules.
pub(super) fn info(
    conn: &Connection,
    task: &Task,
    data_type: &str,
    rules: Vec<Json>,
) -> rusqlite::Result<Json> {
    let mut document = json!({ "DATA_TYPE": data_type, "pause_rules": rules });
    for side in PauseSide::ALL {
        let message: Option<String> = conn
            .prepare_cached(
                "SELECT message FROM transfer_task_pauses WHERE task_id = ?1 AND side = ?2",
            )?
            .query_row(params![task.id.to_string(), side.field()], |row| row.get(0))
            .optional()?;
        document[side.field()] = json!(message);
    }
    Ok(document)
}

/// Updates which tasks are paused, after a change that may affect it.
pub(super) fn refresh(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    // All unfinished tasks instead of the affected ones: which are affected depends on hosts, users and
    // times, and there are few tasks.
    for task in tasks::list_active(conn)? {
        refresh_one(conn, &task, now)?;
    }
    Ok(())
}

/// Like [`refresh`], periodically, because of rules with a start time.
pub(super) fn refresh_if_any(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    // Called on every tick, so the common case without such rules must be cheap. Rules without a start time
    // take effect when they are made.
    let any: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM transfer_pause_rules WHERE start_time IS NOT NULL)",
        )?
        .query_row([], |row| row.get(0))?;
    if any { refresh(conn, now) } else { Ok(()) }
}

/// Like [`refresh`], for one task.
pub(super) fn refresh_one(conn: &Connection, task: &Task, now: Timestamp) -> rusqlite::Result<()> {
    let manual: Option<String> = conn
        .prepare_cached("SELECT message FROM transfer_task_pauses WHERE task_id = ?1 LIMIT 1")?
        .query_row([task.id.to_string()], |row| row.get(0))
        .optional()?;
    let message = match manual {
        Some(message) => Some(message),
        // A manual pause comes first, since its message was written for this very task.
        None => list_pausing(conn, task, now)?
            .into_iter()
            .next()
            .map(|rule| rule.message),
    };
    // Only transitions are stored, because each adds an event and moves the deadline.
    if message.is_some() != task.paused {
        tasks::set_paused(conn, task, message.as_deref(), now)?;
    }
    Ok(())
}

/// Deletes the rules on a deleted collection.
pub(super) fn remove_all_on(conn: &Connection, collection: Uuid) -> rusqlite::Result<()> {
    conn.execute(
        "DELETE FROM transfer_pause_rules WHERE collection_id = ?1",
        [collection.to_string()],
    )?;
    Ok(())
}
