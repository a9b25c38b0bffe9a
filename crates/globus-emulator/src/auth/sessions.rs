//! Sessions: which identities a person has logged in with to an app, when, and how.
//!
//! A person has one session per client, and logging in again extends it: tokens of earlier logins see the
//! new authentications. A client that acts for itself has no session; the call that issued its token counts
//! as its login.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::identities::{self, PROVIDER_ID};
use super::tokens::{Token, time_of};
use crate::app_state::Identity;
use crate::columns::uuid_at;

/// A login with one identity.
#[derive(Debug, Clone)]
pub(crate) struct Authentication {
    pub(crate) identity: Uuid,
    pub(crate) username: String,
    pub(crate) at: Timestamp,
    /// Whether it was multi-factor.
    pub(crate) mfa: bool,
}

impl Authentication {
    /// The domain of the username, after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.username.rsplit('@').next().unwrap_or_default()
    }

    /// Whether the login is at most this many seconds old; always true without a limit.
    pub(crate) fn is_recent(&self, now: Timestamp, seconds: Option<i64>) -> bool {
        seconds.is_none_or(|limit| now.as_second() - self.at.as_second() <= limit)
    }
}

/// The logins behind a token.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) authentications: Vec<Authentication>,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_session (
            id        TEXT PRIMARY KEY,
            client_id TEXT NOT NULL,
            person    TEXT NOT NULL,
            UNIQUE (client_id, person)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS auth_authentication (
            session_id  TEXT NOT NULL,
            identity_id TEXT NOT NULL,
            at          INTEGER NOT NULL,
            mfa         INTEGER NOT NULL,
            PRIMARY KEY (session_id, identity_id)
        ) WITHOUT ROWID;",
    )
}

/// Returns the session of a person with a client; creates it if necessary.
pub(crate) fn open(conn: &Connection, client: Uuid, person: Uuid) -> rusqlite::Result<Session> {
    let key = [client.to_string(), person.to_string()];
    let known = conn
        .prepare_cached("SELECT id FROM auth_session WHERE client_id = ?1 AND person = ?2")?
        .query_row([&key[0], &key[1]], |row| uuid_at(row, 0))
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => {
            let id = Uuid::new_v4();
            conn.execute(
                "INSERT INTO auth_session (id, client_id, person) VALUES (?1, ?2, ?3)",
                params![id.to_string(), &key[0], &key[1]],
            )?;
            id
        }
    };
    let authentications = authentications(conn, id)?;
    Ok(Session {
        id,
        authentications,
    })
}

/// The session that would result from this login, with the required number of factors.
pub(crate) fn preview(now: Timestamp, identity: &Identity) -> Session {
    let login = Authentication {
        identity: identity.id,
        username: identity.username.clone(),
        at: now,
        // The emulator has no real factors, so a login has as many as are required.
        mfa: true,
    };
    Session {
        id: Uuid::nil(),
        authentications: vec![login],
    }
}

/// Records a login.
pub(crate) fn authenticate(
    conn: &Connection,
    session: Uuid,
    identity: Uuid,
    at: Timestamp,
    mfa: bool,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO auth_authentication (session_id, identity_id, at, mfa)
         VALUES (?1, ?2, ?3, ?4)",
        params![
            session.to_string(),
            identity.to_string(),
            at.as_millisecond(),
            mfa
        ],
    )?;
    Ok(())
}

fn authentications(conn: &Connection, session: Uuid) -> rusqlite::Result<Vec<Authentication>> {
    conn.prepare_cached(
        "SELECT a.identity_id, i.username, a.at, a.mfa
         FROM auth_authentication a JOIN auth_identity i ON i.id = a.identity_id
         WHERE a.session_id = ?1 ORDER BY a.at DESC",
    )?
    .query_map([session.to_string()], |row| {
        Ok(Authentication {
            identity: uuid_at(row, 0)?,
            username: row.get(1)?,
            at: time_of(row.get(2)?),
            mfa: row.get(3)?,
        })
    })?
    .collect()
}

/// Loads the session with this id, if an id is given.
pub(crate) fn by_id(conn: &Connection, id: Option<Uuid>) -> rusqlite::Result<Option<Session>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let authentications = authentications(conn, id)?;
    Ok(Some(Session {
        id,
        authentications,
    }))
}

/// Loads the session of a token.
pub(crate) fn of_token(conn: &Connection, token: &Token) -> rusqlite::Result<Session> {
    if let Some(session) = by_id(conn, token.session)? {
        return Ok(session);
    }
    let identity = identities::by_id(conn, token.identity_id)?;
    let itself = identity.map(|identity| Authentication {
        identity: identity.id,
        username: identity.username,
        at: token.issued_at,
        mfa: false,
    });
    Ok(Session {
        // Introspection always shows a session id. For clients, one per login is enough.
        id: token.family,
        authentications: itself.into_iter().collect(),
    })
}

impl Session {
    /// Time of the person's last login with this identity.
    pub(crate) fn last(&self, identity: Uuid) -> Option<Timestamp> {
        let mut with_it = self.authentications.iter();
        with_it
            .find(|one| one.identity == identity)
            .map(|one| one.at)
    }

    /// The `session_info` of an introspection.
    pub(crate) fn document(&self) -> Value {
        let authentications: Map<String, Value> = self
            .authentications
            .iter()
            .map(|one| {
                let methods = if one.mfa {
                    json!(["pwd", "mfa"])
                } else {
                    json!(["pwd"])
                };
                let document = json!({
                    "idp": PROVIDER_ID,
                    "auth_time": one.at.as_second(),
                    "acr": null,
                    "amr": methods,
                    "custom_claims": {},
                });
                (one.identity.to_string(), document)
            })
            .collect();
        json!({ "session_id": self.id, "authentications": authentications })
    }
}
