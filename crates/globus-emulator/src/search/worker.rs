//! The worker, which executes tasks one after the other, in the order of submission.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::entries::{self, Entry, EntryError};
use super::tasks::TaskWork;
use super::{authz, execute, request};
use crate::app_state::AppState;
use crate::auth::tokens::time_of;
use crate::columns::uuid_at;

/// How often a task that waits for the emulator's clock is checked.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Number of entries to store before releasing the database for other requests.
const BATCH: usize = 200;
/// Maximum number of errors listed for a failed task.
const ERRORS_LISTED: usize = 100;

/// Starts the worker. Interrupted tasks are executed again: they are idempotent.
pub(super) fn start(app: &AppState) {
    let worker = app.clone();
    app.workers().spawn(async move {
        loop {
            let app = worker.clone();
            // SQLite blocks, and an ingest may take seconds.
            let worked = tokio::task::spawn_blocking(move || run_next(&app)).await;
            let poll_interval = matches!(worked, Ok(Ok(Progress::TooEarly))).then_some(POLL_INTERVAL);
            match worked {
                Ok(Ok(Progress::Done)) if !worker.shutdown().is_cancelled() => continue,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "a search task could not be done"),
                Err(error) => tracing::error!(%error, "a search task broke off"),
            }
            tokio::select! {
                () = worker.shutdown().cancelled_owned() => break,
                // `Notify` stores one permit, so a task that is submitted between the check and this wait
                // is not missed.
                () = worker.search().wake.notified() => {}
                () = tokio::time::sleep(poll_interval.unwrap_or_default()), if poll_interval.is_some() => {}
            }
        }
    });
}

/// A task to execute.
struct Task {
    num: i64,
    index: i64,
    identity_id: Uuid,
    body: String,
}

/// The result of looking for a task.
enum Progress {
    Done,
    /// The task's start delay has not passed yet, by the emulator's clock.
    TooEarly,
    Nothing,
}

/// The result of a task.
enum Outcome {
    Success(Option<String>),
    Failed(String, Option<Value>),
    /// The emulator is stopping; the task is executed again after the next start.
    Interrupted,
}

/// Executes the oldest unfinished task.
fn run_next(app: &AppState) -> rusqlite::Result<Progress> {
    let task = {
        let conn = app.store().lock();
        let task = conn
            .query_row(
                "SELECT num, index_num, identity_id, body, created_at FROM search_task
                 WHERE completed_at IS NULL ORDER BY num LIMIT 1",
                [],
                |row| {
                    let body: Option<String> = row.get(3)?;
                    let task = Task {
                        num: row.get(0)?,
                        index: row.get(1)?,
                        identity_id: uuid_at(row, 2)?,
                        body: body.unwrap_or_default(),
                    };
                    Ok((task, time_of(row.get(4)?)))
                },
            )
            .optional()?;
        let Some((task, submitted)) = task else {
            return Ok(Progress::Nothing);
        };
        let age = app.now().duration_since(submitted);
        if Duration::try_from(age).unwrap_or_default() < app.settings().search_start_delay {
            return Ok(Progress::TooEarly);
        }
        conn.execute(
            "UPDATE search_task SET state = 'PROGRESS' WHERE num = ?1",
            [task.num],
        )?;
        task
    };
    let outcome = match serde_json::from_str(&task.body) {
        Ok(work) => run_task(app, &task, work)
            .unwrap_or_else(|error| Outcome::Failed(format!("the emulator failed: {error}"), None)),
        Err(error) => Outcome::Failed(format!("the task cannot be read: {error}"), None),
    };
    let (state, message, details) = match outcome {
        // The task stays in PROGRESS and is the first one after the next start.
        Outcome::Interrupted => return Ok(Progress::Nothing),
        Outcome::Success(message) => ("SUCCESS", message, None),
        Outcome::Failed(message, details) => ("FAILED", Some(message), details),
    };
    let now = app.now().as_millisecond();
    let conn = app.store().lock();
    let transaction = conn.unchecked_transaction()?;
    transaction.execute(
        "UPDATE search_task SET state = ?2, message = ?3, details = ?4, completed_at = ?5,
                                body = NULL WHERE num = ?1",
        params![
            task.num,
            state,
            message,
            details.map(|details| details.to_string()),
            now
        ],
    )?;
    transaction.execute(
        "UPDATE search_index SET modified_at = ?2 WHERE num = ?1",
        params![task.index, now],
    )?;
    transaction.commit()?;
    Ok(Progress::Done)
}

