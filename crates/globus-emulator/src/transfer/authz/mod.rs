//! Permissions on collections.
//!
//! Roles grant administration; access rules grant file access on guest collections. The owner is always an
//! administrator, and so are the clients named on the command line for the collections given there. On
//! mapped collections, only owner and those clients can access files; a role alone does not grant file
//! access.

mod principals;
mod roles;
mod rules;

use axum::Router;
use axum::http::StatusCode;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::collections::Collection;
use super::files::{CollectionPath, Root};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;

pub(super) use rules::list as access_list;

pub(super) fn router() -> Router<AppState> {
    roles::router().merge(rules::router())
}

/// Deletes the roles and access rules of a deleted collection.
pub(super) fn forget(conn: &Connection, collection: Uuid) -> rusqlite::Result<()> {
    for table in ["transfer_roles", "transfer_access_rules"] {
        conn.execute(
            &format!("DELETE FROM {table} WHERE collection_id = ?1"),
            [collection.to_string()],
        )?;
    }
    Ok(())
}

/// The 403 for callers without the required role.
pub(super) fn denied(caller: &Caller, collection: &Collection) -> Problem {
    let message = format!(
        "{} has no permission on the endpoint '{}'",
        caller.username, collection.id
    );
    Problem::transfer(StatusCode::FORBIDDEN, "PermissionDenied", message)
}

/// A role on a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Administrator,
    AccessManager,
    ActivityManager,
    ActivityMonitor,
}

impl Role {
    const ALL: [Self; 4] = [
        Self::Administrator,
        Self::AccessManager,
        Self::ActivityManager,
        Self::ActivityMonitor,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::AccessManager => "access_manager",
            Self::ActivityManager => "activity_manager",
            Self::ActivityMonitor => "activity_monitor",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The roles of an identity on a collection, including those of its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EffectiveRoles(Vec<Role>);

impl EffectiveRoles {
    pub(super) fn load(
        app: &AppState,
        conn: &Connection,
        collection: &Collection,
        identity: Uuid,
    ) -> rusqlite::Result<Self> {
        let mut held = roles::list_held_by(conn, collection.id, identity)?;
        if owns(app, collection, identity) {
            // Ownership is not stored as a role, so that it cannot be deleted like one.
            held.push(Role::Administrator);
        }
        // In order of their strength, without duplicates.
        Ok(Self(
            Role::ALL
                .into_iter()
                .filter(|role| held.contains(role))
                .collect(),
        ))
    }

    /// The roles on a collection and on its host, whose managers also manage the activity on its guest
    /// collections.
    pub(super) fn load_for_monitor(
        app: &AppState,
        conn: &Connection,
        collection: &Collection,
        identity: Uuid,
    ) -> rusqlite::Result<Self> {
        let mut roles = Self::load(app, conn, collection, identity)?;
        roles
            .0
            .extend(Self::load_for_host(app, conn, collection, identity)?.0);
        Ok(roles)
    }

    /// The roles on the host of a guest collection.
    pub(super) fn load_for_host(
        app: &AppState,
        conn: &Connection,
        collection: &Collection,
        identity: Uuid,
    ) -> rusqlite::Result<Self> {
        let Some(host) = &collection.host else {
            return Ok(Self::default());
        };
        match super::collections::find(conn, host.id)? {
            Some(host) => Self::load(app, conn, &host, identity),
            None => Ok(Self::default()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn administers(&self) -> bool {
        self.0.contains(&Role::Administrator)
    }

    pub(super) fn manages_access(&self) -> bool {
        self.administers() || self.0.contains(&Role::AccessManager)
    }

    pub(super) fn manages_activity(&self) -> bool {
        self.administers() || self.0.contains(&Role::ActivityManager)
    }

    pub(super) fn monitors_activity(&self) -> bool {
        self.manages_activity() || self.0.contains(&Role::ActivityMonitor)
    }

    /// As in `my_effective_roles`.
    pub(super) fn names(&self) -> Json {
        json!(self.0.iter().map(|role| role.name()).collect::<Vec<_>>())
    }
}

/// Whether a guest collection was shared with an identity or its groups explicitly, not with everybody.
pub(super) fn is_shared_with(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
    identity: Uuid,
) -> rusqlite::Result<bool> {
    Ok(rules::is_named(conn, collection.id, identity, app.now())?
        || EffectiveRoles::load(app, conn, collection, identity)?.manages_access())
}

/// Whether an identity administers a collection without a stored role.
fn owns(app: &AppState, collection: &Collection, identity: Uuid) -> bool {
    collection.owner == identity || (collection.configured && app.is_administrator(identity))
}

/// All identities that do.
fn owners(app: &AppState, collection: &Collection) -> Vec<Uuid> {
    let mut owners = vec![collection.owner];
    if collection.configured {
        let administrators = app.administrators().filter(|id| *id != collection.owner);
        owners.extend(administrators);
    }
    owners
}

/// A kind of file access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// The files of a collection that an identity may access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grants {
    Everything,
    /// These directories and their contents.
    Directories(Vec<Grant>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    directory: CollectionPath,
    write: bool,
}

impl Grants {
    /// Loads the grants that are valid now.
    pub(super) fn load(
        app: &AppState,
        conn: &Connection,
        collection: &Collection,
        identity: Uuid,
    ) -> rusqlite::Result<Self> {
        if owns(app, collection, identity) {
            return Ok(Self::Everything);
        }
        if !collection.is_guest() {
            return Ok(Self::Directories(Vec::new()));
        }
        // An identity that can grant itself access has it already.
        if EffectiveRoles::load(app, conn, collection, identity)?.manages_access() {
            return Ok(Self::Everything);
        }
        let grants = rules::list_granted_to(conn, collection.id, identity, app.now())?;
        Ok(Self::Directories(grants))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Directories(grants) if grants.is_empty())
    }

    pub(super) fn allow(&self, path: &CollectionPath, access: Access) -> bool {
        match self {
            Self::Everything => true,
            Self::Directories(grants) => grants
                .iter()
                .any(|grant| grant.allows(access) && path.is_within(&grant.directory)),
        }
    }

    /// Limits a root to what is granted.
    pub(super) fn limit(&self, root: Root, access: Access) -> Root {
        match self {
            Self::Everything => root,
            Self::Directories(grants) => {
                let open = grants.iter().filter(|grant| grant.allows(access));
                root.limited_to(open.map(|grant| grant.directory.clone()).collect())
            }
        }
    }
}

impl Grant {
    fn allows(&self, access: Access) -> bool {
        self.write || access == Access::Read
    }
}
