//! The principals of a caller: all linked identities, and their groups.

use rusqlite::Connection;
use uuid::Uuid;

use crate::auth::identities;
use crate::groups;

pub(super) struct Principals {
    identities: Vec<Uuid>,
    groups: Vec<Uuid>,
}

impl Principals {
    pub(super) fn load(conn: &Connection, identity: Uuid) -> rusqlite::Result<Self> {
        let linked = identities::set_of(conn, identity)?;
        let identities = linked.into_iter().map(|one| one.id).chain([identity]);
        Ok(Self {
            identities: identities.collect(),
            groups: groups::memberships(conn, identity)?,
        })
    }

    /// Whether a role or rule for an identity or a group applies.
    pub(super) fn include(&self, principal_type: &str, principal: Uuid) -> bool {
        match principal_type {
            "identity" => self.identities.contains(&principal),
            "group" => self.groups.contains(&principal),
            _ => false,
        }
    }
}
