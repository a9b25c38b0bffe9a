//! The task queue.
//!
//! Each user has one queue for transfers and one for deletes, in the order of submission. A full queue does
//! not delay other users, up to the number of tasks for which the process has threads.
//!
//! ```text
//! running = 0 (queued) ── claim ──▶ 1 (running) ── set_backing_off ──▶ 2 (waiting for its next attempt)
//!         ▲                            │                               │
//!         └────────── release ─────────┴───────────────────────────────┘
//! ```

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::columns::uuid_at;
use crate::limits::Limits;

/// Maximum number of running tasks, whatever the limits of users are. Each blocks a thread of the runtime,
/// which has 512 by default, and requests need threads, too.
const MAX_RUNNING: u32 = 256;

/// The limit for a type of task, as a number for SQL.
fn to_sql_limit(limit: Option<u32>) -> i64 {
    limit.map_or(i64::MAX, i64::from)
}

/// Claims the next task whose user has fewer running tasks than the limit.
pub(in crate::transfer) fn claim(
    conn: &Connection,
    limits: Limits,
) -> rusqlite::Result<Option<Uuid>> {
    conn.prepare_cached(
        "WITH busy AS (
             SELECT owner_id, type, count(*) AS tasks FROM transfer_tasks
             WHERE status = 'ACTIVE' AND running = 1 GROUP BY owner_id, type)
         UPDATE transfer_tasks SET running = 1
         WHERE seq = (
             SELECT seq FROM transfer_tasks AS queued LEFT JOIN busy USING (owner_id, type)
             WHERE status = 'ACTIVE' AND running = 0 AND paused = 0
               AND ifnull(busy.tasks, 0) < iif(type = 'TRANSFER', ?1, ?2)
               AND (SELECT ifnull(sum(tasks), 0) FROM busy) < ?3
             ORDER BY seq LIMIT 1)
         RETURNING id",
    )?
    .query_row(
        params![
            to_sql_limit(limits.running_transfers),
            to_sql_limit(limits.running_deletes),
            MAX_RUNNING
        ],
        |row| uuid_at(row, 0),
    )
    .optional()
}

/// Marks a task as waiting for its next attempt. Its slot is free for another task, as in the service, and it
/// cannot be claimed.
pub(in crate::transfer) fn set_backing_off(conn: &Connection, task: Uuid) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE transfer_tasks SET running = 2 WHERE id = ?1")?
        .execute([task.to_string()])?;
    Ok(())
}

/// Releases the tasks that a previous process was working on, so that they can be claimed again.
pub(in crate::transfer) fn release_stale(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE transfer_tasks SET running = 0 WHERE running <> 0",
        [],
    )?;
    Ok(())
}

/// A worker is done with a task, gives up on it, or waits for a place to go on with it.
pub(in crate::transfer) fn release(conn: &Connection, task: Uuid) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE transfer_tasks SET running = 0 WHERE id = ?1")?
        .execute([task.to_string()])?;
    Ok(())
}

/// Number of unfinished tasks of a user.
pub(in crate::transfer) fn count_active(conn: &Connection, owner: Uuid) -> rusqlite::Result<u32> {
    conn.prepare_cached(
        "SELECT count(*) FROM transfer_tasks WHERE owner_id = ?1 AND status = 'ACTIVE'",
    )?
    .query_row([owner.to_string()], |row| row.get(0))
}

/// Whether there is an unfinished transfer with these paths.
pub(in crate::transfer) fn has_active_with_paths(
    conn: &Connection,
    digest: &[u8],
) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM transfer_paths JOIN transfer_tasks ON id = task_id
                        WHERE digest = ?1 AND status = 'ACTIVE')",
    )?
    .query_row([digest], |row| row.get(0))
}

/// Stores the digest of a transfer's paths.
pub(in crate::transfer) fn set_paths(
    conn: &Connection,
    task: Uuid,
    digest: &[u8],
) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO transfer_paths (task_id, digest) VALUES (?1, ?2)")?
        .execute(params![task.to_string(), digest])?;
    Ok(())
}
