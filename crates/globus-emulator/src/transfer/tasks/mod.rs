//! Tasks: their storage, and how they end.
//!
//! The database is authoritative. A job reads there whether its task is still to be executed, so cancelling
//! a task or letting it expire is a single statement, independent of the job.

mod counters;
pub(super) mod events;
pub(super) mod lists;
pub(super) mod parts;
pub(super) mod queue;
pub(super) mod routes;
mod task_document;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(super) use counters::Counters;
pub(super) use lists::{SkippedError, Success, done, forget_skipped_errors, skip, succeed};
pub(super) use routes::router;

use super::collections::Collection;
use super::submit::{Item, Options};
use super::times;
use crate::auth::Caller;
use crate::columns::uuid_at;
use crate::limits::Limits;
use events::Code;

/// The default time limit of a task.
const DEFAULT_DEADLINE: SignedDuration = SignedDuration::from_hours(24);
/// The default time limit after its last progress.
const DEADLINE_WITH_PROGRESS: SignedDuration = SignedDuration::from_hours(72);
/// The default time limit while it is paused.
const DEADLINE_PAUSED: SignedDuration = SignedDuration::from_hours(90 * 24);

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A stored task, without its items.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The order of submission.
    pub(super) seq: i64,
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) owner_string: String,
    pub(super) status: Status,
    label: Option<String>,
    pub(super) source: Option<Uuid>,
    source_name: Option<String>,
    pub(super) destination: Option<Uuid>,
    destination_name: Option<String>,
    pub(super) request_time: Timestamp,
    pub(super) completion_time: Option<Timestamp>,
    deadline: Timestamp,
    pub(super) options: Options,
    pub(super) counters: Counters,
    running: bool,
    /// Whether a pause rule or a manager pauses it.
    pub(super) paused: bool,
    error_code: Option<String>,
    fatal_error: Option<Code>,
    /// The side whose manager cancelled it, and the manager's message.
    canceled_by_admin: Option<(String, String)>,
}

/// The status of a task. The service no longer uses `INACTIVE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Succeeded,
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }
}

/// How a task finishes.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    Succeeded,
    Canceled,
    Expired,
    Failed(Code, Json),
}

const COLUMNS: &str = "id, owner_id, status, label, source_id, source_name, destination_id, \
     destination_name, request_time, completion_time, deadline, options, counters, running, error_code, fatal_error, \
     seq, owner_string, paused, canceled_by_admin, canceled_by_admin_message";

impl Task {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let status: String = row.get(2)?;
        let options: String = row.get(11)?;
        let counters: String = row.get(12)?;
        let fatal_error: Option<String> = row.get(15)?;
        let unreadable = |error| {
            rusqlite::Error::FromSqlConversionFailure(
                11,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        };
        let canceled_by: Option<String> = row.get(19)?;
        let message: Option<String> = row.get(20)?;
        Ok(Self {
            seq: row.get(16)?,
            id: uuid_at(row, 0)?,
            owner: uuid_at(row, 1)?,
            owner_string: row.get(17)?,
            status: match status.as_str() {
                "ACTIVE" => Status::Active,
                "SUCCEEDED" => Status::Succeeded,
                _ => Status::Failed,
            },
            label: row.get(3)?,
            source: optional_id(row, 4)?,
            source_name: row.get(5)?,
            destination: optional_id(row, 6)?,
            destination_name: row.get(7)?,
            request_time: times::stored(row.get(8)?),
            completion_time: row.get::<_, Option<i64>>(9)?.map(times::stored),
            deadline: times::stored(row.get(10)?),
            options: serde_json::from_str(&options).map_err(unreadable)?,
            counters: serde_json::from_str(&counters).unwrap_or_default(),
            running: row.get(13)?,
            paused: row.get(18)?,
            canceled_by_admin: canceled_by.zip(message),
            error_code: row.get(14)?,
            fatal_error: fatal_error.map(|code| match code.as_str() {
                "CANCELED" => Code::Canceled,
                "EXPIRED" => Code::Expired,
                code => Code::from_name(code).unwrap_or(Code::InternalError),
            }),
        })
    }
}

fn optional_id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    row.get::<_, Option<String>>(column)?
        .map(|_| uuid_at(row, column))
        .transpose()
}

/// A task to be created.
pub(super) struct NewTask<'a> {
    pub(super) owner: &'a Caller,
    pub(super) label: Option<String>,
    pub(super) deadline: Option<Timestamp>,
    pub(super) source: &'a Collection,
    pub(super) destination: Option<&'a Collection>,
    pub(super) options: &'a Options,
    pub(super) items: &'a [Item],
}

