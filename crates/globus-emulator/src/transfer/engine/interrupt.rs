//! Errors of single paths, and their effect on the task.

use std::io;

use serde_json::{Value as Json, json};

use crate::transfer::files::PathError;
use crate::transfer::tasks::events::Code;

/// Why an attempt ends early.
#[derive(Debug)]
pub(super) enum Interrupt {
    /// The task was cancelled or has expired, or the emulator is stopping.
    Stopped,
    /// The task was paused, or its permissions have changed: it goes back to the queue.
    Requeue,
    /// A path failed, and will be retried.
    Fault(Box<Fault>),
    /// A path failed, and the task with it.
    Failed(Box<Fault>),
    /// The database failed.
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Interrupt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for Interrupt {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// A side of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Source,
    Destination,
}

/// An error of a path.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) side: Side,
    pub(super) path: String,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(
        code: Code,
        side: Side,
        path: impl ToString,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            side,
            path: path.to_string(),
            message: message.into(),
        }
    }

    /// Whether retrying cannot help.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(
            self.code,
            Code::IsADirectory
                | Code::NotADirectory
                | Code::InvalidPathName
                | Code::ExternalChecksumMismatch
                | Code::InternalError
        )
    }

    /// Whether `skip_source_errors` applies.
    pub(super) fn is_skippable(&self) -> bool {
        self.side == Side::Source
            && matches!(self.code, Code::FileNotFound | Code::PermissionDenied)
    }

    /// The details of the event.
    pub(super) fn details(&self) -> Json {
        json!({
            "context": [{ "path": self.path, "side": if self.side == Side::Source { "source" } else { "destination" } }],
            "error": { "code": self.code.name(), "body": self.message },
        })
    }
}

/// Converts errors of file operations to faults, with their path.
pub(super) trait FaultAt<T> {
    fn fault_at(self, side: Side, path: &impl ToString) -> Result<T, Interrupt>;
}

impl<T> FaultAt<T> for Result<T, PathError> {
    fn fault_at(self, side: Side, path: &impl ToString) -> Result<T, Interrupt> {
        self.map_err(|error| {
            let code = match &error {
                PathError::NotFound => Code::FileNotFound,
                PathError::NotADirectory => Code::NotADirectory,
                PathError::Outside => Code::PermissionDenied,
                PathError::Loop => Code::EndpointError,
                PathError::Io(error) => io_error_code(error),
            };
            Fault::new(code, side, path.to_string(), error.to_string()).into()
        })
    }
}

impl<T> FaultAt<T> for io::Result<T> {
    fn fault_at(self, side: Side, path: &impl ToString) -> Result<T, Interrupt> {
        self.map_err(PathError::from).fault_at(side, path)
    }
}

fn io_error_code(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::NotFound => Code::FileNotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Code::PermissionDenied
        }
        // A full disk and an exceeded quota are different events, but `fail_on_quota_errors` applies to
        // both.
        io::ErrorKind::StorageFull => Code::NoSpaceLeft,
        io::ErrorKind::QuotaExceeded => Code::QuotaExceeded,
        io::ErrorKind::IsADirectory => Code::IsADirectory,
        io::ErrorKind::NotADirectory => Code::NotADirectory,
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => Code::InvalidPathName,
        io::ErrorKind::TimedOut => Code::Timeout,
        _ => Code::EndpointError,
    }
}
