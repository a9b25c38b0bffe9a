//! `/v0.10/endpoint/…/subscription…`: the subscription of a mapped collection.
//!
//! The emulator accepts any subscription id: an administrator of the collection may set and verify it.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::put;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Administered, Collection};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::request::{Body, Members, missing, shortened};
use crate::transfer::respond::done;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint/{endpoint_id}/subscription", put(subscribe))
        .route(
            "/v0.10/endpoint/{endpoint_id}/subscription_admin_verified",
            put(verify),
        )
}

fn refused(message: impl Into<String>) -> Problem {
    Problem::transfer(StatusCode::BAD_REQUEST, "BadRequest", message)
}

fn require_mapped(collection: &Collection) -> Result<(), Problem> {
    if collection.is_guest() {
        return Err(refused(
            "A guest collection has the subscription of its mapped collection",
        ));
    }
    Ok(())
}

async fn subscribe(
    State(app): State<AppState>,
    Administered(mut collection): Administered,
    Body(body): Body,
) -> Result<Response, Problem> {
    require_mapped(&collection)?;
    if !body.contains_key("subscription_id") {
        return Err(missing("subscription_id"));
    }
    let id = match Members(&body).text("subscription_id")? {
        None => Json::Null,
        Some("DEFAULT") => {
            return Err(refused(
                "Please specify the subscription ID to use: the emulator has no default one",
            ));
        }
        Some(text) => {
            let id = Uuid::parse_str(text).map_err(|_| {
                refused(format!(
                    "The subscription_id '{}' is not a UUID",
                    shortened(text)
                ))
            })?;
            json!(id)
        }
    };
    if id.is_null() {
        // Verification applied to the former subscription.
        collection
            .settings
            .insert("subscription_admin_verified".to_owned(), json!(false));
    }
    collection.settings.insert("subscription_id".to_owned(), id);
    collection.store(&app.store().lock())?;
    Ok(done("Updated", "Endpoint updated successfully"))
}

async fn verify(
    State(app): State<AppState>,
    Administered(mut collection): Administered,
    Body(body): Body,
) -> Result<Response, Problem> {
    require_mapped(&collection)?;
    let verified = Members(&body)
        .flag("subscription_admin_verified")?
        .ok_or_else(|| missing("subscription_admin_verified"))?;
    let subscribed = collection.settings.get("subscription_id");
    if subscribed.is_none_or(Json::is_null) {
        return Err(refused(
            "The collection must be associated with a subscription to set subscription_admin_verified",
        ));
    }
    collection
        .settings
        .insert("subscription_admin_verified".to_owned(), json!(verified));
    collection.store(&app.store().lock())?;
    Ok(done("Updated", "Endpoint updated successfully"))
}
