//! Which tasks are worked on.
//!
//! Each user has a queue for transfers and one for deletes. They are served in the order of submission, and a
//! full one keeps nobody else's waiting.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::columns::uuid_at;
use crate::limits::Limits;

/// The limit for one kind of task, as SQLite counts.
fn to_sql_limit(limit: Option<u32>) -> i64 {
    limit.map_or(i64::MAX, i64::from)
}

/// Takes the next task whose user has not too many at work, for a worker.
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
             ORDER BY seq LIMIT 1)
         RETURNING id",
    )?
    .query_row(
        params![
            to_sql_limit(limits.running_transfers),
            to_sql_limit(limits.running_deletes)
        ],
        |row| uuid_at(row, 0),
    )
    .optional()
}

/// Lets another task have the place of one that waits to try again, as the service does.
pub(in crate::transfer) fn set_backing_off(conn: &Connection, task: Uuid) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE transfer_tasks SET running = 2 WHERE id = ?1")?
        .execute([task.to_string()])?;
    Ok(())
}

/// Takes a task up again after its wait; `false` if its user has too many others at work by now.
pub(in crate::transfer) fn resume(
    conn: &Connection,
    task: Uuid,
    limits: Limits,
) -> rusqlite::Result<bool> {
    let taken = conn
        .prepare_cached(
            "UPDATE transfer_tasks AS mine SET running = 1
             WHERE id = ?1 AND status = 'ACTIVE'
               AND (SELECT count(*) FROM transfer_tasks AS other
                    WHERE other.status = 'ACTIVE' AND other.running = 1
                      AND other.owner_id = mine.owner_id AND other.type = mine.type)
                   < iif(type = 'TRANSFER', ?2, ?3)",
        )?
        .execute(params![
            task.to_string(),
            to_sql_limit(limits.running_transfers),
            to_sql_limit(limits.running_deletes)
        ])?;
    Ok(taken == 1)
}

/// The workers of a process that is no more left these: they are to be taken again.
pub(in crate::transfer) fn release_stale(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE transfer_tasks SET running = 0 WHERE running <> 0",
        [],
    )?;
    Ok(())
}

/// A worker is done with a task, or gives up on it.
pub(in crate::transfer) fn release(conn: &Connection, task: Uuid) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE transfer_tasks SET running = 0 WHERE id = ?1")?
        .execute([task.to_string()])?;
    Ok(())
}

/// How many tasks of a user have not ended.
pub(in crate::transfer) fn count_active(conn: &Connection, owner: Uuid) -> rusqlite::Result<u32> {
    conn.prepare_cached(
        "SELECT count(*) FROM transfer_tasks WHERE owner_id = ?1 AND status = 'ACTIVE'",
    )?
    .query_row([owner.to_string()], |row| row.get(0))
}

/// Whether a transfer with these paths has not ended.
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

/// Notes the paths of a transfer.
pub(in crate::transfer) fn set_paths(
    conn: &Connection,
    task: Uuid,
    digest: &[u8],
) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO transfer_paths (task_id, digest) VALUES (?1, ?2)")?
        .execute(params![task.to_string(), digest])?;
    Ok(())
}
