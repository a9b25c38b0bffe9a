//! The authorize endpoint: asks the person for consent and redirects back with a code.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;
use uuid::Uuid;

use super::consents::{self, ConsentOptions, ConsentParties};
use super::developer::{policies, scopes as registry};
use super::requirements::Requirements;
use super::{clients, html, identities, scopes, sessions, tokens};
use crate::app_state::{AppState, Identity};
use crate::columns::uuid_at;
use crate::cross_origin;
use crate::params::{Pairs, Query};
use crate::problem::Problem;
use crate::service::Service;

/// Lifetime of a code, and of a consent page that waits for an answer.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// A validated authorization request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Authorization {
    pub(crate) client_id: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: Option<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) offline: bool,
    pub(crate) nonce: Option<String>,
    /// Whether the person has to log in again although there is a session.
    prompt_login: bool,
    /// Conditions that the login must satisfy.
    requirements: Requirements,
}

/// An authorization code that was issued.
pub(crate) struct Code {
    pub(crate) authorization: Authorization,
    pub(crate) identity_id: Uuid,
    pub(crate) family: Uuid,
    pub(crate) session: Uuid,
    pub(crate) used: bool,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    // A ticket identifies a consent page that is still open; a code identifies a consent that was given.
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_ticket (
            hash          TEXT PRIMARY KEY,
            authorization TEXT NOT NULL,
            expires_at    INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS auth_code (
            hash          TEXT PRIMARY KEY,
            authorization TEXT NOT NULL,
            identity_id   TEXT NOT NULL,
            family        TEXT NOT NULL,
            session       TEXT NOT NULL,
            expires_at    INTEGER NOT NULL,
            used          INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;",
    )
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Auth, error)
}

/// Redirects the browser.
fn redirect(app: &AppState, uri: &str, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut url) = Url::parse(uri) else {
        return html::error_page("the redirect URI is not a URL");
    };
    // Clients that have the address of the real Globus page configured get this emulator's page instead:
    // Globus itself could not use the code.
    if clients::is_auth_code_page(app, &url)
        && let Ok(own) = Url::parse(&format!("{}{}", app.base_url(), clients::AUTH_CODE_PATH))
    {
        url = own;
    }
    url.query_pairs_mut().extend_pairs(pairs);
    (StatusCode::FOUND, [(header::LOCATION, String::from(url))]).into_response()
}

/// An error that is reported to the client by redirect (RFC 6749, 4.1.2.1).
fn redirect_error(
    app: &AppState,
    uri: &str,
    state: Option<&str>,
    error: &str,
    description: &str,
) -> Response {
    let mut pairs = vec![("error", error), ("error_description", description)];
    pairs.extend(state.map(|state| ("state", state)));
    redirect(app, uri, &pairs)
}

