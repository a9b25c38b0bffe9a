//! Operations on pause rules, for managers and for affected users.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{ManagerPermission, collection, denied};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::transfer::authz::EffectiveRoles;
use crate::transfer::collections::{self, Known};
use crate::transfer::engine;
use crate::transfer::pause_rules::{self, PausableOperation, Rule};
use crate::transfer::request::{Body, Members, Query, Target, User, bad_request, shortened};
use crate::transfer::respond::{answer, done, not_found};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint_manager/pause_rule_list", get(list))
        .route("/v0.10/endpoint_manager/pause_rule", post(create))
        .route(
            "/v0.10/endpoint_manager/pause_rule/{pause_rule_id}",
            get(show).put(update).delete(remove),
        )
        .route(
            "/v0.10/endpoint/{endpoint_id}/my_effective_pause_rule_list",
            get(effective),
        )
}

/// Whether the caller may see a rule, and whether they may change it.
struct Rights {
    sees: bool,
    changes: bool,
}

impl Rights {
    fn load(
        app: &AppState,
        conn: &Connection,
        caller: &Caller,
        rule: &Rule,
    ) -> rusqlite::Result<Self> {
        let Some(collection) = collections::find(conn, rule.collection)? else {
            return Ok(Self {
                sees: false,
                changes: false,
            });
        };
        let own = EffectiveRoles::load(app, conn, &collection, caller.identity_id)?;
        let host = EffectiveRoles::load_for_host(app, conn, &collection, caller.identity_id)?;
        Ok(Self {
            sees: own.monitors_activity() || host.monitors_activity(),
            // Managers of a guest collection cannot change the rules of its host.
            changes: host.manages_activity()
                || (own.manages_activity() && !rule.created_by_host_manager),
        })
    }
}

/// The document of a rule as the caller sees it.
pub(super) fn document(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    rule: &Rule,
) -> rusqlite::Result<Json> {
    let rights = Rights::load(app, conn, caller, rule)?;
    rule.document(conn, rights.changes)
}

async fn list(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let (on, hosted_by) = (
        query.id("filter_endpoint")?,
        query.id("filter_host_endpoint")?,
    );
    let conn = app.store().lock();
    for endpoint in [on, hosted_by].into_iter().flatten() {
        collection(
            &app,
            &conn,
            &caller,
            &endpoint.to_string(),
            ManagerPermission::Monitor,
        )?;
    }
    let mut documents = Vec::new();
    for rule in pause_rules::all(&conn)? {
        let host = collections::find(&conn, rule.collection)?
            .and_then(|collection| collection.host)
            .map(|host| host.id);
        let wanted = on.is_none_or(|id| id == rule.collection || Some(id) == host)
            && (hosted_by.is_none() || hosted_by == host);
        let rights = Rights::load(&app, &conn, &caller, &rule)?;
        if wanted && rights.sees {
            documents.push(fields.pick(rule.document(&conn, rights.changes)?));
        }
    }
    let list = json!({
        "DATA_TYPE": "pause_rule_list",
        "length": documents.len(),
        "DATA": documents,
    });
    Ok(answer(StatusCode::OK, list))
}

async fn create(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["pause_rule"])?;
    let endpoint_id = members.required_text("endpoint_id")?;
    let message = members.required_text("message")?.to_owned();
    let identity = members
        .text("identity_id")?
        .map(|id| {
            Uuid::parse_str(id).map_err(|_| {
                bad_request(format!("The identity_id '{}' is not a UUID", shortened(id)))
            })
        })
        .transpose()?;
    let start = members.time("start_time")?;
    let holds = holds(&members, &[])?;
    let now = app.now();
    let document = {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        let collection = collection(
            &app,
            &transaction,
            &caller,
            endpoint_id,
            ManagerPermission::Manage,
        )?;
        let own = EffectiveRoles::load(&app, &transaction, &collection, caller.identity_id)?;
        let rule = Rule {
            id: Uuid::new_v4(),
            collection: collection.id,
            message,
            identity,
            start,
            modified: now,
            modified_by: (caller.identity_id, caller.username.clone()),
            // Decided at creation: it must not change with the roles of the creator.
            created_by_host_manager: !own.manages_activity(),
            holds,
        };
        rule.store(&transaction)?;
        pause_rules::refresh(&transaction, now)?;
        let document = rule.document(&transaction, true)?;
        transaction.commit()?;
        document
    };
    Ok(answer(StatusCode::CREATED, document))
}

/// The names of the flags that are true; absent ones keep their value.
fn holds(members: &Members<'_>, before: &[String]) -> Result<Vec<String>, Problem> {
    let mut holds = Vec::new();
    for operation in PausableOperation::ALL {
        let was = before.iter().any(|field| field == operation.field());
        if members.flag(operation.field())?.unwrap_or(was) {
            holds.push(operation.field().to_owned());
        }
    }
    Ok(holds)
}

/// The rule, if the caller manages its endpoint, and whether the caller may change it.
fn managed(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    id: &str,
) -> Result<(Rule, Rights), Problem> {
    let rule = pause_rules::find(conn, id)?
        .ok_or_else(|| not_found(format!("No such pause rule '{}'", shortened(id))))?;
    collection(
        app,
        conn,
        caller,
        &rule.collection.to_string(),
        ManagerPermission::Manage,
    )?;
    let rights = Rights::load(app, conn, caller, &rule)?;
    Ok((rule, rights))
}

/// Like [`managed`], for a change.
fn editable(app: &AppState, conn: &Connection, caller: &Caller, id: &str) -> Result<Rule, Problem> {
    let (rule, rights) = managed(app, conn, caller, id)?;
    if rights.changes {
        return Ok(rule);
    }
    Err(denied(
        "The rule was made by a manager of the host, and only they may change it",
    ))
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let (rule, rights) = managed(&app, &conn, &caller, &id)?;
    let document = rule.document(&conn, rights.changes)?;
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn update(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["pause_rule"])?;
    let now = app.now();
    let document = {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        let mut rule = editable(&app, &transaction, &caller, &id)?;
        if let Some(message) = members.text("message")? {
            message.clone_into(&mut rule.message);
        }
        if body.contains_key("start_time") {
            rule.start = members.time("start_time")?;
        }
        rule.holds = holds(&members, &rule.holds)?;
        rule.modified = now;
        rule.modified_by = (caller.identity_id, caller.username.clone());
        rule.store(&transaction)?;
        pause_rules::refresh(&transaction, now)?;
        let document = rule.document(&transaction, true)?;
        transaction.commit()?;
        document
    };
    engine::dispatch(&app);
    Ok(answer(StatusCode::OK, document))
}

async fn remove(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
) -> Result<Response, Problem> {
    let now = app.now();
    {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        let rule = editable(&app, &transaction, &caller, &id)?;
        pause_rules::remove(&transaction, rule.id)?;
        pause_rules::refresh(&transaction, now)?;
        transaction.commit()?;
    }
    engine::dispatch(&app);
    Ok(done("Deleted", "Pause rule deleted successfully"))
}

/// The rules that affect the caller.
async fn effective(
    State(app): State<AppState>,
    known: Known,
    query: Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let conn = app.store().lock();
    let user = known.caller.identity_id;
    let documents: Vec<Json> =
        pause_rules::list_effective(&conn, &known.collection, user, app.now())?
            .iter()
            .map(|rule| Ok(fields.pick(rule.limited(&conn)?)))
            .collect::<rusqlite::Result<_>>()?;
    let list = json!({
        "DATA_TYPE": "pause_rule_limited_list",
        "length": documents.len(),
        "DATA": documents,
    });
    Ok(answer(StatusCode::OK, list))
}