fn run_task(app: &AppState, task: &Task, work: TaskWork) -> rusqlite::Result<Outcome> {
    match work {
        TaskWork::Ingest {
            entries,
            geo_points,
        } => ingest(app, task, &entries, &geo_points),
        TaskWork::DeleteSubjects(subjects) => {
            for batch in subjects.chunks(BATCH) {
                if app.shutdown().is_cancelled() {
                    return Ok(Outcome::Interrupted);
                }
                change(app, task.index, |conn, gone| {
                    for subject in batch {
                        gone.extend(entries::remove_subject(conn, task.index, subject)?);
                    }
                    Ok(())
                })?;
            }
            Ok(Outcome::Success(None))
        }
        TaskWork::DeleteEntry { subject, entry_id } => {
            change(app, task.index, |conn, gone| {
                let found = match entries::find_subject(conn, task.index, &subject)? {
                    Some(subject) => entries::find(conn, subject, entry_id.as_deref())?,
                    None => None,
                };
                if let Some(entry) = found {
                    entries::remove(conn, entry)?;
                    gone.push(entry);
                }
                Ok(())
            })?;
            Ok(Outcome::Success(None))
        }
        TaskWork::DeleteByQuery(body) => delete_by_query(app, task, &body),
    }
}

fn ingest(
    app: &AppState,
    task: &Task,
    entries: &[Entry],
    geo_points: &[String],
) -> rusqlite::Result<Outcome> {
    let (mut stored, mut failed) = (0, 0);
    let mut errors = Vec::new();
    // One transaction per batch instead of per ingest: readers are not blocked for seconds. The worker is
    // idempotent, so a crash in between does no harm.
    for batch in entries.chunks(BATCH) {
        if app.shutdown().is_cancelled() {
            return Ok(Outcome::Interrupted);
        }
        change(app, task.index, |conn, gone| {
            for entry in batch {
                match entries::put(conn, task.index, entry, geo_points) {
                    Ok(replaced) => {
                        gone.extend(replaced);
                        stored += 1;
                    }
                    Err(EntryError::Invalid(message)) => {
                        failed += 1;
                        if errors.len() < ERRORS_LISTED {
                            errors.push(json!({
                                "subject": entry.subject,
                                "entry_id": entry.id,
                                "message": message,
                            }));
                        }
                    }
                    Err(EntryError::Database(error)) => return Err(error),
                }
            }
            Ok(())
        })?;
    }
    if failed == 0 {
        return Ok(Outcome::Success(None));
    }
    Ok(Outcome::Failed(
        format!(
            "{failed} of {} entries could not be ingested",
            stored + failed
        ),
        Some(json!({ "num_documents_ingested": stored, "errors": errors })),
    ))
}

fn delete_by_query(app: &AppState, task: &Task, body: &Value) -> rusqlite::Result<Outcome> {
    let failed =
        |problem: crate::problem::Problem| Outcome::Failed(problem.message().to_owned(), None);
    let members = body.as_object().cloned().unwrap_or_default();
    let query = match request::SearchRequest::from_body(&members) {
        Ok(query) => query,
        Err(problem) => return Ok(failed(problem)),
    };
    let deleted = change(app, task.index, |conn, gone| {
        let principals = authz::person(conn, task.identity_id)?;
        let index = authz::index_of(conn, task.index)?;
        let mut index_cache = app.search().index_cache();
        *gone = execute::find(conn, &mut index_cache, &index, &query, &principals)?.entries();
        for entry in &*gone {
            entries::remove(conn, *entry)?;
        }
        Ok(gone.len())
    })?;
    Ok(Outcome::Success(Some(format!("{deleted} entries deleted"))))
}

/// Changes the entries of an index in a transaction, and reports the change to the index cache. `work`
/// collects the numbers of deleted entries.
fn change<T>(
    app: &AppState,
    index: i64,
    work: impl FnOnce(&Connection, &mut Vec<i64>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let conn = app.store().lock();
    let transaction = conn.unchecked_transaction()?;
    // Both versions are read inside the transaction. If they and the cache do not match, the cache is
    // rebuilt.
    let before = authz::index_of(&transaction, index)?.version;
    let mut gone = Vec::new();
    let done = work(&transaction, &mut gone)?;
    let after = authz::index_of(&transaction, index)?.version;
    transaction.commit()?;
    app.search()
        .index_cache()
        .invalidate(index, before, after, &gone);
    Ok(done)
}
