//! Consents: which scopes an identity allows which client to use, directly and through services.
//!
//! Consents form trees. A root consent allows a client to use a scope. A child consent allows the service
//! behind its parent's scope to use a further scope on behalf of the same person, when the client calls
//! that service:
//!
//! ```text
//! identity + client ── transfer:all          root: the client may call Transfer
//!                      └─ data_access        child: Transfer may use the collection's data
//! ```
//!
//! is written `transfer:all[collection:data_access]`. Tokens store the ids of the consents they were issued
//! under instead of a copy of their scopes. So a child consent that is given later also counts for existing
//! tokens, and revoking a consent invalidates them.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::developer;
use super::scopes::{self, Scope};
use crate::columns::uuid_at;
use crate::service::Service;

/// The client of the Transfer service.
const TRANSFER_CLIENT: Uuid = Uuid::from_u128(0x2fbd_da78_a599_4cb5_ac3d_1fbc_fbc6_a754);
/// The client of the Flows service.
const FLOWS_CLIENT: Uuid = Uuid::from_u128(0xeec9_b274_0c81_4334_bdc2_54e9_0e68_9b9a);
/// The scope for all operations of Transfer.
pub(crate) const TRANSFER_ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
/// Its id.
const TRANSFER_ALL_ID: Uuid = Uuid::from_u128(0x89ec_abba_4acf_4e2e_a98d_ce59_2ccc_2818);

/// A scope of a token, and the consent that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantedScope {
    pub(crate) scope: String,
    pub(crate) consent: i64,
}

/// The identity that consents and the client that it consents to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsentParties {
    pub(crate) identity: Uuid,
    /// The client at the root of the tree.
    pub(crate) client: Uuid,
}

/// How a consent was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsentOptions {
    pub(crate) at: Timestamp,
    pub(crate) offline: bool,
    /// No person was asked: the client acts for itself.
    pub(crate) automatic: bool,
}

/// A stored consent.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) id: i64,
    pub(crate) root_client: Uuid,
    pub(crate) scope: String,
    identity: Uuid,
    client: Uuid,
    /// Ids of the consents from the root to this one, inclusive.
    pub(crate) path: Vec<i64>,
    allows_refresh: bool,
    automatic: bool,
    created: Timestamp,
    updated: Timestamp,
    last_used: Timestamp,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_consent (
            id             INTEGER PRIMARY KEY AUTOINCREMENT,
            identity_id    TEXT NOT NULL,
            root_client_id TEXT NOT NULL,
            -- Zero at the root.
            parent         INTEGER NOT NULL,
            -- The client that may use the scope.
            client_id      TEXT NOT NULL,
            scope          TEXT NOT NULL,
            path           TEXT NOT NULL DEFAULT '[]',
            allows_refresh INTEGER NOT NULL,
            unasked        INTEGER NOT NULL,
            created        INTEGER NOT NULL,
            updated        INTEGER NOT NULL,
            last_used      INTEGER NOT NULL,
            UNIQUE (identity_id, root_client_id, parent, scope)
        );
        CREATE INDEX IF NOT EXISTS auth_consent_parent ON auth_consent (parent);",
    )
}

/// Records consents to these scopes and their dependencies.
pub(crate) fn grant(
    conn: &Connection,
    parties: ConsentParties,
    scopes: &[Scope],
    options: ConsentOptions,
) -> rusqlite::Result<Vec<GrantedScope>> {
    grant_below(conn, parties, None, scopes, options)
}

/// Like [`grant`], below an existing consent.
pub(crate) fn grant_below(
    conn: &Connection,
    parties: ConsentParties,
    parent: Option<&Consent>,
    scopes: &[Scope],
    options: ConsentOptions,
) -> rusqlite::Result<Vec<GrantedScope>> {
    // Below the root, the client of a consent is the service that calls the next one.
    let client = match parent {
        Some(parent) => client_behind(&parent.scope),
        None => parties.client,
    };
    let ancestors = parent.map_or(&[][..], |parent| &parent.path);
    let mut granted = Vec::new();
    for scope in scopes {
        let consent = grant_one(conn, parties, client, ancestors, &scope.name, options)?;
        granted.push(GrantedScope {
            scope: scope.name.clone(),
            consent: consent.id,
        });
        grant_below(conn, parties, Some(&consent), &scope.dependencies, options)?;
    }
    Ok(granted)
}

