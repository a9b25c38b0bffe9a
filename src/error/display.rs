//! How an error is shown: what failed, on what, why, and the next step.

use super::text::{LIMIT as TEXT_LIMIT, SHOWN, one_line};
use super::{Error, ErrorKind};
use std::error::Error as _;
use std::fmt;

/// What a client does that the service does not know.
const CHECK_CLIENT: &str = "check the client's id and secret";

impl Error {
    /// What to do next, where the message cannot know it.
    fn advice(&self) -> Option<&'static str> {
        if self.has_code("invalid_client") || self.has_code("unauthorized_client") {
            return Some(CHECK_CLIENT);
        }
        match self.0.kind {
            ErrorKind::Unauthenticated if self.0.by_client && !self.has_code("invalid_grant") => {
                Some(CHECK_CLIENT)
            }
            // what was wrong with a document that is no longer there
            ErrorKind::Decode if self.0.api.is_none() => None,
            kind => kind.advice(),
        }
    }

    /// On what it failed: the operation, and which of many places.
    fn fmt_subject(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(operation) = &self.0.operation else {
            return Ok(());
        };
        write!(f, "{operation}")?;
        if let Some(place) = &self.0.place {
            write!(f, " of {place}")?;
        }
        write!(f, ": ")
    }

    /// What failed, and the service's id of the request.
    fn fmt_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.api {
            // an answer that we found fault with, not the service
            Some(api) if api.status.is_success() => write!(f, "{}", self.0.message)?,
            Some(api) => {
                write!(f, "{}", api.status.as_u16())?;
                match api.code().map(|code| api.redactor.text(code)) {
                    Some(code) if code != self.0.message => {
                        write!(f, " {code}: {}", self.0.message)?
                    }
                    _ => write!(f, ": {}", self.0.message)?,
                }
                if self.0.kind == ErrorKind::ListLimitExceeded {
                    f.write_str("; the service lists no part of such a large folder, whatever the filter or page: transfer it as a whole, or do not descend into it")?;
                }
            }
            None => write!(f, "{}", self.0.message)?,
        }
        match self.request_id() {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }

    /// What caused it, and what caused that.
    fn fmt_causes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = self.source();
        while let Some(cause) = next {
            let cause_text = cause.to_string();
            write!(f, ": {}", one_line(&cause_text, TEXT_LIMIT))?;
            next = cause.source();
        }
        Ok(())
    }

    fn fmt_next_step(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(requirements) = self.own_requirements() {
            let requirements = self.redacted(&requirements.to_string());
            write!(
                f,
                "; {requirements}: Globus::login_with takes Error::auth_requirements"
            )
        } else if let Some(advice) = self.advice() {
            write!(f, "; {advice}")
        } else {
            Ok(())
        }
    }

    /// What failed and why, in short, for an event in the log that names the operation.
    pub(crate) fn summary(&self) -> String {
        struct Summary<'a>(&'a Error);

        impl fmt::Display for Summary<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt_what(f)?;
                self.0.fmt_causes(f)
            }
        }

        one_line(&Summary(self).to_string(), SHOWN).into_owned()
    }
}

/// What failed, on what, why, and the next step, in one line. `{:#}` has the causes, too.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_subject(f)?;
        self.fmt_what(f)?;
        if f.alternate() {
            self.fmt_causes(f)?;
        }
        self.fmt_next_step(f)
    }
}

/// For people, since an error that `main` returns is shown by it: the kind and the line that `{:#}`
/// gives, with the submission id. `{:#?}` has a line for each part.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // bodies stay out: nobody knows whether one holds a secret
        if !f.alternate() {
            write!(f, "{:?}: ", self.0.kind)?;
            self.fmt_subject(f)?;
            self.fmt_what(f)?;
            if let Some(id) = self.0.submission_id {
                write!(f, " (submission {id})")?;
            }
            self.fmt_causes(f)?;
            return self.fmt_next_step(f);
        }
        let mut parts = f.debug_struct("Error");
        parts.field("kind", &self.0.kind);
        if let Some(operation) = self.operation() {
            parts.field("operation", &operation);
        }
        if let Some(api) = &self.0.api {
            parts.field("status", &api.status.as_u16());
            if let Some(code) = api.shown_code() {
                parts.field("code", &code);
            }
        }
        parts.field("message", &self.to_string());
        if let Some(id) = self.0.submission_id {
            parts.field("submission_id", &id);
        }
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            causes.push(one_line(&cause.to_string(), TEXT_LIMIT).into_owned());
            next = cause.source();
        }
        if !causes.is_empty() {
            parts.field("causes", &causes);
        }
        parts.finish()
    }
}
