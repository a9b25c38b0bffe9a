//! Groups and memberships in the database.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::columns::uuid_at;

/// Maximum depth of subgroups below the root.
pub(super) const MAX_LEVELS: usize = 4;
/// Maximum number of subgroups of a root.
pub(super) const MAX_SUBGROUPS: usize = 75;

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS groups_group (
            id                TEXT PRIMARY KEY,
            name              TEXT NOT NULL,
            description       TEXT,
            terms             TEXT,
            parent_id         TEXT,
            policies          TEXT NOT NULL,
            subscription_id   TEXT UNIQUE,
            subscription_info TEXT,
            verified_id       TEXT,
            created           INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS groups_group_parent ON groups_group (parent_id);
        CREATE TABLE IF NOT EXISTS groups_membership (
            group_id     TEXT NOT NULL,
            identity_id  TEXT NOT NULL,
            role         TEXT NOT NULL,
            status       TEXT NOT NULL,
            reason       TEXT,
            invite_email TEXT,
            invite_time  INTEGER,
            updated      INTEGER NOT NULL,
            PRIMARY KEY (group_id, identity_id)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS groups_membership_identity ON groups_membership (identity_id);
        -- What identities told a group, be they members or not yet.
        CREATE TABLE IF NOT EXISTS groups_fields (
            group_id    TEXT NOT NULL,
            identity_id TEXT NOT NULL,
            fields      TEXT NOT NULL,
            PRIMARY KEY (group_id, identity_id)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS groups_preference (
            identity_id TEXT PRIMARY KEY,
            allow_add   INTEGER
        ) WITHOUT ROWID;",
    )
}

/// Policies of a group: visibility, and ways to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Policies {
    pub(super) is_high_assurance: bool,
    pub(super) authentication_assurance_timeout: Option<i64>,
    pub(super) group_visibility: String,
    pub(super) group_members_visibility: String,
    pub(super) join_requests: bool,
    pub(super) signup_fields: Vec<String>,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            is_high_assurance: false,
            authentication_assurance_timeout: None,
            group_visibility: String::from("private"),
            group_members_visibility: String::from("managers"),
            join_requests: false,
            signup_fields: Vec::new(),
        }
    }
}

impl Policies {
    /// Maximum age of a login in seconds, for a high-assurance group.
    pub(super) fn timeout(&self) -> i64 {
        self.authentication_assurance_timeout.unwrap_or(28_800)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) terms: Option<String>,
    pub(super) parent: Option<Uuid>,
    pub(super) policies: Policies,
    /// The subscription that the group provides, and its properties.
    pub(super) subscription: Option<(Uuid, Value)>,
    /// The subscription that verified the group.
    pub(super) verified: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Member,
    Manager,
    Admin,
}

impl Role {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let mut all = [Self::Member, Self::Manager, Self::Admin].into_iter();
        all.find(|role| role.name() == name)
    }
}

/// A membership of an identity, whatever its status.
#[derive(Debug, Clone)]
pub(super) struct Membership {
    pub(super) group: Uuid,
    /// The subgroup from which a membership is derived.
    pub(super) source: Option<Uuid>,
    pub(super) identity: Uuid,
    pub(super) role: Role,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) invite_email: Option<String>,
    pub(super) invite_time: Option<Timestamp>,
    pub(super) updated: Timestamp,
}

impl Membership {
    pub(super) fn is(&self, status: &str) -> bool {
        self.status == status
    }
}

impl Group {
    pub(super) fn store(&self, conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
        let policies = serde_json::json!(self.policies).to_string();
        let (subscription, info) = match &self.subscription {
            Some((id, info)) => (Some(id.to_string()), Some(info.to_string())),
            None => (None, None),
        };
        conn.prepare_cached(
            "INSERT INTO groups_group (id, name, description, terms, parent_id, policies,
                                       subscription_id, subscription_info, verified_id, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name,
                 description = excluded.description, terms = excluded.terms,
                 policies = excluded.policies, verified_id = excluded.verified_id",
        )?
        .execute(params![
            self.id.to_string(),
            self.name,
            self.description,
            self.terms,
            self.parent.map(|id| id.to_string()),
            policies,
            subscription,
            info,
            self.verified.map(|id| id.to_string()),
            now.as_microsecond(),
        ])?;
        Ok(())
    }
}

