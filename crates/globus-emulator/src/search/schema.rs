//! The tables of Search, and the SQL functions its queries use.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::words;

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    // Entries are found in three ways, and each has its table: by words (search_text), by the
    // values of fields (search_field, one row a leaf of the content), and by who may see them
    // (search_principal; the set '' is `visible_to`).
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS search_index (
            num          INTEGER PRIMARY KEY,
            id           TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            description  TEXT NOT NULL,
            status       TEXT NOT NULL,
            created_at   INTEGER NOT NULL,
            modified_at  INTEGER
        );
        CREATE TABLE IF NOT EXISTS search_role (
            num        INTEGER PRIMARY KEY AUTOINCREMENT,
            index_num  INTEGER NOT NULL,
            role_name  TEXT NOT NULL,
            principal  TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (index_num, principal, role_name)
        );
        CREATE TABLE IF NOT EXISTS search_task (
            num          INTEGER PRIMARY KEY AUTOINCREMENT,
            id           TEXT NOT NULL UNIQUE,
            index_num    INTEGER NOT NULL,
            task_type    TEXT NOT NULL,
            state        TEXT NOT NULL,
            identity_id  TEXT NOT NULL,
            body         TEXT,
            message      TEXT,
            details      TEXT,
            created_at   INTEGER NOT NULL,
            completed_at INTEGER
        );
        CREATE INDEX IF NOT EXISTS search_task_index ON search_task (index_num);
        CREATE INDEX IF NOT EXISTS search_task_open ON search_task (num)
            WHERE completed_at IS NULL;
        CREATE TABLE IF NOT EXISTS search_subject (
            num       INTEGER PRIMARY KEY AUTOINCREMENT,
            index_num INTEGER NOT NULL,
            subject   TEXT NOT NULL,
            UNIQUE (index_num, subject)
        );
        CREATE TABLE IF NOT EXISTS search_entry (
            num            INTEGER PRIMARY KEY AUTOINCREMENT,
            index_num      INTEGER NOT NULL,
            subject_num    INTEGER NOT NULL,
            entry_id       TEXT,
            public         INTEGER NOT NULL,
            size           INTEGER NOT NULL,
            content        TEXT NOT NULL,
            visible_to     TEXT NOT NULL,
            principal_sets TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS search_entry_subject ON search_entry (subject_num, entry_id);
        CREATE INDEX IF NOT EXISTS search_entry_index
            ON search_entry (index_num, public, subject_num, size);
        CREATE TABLE IF NOT EXISTS search_principal (
            entry_num INTEGER NOT NULL,
            set_name  TEXT NOT NULL,
            principal TEXT NOT NULL,
            PRIMARY KEY (entry_num, set_name, principal)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS search_principal_who
            ON search_principal (principal, set_name);
        CREATE TABLE IF NOT EXISTS search_field (
            entry_num INTEGER NOT NULL,
            path      TEXT NOT NULL,
            seq       INTEGER NOT NULL,
            index_num INTEGER NOT NULL,
            text      TEXT NOT NULL,
            num       REAL,
            date      INTEGER,
            PRIMARY KEY (entry_num, path, seq)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS search_field_text ON search_field (index_num, path, text);
        CREATE INDEX IF NOT EXISTS search_field_num ON search_field (index_num, path, num)
            WHERE num IS NOT NULL;
        CREATE INDEX IF NOT EXISTS search_field_date ON search_field (index_num, path, date)
            WHERE date IS NOT NULL;
        CREATE VIRTUAL TABLE IF NOT EXISTS search_text USING fts5 (
            body, content = '', contentless_delete = 1,
            tokenize = 'porter unicode61 remove_diacritics 2'
        );",
    )?;
    conn.create_scalar_function(
        "has_words",
        2,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let text = context.get_raw(0).as_str()?;
            let pattern = context.get_raw(1).as_str()?;
            Ok(words::has_words(text, pattern))
        },
    )
}