fn grant_one(
    conn: &Connection,
    parties: ConsentParties,
    client: Uuid,
    ancestors: &[i64],
    scope: &str,
    options: ConsentOptions,
) -> rusqlite::Result<Consent> {
    let parent = ancestors.last().copied().unwrap_or_default();
    let now = options.at.as_microsecond();
    let id: i64 = conn
        .prepare_cached(
            "INSERT INTO auth_consent (identity_id, root_client_id, parent, client_id, scope,
                                       allows_refresh, unasked, created, updated, last_used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)
             ON CONFLICT DO UPDATE SET updated = excluded.updated,
                 allows_refresh = max(allows_refresh, excluded.allows_refresh)
             RETURNING id",
        )?
        .query_row(
            params![
                parties.identity.to_string(),
                parties.client.to_string(),
                parent,
                client.to_string(),
                scope,
                options.offline,
                options.automatic,
                now,
            ],
            |row| row.get(0),
        )?;
    // The path ends with the row's own id, which is only known after the insert.
    let path: Vec<i64> = ancestors.iter().copied().chain([id]).collect();
    conn.prepare_cached("UPDATE auth_consent SET path = ?2 WHERE id = ?1")?
        .execute(params![id, json!(path).to_string()])?;
    by_id(conn, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

const COLUMNS: &str = "id, identity_id, root_client_id, client_id, scope, path, allows_refresh,
                       unasked, created, updated, last_used";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Consent> {
    let path: String = row.get(5)?;
    let time = |column| row.get(column).map(time_of);
    Ok(Consent {
        id: row.get(0)?,
        identity: uuid_at(row, 1)?,
        root_client: uuid_at(row, 2)?,
        client: uuid_at(row, 3)?,
        scope: row.get(4)?,
        path: serde_json::from_str(&path).unwrap_or_default(),
        allows_refresh: row.get(6)?,
        automatic: row.get(7)?,
        created: time(8)?,
        updated: time(9)?,
        last_used: time(10)?,
    })
}

fn time_of(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn select(
    conn: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Consent>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM auth_consent WHERE {condition} ORDER BY id"
    ))?
    .query_map(values, from_row)?
    .collect()
}

/// Returns the consent with this id, unless it was revoked.
pub(crate) fn by_id(conn: &Connection, id: i64) -> rusqlite::Result<Option<Consent>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM auth_consent WHERE id = ?1"))?
        .query_row([id], from_row)
        .optional()
}

/// Root consents of the identity for the client, without dependencies.
pub(crate) fn list_roots(
    conn: &Connection,
    parties: ConsentParties,
) -> rusqlite::Result<Vec<Consent>> {
    select(
        conn,
        "identity_id = ?1 AND root_client_id = ?2 AND parent = 0",
        [parties.identity.to_string(), parties.client.to_string()],
    )
}

/// Lists the direct children of a consent.
pub(crate) fn list_below(conn: &Connection, consent: i64) -> rusqlite::Result<Vec<Consent>> {
    select(conn, "parent = ?1", [consent])
}

/// Lists all consents of an identity.
pub(crate) fn list_by_identity(
    conn: &Connection,
    identity: Uuid,
) -> rusqlite::Result<Vec<Consent>> {
    select(conn, "identity_id = ?1", [identity.to_string()])
}

/// Sets the time at which tokens were last issued under these consents.
pub(crate) fn mark_used(
    conn: &Connection,
    granted: &[GrantedScope],
    at: Timestamp,
) -> rusqlite::Result<()> {
    let mut statement =
        conn.prepare_cached("UPDATE auth_consent SET last_used = ?2 WHERE id = ?1")?;
    for one in granted {
        statement.execute(params![one.consent, at.as_microsecond()])?;
    }
    Ok(())
}

