//! What a task's event means for the task.

use crate::error::Error;
use crate::generated::transfer::types::{ErrorCode, EventCode};

/// How an event stands in a task's life.
///
/// Source: the Task Events document, Event Inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventClass {
    /// The task began, goes on, was paused, or ended.
    Lifecycle,
    /// An error at one path, which `skip_source_errors` leaves out.
    Skippable,
    /// An error that ends the task, or keeps it from going on until its deadline.
    Terminal,
    /// A code that this version does not know.
    Unknown,
}

impl EventCode {
    /// How the event stands in a task's life.
    ///
    /// ```
    /// use globus_sdk::transfer::{EventClass, types::EventCode};
    ///
    /// assert_eq!(EventCode::Started.class(), EventClass::Lifecycle);
    /// assert_eq!(EventCode::FileNotFound.class(), EventClass::Skippable);
    /// assert_eq!(EventCode::QuotaExceeded.class(), EventClass::Terminal);
    /// assert_eq!(EventCode::from("NOVELTY").class(), EventClass::Unknown);
    /// ```
    pub fn class(&self) -> EventClass {
        match self {
            Self::Succeeded
            | Self::Expired
            | Self::Canceled
            | Self::Started
            | Self::Progress
            | Self::SkippedErrors
            | Self::DeleteDestinationExtraSkipped
            | Self::Paused
            | Self::Unpaused => EventClass::Lifecycle,
            Self::PermissionDenied
            | Self::FileNotFound
            | Self::AmbiguousPath
            | Self::CannotExport => EventClass::Skippable,
            Self::Other(_) => EventClass::Unknown,
            _ => EventClass::Terminal,
        }
    }

    /// Whether it is an error at one path, which `skip_source_errors` leaves out.
    ///
    /// ```
    /// use globus_sdk::transfer::types::EventCode;
    ///
    /// assert!(EventCode::PermissionDenied.is_skippable());
    /// assert!(!EventCode::EndpointError.is_skippable());
    /// ```
    pub fn is_skippable(&self) -> bool {
        self.class() == EventClass::Skippable
    }

    /// What `ENDPOINT_ERROR` may mean, which depends on the task; empty for other codes.
    ///
    /// For all tasks: the source gave a file no timestamp. For recursive transfers: the destination
    /// cannot take files whose size is not known beforehand; a listing of the source had an entry
    /// that cannot be read, or a name with a slash. For transfers: the endpoints share no checksum
    /// algorithm.
    ///
    /// ```
    /// use globus_sdk::transfer::types::EventCode;
    ///
    /// assert_eq!(EventCode::EndpointError.possible_causes(false).len(), 2);
    /// assert_eq!(EventCode::EndpointError.possible_causes(true).len(), 5);
    /// assert!(EventCode::Timeout.possible_causes(true).is_empty());
    /// ```
    pub fn possible_causes(&self, recursive: bool) -> &'static [&'static str] {
        const CAUSES: [&str; 5] = [
            "the source gave a file no timestamp",
            "the endpoints share no checksum algorithm",
            "the destination cannot take files whose size is not known beforehand",
            "an entry of a directory listing cannot be read",
            "a listed name holds a slash",
        ];
        match (self, recursive) {
            (Self::EndpointError, true) => &CAUSES,
            (Self::EndpointError, false) => &CAUSES[..2],
            _ => &[],
        }
    }
}

/// The code of a service's error by name.
///
/// ```
/// use globus_sdk::transfer::types::ErrorCode;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// if let Err(error) = transfer.operation_ls(id).path("/data/").await {
///     match ErrorCode::from(&error) {
///         ErrorCode::OperationPaused => println!("{}", error.pause_message().unwrap_or("paused")),
///         code => println!("{code}"),
///     }
/// }
/// # Ok(()) }
/// ```
impl From<&Error> for ErrorCode {
    fn from(error: &Error) -> Self {
        error.code().into()
    }
}

impl Error {
    /// Why the managers of a collection have paused the operation, with the code
    /// `OperationPaused`.
    ///
    /// ```
    /// # fn show(error: &globus_sdk::Error) {
    /// if let Some(why) = error.pause_message() {
    ///     println!("paused: {why}");
    /// }
    /// # }
    /// ```
    pub fn pause_message(&self) -> Option<&str> {
        self.json()?.get("pause_message")?.as_str()
    }
}
