//! Errors about a spec: the file, the location in it, and what to write instead.

use std::fmt;
use std::path::PathBuf;

/// A spec could not be compiled.
///
/// `Debug` is the same as `Display`, so that a build script whose `main` returns the error prints
/// the message and not a struct.
pub struct Error {
    file: PathBuf,
    location: String,
    problem: String,
}

impl Error {
    pub(crate) fn new(
        file: impl Into<PathBuf>,
        location: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            location: location.into(),
            problem: problem.into(),
        }
    }

    /// The location in the document, as dotted keys: `paths./v0.10/task/{task_id}.get`.
    pub fn location(&self) -> &str {
        &self.location
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if !self.location.is_empty() {
            write!(f, "{}: ", self.location)?;
        }
        f.write_str(&self.problem)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// A problem at a location, found by code that does not know the file.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) location: String,
    pub(crate) message: String,
}

pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// Returns an error with a location and a message that says what to write instead.
pub(crate) fn reject<T>(location: &str, message: impl Into<String>) -> Result<T> {
    Err(Problem {
        location: location.to_owned(),
        message: message.into(),
    })
}
