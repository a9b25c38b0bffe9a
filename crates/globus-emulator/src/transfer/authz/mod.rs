//! Who may do what with a collection.
//!
//! Roles say who looks after it, access rules who uses the files of a guest collection. The owner
//! administers a collection without any role, and so do the clients of the command line those that
//! were named there. On a mapped collection only these use files: a role alone opens none.

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

/// Forgets what was granted on a collection that is no more.
pub(super) fn forget(conn: &Connection, collection: Uuid) -> rusqlite::Result<()> {
    for table in ["transfer_roles", "transfer_access_rules"] {
        conn.execute(
            &format!("DELETE FROM {table} WHERE collection_id = ?1"),
            [collection.to_string()],
        )?;
    }
    Ok(())
}

/// The 403 of somebody who lacks a role.
pub(super) fn denied(caller: &Caller, collection: &Collection) -> Problem {
    let message = format!(
        "{} has no permission on the endpoint '{}'",
        caller.username, collection.id
    );
    Problem::transfer(StatusCode::FORBIDDEN, "PermissionDenied", message)
}

/// What a role allows.
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

/// The roles somebody has on a collection, their groups' included.
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
            held.push(Role::Administrator);
        }
        // In the order of their weight, and each once.
        Ok(Self(
            Role::ALL
                .into_iter()
                .filter(|role| held.contains(role))
                .collect(),
        ))
    }

    /// The roles somebody has on a collection or on what hosts it: the managers of a host look
    /// after the activity on its guest collections.
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

    /// The roles somebody has on the host of a guest collection.
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

    /// As `my_effective_roles` lists them.
    pub(super) fn names(&self) -> Json {
        json!(self.0.iter().map(|role| role.name()).collect::<Vec<_>>())
    }
}

/// Whether a guest collection was shared with somebody in particular, or with a group they are in.
pub(super) fn is_shared_with(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
    identity: Uuid,
) -> rusqlite::Result<bool> {
    Ok(rules::is_named(conn, collection.id, identity, app.now())?
        || EffectiveRoles::load(app, conn, collection, identity)?.manages_access())
}

/// Whether somebody administers a collection without having been given a role.
fn owns(app: &AppState, collection: &Collection, identity: Uuid) -> bool {
    collection.owner == identity || (collection.configured && app.is_administrator(identity))
}

/// Everybody who does.
fn owners(app: &AppState, collection: &Collection) -> Vec<Uuid> {
    let mut owners = vec![collection.owner];
    if collection.configured {
        let administrators = app.administrators().filter(|id| *id != collection.owner);
        owners.extend(administrators);
    }
    owners
}

/// What is to be done with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Which files of a collection somebody may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grants {
    Everything,
    /// These directories, and what is in them.
    Directories(Vec<Grant>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    directory: CollectionPath,
    write: bool,
}

impl Grants {
    /// What holds now.
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

    /// The part of a folder that is granted.
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