const COLUMNS: &str = "id, name, description, terms, parent_id, policies, subscription_id,
                       subscription_info, verified_id";

fn group_from(row: &Row<'_>) -> rusqlite::Result<Group> {
    let id = |column| -> rusqlite::Result<Option<Uuid>> {
        let text: Option<String> = row.get(column)?;
        Ok(text.and_then(|text| Uuid::parse_str(&text).ok()))
    };
    let policies: String = row.get(5)?;
    let info: Option<String> = row.get(7)?;
    let info = info.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Group {
        id: uuid_at(row, 0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        terms: row.get(3)?,
        parent: id(4)?,
        policies: serde_json::from_str(&policies).unwrap_or_default(),
        subscription: id(6)?.zip(info),
        verified: id(8)?,
    })
}

fn one(conn: &Connection, column: &str, id: Uuid) -> rusqlite::Result<Option<Group>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM groups_group WHERE {column} = ?1"
    ))?
    .query_row([id.to_string()], group_from)
    .optional()
}

pub(super) fn group(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Group>> {
    one(conn, "id", id)
}

/// The group that provides a subscription.
pub(super) fn provider(conn: &Connection, subscription: Uuid) -> rusqlite::Result<Option<Group>> {
    one(conn, "subscription_id", subscription)
}

/// The direct subgroups of a group.
pub(super) fn children(conn: &Connection, id: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    conn.prepare_cached("SELECT id FROM groups_group WHERE parent_id = ?1 ORDER BY created, id")?
        .query_map([id.to_string()], |row| uuid_at(row, 0))?
        .collect()
}

/// All subgroups of a group.
pub(super) fn descendants(conn: &Connection, id: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut found = Vec::new();
    let mut open = vec![id];
    while let Some(next) = open.pop() {
        let inside = children(conn, next)?;
        found.extend(&inside);
        open.extend(inside);
    }
    Ok(found)
}

/// A group and its ancestors, the root last.
pub(super) fn ancestry(conn: &Connection, id: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut line = vec![id];
    let mut next = group(conn, id)?.and_then(|group| group.parent);
    // The bound only guards against a cycle in a damaged database, since creation rejects deeper trees.
    while let Some(parent) = next.filter(|_| line.len() <= MAX_LEVELS) {
        line.push(parent);
        next = group(conn, parent)?.and_then(|group| group.parent);
    }
    Ok(line)
}

/// Deletes a group with everything stored about it.
pub(super) fn delete(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    for (table, column) in [
        ("groups_group", "id"),
        ("groups_membership", "group_id"),
        ("groups_fields", "group_id"),
    ] {
        conn.execute(
            &format!("DELETE FROM {table} WHERE {column} = ?1"),
            [id.to_string()],
        )?;
    }
    Ok(())
}

fn membership_from(row: &Row<'_>) -> rusqlite::Result<Membership> {
    let role: String = row.get(2)?;
    let invited: Option<i64> = row.get(6)?;
    let time = |micros| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
    Ok(Membership {
        group: uuid_at(row, 0)?,
        source: None,
        identity: uuid_at(row, 1)?,
        role: Role::named(&role).unwrap_or(Role::Member),
        status: row.get(3)?,
        reason: row.get(4)?,
        invite_email: row.get(5)?,
        invite_time: invited.map(time),
        updated: time(row.get(7)?),
    })
}

fn select(
    conn: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Membership>> {
    conn.prepare_cached(&format!(
        "SELECT group_id, identity_id, role, status, reason, invite_email, invite_time, updated
         FROM groups_membership WHERE {condition} ORDER BY updated, identity_id"
    ))?
    .query_map(values, membership_from)?
    .collect()
}

/// The direct membership of an identity in a group.
pub(super) fn membership(
    conn: &Connection,
    group: Uuid,
    identity: Uuid,
) -> rusqlite::Result<Option<Membership>> {
    let key = [group.to_string(), identity.to_string()];
    let found = select(conn, "group_id = ?1 AND identity_id = ?2", key)?;
    Ok(found.into_iter().next())
}

/// All memberships in a group, plus derived ones: active members of subgroups without a direct membership.
pub(super) fn members(conn: &Connection, group: Uuid) -> rusqlite::Result<Vec<Membership>> {
    let mut found = select(conn, "group_id = ?1", [group.to_string()])?;
    for inside in descendants(conn, group)? {
        for one in select(
            conn,
            "group_id = ?1 AND status = 'active'",
            [inside.to_string()],
        )? {
            let known = found
                .iter()
                .position(|known| known.identity == one.identity);
            let derived = Membership {
                group,
                source: Some(inside),
                role: Role::Member,
                ..one
            };
            match known.and_then(|at| found.get_mut(at)) {
                // A direct active membership wins, since it has a role of its own. Any other status (left,
                // rejected, ...) does not: the person is a member through the subgroup.
                Some(known) if known.is("active") => {}
                Some(known) => *known = derived,
                None => found.push(derived),
            }
        }
    }
    Ok(found)
}

/// All direct memberships of an identity.
pub(super) fn of_identity(conn: &Connection, identity: Uuid) -> rusqlite::Result<Vec<Membership>> {
    select(conn, "identity_id = ?1", [identity.to_string()])
}

/// The groups of which an identity is an active member, and their ancestors.
pub(super) fn active_groups(conn: &Connection, identity: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut groups = Vec::new();
    for one in of_identity(conn, identity)? {
        if one.is("active") {
            groups.extend(ancestry(conn, one.group)?);
        }
    }
    Ok(groups)
}

/// Whether another identity administers the group.
pub(super) fn has_other_admin(
    conn: &Connection,
    group: Uuid,
    identity: Uuid,
) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT 1 FROM groups_membership
         WHERE group_id = ?1 AND identity_id <> ?2 AND role = 'admin' AND status = 'active'",
    )?
    .exists([group.to_string(), identity.to_string()])
}

