//! `/v0.10/endpoint…`: get, search, create, update, delete.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::search::{MAX_RESULTS, Search};
use super::{Administered, Collection, collection_document, settings};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::names::legacy_username;
use crate::transfer::request::{Body, Members, Query, Target, User, bad_request};
use crate::transfer::respond::{answer, done, result};
use crate::transfer::{authz, pause_rules};

/// Default page size.
const PAGE: usize = 100;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint_search", get(search))
        .route("/v0.10/endpoint", post(create))
        .route(
            "/v0.10/endpoint/{endpoint_id}",
            get(show).put(update).delete(remove),
        )
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let collection = super::visible(&app, &conn, &caller, &id)?;
    let document = collection_document::document(&app, &conn, &collection, caller.identity_id)?;
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn search(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let search = Search::parse(&query)?;
    let page = query.page(PAGE, MAX_RESULTS)?;
    let fields = query.fields();
    let conn = app.store().lock();
    let found = search.run(&app, &conn, &caller)?;
    let shown = found.iter().skip(page.offset).take(page.limit);
    let documents: Vec<Json> = shown
        .map(|collection| {
            collection_document::document(&app, &conn, collection, caller.identity_id)
                .map(|one| fields.pick(one))
        })
        .collect::<rusqlite::Result<_>>()?;
    let list = json!({
        "DATA_TYPE": "endpoint_list",
        "limit": page.limit,
        "offset": page.offset,
        "has_next_page": page.offset.saturating_add(documents.len()) < found.len() && !documents.is_empty(),
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
    members.data_type(&["endpoint"])?;
    if members.flag("is_globus_connect")? == Some(false) {
        return Err(bad_request(
            "Only endpoints of Globus Connect Personal can be created",
        ));
    }
    let collection = Collection {
        id: Uuid::new_v4(),
        owner: caller.identity_id,
        owner_string: caller.username.clone(),
        folder: None,
        host: None,
        configured: false,
        setup_key: Some(Uuid::new_v4().to_string()),
        quota: None,
        settings: settings::created(&body)?,
    };
    collection.store(&app.store().lock())?;
    Ok(created(&collection))
}

/// The response to the creation of an endpoint of any type.
pub(super) fn created(collection: &Collection) -> Response {
    let extra = json!({
        "id": collection.id,
        "canonical_name": format!("{}#{}", legacy_username(collection.owner), collection.id),
        "globus_connect_setup_key": collection.setup_key,
    });
    let document = result(
        "endpoint_create_result",
        "Created",
        "Endpoint created successfully",
        extra,
    );
    answer(StatusCode::CREATED, document)
}

async fn update(
    State(app): State<AppState>,
    Administered(mut collection): Administered,
    Body(body): Body,
) -> Result<Response, Problem> {
    Members(&body).data_type(&["endpoint", "shared_endpoint"])?;
    settings::update(&mut collection.settings, &body)?;
    collection.store(&app.store().lock())?;
    Ok(done("Updated", "Endpoint updated successfully"))
}

async fn remove(
    State(app): State<AppState>,
    Administered(collection): Administered,
) -> Result<Response, Problem> {
    let id = collection.id;
    let mut conn = app.store().lock();
    let transaction = conn.transaction()?;
    transaction.execute(
        "DELETE FROM transfer_collections WHERE id = ?1",
        [id.to_string()],
    )?;
    transaction.execute(
        "INSERT OR IGNORE INTO transfer_deleted_collections (id) VALUES (?1)",
        [id.to_string()],
    )?;
    authz::forget(&transaction, id)?;
    pause_rules::remove_all_on(&transaction, id)?;
    // Tasks that were paused by a rule on this collection continue, and then fail because it is gone.
    pause_rules::refresh(&transaction, app.now())?;
    transaction.commit()?;
    Ok(done("Deleted", "Endpoint deleted successfully"))
}