/// Revokes a consent, its descendants, and every token issued under any of them. Returns `false` if it
/// does not exist.
pub(crate) fn revoke(conn: &Connection, id: i64) -> rusqlite::Result<bool> {
    let Some(consent) = by_id(conn, id)? else {
        return Ok(false);
    };
    // Descendants are found by their paths. Filtering an identity's consents is simpler than a recursive
    // query, and there are few.
    let of_tree = list_by_identity(conn, consent.identity)?;
    for one in of_tree.iter().filter(|one| one.path.contains(&id)) {
        conn.execute("DELETE FROM auth_consent WHERE id = ?1", [one.id])?;
        conn.execute(
            "DELETE FROM auth_token
             WHERE EXISTS (SELECT 1 FROM json_each(auth_token.consents) WHERE value = ?1)",
            [one.id],
        )?;
    }
    Ok(true)
}

/// Revokes all consents of an identity, and returns how many there were.
pub(crate) fn revoke_all(conn: &Connection, identity: Uuid) -> rusqlite::Result<usize> {
    let all = list_by_identity(conn, identity)?;
    let transaction = conn.unchecked_transaction()?;
    for consent in &all {
        revoke(&transaction, consent.id)?;
    }
    transaction.commit()?;
    Ok(all.len())
}

/// The scope string, from the root, that requests `scope` below this consent: `a[b[scope]]`.
pub(crate) fn scope_string(
    conn: &Connection,
    consent: &Consent,
    scope: &str,
) -> rusqlite::Result<String> {
    let mut text = scope.to_owned();
    for id in consent.path.iter().rev() {
        if let Some(ancestors) = by_id(conn, *id)? {
            text = format!("{}[{text}]", ancestors.scope);
        }
    }
    Ok(text)
}

/// The client id of the service that a scope belongs to.
pub(crate) fn client_behind(scope: &str) -> Uuid {
    let server = scopes::resource_server(scope).unwrap_or_default();
    if server == Service::Transfer.resource_server() {
        // The real client ids, since apps compare them with the `client` of a consent.
        return TRANSFER_CLIENT;
    }
    if server == "flows.globus.org" {
        return FLOWS_CLIENT;
    }
    Uuid::parse_str(&server).unwrap_or_else(|_| {
        // Derived, so that a service without a registered client still has a stable id.
        let key = format!("resource-server:{server}");
        Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes())
    })
}

/// The id of a scope that is not registered, derived from its name.
pub(crate) fn scope_id(scope: &str) -> Uuid {
    if scope == TRANSFER_ALL {
        return TRANSFER_ALL_ID;
    }
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("scope:{scope}").as_bytes())
}

impl Consent {
    /// The scope and the consent, as stored with a token.
    pub(crate) fn granted_scope(&self) -> GrantedScope {
        GrantedScope {
            scope: self.scope.clone(),
            consent: self.id,
        }
    }

    /// The document of `get_consents`.
    pub(crate) fn document(&self, conn: &Connection) -> rusqlite::Result<Value> {
        let registered = developer::scopes::by_text(conn, &self.scope)?;
        let scope_id = registered.map_or_else(|| scope_id(&self.scope), |known| known.id);
        Ok(json!({
            "id": self.id,
            "client": self.client,
            "scope": scope_id,
            "scope_name": self.scope,
            "effective_identity": self.identity,
            "status": "approved",
            "dependency_path": self.path,
            "allows_refresh": self.allows_refresh,
            "auto_approved": self.automatic,
            // A child consent is revoked together with its parent, which depends on it.
            "atomically_revocable": self.path.len() > 1,
            "created": rfc3339(self.created),
            "updated": rfc3339(self.updated),
            "last_used": rfc3339(self.last_used),
        }))
    }
}

/// A time as Auth writes it: `2024-03-18T17:32:51.496893+00:00`.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
}
