//! Requirements on logins, by a collection, a group or the authorize page.
//!
//! A service that requires more than the caller's session has responds with `authorization_parameters`. The
//! app passes them to the authorize page, the person logs in accordingly, and the repeated call succeeds.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Caller;
use super::consents::{self, TRANSFER_ALL};
use super::developer::policies;
use super::sessions::Session;
use crate::app_state::AppState;
use crate::control::ControlBody;
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;

/// Requirements on a session. By default, there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Requirements {
    /// The person must have consented to the `data_access` scope of the collection.
    pub(crate) data_access: bool,
    /// Ids or usernames, of which one must have logged in.
    pub(crate) identities: Vec<String>,
    /// Domains: an identity of one of them must have logged in.
    pub(crate) domains: Vec<String>,
    /// Ids of authentication policies, all of which must be satisfied.
    pub(crate) policies: Vec<String>,
    /// Whether multi-factor authentication is required.
    pub(crate) mfa: bool,
    /// Maximum age of the login, in seconds.
    pub(crate) timeout: Option<i64>,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_requirement (
            resource TEXT PRIMARY KEY,
            document TEXT NOT NULL
        ) WITHOUT ROWID;",
    )
}

/// Replaces the requirements of a collection.
pub(crate) fn put(
    conn: &Connection,
    resource: Uuid,
    requirements: &Requirements,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO auth_requirement (resource, document) VALUES (?1, ?2)",
        params![resource.to_string(), json!(requirements).to_string()],
    )?;
    Ok(())
}

/// Loads the requirements of a collection.
pub(crate) fn load(conn: &Connection, resource: Uuid) -> rusqlite::Result<Requirements> {
    let document: Option<String> = conn
        .prepare_cached("SELECT document FROM auth_requirement WHERE resource = ?1")?
        .query_row([resource.to_string()], |row| row.get(0))
        .optional()?;
    let document = document.and_then(|text| serde_json::from_str(&text).ok());
    Ok(document.unwrap_or_default())
}

impl Requirements {
    /// Reads the requirements from the query of the authorize page.
    pub(crate) fn from_query(query: &Pairs) -> Result<Self, String> {
        let list = |name: &str| -> Vec<String> {
            let values = query.all(name);
            let values = values.iter().flat_map(|value| value.split(','));
            let values = values.map(str::trim).filter(|value| !value.is_empty());
            values.map(str::to_owned).collect()
        };
        Ok(Self {
            data_access: false,
            identities: list("session_required_identities"),
            domains: list("session_required_single_domain"),
            policies: list("session_required_policies"),
            mfa: query.flag("session_required_mfa")?,
            timeout: None,
        })
    }

    /// Whether there are no requirements on the session.
    pub(crate) fn is_empty(&self) -> bool {
        let nothing = Self {
            data_access: self.data_access,
            ..Self::default()
        };
        *self == nothing
    }

    /// The requirements that a session does not satisfy.
    pub(crate) fn unmet(
        &self,
        conn: &Connection,
        now: Timestamp,
        session: &Session,
    ) -> rusqlite::Result<Self> {
        // A login that is too old counts for nothing: identity, domain and factors must belong to a recent
        // one.
        let recent = || {
            let all = session.authentications.iter();
            all.filter(|one| one.is_recent(now, self.timeout))
        };
        let is_named = |id: Uuid, username: &str| {
            let mut names = self.identities.iter();
            names.any(|name| *name == id.to_string() || name.eq_ignore_ascii_case(username))
        };
        let mut unmet = Self::default();
        if !self.identities.is_empty() && !recent().any(|one| is_named(one.identity, &one.username))
        {
            unmet.identities.clone_from(&self.identities);
        }
        let of_domain = |domain: &str| {
            let mut domains = self.domains.iter();
            domains.any(|known| known.eq_ignore_ascii_case(domain))
        };
        if !self.domains.is_empty() && !recent().any(|one| of_domain(one.domain())) {
            unmet.domains.clone_from(&self.domains);
        }
        unmet.mfa = self.mfa && !recent().any(|one| one.mfa);
        for policy in &self.policies {
            if !policies::is_satisfied(conn, now, policy, session)? {
                unmet.policies.push(policy.clone());
            }
        }
        if recent().next().is_none() {
            unmet.timeout = self.timeout;
        }
        Ok(unmet)
    }