impl Membership {
    pub(super) fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(
            "INSERT OR REPLACE INTO groups_membership
             (group_id, identity_id, role, status, reason, invite_email, invite_time, updated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            self.group.to_string(),
            self.identity.to_string(),
            self.role.name(),
            self.status,
            self.reason,
            self.invite_email,
            self.invite_time.map(Timestamp::as_microsecond),
            self.updated.as_microsecond(),
        ])?;
        Ok(())
    }
}

/// The fields that an identity has set for a group.
pub(super) fn fields(
    conn: &Connection,
    group: Uuid,
    identity: Uuid,
) -> rusqlite::Result<Map<String, Value>> {
    let text: Option<String> = conn
        .prepare_cached(
            "SELECT fields FROM groups_fields WHERE group_id = ?1 AND identity_id = ?2",
        )?
        .query_row([group.to_string(), identity.to_string()], |row| row.get(0))
        .optional()?;
    let fields = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(fields.unwrap_or_default())
}

pub(super) fn set_fields(
    conn: &Connection,
    group: Uuid,
    identity: Uuid,
    fields: &Map<String, Value>,
) -> rusqlite::Result<()> {
    let text = serde_json::json!(fields).to_string();
    conn.execute(
        "INSERT OR REPLACE INTO groups_fields (group_id, identity_id, fields) VALUES (?1, ?2, ?3)",
        params![group.to_string(), identity.to_string(), text],
    )?;
    Ok(())
}

/// Whether an identity can be added without its consent; `None` if it has not set this preference.
pub(super) fn allow_add(conn: &Connection, identity: Uuid) -> rusqlite::Result<Option<bool>> {
    let said: Option<Option<bool>> = conn
        .prepare_cached("SELECT allow_add FROM groups_preference WHERE identity_id = ?1")?
        .query_row([identity.to_string()], |row| row.get(0))
        .optional()?;
    Ok(said.flatten())
}

pub(super) fn set_allow_add(
    conn: &Connection,
    identity: Uuid,
    allow: Option<bool>,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO groups_preference (identity_id, allow_add) VALUES (?1, ?2)",
        params![identity.to_string(), allow],
    )?;
    Ok(())
}
