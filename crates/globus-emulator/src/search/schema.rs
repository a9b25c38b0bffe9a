//! The tables of Search.

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Error};

use super::wildcard;

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    // An entry can be found in three ways, each with its own table: by words (search_text), by values of
    // fields (search_field, one row per leaf of the content) and by visibility (search_principal; the set
    // '' is `visible_to`). The index cache reads them in the order of the entries, and every change of
    // entries changes the version of the index.
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS search_index (
            num          INTEGER PRIMARY KEY,
            id           TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            description  TEXT NOT NULL,
            status       TEXT NOT NULL,
            created_at   INTEGER NOT NULL,
            modified_at  INTEGER,
            version      INTEGER NOT NULL DEFAULT 0
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
            principal_sets TEXT NOT NULL,
            words          INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX IF NOT EXISTS search_entry_subject ON search_entry (subject_num, entry_id);
        CREATE INDEX IF NOT EXISTS search_entry_index
            ON search_entry (index_num, num, subject_num, words, public, size);
        CREATE TRIGGER IF NOT EXISTS search_entry_came AFTER INSERT ON search_entry BEGIN
            UPDATE search_index SET version = random() WHERE num = NEW.index_num;
        END;
        CREATE TRIGGER IF NOT EXISTS search_entry_went AFTER DELETE ON search_entry BEGIN
            UPDATE search_index SET version = random() WHERE num = OLD.index_num;
        END;
        CREATE TABLE IF NOT EXISTS search_principal (
            entry_num INTEGER NOT NULL,
            set_name  TEXT NOT NULL,
            principal TEXT NOT NULL,
            PRIMARY KEY (entry_num, set_name, principal)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS search_principal_who
            ON search_principal (principal, set_name);
        CREATE TABLE IF NOT EXISTS search_path (
            num       INTEGER PRIMARY KEY AUTOINCREMENT,
            index_num INTEGER NOT NULL,
            path      TEXT NOT NULL,
            UNIQUE (index_num, path)
        );
        CREATE TABLE IF NOT EXISTS search_field (
            path_num  INTEGER NOT NULL,
            entry_num INTEGER NOT NULL,
            seq       INTEGER NOT NULL,
            text      TEXT NOT NULL,
            num       REAL,
            date      INTEGER,
            PRIMARY KEY (path_num, entry_num, seq)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS search_field_entry ON search_field (entry_num);
        CREATE VIRTUAL TABLE IF NOT EXISTS search_text USING fts5 (
            body, content = '', contentless_delete = 1,
            tokenize = 'porter unicode61 remove_diacritics 2'
        );
        -- Where each word of it occurs.
        CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_word
            USING fts5vocab (main, search_text, instance);
        -- What is asked for becomes words in the same way, by a table that is empty otherwise.
        CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_asked USING fts5 (
            body, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
        );
        CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_asked_word
            USING fts5vocab (temp, search_asked, instance);",
    )
}

/// Recreates the tables of a database without a layout number, in which values of fields had another order.
pub(crate) fn upgrade(conn: &Connection) -> rusqlite::Result<()> {
    let old: bool = conn.query_row(
        "SELECT count(*) FROM pragma_table_info('search_field') WHERE name = 'path'",
        [],
        |row| row.get(0),
    )?;
    if !old {
        return Ok(());
    }
    conn.execute_batch(
        "ALTER TABLE search_field RENAME TO search_old_field;
         DROP INDEX search_entry_index;
         ALTER TABLE search_entry ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
         ALTER TABLE search_index ADD COLUMN version INTEGER NOT NULL DEFAULT 0;",
    )?;
    migrate(conn)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("count_words", 1, flags, |context| {
        let words = wildcard::count(context.get_raw(0).as_str()?);
        u32::try_from(words).map_err(|error| Error::UserFunctionError(error.into()))
    })?;
    conn.execute_batch(
        "INSERT INTO search_path (index_num, path)
             SELECT DISTINCT index_num, path FROM search_old_field;
         INSERT INTO search_field (path_num, entry_num, seq, text, num, date)
             SELECT p.num, f.entry_num, f.seq, f.text, f.num, f.date
             FROM search_path p
             JOIN search_old_field f ON f.index_num = p.index_num AND f.path = p.path
             ORDER BY 1, 2, 3;
         UPDATE search_entry SET words = coalesce(
             (SELECT sum(count_words(text)) FROM search_old_field WHERE entry_num = search_entry.num), 0);
         DROP TABLE search_old_field;",
    )
}
