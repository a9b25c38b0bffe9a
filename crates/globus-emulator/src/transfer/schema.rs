//! The tables of the Transfer service.
//!
//! Times are microseconds since 1970, ids are text, documents of no fixed shape are JSON.

use rusqlite::Connection;

pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "
        CREATE TABLE IF NOT EXISTS transfer_collections (
            id TEXT PRIMARY KEY,
            owner_id TEXT NOT NULL,
            owner_string TEXT NOT NULL,
            -- Null for an endpoint that was created and never connected.
            root BLOB,
            -- Named on the command line or by the builder, and so administered by all its clients.
            configured INTEGER NOT NULL,
            setup_key TEXT,
            settings TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS transfer_submissions (
            id TEXT PRIMARY KEY,
            owner_id TEXT NOT NULL,
            task_id TEXT
        );
        CREATE TABLE IF NOT EXISTS transfer_tasks (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            owner_id TEXT NOT NULL,
            owner_string TEXT NOT NULL,
            type TEXT NOT NULL,
            status TEXT NOT NULL,
            label TEXT,
            source_id TEXT,
            source_name TEXT,
            destination_id TEXT,
            destination_name TEXT,
            request_time INTEGER NOT NULL,
            completion_time INTEGER,
            deadline INTEGER NOT NULL,
            -- What was submitted: the options, and apart from them the items, which may be many.
            options TEXT NOT NULL,
            items TEXT NOT NULL,
            counters TEXT NOT NULL,
            -- Whether a worker has it; the worker dies with the process, the task does not.
            running INTEGER NOT NULL,
            error_code TEXT,
            fatal_error TEXT
        );
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_owner ON transfer_tasks (owner_id, seq);
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_status ON transfer_tasks (status);
        CREATE TABLE IF NOT EXISTS transfer_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT NOT NULL,
            code TEXT NOT NULL,
            is_error INTEGER NOT NULL,
            description TEXT NOT NULL,
            details TEXT NOT NULL,
            time INTEGER NOT NULL
        );
        CREATE INDEX IF NOT EXISTS transfer_events_by_task ON transfer_events (task_id, seq);
        CREATE TABLE IF NOT EXISTS transfer_successes (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT NOT NULL,
            source_path TEXT NOT NULL,
            destination_path TEXT NOT NULL,
            size INTEGER NOT NULL,
            checksum TEXT,
            checksum_algorithm TEXT
        );
        CREATE INDEX IF NOT EXISTS transfer_successes_by_task ON transfer_successes (task_id, seq);
        CREATE TABLE IF NOT EXISTS transfer_skipped_errors (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT NOT NULL,
            document TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS transfer_skipped_errors_by_task ON transfer_skipped_errors (task_id, seq);
        ",
    )
}
