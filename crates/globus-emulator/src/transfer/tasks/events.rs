//! Events of tasks.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::transfer::filter::{Kind, Record, Value};
use crate::transfer::times;

/// The event codes of the Task Events documentation that can occur in the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transfer) enum Code {
    Started,
    Progress,
    Succeeded,
    Canceled,
    Expired,
    Paused,
    Unpaused,
    SkippedErrors,
    DeleteDestinationExtraSkipped,
    PermissionDenied,
    FileNotFound,
    EndpointError,
    InternalError,
    NoSpaceLeft,
    QuotaExceeded,
    IsADirectory,
    NotADirectory,
    VerifyChecksum,
    NotConnected,
    FileSizeChanged,
    InvalidPathName,
    ExternalChecksumMismatch,
    Timeout,
    AclChanged,
    ConnectionReset,
}

impl Code {
    /// The code as text.
    pub(in crate::transfer) fn name(self) -> &'static str {
        self.texts().0
    }

    /// The description. Sources: "Permission denied" from the Task Events documentation, "No such file or
    /// directory" from globus/globus-sdk-python#200, "canceled" from the Globus CLI. The others follow
    /// their style.
    pub(in crate::transfer) fn description(self) -> &'static str {
        self.texts().1
    }

    pub(in crate::transfer) fn from_name(name: &str) -> Option<Self> {
        Self::ERRORS.into_iter().find(|code| code.name() == name)
    }

    const ERRORS: [Self; 16] = [
        Self::PermissionDenied,
        Self::FileNotFound,
        Self::EndpointError,
        Self::InternalError,
        Self::NoSpaceLeft,
        Self::QuotaExceeded,
        Self::IsADirectory,
        Self::NotADirectory,
        Self::VerifyChecksum,
        Self::NotConnected,
        Self::FileSizeChanged,
        Self::InvalidPathName,
        Self::ExternalChecksumMismatch,
        Self::Timeout,
        Self::AclChanged,
        Self::ConnectionReset,
    ];

    fn is_error(self) -> bool {
        Self::ERRORS.contains(&self)
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Started => ("STARTED", "started"),
            Self::Progress => ("PROGRESS", "progress"),
            Self::Succeeded => ("SUCCEEDED", "succeeded"),
            Self::Canceled => ("CANCELED", "canceled"),
            Self::Expired => ("EXPIRED", "expired"),
            Self::Paused => ("PAUSED", "paused"),
            Self::Unpaused => ("UNPAUSED", "unpaused"),
            Self::SkippedErrors => ("SKIPPED_ERRORS", "paths with errors were skipped"),
            Self::DeleteDestinationExtraSkipped => (
                "DELETE_DESTINATION_EXTRA_SKIPPED",
                "extra files on the destination were kept",
            ),
            Self::PermissionDenied => ("PERMISSION_DENIED", "Permission denied"),
            Self::FileNotFound => ("FILE_NOT_FOUND", "No such file or directory"),
            Self::EndpointError => ("ENDPOINT_ERROR", "Endpoint error"),
            Self::InternalError => ("INTERNAL_ERROR", "Internal error"),
            Self::NoSpaceLeft => ("NO_SPACE_LEFT", "No space left"),
            Self::QuotaExceeded => ("QUOTA_EXCEEDED", "Quota exceeded"),
            Self::IsADirectory => ("IS_A_DIRECTORY", "Is a directory"),
            Self::NotADirectory => ("NOT_A_DIRECTORY", "Not a directory"),
            Self::VerifyChecksum => ("VERIFY_CHECKSUM", "Checksum verification failed"),
            Self::NotConnected => ("GC_NOT_CONNECTED", "Globus Connect is not connected"),
            Self::FileSizeChanged => ("FILE_SIZE_CHANGED", "File size changed during the transfer"),
            Self::InvalidPathName => ("INVALID_PATH_NAME", "Invalid path name"),
            Self::ExternalChecksumMismatch => {
                ("EXTERNAL_CHECKSUM_MISMATCH", "External checksum mismatch")
            }
            Self::Timeout => ("TIMEOUT", "Timeout"),
            Self::AclChanged => ("ACL_CHANGED", "Guest collection permissions changed"),
            Self::ConnectionReset => ("CONNECTION_RESET", "Connection reset"),
        }
    }
}

/// Adds an event. The details are stored as JSON text.
pub(in crate::transfer) fn add(
    conn: &Connection,
    task: Uuid,
    code: Code,
    details: &Json,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO transfer_events (task_id, code, is_error, description, details, time)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        task.to_string(),
        code.name(),
        code.is_error(),
        code.description(),
        details.to_string(),
        now.as_microsecond(),
    ])?;
    Ok(())
}

/// Whether a task has an event with this code.
pub(in crate::transfer) fn has(
    conn: &Connection,
    task: Uuid,
    code: Code,
) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM transfer_events WHERE task_id = ?1 AND code = ?2)",
    )?
    .query_row(params![task.to_string(), code.name()], |row| row.get(0))
}

/// A stored event.
pub(in crate::transfer) struct Event {
    code: String,
    pub(in crate::transfer) is_error: bool,
    description: String,
    details: String,
    time: Timestamp,
}

/// The events of a task, newest first.
pub(in crate::transfer) fn list(conn: &Connection, task: Uuid) -> rusqlite::Result<Vec<Event>> {
    conn.prepare_cached(
        "SELECT code, is_error, description, details, time FROM transfer_events
         WHERE task_id = ?1 ORDER BY seq DESC",
    )?
    .query_map([task.to_string()], |row| {
        Ok(Event {
            code: row.get(0)?,
            is_error: row.get(1)?,
            description: row.get(2)?,
            details: row.get(3)?,
            time: times::stored(row.get(4)?),
        })
    })?
    .collect()
}

impl Event {
    pub(super) fn document(&self) -> Json {
        json!({
            "DATA_TYPE": "event",
            "code": self.code,
            "is_error": self.is_error,
            "description": self.description,
            "details": self.details,
            "time": times::with_t(self.time),
        })
    }
}

impl Record for Event {
    fn kind(field: &str) -> Option<Kind> {
        match field {
            "code" | "description" | "details" => Some(Kind::Text),
            "is_error" => Some(Kind::Flag),
            "time" => Some(Kind::Time),
            _ => None,
        }
    }

    fn value(&self, field: &str) -> Value {
        match field {
            "code" => Value::Text(self.code.clone()),
            "description" => Value::Text(self.description.clone()),
            "details" => Value::Text(self.details.clone()),
            "is_error" => Value::Flag(self.is_error),
            _ => Value::Time(self.time),
        }
    }
}
