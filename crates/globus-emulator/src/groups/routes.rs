//! Groups: create, show, update, delete.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::authz::{
    Body, Members, Reader, Target, VisibleGroup, Writer, bad_request, forbidden, internal,
    invalid_member,
};
use super::group_document::{self, Include};
use super::policies;
use super::store::{self, Group, MAX_LEVELS, MAX_SUBGROUPS, Membership, Policies, Role};
use crate::app_state::AppState;
use crate::params::Query;
use crate::problem::Problem;

/// Maximum number of active memberships of a person who creates a group.
const MAX_MEMBERSHIPS: usize = 1_000;

/// `GET /v2/groups/my_groups`
pub(super) async fn mine(
    State(app): State<AppState>,
    reader: Reader,
    query: Query,
) -> Result<Response, Problem> {
    let statuses = query.filled("statuses").unwrap_or("active");
    let statuses: Vec<&str> = statuses.split(',').map(str::trim).collect();
    let conn = app.store().lock();
    let mut documents = Vec::new();
    for id in groups_of(&conn, &reader).map_err(internal)? {
        let Some(group) = store::group(&conn, id).map_err(internal)? else {
            continue;
        };
        let mut own = reader.own(&conn, id).map_err(internal)?;
        own.retain(|one| statuses.contains(&one.status.as_str()));
        if !own.is_empty() {
            let visible = VisibleGroup { group, own };
            let document =
                group_document::group(&app, &conn, &reader, &visible, &Include::default());
            documents.push(document.map_err(internal)?);
        }
    }
    Ok(Json(Value::Array(documents)).into_response())
}

