//! Tokens: issuing, lookup, expiry and revocation. Only hashes are stored.

use jiff::Timestamp;
use rand::RngExt as _;
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;
use uuid::Uuid;

use super::consents::GrantedScope;
use crate::app_state::AppState;
use crate::columns::uuid_at;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// An issued token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) hash: String,
    pub(crate) client_id: Uuid,
    pub(crate) identity_id: Uuid,
    pub(crate) resource_server: String,
    /// The scopes, with the consents under which they were issued.
    pub(crate) granted: Vec<GrantedScope>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// Identifies the tokens of one login, so that they can be revoked together.
    pub(crate) family: Uuid,
    /// The person's session; `None` for a client that acts for itself.
    pub(crate) session: Option<Uuid>,
}

impl Token {
    /// The scopes as a space-separated string.
    pub(crate) fn scope_names(&self) -> Vec<String> {
        let granted = self.granted.iter();
        granted.map(|one| one.scope.clone()).collect()
    }
}

/// A token to issue.
pub(crate) struct NewToken<'a> {
    pub(crate) kind: Kind,
    pub(crate) client_id: Uuid,
    pub(crate) identity_id: Uuid,
    pub(crate) resource_server: &'a str,
    pub(crate) granted: &'a [GrantedScope],
    pub(crate) family: Uuid,
    pub(crate) session: Option<Uuid>,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_token (
            hash            TEXT PRIMARY KEY,
            kind            TEXT NOT NULL,
            client_id       TEXT NOT NULL,
            identity_id     TEXT NOT NULL,
            resource_server TEXT NOT NULL,
            -- The scopes with spaces between them, and their consents in the same order.
            scope           TEXT NOT NULL,
            consents        TEXT NOT NULL,
            issued_at       INTEGER NOT NULL,
            expires_at      INTEGER,
            family          TEXT NOT NULL,
            session         TEXT
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS auth_token_family ON auth_token (family);",
    )
}

/// The hash under which a secret is stored.
pub(crate) fn hash(secret: &str) -> String {
    let digest = digest(&SHA256, secret.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A random string in the alphabet that Globus uses for tokens.
pub(crate) fn secret(prefix: &str, length: usize) -> String {
    let random = rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(length)
        .map(char::from);
    prefix.chars().chain(random).collect()
}

/// Issues a token and returns its text, which is not stored.
pub(crate) fn issue(
    app: &AppState,
    conn: &Connection,
    new: &NewToken<'_>,
) -> rusqlite::Result<String> {
    // Prefix and length are those of real tokens.
    let text = secret("Ag", 46);
    let now = app.now();
    let expires_at = match new.kind {
        Kind::Access => {
            let lifetime = app.settings().token_lifetime;
            Some(now.checked_add(lifetime).unwrap_or(Timestamp::MAX))
        }
        Kind::Refresh => None,
    };
    let scopes: Vec<&str> = new.granted.iter().map(|one| one.scope.as_str()).collect();
    let consents: Vec<i64> = new.granted.iter().map(|one| one.consent).collect();
    conn.prepare_cached(
        "INSERT INTO auth_token (hash, kind, client_id, identity_id, resource_server, scope,
                                 consents, issued_at, expires_at, family, session)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        hash(&text),
        new.kind.name(),
        new.client_id.to_string(),
        new.identity_id.to_string(),
        new.resource_server,
        scopes.join(" "),
        json!(consents).to_string(),
        now.as_millisecond(),
        expires_at.map(Timestamp::as_millisecond),
        new.family.to_string(),
        new.session.map(|session| session.to_string()),
    ])?;
    Ok(text)
}

/// Returns the token with this text, if it exists and has not expired.
pub(crate) fn find(
    app: &AppState,
    conn: &Connection,
    text: &str,
) -> rusqlite::Result<Option<Token>> {
    conn.prepare_cached(
        "SELECT hash, kind, client_id, identity_id, resource_server, scope, issued_at,
                expires_at, family, consents, session
         FROM auth_token WHERE hash = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
    )?
    .query_row(params![hash(text), app.now().as_millisecond()], from_row)
    .optional()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Token> {
    let kind: String = row.get(1)?;
    let expires_at: Option<i64> = row.get(7)?;
    let (scopes, consents): (String, String) = (row.get(5)?, row.get(9)?);
    let consents: Vec<i64> = serde_json::from_str(&consents).unwrap_or_default();
    let session: Option<String> = row.get(10)?;
    Ok(Token {
        hash: row.get(0)?,
        kind: if kind == Kind::Access.name() {
            Kind::Access
        } else {
            Kind::Refresh
        },
        client_id: uuid_at(row, 2)?,
        identity_id: uuid_at(row, 3)?,
        resource_server: row.get(4)?,
        granted: scopes
            .split(' ')
            .zip(consents)
            .map(|(scope, consent)| GrantedScope {
                scope: scope.to_owned(),
                consent,
            })
            .collect(),
        issued_at: time_of(row.get(6)?),
        expires_at: expires_at.map(time_of),
        family: uuid_at(row, 8)?,
        session: session.and_then(|id| Uuid::parse_str(&id).ok()),
    })
}

/// The timestamp of a column of milliseconds.
pub(crate) fn time_of(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// Limits the remaining lifetime of a rotated refresh token to `grace`.
pub(crate) fn retire(
    app: &AppState,
    conn: &Connection,
    token: &Token,
    grace: std::time::Duration,
) -> rusqlite::Result<()> {
    let until = app
        .now()
        .checked_add(grace)
        .unwrap_or(Timestamp::MAX)
        .as_millisecond();
    // A second use within the grace period must not extend it.
    conn.execute(
        "UPDATE auth_token SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE hash = ?1",
        params![token.hash, until],
    )?;
    Ok(())
}

/// Revokes a token. A refresh token takes the access tokens of its grant along (RFC 7009, 2.1).
pub(crate) fn revoke(conn: &Connection, token: &Token) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM auth_token WHERE hash = ?1", [&token.hash])?;
    if token.kind == Kind::Refresh {
        conn.execute(
            "DELETE FROM auth_token
             WHERE family = ?1 AND resource_server = ?2 AND kind = 'access'",
            params![token.family.to_string(), token.resource_server],
        )?;
    }
    Ok(())
}

/// Revokes all tokens of one login, for example when its code is used twice.
pub(crate) fn revoke_family(conn: &Connection, family: Uuid) -> rusqlite::Result<()> {
    conn.execute(
        "DELETE FROM auth_token WHERE family = ?1",
        [family.to_string()],
    )?;
    Ok(())
}

/// Makes all access tokens expire now.
pub(crate) fn expire_all(app: &AppState) -> rusqlite::Result<()> {
    let now = app.now().as_millisecond();
    let conn = app.store().lock();
    conn.execute(
        "UPDATE auth_token SET expires_at = ?1 WHERE kind = 'access'",
        [now],
    )?;
    Ok(())
}

/// Deletes all tokens.
pub(crate) fn revoke_all(app: &AppState) -> rusqlite::Result<()> {
    app.store().lock().execute("DELETE FROM auth_token", [])?;
    Ok(())
}
