//! `/v2/bookmarks…`

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Bookmark, find, name, of_owner, path, remove};
use crate::problem::Problem;
use crate::state::App;
use crate::transfer::collections;
use crate::transfer::jsonapi::{Refusal, Resource, meta};
use crate::transfer::request::{Body, Target, User};
use crate::transfer::respond::answer;

pub(super) fn router() -> Router<App> {
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
            "attributes": { "name": self.name, "path": self.path },
            "relationships": {
                "collection": { "data": { "type": "Collection", "id": self.collection } },
            },
        })
    }
}

/// The collections of bookmarks, in short and each once; those that are no more are left out.
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

fn document(conn: &Connection, bookmark: &Bookmark) -> rusqlite::Result<Json> {
    let included = included(conn, std::slice::from_ref(bookmark))?;
    Ok(json!({ "data": bookmark.resource(), "included": included, "meta": meta() }))
}

async fn list(State(app): State<App>, User(caller): User) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let bookmarks = of_owner(&conn, caller.identity_id)?;
    let resources: Vec<Json> = bookmarks.iter().map(Bookmark::resource).collect();
    let list = json!({
        "data": resources,
        "included": included(&conn, &bookmarks)?,
        "links": { "next": null },
        "meta": meta(),
    });
    Ok(answer(StatusCode::OK, list))
}

async fn create(
    State(app): State<App>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let resource = Resource::of(&body, "Bookmark")?;
    let attributes = resource.object("attributes")?;
    let name = name(attributes.text("name")?)?;
    let path = path(attributes.text("path")?)?;
    let collection = resource.related("collection", "Collection")?;
    let conn = app.store().lock();
    let collection = collections::visible(&app, &conn, &caller, &collection.to_string())?;
    let bookmark = Bookmark {
        id: Uuid::new_v4(),
        name,
        collection: collection.id,
        path,
        pinned: false,
    };
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::CREATED, document(&conn, &bookmark)?))
}

async fn show(
    State(app): State<App>,
    User(caller): User,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let bookmark = find(&conn, caller.identity_id, &id)?;
    Ok(answer(StatusCode::OK, document(&conn, &bookmark)?))
}

async fn update(
    State(app): State<App>,
    User(caller): User,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let conn = app.store().lock();
    let mut bookmark = find(&conn, caller.identity_id, &id)?;
    change(&mut bookmark, &body)?;
    bookmark.store(&conn, caller.identity_id)?;
    Ok(answer(StatusCode::OK, document(&conn, &bookmark)?))
}

fn change(bookmark: &mut Bookmark, body: &Map<String, Json>) -> Result<(), Refusal> {
    let attributes = Resource::of(body, "Bookmark")?.object("attributes")?;
    if let Some(text) = attributes.optional_text("name")? {
        bookmark.name = name(text)?;
    }
    if let Some(text) = attributes.optional_text("path")? {
        bookmark.path = path(text)?;
    }
    Ok(())
}

async fn delete(
    State(app): State<App>,
    User(caller): User,
    Target(id): Target,
) -> Result<Response, Problem> {
    remove(&app.store().lock(), caller.identity_id, &id)?;
    Ok(answer(StatusCode::OK, json!({ "meta": meta() })))
}