/// All groups in which an identity of the caller has or had a membership.
fn groups_of(conn: &Connection, reader: &Reader) -> rusqlite::Result<Vec<Uuid>> {
    let mut found: Vec<Uuid> = Vec::new();
    for identity in &reader.identities {
        for one in store::of_identity(conn, *identity)? {
            for id in store::ancestry(conn, one.group)? {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
    }
    Ok(found)
}

/// The statuses of memberships that are counted.
const STATUSES: [&str; 7] = [
    "active", "invited", "pending", "rejected", "removed", "left", "declined",
];

/// `GET /v2/groups/statuses`: numbers of memberships in the groups that the caller manages.
pub(super) async fn statuses(
    State(app): State<AppState>,
    reader: Reader,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut counted = Map::new();
    for id in groups_of(&conn, &reader).map_err(internal)? {
        let own = reader.own(&conn, id).map_err(internal)?;
        if !own
            .iter()
            .any(|one| one.is("active") && one.role >= Role::Manager)
        {
            continue;
        }
        let members = store::members(&conn, id).map_err(internal)?;
        let count = |status: &str| members.iter().filter(|one| one.is(status)).count();
        let counts: Map<String, Value> = STATUSES
            .iter()
            .map(|status| ((*status).to_owned(), json!(count(status))))
            .collect();
        counted.insert(id.to_string(), Value::Object(counts));
    }
    Ok(Json(Value::Object(counted)).into_response())
}

/// `GET /v2/groups/{group_id}/children`: the subgroups that are visible to the caller.
pub(super) async fn children(
    State(app): State<AppState>,
    reader: Reader,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let include = Include::parse(query.get("include"));
    let conn = app.store().lock();
    reader.load_accessible(&app, &conn, id)?;
    let mut documents = Vec::new();
    for child in store::children(&conn, id).map_err(internal)? {
        let visible = match reader.load_accessible(&app, &conn, child) {
            Ok(visible) => visible,
            Err(problem) if problem.is_internal() => return Err(problem),
            // Invisible groups are omitted, as if they did not exist.
            Err(_) => continue,
        };
        let document = group_document::group(&app, &conn, &reader, &visible, &include);
        documents.push(document.map_err(internal)?);
    }
    Ok(Json(json!({ "children": documents })).into_response())
}

/// `POST /v2/groups`
pub(super) async fn create(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    let name = members.name("name")?;
    let name = name.ok_or_else(|| invalid_member("name", "field required"))?;
    let mut rules = Policies::default();
    if let Some(Value::Object(asked)) = body.get("policies") {
        policies::update(&mut rules, &Members(asked))?;
    }
    let group = Group {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        description: members.text("description")?.flatten().map(str::to_owned),
        terms: members
            .text("terms_and_conditions")?
            .flatten()
            .map(str::to_owned),
        parent: members.id("parent_id")?.flatten(),
        policies: rules,
        subscription: None,
        verified: None,
    };
    let conn = app.store().lock();
    let own = reader.identities.iter();
    let active: usize = own
        .map(|id| store::active_groups(&conn, *id).map(|groups| groups.len()))
        .sum::<rusqlite::Result<_>>()
        .map_err(internal)?;
    if active > MAX_MEMBERSHIPS {
        let message = format!("Members of more than {MAX_MEMBERSHIPS} groups cannot create groups");
        return Err(forbidden(message));
    }
    if let Some(parent) = group.parent {
        // A subgroup's members become members of the parent, so only its administrators may add one.
        reader.load_with_role(&app, &conn, parent, Role::Admin)?;
        fits_into(&conn, parent)?;
    }
    let administrator = Membership {
        group: group.id,
        source: None,
        identity: reader.caller.identity_id,
        role: Role::Admin,
        status: String::from("active"),
        reason: None,
        invite_email: None,
        invite_time: None,
        updated: app.now(),
    };
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    group.store(&transaction, app.now()).map_err(internal)?;
    administrator.store(&transaction).map_err(internal)?;
    transaction.commit().map_err(internal)?;
    let answer = shown(&app, &conn, &reader, group.id)?;
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Rejects a subgroup if the tree is too large or too deep.
fn fits_into(conn: &Connection, parent: Uuid) -> Result<(), Problem> {
    let line = store::ancestry(conn, parent).map_err(internal)?;
    if line.len() > MAX_LEVELS {
        let message = format!("A group may be {MAX_LEVELS} levels below the outermost one at most");
        return Err(bad_request("TREE_TOO_DEEP", message));
    }
    // The limit counts the whole tree, so the descendants of the root are counted and not those of the
    // parent.
    let root = line.last().copied().unwrap_or(parent);
    let inside = store::descendants(conn, root).map_err(internal)?;
    if inside.len() >= MAX_SUBGROUPS {
        let message = format!("A tree has {MAX_SUBGROUPS} groups at most below the outermost one");
        return Err(bad_request("TREE_TOO_LARGE", message));
    }
    Ok(())
}

/// The document of the group after a change.
fn shown(
    app: &AppState,
    conn: &Connection,
    reader: &Reader,
    id: Uuid,
) -> Result<Json<Value>, Problem> {
    let visible = reader.load_visible(conn, id)?;
    let document = group_document::group(app, conn, reader, &visible, &Include::default());
    Ok(Json(document.map_err(internal)?))
}

/// `GET /v2/groups/{group_id}`
pub(super) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let include = Include::parse(query.get("include"));
    let conn = app.store().lock();
    let visible = reader.load_accessible(&app, &conn, id)?;
    let document =
        group_document::group(&app, &conn, &reader, &visible, &include).map_err(internal)?;
    Ok(Json(document).into_response())
}

/// `PUT /v2/groups/{group_id}`
pub(super) async fn update(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    let conn = app.store().lock();
    let mut group = reader.load_with_role(&app, &conn, id, Role::Admin)?.group;
    if let Some(name) = members.name("name")? {
        name.clone_into(&mut group.name);
    }
    if let Some(text) = members.text("description")? {
        group.description = text.map(str::to_owned);
    }
    if let Some(text) = members.text("terms_and_conditions")? {
        group.terms = text.map(str::to_owned);
    }
    if let Some(verified) = members.id("subscription_admin_verified_id")? {
        if verified.is_some() && verified != group.verified {
            return Err(forbidden(
                "Administrators of the group can only clear subscription_admin_verified_id",
            ));
        }
        group.verified = verified;
    }
    group.store(&conn, app.now()).map_err(internal)?;
    Ok(shown(&app, &conn, &reader, id)?.into_response())
}

/// `DELETE /v2/groups/{group_id}`
pub(super) async fn delete(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let visible = reader.load_with_role(&app, &conn, id, Role::Admin)?;
    if !store::children(&conn, id).map_err(internal)?.is_empty() {
        let message = "There are groups inside this one: delete those first";
        return Err(bad_request("HAS_SUBGROUPS", message));
    }
    if visible.group.subscription.is_some() {
        let message = "The group provides a subscription";
        return Err(bad_request("PROVIDES_SUBSCRIPTION", message));
    }
    let was = shown(&app, &conn, &reader, id)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    store::delete(&transaction, id).map_err(internal)?;
    transaction.commit().map_err(internal)?;
    Ok(was.into_response())
}
