//! What people say about themselves: to a group, and in general.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::authz::{Body, Reader, Target, Writer, forbidden, internal, invalid};
use super::policies::SIGNUP_FIELDS;
use super::store;
use crate::app_state::AppState;
use crate::problem::Problem;

/// Fields that can be set, but not required by a group.
const NAMES: &[&str] = &["first_name", "last_name", "organization"];

/// A document in a body, and the identity it belongs to.
type About<'a> = (Uuid, &'a Map<String, Value>);

/// Reads the members of a body, which are ids of the caller's identities.
fn by_identity<'a>(
    reader: &Reader,
    body: &'a Map<String, Value>,
) -> Result<Vec<About<'a>>, Problem> {
    let mut found = Vec::new();
    for (key, value) in body {
        let place = [json!("body"), json!(key)];
        let id = Uuid::parse_str(key)
            .map_err(|_| invalid(&place, "the key is not the id of an identity"))?;
        if !reader.identities.contains(&id) {
            return Err(forbidden(format!("{id} is not an identity of the caller")));
        }
        let document = value
            .as_object()
            .ok_or_else(|| invalid(&place, "value is not a valid dict"))?;
        found.push((id, document));
    }
    Ok(found)
}

/// `GET /v2/groups/{group_id}/membership_fields`
pub(super) async fn fields(
    State(app): State<AppState>,
    reader: Reader,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    reader.load_accessible(&app, &conn, id)?;
    let mut told = Map::new();
    for identity in &reader.identities {
        let fields = store::fields(&conn, id, *identity).map_err(internal)?;
        if !fields.is_empty() {
            told.insert(identity.to_string(), Value::Object(fields));
        }
    }
    Ok(Json(Value::Object(told)).into_response())
}

/// `PUT /v2/groups/{group_id}/membership_fields`. Possible for everybody who can see the group, since
/// required fields must be set before joining.
pub(super) async fn set_fields(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    reader.load_accessible(&app, &conn, id)?;
    let mut told = Map::new();
    for (identity, update) in by_identity(&reader, &body)? {
        // Merged with the stored fields: a null clears one, and absent ones stay.
        let mut fields = store::fields(&conn, id, identity).map_err(internal)?;
        for (name, value) in update {
            let place = [json!("body"), json!(identity), json!(name)];
            if !SIGNUP_FIELDS.contains(&name.as_str()) && !NAMES.contains(&name.as_str()) {
                return Err(invalid(&place, "there is no such field"));
            }
            if !(value.is_string() || value.is_null()) {
                return Err(invalid(&place, "str type expected"));
            }
            fields.insert(name.clone(), value.clone());
        }
        store::set_fields(&conn, id, identity, &fields).map_err(internal)?;
        told.insert(identity.to_string(), Value::Object(fields));
    }
    Ok(Json(Value::Object(told)).into_response())
}

/// `GET /v2/preferences`
pub(super) async fn preferences(
    State(app): State<AppState>,
    reader: Reader,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut all = Map::new();
    for identity in &reader.identities {
        let allow = store::allow_add(&conn, *identity).map_err(internal)?;
        all.insert(identity.to_string(), json!({ "allow_add": allow }));
    }
    Ok(Json(Value::Object(all)).into_response())
}

/// `PUT /v2/preferences`
pub(super) async fn set_preferences(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Body(body): Body,
) -> Result<Response, Problem> {
    for (identity, document) in by_identity(&reader, &body)? {
        let allow = match document.get("allow_add") {
            Some(Value::Null) => None,
            Some(Value::Bool(yes)) => Some(*yes),
            _ => {
                let place = [json!("body"), json!(identity), json!("allow_add")];
                return Err(invalid(&place, "must be true, false or null"));
            }
        };
        store::set_allow_add(&app.store().lock(), identity, allow).map_err(internal)?;
    }
    preferences(State(app), reader).await
}
