//! Consents: what an identity lets which client do, and what that client may have done by others.
//!
//! They form trees. The root says that a client may use a scope. A consent below it says that the
//! service behind that scope may use another one on behalf of the same person, when it is called
//! with a token of that client: `transfer:all[collection:data_access]` is a tree of two. A token
//! names the consents it was issued under, so that a consent which is given later counts for it, too,
//! and one that is taken back ends it.

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
/// The scope by which everything can be done with Transfer.
pub(crate) const TRANSFER_ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
/// Its id.
const TRANSFER_ALL_ID: Uuid = Uuid::from_u128(0x89ec_abba_4acf_4e2e_a98d_ce59_2ccc_2818);

/// A scope a token may carry, and the consent that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantedScope {
    pub(crate) scope: String,
    pub(crate) consent: i64,
}

/// Who consents to what client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsentParties {
    pub(crate) identity: Uuid,
    /// The client at the root of the tree.
    pub(crate) client: Uuid,
}

/// How consents come to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsentOptions {
    pub(crate) at: Timestamp,
    pub(crate) offline: bool,
    /// Nobody was asked: a client acts for itself.
    pub(crate) automatic: bool,
}

/// A consent that was given.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) id: i64,
    pub(crate) root_client: Uuid,
    pub(crate) scope: String,
    identity: Uuid,
    client: Uuid,
    /// The ids from the root to this one.
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

/// Notes that the scopes, with all that depends on them, are consented to.
pub(crate) fn grant(
    conn: &Connection,
    parties: ConsentParties,
    scopes: &[Scope],
    options: ConsentOptions,
) -> rusqlite::Result<Vec<GrantedScope>> {
    grant_below(conn, parties, None, scopes, options)
}

/// The same for scopes that the service behind an earlier consent is to use.
pub(crate) fn grant_below(
    conn: &Connection,
    parties: ConsentParties,
    parent: Option<&Consent>,
    scopes: &[Scope],
    options: ConsentOptions,
) -> rusqlite::Result<Vec<GrantedScope>> {
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

/// The consent with this id, unless it was revoked.
pub(crate) fn by_id(conn: &Connection, id: i64) -> rusqlite::Result<Option<Consent>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM auth_consent WHERE id = ?1"))?
        .query_row([id], from_row)
        .optional()
}

/// What the identity lets this client do, dependencies left out.
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

/// What the service behind a consent may use in its turn.
pub(crate) fn list_below(conn: &Connection, consent: i64) -> rusqlite::Result<Vec<Consent>> {
    select(conn, "parent = ?1", [consent])
}

/// Everything an identity has consented to.
pub(crate) fn list_by_identity(
    conn: &Connection,
    identity: Uuid,
) -> rusqlite::Result<Vec<Consent>> {
    select(conn, "identity_id = ?1", [identity.to_string()])
}

/// Notes that tokens were issued under these consents.
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

/// Takes a consent back, with all below it and every token that was issued under any of them.
/// `false` if there is none with this id.
pub(crate) fn revoke(conn: &Connection, id: i64) -> rusqlite::Result<bool> {
    let Some(consent) = by_id(conn, id)? else {
        return Ok(false);
    };
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

/// Takes back all consents of an identity; how many there were.
pub(crate) fn revoke_all(conn: &Connection, identity: Uuid) -> rusqlite::Result<usize> {
    let all = list_by_identity(conn, identity)?;
    let transaction = conn.unchecked_transaction()?;
    for consent in &all {
        revoke(&transaction, consent.id)?;
    }
    transaction.commit()?;
    Ok(all.len())
}

/// The scope string that asks for this scope below a consent, from the root on: `a[b[scope]]`.
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

/// The client of the service that a scope belongs to.
pub(crate) fn client_behind(scope: &str) -> Uuid {
    let server = scopes::resource_server(scope).unwrap_or_default();
    if server == Service::Transfer.resource_server() {
        return TRANSFER_CLIENT;
    }
    if server == "flows.globus.org" {
        return FLOWS_CLIENT;
    }
    Uuid::parse_str(&server).unwrap_or_else(|_| {
        let key = format!("resource-server:{server}");
        Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes())
    })
}

/// The id of a scope that nobody registered.
pub(crate) fn scope_id(scope: &str) -> Uuid {
    if scope == TRANSFER_ALL {
        return TRANSFER_ALL_ID;
    }
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("scope:{scope}").as_bytes())
}

impl Consent {
    /// What a token says of it.
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
            // What others depend on goes with them.
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