/// Stores a task, which is then queued.
pub(super) fn create(
    conn: &Connection,
    task: NewTask<'_>,
    now: Timestamp,
) -> rusqlite::Result<Uuid> {
    let task_id = Uuid::new_v4();
    let deadline = task
        .deadline
        .unwrap_or_else(|| later(now, DEFAULT_DEADLINE));
    let as_text = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
    conn.prepare_cached(
        "INSERT INTO transfer_tasks (id, owner_id, owner_string, type, status, label, source_id, source_name,
             destination_id, destination_name, request_time, deadline, options, items, counters, running, default_deadline)
         VALUES (?1, ?2, ?3, ?4, 'ACTIVE', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, '{}', 0, ?14)",
    )?
    .execute(params![
        task_id.to_string(),
        task.owner.identity_id.to_string(),
        task.owner.username,
        task.options.kind(),
        task.label,
        task.source.id.to_string(),
        task.source.display_name(),
        task.destination.map(|collection| collection.id.to_string()),
        task.destination.map(Collection::display_name),
        now.as_microsecond(),
        deadline.as_microsecond(),
        serde_json::to_string(task.options).map_err(as_text)?,
        serde_json::to_string(task.items).map_err(as_text)?,
        task.deadline.is_none(),
    ])?;
    Ok(task_id)
}

/// Returns the task with this id.
pub(super) fn find(conn: &Connection, task: Uuid) -> rusqlite::Result<Option<Task>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_tasks WHERE id = ?1"
    ))?
    .query_row([task.to_string()], Task::read)
    .optional()
}

/// The items of a task.
pub(super) fn items(conn: &Connection, task: Uuid) -> rusqlite::Result<Vec<Item>> {
    let items: String = conn
        .prepare_cached("SELECT items FROM transfer_tasks WHERE id = ?1")?
        .query_row([task.to_string()], |row| row.get(0))?;
    serde_json::from_str(&items).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// The tasks of a user, newest first.
fn list_by_owner(conn: &Connection, owner: Uuid) -> rusqlite::Result<Vec<Task>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_tasks WHERE owner_id = ?1 ORDER BY seq DESC"
    ))?
    .query_map([owner.to_string()], Task::read)?
    .collect()
}

/// The unfinished tasks.
pub(super) fn list_active(conn: &Connection) -> rusqlite::Result<Vec<Task>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_tasks WHERE status = 'ACTIVE' ORDER BY seq DESC"
    ))?
    .query_map([], Task::read)?
    .collect()
}

/// Whether any task is neither over, nor paused, nor kept from running by a limit of zero.
pub(super) fn any_ready(conn: &Connection, limits: Limits) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM transfer_tasks WHERE status = 'ACTIVE' AND NOT paused
                          AND (running = 1 OR iif(type = 'TRANSFER', ?1, ?2)))",
    )?
    .query_row(
        [
            limits.running_transfers != Some(0),
            limits.running_deletes != Some(0),
        ],
        |row| row.get(0),
    )
}

/// The tasks from or to a collection, newest first.
pub(super) fn list_by_collection(
    conn: &Connection,
    collection: Uuid,
) -> rusqlite::Result<Vec<Task>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_tasks WHERE source_id = ?1 OR destination_id = ?1 ORDER BY seq DESC"
    ))?
    .query_map([collection.to_string()], Task::read)?
    .collect()
}

/// Whether a task can be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskReadiness {
    Ready,
    Paused,
    /// It has finished in any way.
    Over,
    /// It has finished, and its owner has removed it.
    Removed,
}

pub(super) fn readiness(conn: &Connection, task: Uuid) -> rusqlite::Result<TaskReadiness> {
    let found: Option<(bool, bool)> = conn
        .prepare_cached("SELECT status = 'ACTIVE', paused FROM transfer_tasks WHERE id = ?1")?
        .query_row([task.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        None => TaskReadiness::Removed,
        Some((false, _)) => TaskReadiness::Over,
        Some((true, true)) => TaskReadiness::Paused,
        Some((true, false)) => TaskReadiness::Ready,
    })
}