    /// The `authorization_parameters` with which an app can satisfy these requirements.
    pub(crate) fn parameters(&self, identity: Uuid, message: &str) -> Value {
        let mut parameters = Map::new();
        let mut say = |name: &str, value: Value| {
            parameters.insert(name.to_owned(), value);
        };
        say("session_message", json!(message));
        if !self.identities.is_empty() {
            say("session_required_identities", json!(self.identities));
        // A timeout alone also needs a session parameter: `prompt` is not a session parameter, and apps may
        // pass on only those.
        } else if self.timeout.is_some() {
            say("session_required_identities", json!([identity]));
        }
        if !self.domains.is_empty() {
            say("session_required_single_domain", json!(self.domains));
        }
        if !self.policies.is_empty() {
            say("session_required_policies", json!(self.policies));
        }
        if self.mfa {
            say("session_required_mfa", json!(true));
        }
        if self.timeout.is_some() {
            say("prompt", json!("login"));
        }
        Value::Object(parameters)
    }
}

/// The unmet requirements of a collection, as `authorization_parameters`. A missing consent is an error.
pub(crate) fn unmet_by(
    app: &AppState,
    caller: &Caller,
    collection: Uuid,
) -> Result<Option<Value>, Problem> {
    let internal = |error| Problem::internal(Service::Transfer, error);
    let conn = app.store().lock();
    let asked = load(&conn, collection).map_err(internal)?;
    // A missing consent has an error of its own, which apps handle before they look at the session.
    if asked.data_access {
        let scope = format!("https://auth.globus.org/scopes/{collection}/data_access");
        if !has_consent(&conn, caller, &scope).map_err(internal)? {
            return Err(consent_required(&scope));
        }
    }
    if asked.is_empty() {
        return Ok(None);
    }
    let unmet = asked
        .unmet(&conn, app.now(), &caller.session)
        .map_err(internal)?;
    let parameters = || unmet.parameters(caller.identity_id, LOGIN_REQUIRED);
    Ok((!unmet.is_empty()).then(parameters))
}

/// The message for a login that does not satisfy the requirements of a collection.
pub(crate) const LOGIN_REQUIRED: &str =
    "The collection requires another login, or a more recent one";

fn has_consent(conn: &Connection, caller: &Caller, scope: &str) -> rusqlite::Result<bool> {
    for granted in &caller.granted {
        let below = consents::list_below(conn, granted.consent)?;
        if below.iter().any(|consent| consent.scope == scope) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn consent_required(scope: &str) -> Problem {
    let message = "Missing required data_access consent";
    let required = format!("{TRANSFER_ALL}[*{scope}]");
    Problem::transfer(StatusCode::FORBIDDEN, "ConsentRequired", message)
        .with("required_scopes", json!([required]))
}

/// `GET /_emulator/collections/{id}/requirements`
pub(crate) async fn show(
    State(app): State<AppState>,
    Path(collection): Path<Uuid>,
) -> Result<Json<Requirements>, Problem> {
    let found = load(&app.store().lock(), collection);
    let found = found.map_err(|error| Problem::internal(Service::Transfer, error))?;
    Ok(Json(found))
}

/// `PUT /_emulator/collections/{id}/requirements`: absent members mean no requirement.
pub(crate) async fn change(
    State(app): State<AppState>,
    Path(collection): Path<Uuid>,
    ControlBody(asked): ControlBody<Requirements>,
) -> Result<Json<Requirements>, Problem> {
    let _passage = app.gate().read().await;
    put(&app.store().lock(), collection, &asked)
        .map_err(|error| Problem::internal(Service::Transfer, error))?;
    Ok(Json(asked))
}
