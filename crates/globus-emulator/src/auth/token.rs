//! The token endpoint, with all grant types of Globus Auth.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clients::{self, ClientAuth};
use super::consents::{self, ConsentOptions, ConsentParties, GrantedScope};
use super::developer::scopes as registry;
use super::scopes::{self, Scope};
use super::sessions::{self, Session};
use super::tokens::{self, Kind, NewToken, Token};
use super::{authorize, userinfo};
use crate::app_state::AppState;
use crate::params::{Pairs, Query};
use crate::problem::Problem;
use crate::service::Service;

/// The grant type with which a resource server obtains dependent tokens.
const DEPENDENT_TOKEN: &str = "urn:globus:auth:grant_type:dependent_token";

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Auth, error)
}

fn refused(error: &str, description: impl Into<String>) -> Problem {
    Problem::oauth(StatusCode::BAD_REQUEST, error, description)
}

fn required<'a>(form: &'a Pairs, name: &str) -> Result<&'a str, Problem> {
    form.filled(name)
        .ok_or_else(|| refused("invalid_request", format!("{name} is required")))
}

/// `POST /v2/oauth2/token`
pub(super) async fn token(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Query,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Pairs::parse(&body);
    let grant_type = required(&form, "grant_type")?;
    let answer = match grant_type {
        "authorization_code" => {
            let all = query.flag("include_consented_scopes");
            let all = all.map_err(|message| refused("invalid_request", message))?;
            authorization_code(&app, &headers, &form, all)?
        }
        "refresh_token" => refresh_token(&app, &headers, &form)?,
        "client_credentials" => client_credentials(&app, &headers, &form)?,
        DEPENDENT_TOKEN => dependent_token(&app, &headers, &form)?,
        other => {
            return Err(refused(
                "unsupported_grant_type",
                format!("grant_type {other:?}"),
            ));
        }
    };
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    Ok((headers, Json(answer)).into_response())
}

/// Tokens to issue, one per resource server of the scopes.
struct Grant<'a> {
    client_id: Uuid,
    identity_id: Uuid,
    scopes: &'a [GrantedScope],
    family: Uuid,
    session: Option<Session>,
    offline: bool,
    nonce: Option<&'a str>,
    state: Option<&'a str>,
}

