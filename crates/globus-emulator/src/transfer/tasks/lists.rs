//! The lists of a task's paths: successful transfers and skipped errors.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::events::Code;
use crate::transfer::request::Fields;
use crate::transfer::times;

/// Page size of both lists.
const PAGE: usize = 1_000;

/// A transferred file.
#[derive(Clone, Debug)]
pub(in crate::transfer) struct Success {
    pub(in crate::transfer) source_path: String,
    pub(in crate::transfer) destination_path: String,
    pub(in crate::transfer) size: u64,
    pub(in crate::transfer) checksum: Option<(&'static str, String)>,
}

/// A skipped path of the source.
#[derive(Clone, Debug)]
pub(in crate::transfer) struct SkippedError {
    pub(in crate::transfer) code: Code,
    pub(in crate::transfer) details: String,
    pub(in crate::transfer) time: Timestamp,
    pub(in crate::transfer) source_path: String,
    pub(in crate::transfer) destination_path: String,
    pub(in crate::transfer) is_directory: bool,
    pub(in crate::transfer) is_symlink: bool,
    pub(in crate::transfer) external_checksum: Option<String>,
    pub(in crate::transfer) checksum_algorithm: Option<&'static str>,
}

/// Adds a transferred file.
pub(in crate::transfer) fn succeed(
    conn: &Connection,
    task: Uuid,
    success: &Success,
) -> rusqlite::Result<()> {
    let (algorithm, checksum) = success
        .checksum
        .as_ref()
        .map(|(name, sum)| (*name, sum))
        .unzip();
    conn.prepare_cached(
        "INSERT INTO transfer_successes (task_id, source_path, destination_path, size, checksum, checksum_algorithm)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        task.to_string(),
        success.source_path,
        success.destination_path,
        i64::try_from(success.size).unwrap_or(i64::MAX),
        checksum,
        algorithm,
    ])?;
    Ok(())
}

/// Adds a skipped path.
pub(in crate::transfer) fn skip(
    conn: &Connection,
    task: Uuid,
    error: &SkippedError,
) -> rusqlite::Result<()> {
    let document = json!({
        "DATA_TYPE": "skipped_error",
        "error_code": error.code.name(),
        "error_details": error.details,
        "error_time": times::with_t(error.time),
        "source_path": error.source_path,
        "destination_path": error.destination_path,
        "is_directory": error.is_directory,
        "is_symlink": error.is_symlink,
        "is_delete_destination_extra": false,
        "external_checksum": error.external_checksum,
        "checksum_algorithm": error.checksum_algorithm,
    });
    conn.prepare_cached("INSERT INTO transfer_skipped_errors (task_id, document) VALUES (?1, ?2)")?
        .execute(params![task.to_string(), document.to_string()])?;
    Ok(())
}

/// Deletes the skipped paths.
pub(in crate::transfer) fn forget_skipped_errors(
    conn: &Connection,
    task: Uuid,
) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM transfer_skipped_errors WHERE task_id = ?1")?
        .execute([task.to_string()])?;
    Ok(())
}

/// The files that were transferred before the task was interrupted: destination and size.
pub(in crate::transfer) fn done(
    conn: &Connection,
    task: Uuid,
) -> rusqlite::Result<Vec<(String, u64)>> {
    conn.prepare_cached("SELECT destination_path, size FROM transfer_successes WHERE task_id = ?1")?
        .query_map([task.to_string()], |row| {
            Ok((
                row.get(0)?,
                u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default(),
            ))
        })?
        .collect()
}

/// A page of the transferred files after a marker.
pub(in crate::transfer) fn successes(
    conn: &Connection,
    task: Uuid,
    marker: i64,
    fields: &Fields,
) -> rusqlite::Result<Json> {
    let rows = conn
        .prepare_cached(
            "SELECT seq, source_path, destination_path, size, checksum, checksum_algorithm
             FROM transfer_successes WHERE task_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![task.to_string(), marker, PAGE as i64 + 1], |row| {
            let document = json!({
                "DATA_TYPE": "successful_transfer",
                "source_path": row.get::<_, String>(1)?,
                "destination_path": row.get::<_, String>(2)?,
                "size": row.get::<_, i64>(3)?,
                "checksum": row.get::<_, Option<String>>(4)?,
                "checksum_algorithm": row.get::<_, Option<String>>(5)?,
                "dynamic": false,
            });
            Ok((row.get(0)?, document))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(page("successful_transfers", marker, rows, fields))
}

/// A page of the skipped paths after a marker.
pub(in crate::transfer) fn skipped_errors(
    conn: &Connection,
    task: Uuid,
    marker: i64,
    fields: &Fields,
) -> rusqlite::Result<Json> {
    let rows = conn
        .prepare_cached(
            "SELECT seq, document FROM transfer_skipped_errors WHERE task_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![task.to_string(), marker, PAGE as i64 + 1], |row| {
            let document: String = row.get(1)?;
            Ok((row.get(0)?, serde_json::from_str(&document).unwrap_or_default()))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(page("skipped_errors", marker, rows, fields))
}

/// A marker is the number of the last row of the previous page.
fn page(data_type: &str, marker: i64, mut rows: Vec<(i64, Json)>, fields: &Fields) -> Json {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|(seq, _)| *seq);
    let documents: Vec<Json> = rows
        .into_iter()
        .map(|(_, document)| fields.pick(document))
        .collect();
    json!({ "DATA_TYPE": data_type, "marker": marker, "next_marker": next, "DATA": documents })
}
