//! The names of incomplete files. They are stored before the files are created, so that after a crash
//! exactly these files are removed, and no others that only look like them.

use std::io;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::app_state::AppState;
use crate::columns::uuid_at;
use crate::transfer::collections;
use crate::transfer::files::{CollectionPath, Root};

/// Names that a task may use for incomplete files in one directory.
pub(in crate::transfer) struct Parts<'a> {
    pub(in crate::transfer) task: Uuid,
    /// A mapped collection; for a guest collection, its host.
    pub(in crate::transfer) collection: Uuid,
    /// The path from the root of the mapped collection, without links.
    pub(in crate::transfer) directory: &'a CollectionPath,
    pub(in crate::transfer) names: &'a [String],
}

/// Stores names. Replaces those of `row`, whose files no longer exist.
pub(in crate::transfer) fn save(
    conn: &Connection,
    row: Option<i64>,
    parts: &Parts<'_>,
) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO transfer_parts (seq, task_id, collection_id, directory, names)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        row,
        parts.task.to_string(),
        parts.collection.to_string(),
        parts.directory.to_bytes(),
        parts.names.join(" "),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Deletes names whose files no longer exist.
pub(in crate::transfer) fn forget(conn: &Connection, row: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM transfer_parts WHERE seq = ?1")?
        .execute([row])?;
    Ok(())
}

/// Removes what a task has left, or all that former processes have. What cannot be removed now is kept in mind,
/// and so is what cannot be read: it does not keep the rest from being removed.
pub(in crate::transfer) fn sweep(app: &AppState, task: Option<Uuid>) -> rusqlite::Result<()> {
    let task = task.map(|task| task.to_string());
    let left: Vec<rusqlite::Result<IncompleteFiles>> = app
        .store()
        .lock()
        .prepare_cached(
            "SELECT seq, collection_id, directory, names FROM transfer_parts
             WHERE ?1 IS NULL OR task_id = ?1",
        )?
        .query_map([task], IncompleteFiles::read)?
        .collect();
    for files in left {
        if let Err(error) = files.and_then(|files| sweep_one(app, &files)) {
            tracing::warn!(%error, "an incomplete file cannot be looked for");
        }
    }
    Ok(())
}

fn sweep_one(app: &AppState, files: &IncompleteFiles) -> rusqlite::Result<()> {
    let collection = collections::find(&app.store().lock(), files.collection)?;
    let root = collection.and_then(|collection| collection.root().ok());
    match root.map(|root| files.remove(&root)) {
        Some(Ok(())) => forget(&app.store().lock(), files.seq)?,
        Some(Err(error)) => {
            tracing::warn!(%error, directory = %files.directory, "an incomplete file cannot be removed");
        }
        // The collection may come back.
        None => {}
    }
    Ok(())
}

struct IncompleteFiles {
    seq: i64,
    collection: Uuid,
    directory: CollectionPath,
    names: String,
}

impl IncompleteFiles {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            collection: uuid_at(row, 1)?,
            directory: directory_at(row, 2)?,
            names: row.get(3)?,
        })
    }

    fn remove(&self, root: &Root) -> io::Result<()> {
        for name in self.names.split(' ') {
            let removed = match root.locate_part(&self.directory, name) {
                Ok(Some(part)) => part.remove_file(),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            match removed {
                // It was never created, was completed, or was removed with its directory.
                Err(error)
                    if !matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                    ) =>
                {
                    return Err(error);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A stored directory: bytes, or text from older versions.
fn directory_at(row: &Row<'_>, column: usize) -> rusqlite::Result<CollectionPath> {
    let directory = match row.get_ref(column)? {
        ValueRef::Blob(bytes) => CollectionPath::from_bytes(bytes),
        other => CollectionPath::parse(other.as_str()?).ok(),
    };
    directory.ok_or(rusqlite::Error::InvalidPath("a directory".into()))
}