/// `GET /v2/oauth2/authorize`
pub(super) async fn authorize(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Problem> {
    for name in [
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ] {
        // RFC 6749, 3.1 forbids repeated parameters. If validation and use picked different ones, a
        // redirect URI could be smuggled past the check.
        if query.count(name) > 1 {
            return Ok(html::error_page(&format!("{name} is given more than once")));
        }
    }
    // Until client and redirect URI are known to be valid, errors must not be sent to any redirect URI.
    let Some(client_id) = query
        .filled("client_id")
        .and_then(|id| Uuid::parse_str(id).ok())
    else {
        return Ok(html::error_page("client_id must be the UUID of a client"));
    };
    let Some(redirect_uri) = query.filled("redirect_uri") else {
        return Ok(html::error_page("redirect_uri is required"));
    };
    let client = clients::find(&app.store().lock(), client_id).map_err(internal)?;
    if !clients::may_redirect(&app, client.as_ref(), redirect_uri) {
        return Ok(html::error_page(
            "the redirect URI is not registered for this client",
        ));
    }

    let state = query.get("state");
    let public = client.as_ref().is_none_or(|client| client.public);
    let authorization = match checked(&query, client_id, redirect_uri, public) {
        Ok(authorization) => authorization,
        Err((error, description)) => {
            return Ok(redirect_error(
                &app,
                redirect_uri,
                state,
                error,
                &description,
            ));
        }
    };
    let asked = scopes::parse(&authorization.scope).unwrap_or_default();
    let unknown = scopes::unknown(&app.store().lock(), &asked).map_err(internal)?;
    if !unknown.is_empty() {
        return Ok(html::unknown_scopes_page(client_id, &unknown));
    }
    let (people, chosen) = choose(&app, query.filled("login_hint"), &authorization)?;
    // Otherwise a page of another origin could obtain a code without the person seeing anything.
    let needs_person = cross_origin::is_of_unknown_page(&headers)
        || cross_origin::is_embedded(&headers)
        || cross_origin::is_cross_site(&headers)
            && !clients::stays_on_this_machine(&app, redirect_uri);
    if app.settings().auto_consent && !needs_person {
        return grant(&app, &authorization, &chosen);
    }

    let ticket = tokens::secret("", 43);
    let document = serde_json::to_string(&authorization).map_err(internal)?;
    app.store()
        .lock()
        .execute(
            "INSERT INTO auth_ticket (hash, authorization, expires_at) VALUES (?1, ?2, ?3)",
            params![tokens::hash(&ticket), document, deadline(&app)],
        )
        .map_err(internal)?;
    let name = client.map_or_else(|| format!("Native app {client_id}"), |client| client.name);
    let asked: Vec<String> = asked
        .iter()
        .map(|s| scopes::to_text(std::slice::from_ref(s)))
        .collect();
    let message = query.filled("session_message");
    Ok(html::consent_page(
        &name, message, &asked, &people, &chosen, &ticket,
    ))
}

fn deadline(app: &AppState) -> i64 {
    let until = app.now().checked_add(CODE_LIFETIME);
    until.unwrap_or(jiff::Timestamp::MAX).as_millisecond()
}

/// Validates everything whose errors are reported by redirect.
fn checked(
    query: &Pairs,
    client_id: Uuid,
    redirect_uri: &str,
    public: bool,
) -> Result<Authorization, (&'static str, String)> {
    match query.filled("response_type") {
        Some("code") => {}
        Some(other) => {
            return Err((
                "unsupported_response_type",
                format!("response_type {other:?}"),
            ));
        }
        None => return Err(("invalid_request", String::from("response_type is required"))),
    }
    let code_challenge = match (
        query.filled("code_challenge"),
        query.get("code_challenge_method"),
    ) {
        (Some(challenge), Some("S256")) => {
            // A SHA-256 in base64url without padding is 43 characters long.
            if challenge.len() != 43 {
                return Err((
                    "invalid_request",
                    String::from("code_challenge is not an S256"),
                ));
            }
            Some(challenge.to_owned())
        }
        (Some(_), _) => {
            return Err((
                "invalid_request",
                String::from("code_challenge_method must be S256"),
            ));
        }
        (None, _) if public => {
            return Err((
                "invalid_request",
                String::from("a native app must send a code_challenge"),
            ));
        }
        (None, _) => None,
    };
    let mut offline = match query.filled("access_type") {
        None | Some("online") => false,
        Some("offline") => true,
        Some(other) => return Err(("invalid_request", format!("access_type {other:?}"))),
    };
    let prompt_login = match query.filled("prompt") {
        None | Some("consent" | "select_account") => false,
        Some("login") => true,
        Some(other) => return Err(("invalid_request", format!("prompt {other:?}"))),
    };
    let requirements =
        Requirements::from_query(query).map_err(|message| ("invalid_request", message))?;
    let asked = scopes::parse(query.get("scope").unwrap_or_default())
        .map_err(|error| ("invalid_scope", error.to_string()))?;
    let (offline_scope, asked) = scopes::without_offline(asked);
    offline |= offline_scope;
    if asked.is_empty() {
        return Err(("invalid_scope", String::from("no scope was requested")));
    }
    Ok(Authorization {
        client_id,
        redirect_uri: redirect_uri.to_owned(),
        scope: scopes::to_text(&asked),
        state: query.get("state").map(str::to_owned),
        code_challenge,
        offline,
        nonce: query.filled("nonce").map(str::to_owned),
        prompt_login,
        requirements,
    })
}

/// The identities that may give consent, and the one that is preselected: the requested one, or else the
/// first identity of the person with which the login would satisfy the requirements.
fn choose(
    app: &AppState,
    hint: Option<&str>,
    authorization: &Authorization,
) -> Result<(Vec<Identity>, Identity), Problem> {
    let conn = app.store().lock();
    // An unknown hint is ignored: it is a suggestion, not a requirement.
    let people = identities::people(&conn).map_err(internal)?;
    let named = hint.and_then(|hint| {
        let mut people = people.iter();
        people.find(|person| {
            person.username.eq_ignore_ascii_case(hint) || person.id.to_string() == hint
        })
    });
    let first = named.unwrap_or_else(|| app.local_user());
    let own = identities::set_of(&conn, first.id).map_err(internal)?;
    // The person's own identities come before those of others: a requirement such as a domain is usually
    // satisfied by a linked identity.
    let candidates = std::iter::once(first).chain(&own).chain(&people);
    for candidate in candidates {
        let login = sessions::preview(app.now(), candidate);
        let unmet = authorization.requirements.unmet(&conn, app.now(), &login);
        if unmet.map_err(internal)?.is_empty() {
            return Ok((people.clone(), candidate.clone()));
        }
    }
    Ok((people.clone(), first.clone()))
}

/// `POST /v2/oauth2/authorize`: the answer of the consent page.
pub(super) async fn decide(State(app): State<AppState>, body: Bytes) -> Result<Response, Problem> {
    let form = Pairs::parse(&body);
    let ticket = tokens::hash(form.get("ticket").unwrap_or_default());
    let authorization: Option<String> = {
        let conn = app.store().lock();
        conn.query_row(
            "DELETE FROM auth_ticket WHERE hash = ?1 AND expires_at > ?2 RETURNING authorization",
            params![ticket, app.now().as_millisecond()],
            |row| row.get(0),
        )
        .optional()
        .map_err(internal)?
    };
    let Some(authorization) = authorization else {
        return Ok(html::error_page(
            "this page has expired or was answered already",
        ));
    };
    let authorization: Authorization = serde_json::from_str(&authorization).map_err(internal)?;
    if form.get("decision") != Some("allow") {
        return Ok(redirect_error(
            &app,
            &authorization.redirect_uri,
            authorization.state.as_deref(),
            "access_denied",
            "the person denied the request",
        ));
    }
    let chosen = form
        .filled("identity")
        .and_then(|id| Uuid::parse_str(id).ok());
    let chosen = match chosen {
        Some(id) => identities::by_id(&app.store().lock(), id).map_err(internal)?,
        None => Some(app.local_user().clone()),
    };
    let Some(chosen) = chosen else {
        return Ok(html::error_page("there is no such identity"));
    };
    grant(&app, &authorization, &chosen)
}

/// Logs in with an identity, unless an earlier login satisfies the request. `None` if the login does not
/// satisfy the requirements.
fn log_in(
    app: &AppState,
    conn: &Connection,
    authorization: &Authorization,
    identity: Uuid,
    person: Uuid,
) -> rusqlite::Result<Option<Uuid>> {
    let now = app.now();
    let asked = &authorization.requirements;
    let session = sessions::open(conn, authorization.client_id, person)?;
    // A required identity means a new login with it, however recent the last one was.
    // Otherwise the existing session is used, as a browser session at Globus would be.
    let again = authorization.prompt_login
        || !asked.identities.is_empty()
        || session.last(identity).is_none()
        || !asked.unmet(conn, now, &session)?.is_empty();
    if !again {
        return Ok(Some(session.id));
    }
    let mfa = asked.mfa || policies::ask_for_mfa(conn, &asked.policies)?;
    sessions::authenticate(conn, session.id, identity, now, mfa)?;
    let session = sessions::open(conn, authorization.client_id, person)?;
    let unmet = asked.unmet(conn, now, &session)?;
    Ok(unmet.is_empty().then_some(session.id))
}

/// Issues a code and redirects the browser with it.
fn grant(
    app: &AppState,
    authorization: &Authorization,
    identity: &Identity,
) -> Result<Response, Problem> {
    let code = tokens::secret("", 32);
    let document = serde_json::to_string(authorization).map_err(internal)?;
    let mut scopes = scopes::parse(&authorization.scope).unwrap_or_default();
    let conn = app.store().lock();
    // Dependencies are added only now, not to the stored request: they may be registered while the consent
    // page is open.
    scopes::with_included(&conn, &mut scopes).map_err(internal)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    // Tokens for linked identities are issued for the person's primary identity.
    let person = identities::person_of(&transaction, identity.id).map_err(internal)?;
    let session =
        log_in(app, &transaction, authorization, identity.id, person).map_err(internal)?;
    let Some(session) = session else {
        return Ok(redirect_error(
            app,
            &authorization.redirect_uri,
            authorization.state.as_deref(),
            "access_denied",
            "a login with this identity does not satisfy the requirements",
        ));
    };
    // Any identity of the person may have the required domain, not only the one that logged in.
    if let Some(scope) = find_denied_scope(&transaction, &scopes, person).map_err(internal)? {
        return Ok(redirect_error(
            app,
            &authorization.redirect_uri,
            authorization.state.as_deref(),
            "access_denied",
            &format!("{scope} is for other domains"),
        ));
    }
    let parties = ConsentParties {
        identity: person,
        client: authorization.client_id,
    };
    let options = ConsentOptions {
        at: app.now(),
        offline: authorization.offline,
        automatic: false,
    };
    consents::grant(&transaction, parties, &scopes, options).map_err(internal)?;
    transaction
        .execute(
            "INSERT INTO auth_code (hash, authorization, identity_id, family, session, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                tokens::hash(&code),
                document,
                person.to_string(),
                Uuid::new_v4().to_string(),
                session.to_string(),
                deadline(app),
            ],
        )
        .map_err(internal)?;
    transaction.commit().map_err(internal)?;
    let mut pairs = vec![("code", code.as_str())];
    pairs.extend(authorization.state.as_deref().map(|state| ("state", state)));
    Ok(redirect(app, &authorization.redirect_uri, &pairs))
}