impl Grant<'_> {
    /// The token documents, one per resource server.
    fn issue(&self, app: &AppState, conn: &Connection) -> rusqlite::Result<Vec<Value>> {
        // Before the tokens are issued, in the same transaction, so that no token exists without its
        // consent being used.
        consents::mark_used(conn, self.scopes, app.now())?;
        let mut documents = Vec::new();
        for (server, of_server) in scopes::by_resource_server(self.scopes) {
            let new = |kind| NewToken {
                kind,
                client_id: self.client_id,
                identity_id: self.identity_id,
                resource_server: &server,
                granted: &of_server,
                family: self.family,
                session: self.session.as_ref().map(|session| session.id),
            };
            let names: Vec<&str> = of_server.iter().map(|one| one.scope.as_str()).collect();
            let access_token = tokens::issue(app, conn, &new(Kind::Access))?;
            let mut document = json!({
                "access_token": access_token,
                "scope": names.join(" "),
                "expires_in": app.settings().token_lifetime.as_secs(),
                "token_type": "Bearer",
                "resource_server": server,
            });
            if self.offline && allow_refresh(conn, &of_server)? {
                document["refresh_token"] =
                    Value::String(tokens::issue(app, conn, &new(Kind::Refresh))?);
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// The complete response: the first token at the top level, the others in `other_tokens`.
    fn answer(&self, app: &AppState, conn: &Connection) -> Result<Value, Problem> {
        let mut documents = self.issue(app, conn).map_err(internal)?.into_iter();
        let mut first = documents.next().unwrap_or_default();
        // Which token comes first does not matter: SDKs merge both levels.
        first["other_tokens"] = Value::Array(documents.collect());
        if let Some(state) = self.state {
            first["state"] = Value::from(state);
        }
        if self.scopes.iter().any(|one| one.scope == "openid") {
            let access_token = first["access_token"].as_str().unwrap_or_default();
            first["id_token"] = Value::String(self.id_token(app, conn, access_token)?);
        }
        Ok(first)
    }

    fn id_token(&self, app: &AppState, conn: &Connection, access: &str) -> Result<String, Problem> {
        let now = app.now();
        let expires = now
            .checked_add(app.settings().token_lifetime)
            .unwrap_or(now);
        let hashed = digest(&SHA256, access.as_bytes());
        // OpenID Connect Core, 3.1.3.6: `at_hash` is the left half of the hash.
        let (half, _) = hashed.as_ref().split_at(hashed.as_ref().len() / 2);
        let names: Vec<String> = self.scopes.iter().map(|one| one.scope.clone()).collect();
        let mut claims = userinfo::claims(conn, self.identity_id, self.session.as_ref(), &names)
            .map_err(internal)?;
        claims["iss"] = Value::from(app.base_url());
        claims["aud"] = Value::from(self.client_id.to_string());
        claims["iat"] = Value::from(now.as_second());
        claims["exp"] = Value::from(expires.as_second());
        claims["at_hash"] = Value::from(URL_SAFE_NO_PAD.encode(half));
        if let Some(nonce) = self.nonce {
            claims["nonce"] = Value::from(nonce);
        }
        app.signer().sign(&claims).map_err(internal)
    }
}

fn authorization_code(
    app: &AppState,
    headers: &HeaderMap,
    form: &Pairs,
    all_consented: bool,
) -> Result<Value, Problem> {
    // Globus responds to an invalid code with 401, where RFC 6749 says 400.
    let bad = |why: &str| Problem::oauth(StatusCode::UNAUTHORIZED, "invalid_grant", why);
    let client = clients::authenticate(app, headers, form)?;
    let text = required(form, "code")?;
    let conn = app.store().lock();
    let code = authorize::find_code(app, &conn, text).map_err(internal)?;
    let code = code.ok_or_else(|| bad("the code is unknown or has expired"))?;
    let asked = &code.authorization;
    if asked.client_id != client.id {
        return Err(bad("the code was issued to another client"));
    }
    if code.used {
        // A second use means that the code has leaked. Which of the two users is the right one is unknown, so
        // the tokens of the first use are revoked, too (RFC 6749, 4.1.2).
        tokens::revoke_family(&conn, code.family).map_err(internal)?;
        return Err(bad("the code was used before"));
    }
    if form.get("redirect_uri") != Some(asked.redirect_uri.as_str()) {
        return Err(bad("redirect_uri is not the one the code was sent to"));
    }
    match (
        asked.code_challenge.as_deref(),
        form.filled("code_verifier"),
    ) {
        (Some(challenge), Some(verifier)) => {
            let computed = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
            if computed != challenge {
                return Err(bad("code_verifier does not match the code_challenge"));
            }
        }
        (Some(_), None) => return Err(bad("code_verifier is required")),
        (None, Some(_)) => return Err(bad("there was no code_challenge")),
        (None, None) => {}
    }
    // One transaction, so that a code is marked as used if and only if its tokens exist.
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    authorize::spend_code(&transaction, text).map_err(internal)?;
    let parties = ConsentParties {
        identity: code.identity_id,
        client: client.id,
    };
    let names = scopes::parse(&asked.scope).unwrap_or_default();
    let roots = consents::list_roots(&transaction, parties).map_err(internal)?;
    let mut granted: Vec<GrantedScope> = Vec::new();
    for name in &names {
        let consent = roots.iter().find(|root| root.scope == name.name);
        let consent = consent.ok_or_else(|| bad("the consent was revoked"))?;
        granted.push(consent.granted_scope());
    }
    if all_consented {
        // Earlier consents are included on request only: without this parameter, a token never has more
        // scopes than its login asked for, even if the app once had others.
        let more = roots.iter().map(consents::Consent::granted_scope);
        let more: Vec<GrantedScope> = more.filter(|one| !granted.contains(one)).collect();
        granted.extend(more);
    }
    let grant = Grant {
        client_id: client.id,
        identity_id: code.identity_id,
        scopes: &granted,
        family: code.family,
        session: sessions::by_id(&transaction, Some(code.session)).map_err(internal)?,
        offline: asked.offline,
        nonce: asked.nonce.as_deref(),
        state: asked.state.as_deref(),
    };
    let answer = grant.answer(app, &transaction)?;
    transaction.commit().map_err(internal)?;
    Ok(answer)
}

fn refresh_token(app: &AppState, headers: &HeaderMap, form: &Pairs) -> Result<Value, Problem> {
    let bad = |why: &str| refused("invalid_grant", why);
    let client = clients::authenticate(app, headers, form)?;
    let text = required(form, "refresh_token")?;
    let conn = app.store().lock();
    let token = tokens::find(app, &conn, text).map_err(internal)?;
    let token = token
        .filter(|token| token.kind == Kind::Refresh && token.client_id == client.id)
        .ok_or_else(|| bad("the refresh token is unknown, revoked or another client's"))?;

    let mut scopes = token.granted.clone();
    if let Some(narrower) = form.filled("scope") {
        let narrower =
            scopes::parse(narrower).map_err(|error| refused("invalid_scope", error.to_string()))?;
        if narrower
            .iter()
            .any(|asked| scopes.iter().all(|granted| granted.scope != asked.name))
        {
            return Err(refused("invalid_scope", "more than was granted"));
        }
        scopes.retain(|granted| narrower.iter().any(|asked| asked.name == granted.scope));
    }
    // With rotation, `offline` makes the grant issue a new refresh token below; without it, the old one is
    // returned again.
    let rotation = app.settings().refresh_token_grace;
    let grant = Grant {
        client_id: client.id,
        identity_id: token.identity_id,
        scopes: &scopes,
        family: token.family,
        session: sessions::by_id(&conn, token.session).map_err(internal)?,
        offline: rotation.is_some(),
        nonce: None,
        state: None,
    };
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    let mut answer = grant.answer(app, &transaction)?;
    match rotation {
        Some(grace) => tokens::retire(app, &transaction, &token, grace).map_err(internal)?,
        None => answer["refresh_token"] = Value::from(text),
    }
    transaction.commit().map_err(internal)?;
    Ok(answer)
}

fn client_credentials(app: &AppState, headers: &HeaderMap, form: &Pairs) -> Result<Value, Problem> {
    let client = clients::authenticate_confidential(app, headers, form)?;
    let asked = scopes::parse(form.get("scope").unwrap_or_default())
        .map_err(|error| refused("invalid_scope", error.to_string()))?;
    // No refresh token: a client can use its secret again.
    let (_, mut asked) = scopes::without_offline(asked);
    if asked.is_empty() {
        return Err(refused("invalid_scope", "no scope was requested"));
    }
    let conn = app.store().lock();
    reject_unknown_scopes(&conn, &asked)?;
    scopes::with_included(&conn, &mut asked).map_err(internal)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    let parties = ConsentParties {
        identity: client.id,
        client: client.id,
    };
    let granted =
        consents::grant(&transaction, parties, &asked, automatic_consent(app)).map_err(internal)?;
    let grant = Grant {
        client_id: client.id,
        identity_id: client.id,
        scopes: &granted,
        family: Uuid::new_v4(),
        session: None,
        offline: false,
        nonce: None,
        state: None,
    };
    let answer = grant.answer(app, &transaction)?;
    transaction.commit().map_err(internal)?;
    Ok(answer)
}

fn dependent_token(app: &AppState, headers: &HeaderMap, form: &Pairs) -> Result<Value, Problem> {
    let client = clients::authenticate_confidential(app, headers, form)?;
    let text = required(form, "token")?;
    let conn = app.store().lock();
    let token = tokens::find(app, &conn, text).map_err(internal)?;
    let token = token
        .filter(|token| token.kind == Kind::Access && belongs_to(token, client))
        .ok_or_else(|| {
            Problem::oauth(
                StatusCode::UNAUTHORIZED,
                "invalid_grant",
                "the token is unknown, expired or meant for another resource server",
            )
        })?;

    let asked = match form.filled("scope") {
        Some(text) => {
            scopes::parse(text).map_err(|error| refused("invalid_scope", error.to_string()))?
        }
        None => Vec::new(),
    };
    reject_unknown_scopes(&conn, &asked)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    let dependencies = dependencies(app, &transaction, &token, &asked)?;
    let grant = Grant {
        client_id: client.id,
        identity_id: token.identity_id,
        scopes: &dependencies,
        family: token.family,
        session: sessions::by_id(&conn, token.session).map_err(internal)?,
        offline: form.get("access_type") == Some("offline"),
        nonce: None,
        state: None,
    };
    let documents = grant.issue(app, &transaction).map_err(internal)?;
    transaction.commit().map_err(internal)?;
    Ok(Value::Array(documents))
}

/// The consents that a service may use on behalf of its caller: of the children of the token's consents,
/// all or the requested ones.
fn dependencies(
    app: &AppState,
    conn: &Connection,
    token: &Token,
    asked: &[Scope],
) -> Result<Vec<GrantedScope>, Problem> {
    let mut found: Vec<GrantedScope> = Vec::new();
    // The consents that are missing, and the scope string with which the app can request them.
    let mut wanted: Vec<(String, String)> = Vec::new();
    // Two kinds of services must work: those that registered their scopes' dependencies, for which only
    // these count, and those that did not, which may ask for anything.
    let mut registered = false;
    for root in &token.granted {
        let below = consents::list_below(conn, root.consent).map_err(internal)?;
        found.extend(below.iter().map(consents::Consent::granted_scope));
        let known = registry::by_text(conn, &root.scope).map_err(internal)?;
        let Some(known) = known else { continue };
        registered = true;
        let Some(consent) = consents::by_id(conn, root.consent).map_err(internal)? else {
            continue;
        };
        for one in &known.dependent_scopes {
            let Some(name) = registry::text_of(conn, one.scope).map_err(internal)? else {
                continue;
            };
            let is_wanted = match asked.is_empty() {
                true => !one.optional,
                false => asked.iter().any(|scope| scope.name == name),
            };
            if is_wanted {
                let text = consents::scope_string(conn, &consent, &name).map_err(internal)?;
                wanted.push((name, text));
            }
        }
    }
    wanted.retain(|(name, _)| found.iter().all(|one| one.scope != *name));
    // Reported before the requested scopes are validated: an app can fix a missing consent, but not a scope
    // that its service does not depend on.
    if !wanted.is_empty() {
        let missing = wanted.into_iter().map(|(_, text)| text).collect();
        return Err(Problem::dependent_consent_required(missing));
    }
    if asked.is_empty() {
        return Ok(found);
    }
    if !registered {
        // Its scopes have no registered dependencies, so the service's request is taken as correct.
        return grant_requested(app, conn, token, asked);
    }
    for scope in asked {
        if found.iter().all(|one| one.scope != scope.name) {
            let message = format!("no scope of the token depends on {}", scope.name);
            return Err(refused("invalid_scope", message));
        }
    }
    found.retain(|one| asked.iter().any(|scope| scope.name == one.scope));
    Ok(found)
}

fn grant_requested(
    app: &AppState,
    conn: &Connection,
    token: &Token,
    asked: &[Scope],
) -> Result<Vec<GrantedScope>, Problem> {
    let root = match token.granted.first() {
        Some(root) => consents::by_id(conn, root.consent).map_err(internal)?,
        None => None,
    };
    let Some(root) = root else {
        return Ok(Vec::new());
    };
    let parties = ConsentParties {
        identity: token.identity_id,
        client: root.root_client,
    };
    consents::grant_below(conn, parties, Some(&root), asked, automatic_consent(app))
        .map_err(internal)
}

/// Whether refresh tokens may be issued for all of these scopes.
fn allow_refresh(conn: &Connection, granted: &[GrantedScope]) -> rusqlite::Result<bool> {
    for one in granted {
        let known = registry::by_text(conn, &one.scope)?;
        if known.is_some_and(|known| !known.allows_refresh_token) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Issues a token with all scopes of a service, for a client that is used for nothing else.
pub(super) fn for_seed(
    app: &AppState,
    conn: &Connection,
    identity: Uuid,
    resource_server: &str,
) -> rusqlite::Result<String> {
    let all: Vec<String> = scopes::of_services()
        .filter(|scope| scopes::resource_server(scope).as_deref() == Some(resource_server))
        .collect();
    let all = scopes::parse(&all.join(" ")).unwrap_or_default();
    // Consents are stored per client. With the nil client, those of the seed never appear among the
    // consents of a real app, and its tokens can be revoked together.
    let client = Uuid::nil();
    let parties = ConsentParties { identity, client };
    let granted = consents::grant(conn, parties, &all, automatic_consent(app))?;
    tokens::issue(
        app,
        conn,
        &NewToken {
            kind: Kind::Access,
            client_id: client,
            identity_id: identity,
            resource_server,
            granted: &granted,
            family: Uuid::nil(),
            session: None,
        },
    )
}

fn automatic_consent(app: &AppState) -> ConsentOptions {
    ConsentOptions {
        at: app.now(),
        offline: false,
        automatic: true,
    }
}

fn reject_unknown_scopes(conn: &Connection, asked: &[Scope]) -> Result<(), Problem> {
    let unknown = scopes::unknown(conn, asked).map_err(internal)?;
    if unknown.is_empty() {
        return Ok(());
    }
    let message = format!("unknown scopes: {}", unknown.join(" "));
    Err(refused("invalid_scope", message))
}

fn belongs_to(token: &Token, client: ClientAuth) -> bool {
    token.resource_server == client.id.to_string()
}
