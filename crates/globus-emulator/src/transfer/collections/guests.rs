//! Guest collections: creation, and lists of those on a host.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    Collection, Files, Host, Known, Unreachable, collection_document, guests_on, routes, settings,
};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::transfer::authz::{Access, EffectiveRoles};
use crate::transfer::files::{CollectionPath, Found, PathError};
use crate::transfer::operations::problems::{directory_not_found, disconnected};
use crate::transfer::request::{
    Body, Members, Query, User, bad_request, invalid_path, missing, shortened,
};
use crate::transfer::respond::{answer, blocking};

/// The default and maximum page size of ids.
const PAGE: usize = 1_000;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/shared_endpoint", post(create))
        .route(
            "/v0.10/endpoint/{endpoint_id}/my_shared_endpoint_list",
            get(mine),
        )
        .route(
            "/v0.10/endpoint/{endpoint_id}/shared_endpoint_list",
            get(ids),
        )
}

async fn create(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["shared_endpoint"])?;
    let host = match members.text("host_endpoint_id")? {
        Some(id) => id,
        None => members
            .text("host_endpoint")?
            .ok_or_else(|| missing("host_endpoint_id"))?,
    };
    let text = members.required_text("host_path")?.to_owned();
    let path = CollectionPath::parse_absolute(&text).map_err(|why| invalid_path(&text, &why))?;
    let settings = settings::created(&body)?;

    // Everybody with access to a directory can share it: that needs no role on the host.
    let host = super::usable(&app, &caller, host)?;
    if host.collection.is_guest() {
        return Err(bad_request(format!(
            "'{}' is a guest collection: it cannot host another one",
            host.collection.id
        )));
    }
    let host = blocking(move || {
        let directory = require_directory(&host, &path, &text)?;
        Ok((host.collection, directory))
    });
    let (host, path) = host.await?;
    let mut host_path = path.to_string();
    if !host_path.ends_with('/') {
        host_path.push('/');
    }
    let collection = Collection {
        id: Uuid::new_v4(),
        owner: caller.identity_id,
        owner_string: caller.username.clone(),
        folder: None,
        host: Some(Host {
            id: host.id,
            path: host_path,
            owner: Some(host.owner),
            display_name: Some(host.display_name().to_owned()),
        }),
        configured: false,
        setup_key: None,
        quota: None,
        settings,
    };
    collection.store(&app.store().lock())?;
    Ok(routes::created(&collection))
}

/// Checks that the shared directory exists. Its path is resolved now: later changes of links on the way
/// have no effect.
fn require_directory(
    host: &Files,
    path: &CollectionPath,
    text: &str,
) -> Result<CollectionPath, Problem> {
    let root = host.root(Access::Read).map_err(|why| match why {
        Unreachable::Disconnected => disconnected(&host.collection),
        Unreachable::NoDirectory => directory_not_found(text),
    })?;
    match root.follow(path) {
        // The resolved path is stored, not the one that was sent.
        Ok(Found::Folder(folder)) => Ok(folder.path()),
        Ok(_) => Err(bad_request(format!(
            "The host_path '{}' is not a directory",
            shortened(text)
        ))),
        Err(PathError::Outside) => Err(Problem::transfer(
            StatusCode::FORBIDDEN,
            "EndpointPermissionDenied",
            format!("The host_path '{}' is not allowed", shortened(text)),
        )),
        Err(_) => Err(directory_not_found(text)),
    }
}

/// The guest collections on a host that the caller manages.
async fn mine(
    State(app): State<AppState>,
    known: Known,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut guests = Vec::new();
    for guest in guests_on(&conn, known.collection.id)? {
        if EffectiveRoles::load(&app, &conn, &guest, known.caller.identity_id)?.manages_access() {
            guests.push(guest);
        }
    }
    list(&app, &conn, &guests, &known.caller, &query)
}

/// A list of guest collections on a single page.
pub(in crate::transfer) fn list(
    app: &AppState,
    conn: &rusqlite::Connection,
    guests: &[Collection],
    caller: &Caller,
    query: &Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let documents: Vec<Json> = guests
        .iter()
        .map(|guest| {
            let document = collection_document::document(app, conn, guest, caller.identity_id)?;
            Ok(fields.pick(document))
        })
        .collect::<rusqlite::Result<_>>()?;
    let list = json!({
        "DATA_TYPE": "endpoint_list",
        "length": documents.len(),
        "limit": documents.len(),
        "offset": 0,
        "total": documents.len(),
        "has_next_page": false,
        "DATA": documents,
    });
    Ok(answer(StatusCode::OK, list))
}

/// The ids of all guest collections on a host.
async fn ids(State(app): State<AppState>, known: Known, query: Query) -> Result<Response, Problem> {
    let host = known.administrator()?;
    let limit = query.number("max_results")?.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(bad_request(format!(
            "'max_results' must be a number from 1 to {PAGE}"
        )));
    }
    // A page starts after the last id of the previous one, so deletions in between do not matter.
    let after = query.id("next_token")?;
    let mut ids: Vec<Uuid> = guests_on(&app.store().lock(), host.id)?
        .into_iter()
        .map(|guest| guest.id)
        .filter(|id| after.is_none_or(|after| *id > after))
        .collect();
    // Sorted by id, the only order that pages can continue from.
    ids.sort();
    let more = ids.len() > limit;
    ids.truncate(limit);
    let fields = query.fields();
    let documents: Vec<Json> = ids
        .iter()
        .map(|id| fields.pick(json!({ "DATA_TYPE": "shared_endpoint", "id": id })))
        .collect();
    let page = json!({
        "DATA_TYPE": "shared_endpoint_list",
        "shared_endpoints": documents,
        "next_token": ids.last().filter(|_| more),
    });
    Ok(answer(StatusCode::OK, page))
}
