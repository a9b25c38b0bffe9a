//! `/v0.10/bookmark…`

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Bookmark, find, name, of_owner, path, remove};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::collections;
use crate::transfer::request::{Body, Members, Query, Target, User};
use crate::transfer::respond::{answer, done};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/bookmark_list", get(list))
        .route("/v0.10/bookmark", post(create))
        .route(
            "/v0.10/bookmark/{bookmark_id}",
            get(show).put(update).delete(delete),
        )
}

impl Bookmark {
    fn document(&self) -> Json {
        let slash = if self.path.ends_with('/') { "" } else { "/" };
        json!({
            "DATA_TYPE": "bookmark",
            "id": self.id,
            "name": self.name,
            "endpoint_id": self.collection,
            "path": format!("{}{slash}", self.path),
            "pinned": self.pinned,
        })
    }
}

async fn list(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let bookmarks = of_owner(&app.store().lock(), caller.identity_id)?;
    let documents: Vec<Json> = bookmarks
        .iter()
        .map(|bookmark| fields.pick(bookmark.document()))
        .collect();
    let list = json!({
        "DATA_TYPE": "bookmark_list",
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
    members.data_type(&["bookmark"])?;
    let name = name(members.required_text("name")?)?;
    let path = path(members.required_text("path")?)?;
    let pinned = members.flag("pinned")?.unwrap_or(false);
    let endpoint_id = members.required_text("endpoint_id")?;
    let conn = app.store().lock();
    let collection = collections::visible(&app, &conn, &caller, endpoint_id)?;
    let bookmark = Bookmark {
        id: Uuid::new_v4(),
        name,
        collection: collection.id,
        path,
        pinned,
    };
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::CREATED, bookmark.document()))
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let bookmark = find(&app.store().lock(), caller.identity_id, &id)?;
    let document = bookmark.document();
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn update(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["bookmark"])?;
    let conn = app.store().lock();
    let mut bookmark = find(&conn, caller.identity_id, &id)?;
    if let Some(text) = members.text("name")? {
        bookmark.name = name(text)?;
    }
    if let Some(pinned) = members.flag("pinned")? {
        bookmark.pinned = pinned;
    }
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::OK, bookmark.document()))
}

async fn delete(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
) -> Result<Response, Problem> {
    remove(&app.store().lock(), caller.identity_id, &id)?;
    Ok(done(
        "Deleted",
        &format!("Bookmark {id} deleted successfully"),
    ))
}
