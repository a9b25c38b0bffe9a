//! `/v2/bookmarks…`

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Bookmark, find, name, of_owner, path, remove};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::collections;
use crate::transfer::jsonapi::{JsonApiError, Page, Resource, meta, wrong_parameter};
use crate::transfer::request::{Body, Query, Target, User};
use crate::transfer::respond::answer;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v2/bookmarks", get(list).post(create))
        .route(
            "/v2/bookmarks/{bookmark_id}",
            get(show).patch(update).delete(delete),
        )
}

impl Bookmark {
    fn resource(&self) -> Json {
        json!({
            "type": "Bookmark",
            "id": self.id,
            "attributes": { "name": self.name, "path": self.path, "pinned": self.pinned },
            "relationships": {
                "collection": { "data": { "type": "Collection", "id": self.collection } },
            },
        })
    }
}

/// Short documents of the bookmarked collections, without duplicates and deleted collections.
fn included(conn: &Connection, bookmarks: &[Bookmark]) -> rusqlite::Result<Vec<Json>> {
    let mut ids: Vec<Uuid> = bookmarks
        .iter()
        .map(|bookmark| bookmark.collection)
        .collect();
    ids.sort();
    ids.dedup();
    let mut documents = Vec::new();
    for id in ids {
        if let Some(collection) = collections::find(conn, id)? {
            documents.push(json!({
                "type": "Collection",
                "id": id,
                "attributes": {
                    "display_name": collection.display_name(),
                    "high_assurance": false,
                },
            }));
        }
    }
    Ok(documents)
}

fn document(bookmark: &Bookmark) -> Json {
    json!({ "data": bookmark.resource(), "meta": meta() })
}

/// Whether `include` requests the collections.
fn with_collections(query: &Query) -> Result<bool, JsonApiError> {
    match query.filled("include") {
        None => Ok(false),
        Some("collection") => Ok(true),
        Some(_) => {
            let message = "Input should be 'collection'";
            Err(wrong_parameter("include", message, "literal_error"))
        }
    }
}

async fn list(
    State(app): State<AppState>,
    User(caller): User,
    uri: Uri,
    query: Query,
) -> Result<Response, JsonApiError> {
    let page = Page::from_query(&query)?;
    let with_collections = with_collections(&query)?;
    let conn = app.store().lock();
    let (bookmarks, links) = page.paginate(&app, &uri, of_owner(&conn, caller.identity_id)?);
    let resources: Vec<Json> = bookmarks.iter().map(Bookmark::resource).collect();
    let mut list = json!({ "data": resources, "links": links, "meta": meta() });
    if with_collections {
        list["included"] = json!(included(&conn, &bookmarks)?);
    }
    Ok(answer(StatusCode::OK, list))
}

async fn create(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, JsonApiError> {
    let resource = Resource::from_body(&body, "Bookmark")?;
    let attributes = resource.object("attributes")?;
    let name = name(attributes.text("name")?)?;
    let path = path(attributes.text("path")?)?;
    let pinned = attributes.optional_flag("pinned")?.unwrap_or(false);
    let collection = resource.related("collection", "Collection")?;
    let conn = app.store().lock();
    let collection = collections::visible(&app, &conn, &caller, &collection.to_string())?;
    let bookmark = Bookmark {
        id: Uuid::new_v4(),
        name,
        collection: collection.id,
        path,
        pinned,
    };
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::CREATED, document(&bookmark)))
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, JsonApiError> {
    let with_collections = with_collections(&query)?;
    let conn = app.store().lock();
    let bookmark = find(&conn, caller.identity_id, &id)?;
    let mut document = document(&bookmark);
    if with_collections {
        document["included"] = json!(included(&conn, std::slice::from_ref(&bookmark))?);
    }
    Ok(answer(StatusCode::OK, document))
}

async fn update(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, JsonApiError> {
    let conn = app.store().lock();
    let mut bookmark = find(&conn, caller.identity_id, &id)?;
    change(&mut bookmark, &body)?;
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::OK, document(&bookmark)))
}

fn change(bookmark: &mut Bookmark, body: &Map<String, Json>) -> Result<(), JsonApiError> {
    let attributes = Resource::from_body(body, "Bookmark")?.object("attributes")?;
    if let Some(text) = attributes.optional_text("name")? {
        bookmark.name = name(text)?;
    }
    if let Some(text) = attributes.optional_text("path")? {
        bookmark.path = path(text)?;
    }
    if let Some(pinned) = attributes.optional_flag("pinned")? {
        bookmark.pinned = pinned;
    }
    Ok(())
}

async fn delete(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
) -> Result<Response, Problem> {
    remove(&app.store().lock(), caller.identity_id, &id)?;
    Ok(answer(StatusCode::OK, json!({ "meta": meta() })))
}
