//! Authentication policies: conditions that a session has to satisfy, by an id.

use jiff::Timestamp;
use rusqlite::Connection;

use super::sessions::Session;

/// Whether a session satisfies the policy with this id; one that does not exist is never satisfied.
pub(crate) fn is_satisfied(
    _conn: &Connection,
    _now: Timestamp,
    _policy: &str,
    _session: &Session,
) -> rusqlite::Result<bool> {
    Ok(false)
}

/// Whether one of these policies wants more than one factor.
pub(crate) fn ask_for_mfa(_conn: &Connection, _policies: &[String]) -> rusqlite::Result<bool> {
    Ok(false)
}
