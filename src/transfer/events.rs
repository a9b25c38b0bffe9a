//! The meaning of a task's events.

use crate::error::Error;
use crate::generated::transfer::types::{ErrorCode, EventCode};

/// The role of an event in a task's life.
///
/// Source: the Task Events document, Event Inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventClass {
    /// The task started, made progress, was paused, or finished.
    Lifecycle,
    /// An error at one path, which `skip_source_errors` skips.
    Skippable,
    /// An error that ends the task, or keeps it from continuing until its deadline.
    Terminal,
    /// A code that this version does not know.
    Unknown,
}

impl EventCode {
    /// The role of the event in a task's life.
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

    /// Whether it is an error at one path, which `skip_source_errors` skips.
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

    /// The possible causes of `ENDPOINT_ERROR`, which depend on the task; empty for other codes.
    ///
    /// For all tasks: the source returned no timestamp for a file. For transfers: the endpoints
    /// share no checksum algorithm. For recursive transfers: the destination cannot store files
    /// whose size is not known in advance; a listing of the source had an unreadable entry, or a
    /// name with a slash.
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
            "the source returned no timestamp for a file",
            "the endpoints share no checksum algorithm",
            "the destination cannot store files whose size is not known in advance",
            "an entry of a directory listing is unreadable",
            "a listed name contains a slash",
        ];
        match (self, recursive) {
            (Self::EndpointError, true) => &CAUSES,
            (Self::EndpointError, false) => &CAUSES[..2],
            _ => &[],
        }
    }
}

/// The code of a service's error.
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
    /// The reason that the managers of a collection gave for pausing the operation, with the code
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
