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
            settings TEXT NOT NULL,
            -- How many bytes the folder may hold.
            quota INTEGER,
            -- Of a guest collection: the collection it stands on, and the directory there.
            host_id TEXT,
            host_path TEXT
        );
        CREATE INDEX IF NOT EXISTS transfer_collections_by_host ON transfer_collections (host_id);
        CREATE TABLE IF NOT EXISTS transfer_deleted_collections (
            id TEXT PRIMARY KEY
        );
        CREATE TABLE IF NOT EXISTS transfer_roles (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            collection_id TEXT NOT NULL,
            principal_type TEXT NOT NULL,
            principal TEXT NOT NULL,
            role TEXT NOT NULL,
            UNIQUE (collection_id, principal_type, principal, role)
        );
        CREATE TABLE IF NOT EXISTS transfer_access_rules (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            collection_id TEXT NOT NULL,
            principal_type TEXT NOT NULL,
            principal TEXT NOT NULL,
            path TEXT NOT NULL,
            permissions TEXT NOT NULL,
            create_time INTEGER NOT NULL,
            expiration INTEGER,
            notify_email TEXT,
            notify_message TEXT,
            UNIQUE (collection_id, principal_type, principal, path)
        );
        CREATE TABLE IF NOT EXISTS transfer_pause_rules (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            collection_id TEXT NOT NULL,
            message TEXT NOT NULL,
            identity_id TEXT,
            start_time INTEGER,
            modified_time INTEGER NOT NULL,
            modified_by_id TEXT NOT NULL,
            modified_by TEXT NOT NULL,
            created_by_host_manager INTEGER NOT NULL,
            -- What it holds up, as a JSON list of the names of its flags.
            holds TEXT NOT NULL
        );
        -- What managers said when they paused this very task, each on their side of it.
        CREATE TABLE IF NOT EXISTS transfer_task_pauses (
            task_id TEXT NOT NULL,
            side TEXT NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (task_id, side)
        );
        CREATE TABLE IF NOT EXISTS transfer_admin_cancels (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            manager_id TEXT NOT NULL,
            message TEXT NOT NULL,
            task_ids TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS transfer_bookmarks (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            owner_id TEXT NOT NULL,
            name TEXT NOT NULL,
            collection_id TEXT NOT NULL,
            path TEXT NOT NULL,
            pinned INTEGER NOT NULL,
            UNIQUE (owner_id, name)
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
            -- 1 while a worker has it, 2 while the worker waits to try again; the worker dies with the
            -- process, the task does not.
            running INTEGER NOT NULL,
            error_code TEXT,
            fatal_error TEXT,
            -- Whether a pause rule, or a manager, holds it up.
            paused INTEGER NOT NULL DEFAULT 0,
            -- Whether nobody chose the deadline, which then moves with what happens to the task.
            default_deadline INTEGER NOT NULL DEFAULT 0,
            canceled_by_admin TEXT,
            canceled_by_admin_message TEXT
        );
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_source ON transfer_tasks (source_id, seq);
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_destination ON transfer_tasks (destination_id, seq);
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_owner ON transfer_tasks (owner_id, seq);
        CREATE INDEX IF NOT EXISTS transfer_tasks_by_status ON transfer_tasks (status);
        -- By what a transfer with identical paths is found.
        CREATE TABLE IF NOT EXISTS transfer_paths (
            task_id TEXT PRIMARY KEY,
            digest BLOB NOT NULL
        );
        CREATE INDEX IF NOT EXISTS transfer_paths_by_digest ON transfer_paths (digest);
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
        -- The names of incomplete files, written down before they are made.
        CREATE TABLE IF NOT EXISTS transfer_parts (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT NOT NULL,
            collection_id TEXT NOT NULL,
            directory TEXT NOT NULL,
            names TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS transfer_skipped_errors (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT NOT NULL,
            document TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS transfer_skipped_errors_by_task ON transfer_skipped_errors (task_id, seq);
        ",
    )
}