/// The first scope that is restricted to domains to which none of the person's identities belongs.
fn find_denied_scope(
    conn: &Connection,
    scopes: &[scopes::Scope],
    person: Uuid,
) -> rusqlite::Result<Option<String>> {
    let set = identities::set_of(conn, person)?;
    for scope in scopes {
        let known = registry::by_text(conn, &scope.name)?;
        let domains = known
            .map(|known| known.required_domains)
            .unwrap_or_default();
        let mut own = set.iter().filter_map(|one| one.username.rsplit('@').next());
        if !domains.is_empty() && !own.any(|own| domains.iter().any(|domain| domain == own)) {
            return Ok(Some(scope.name.clone()));
        }
    }
    Ok(None)
}

/// Looks up an unexpired code. Used codes are found too.
pub(crate) fn find_code(
    app: &AppState,
    conn: &Connection,
    code: &str,
) -> rusqlite::Result<Option<Code>> {
    conn.query_row(
        "SELECT authorization, identity_id, family, used, session FROM auth_code
         WHERE hash = ?1 AND expires_at > ?2",
        params![tokens::hash(code), app.now().as_millisecond()],
        |row| {
            let document: String = row.get(0)?;
            let authorization = serde_json::from_str(&document).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(
                    0,
                    rusqlite::types::Type::Text,
                    Box::new(error),
                )
            })?;
            Ok(Code {
                authorization,
                identity_id: uuid_at(row, 1)?,
                family: uuid_at(row, 2)?,
                used: row.get(3)?,
                session: uuid_at(row, 4)?,
            })
        },
    )
    .optional()
}

/// Marks a code as used. The row stays, so that a second use can be distinguished from an unknown code.
pub(crate) fn spend_code(conn: &Connection, code: &str) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE auth_code SET used = 1 WHERE hash = ?1",
        [tokens::hash(code)],
    )?;
    Ok(())
}