/// Stores whether a task is paused, with the reason.
pub(super) fn set_paused(
    conn: &Connection,
    task: &Task,
    message: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (code, deadline) = match message {
        // A pause extends the default deadline, since a paused task cannot make progress.
        Some(_) => (Code::Paused, later(now, DEADLINE_PAUSED)),
        None => (Code::Unpaused, later(now, DEFAULT_DEADLINE)),
    };
    conn.prepare_cached(
        "UPDATE transfer_tasks
         SET paused = ?2, deadline = CASE WHEN default_deadline THEN ?3 ELSE deadline END
         WHERE id = ?1",
    )?
    .execute(params![
        task.id.to_string(),
        message.is_some(),
        deadline.as_microsecond()
    ])?;
    events::add(conn, task.id, code, &json!({ "message": message }), now)
}

/// Extends the deadline of a task that makes progress, unless a client has set it.
pub(super) fn extend_deadline(
    conn: &Connection,
    task: Uuid,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE transfer_tasks SET deadline = max(deadline, ?2) WHERE id = ?1 AND default_deadline",
    )?
    .execute(params![
        task.to_string(),
        later(now, DEADLINE_WITH_PROGRESS).as_microsecond()
    ])?;
    Ok(())
}

/// Cancels a task on behalf of a manager. Returns whether it was unfinished.
pub(super) fn cancel_as_manager(
    conn: &Connection,
    task: Uuid,
    side: &str,
    message: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let canceled = finish(conn, task, &Ending::Canceled, now)?;
    if canceled {
        conn.prepare_cached(
            "UPDATE transfer_tasks SET canceled_by_admin = ?2, canceled_by_admin_message = ?3 WHERE id = ?1",
        )?
        .execute(params![task.to_string(), side, message])?;
    }
    Ok(canceled)
}

/// Stores the progress of a task and its last error.
pub(super) fn save(
    conn: &Connection,
    task: Uuid,
    counters: &Counters,
    error: Option<Code>,
) -> rusqlite::Result<()> {
    let counters = serde_json::to_string(counters)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    conn.prepare_cached("UPDATE transfer_tasks SET counters = ?2, error_code = ?3 WHERE id = ?1")?
        .execute(params![task.to_string(), counters, error.map(Code::name)])?;
    Ok(())
}

/// Finishes a task. Returns `false` if it had finished before.
pub(super) fn finish(
    conn: &Connection,
    task: Uuid,
    ending: &Ending,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let (status, code, details) = match ending {
        Ending::Succeeded => (Status::Succeeded, Code::Succeeded, None),
        Ending::Canceled => (Status::Failed, Code::Canceled, None),
        Ending::Expired => (Status::Failed, Code::Expired, None),
        Ending::Failed(code, details) => (Status::Failed, *code, Some(details)),
    };
    let fatal_error = (status == Status::Failed).then(|| code.name());
    let changed = conn
        .prepare_cached(
            "UPDATE transfer_tasks SET status = ?2, fatal_error = ?3, completion_time = ?4, paused = 0
             WHERE id = ?1 AND status = 'ACTIVE'",
        )?
        .execute(params![
            task.to_string(),
            status.name(),
            fatal_error,
            now.as_microsecond()
        ])?;
    // The condition in the statement makes this the only place where a task can finish: of two that try,
    // one gets `false`.
    if changed == 0 {
        return Ok(false);
    }
    let details = match details {
        Some(details) => details.clone(),
        None => {
            find(conn, task)?.map_or_else(|| json!({}), |task| task_document::summary(&task, now))
        }
    };
    events::add(conn, task, code, &details, now)?;
    Ok(true)
}

/// Removes a finished task with its events and lists. Returns whether it existed.
///
/// Its submission id stays used, so that it cannot be executed again.
fn remove(conn: &Connection, task: Uuid) -> rusqlite::Result<bool> {
    let id = task.to_string();
    let removed = conn
        .prepare_cached("DELETE FROM transfer_tasks WHERE id = ?1 AND status <> 'ACTIVE'")?
        .execute([&id])?;
    if removed == 0 {
        return Ok(false);
    }
    for table in [
        "transfer_events",
        "transfer_paths",
        "transfer_successes",
        "transfer_skipped_errors",
        "transfer_task_pauses",
    ] {
        conn.execute(&format!("DELETE FROM {table} WHERE task_id = ?1"), [&id])?;
    }
    Ok(true)
}

/// Ends all tasks whose deadline has passed.
pub(super) fn expire(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let overdue: Vec<Uuid> = conn
        .prepare_cached("SELECT id FROM transfer_tasks WHERE status = 'ACTIVE' AND deadline <= ?1")?
        .query_map([now.as_microsecond()], |row| uuid_at(row, 0))?
        .collect::<rusqlite::Result<_>>()?;
    overdue
        .into_iter()
        .try_for_each(|task| finish(conn, task, &Ending::Expired, now).map(|_| ()))
}
