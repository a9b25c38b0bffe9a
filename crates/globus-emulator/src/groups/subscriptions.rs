//! Groups that provide a subscription, and groups that are verified by one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authz::{Body, Members, Reader, Target, Writer, forbidden, internal, invalid};
use super::store::{self, Group, Membership, Policies, Role};
use crate::app_state::AppState;
use crate::builder::SubscriptionConfig;
use crate::problem::Problem;
use crate::service::Service;

/// Creates the group that provides a subscription, if it does not exist.
pub(super) fn provide(
    app: &AppState,
    conn: &Connection,
    asked: &SubscriptionConfig,
) -> rusqlite::Result<()> {
    if store::provider(conn, asked.id)?.is_some() {
        return Ok(());
    }
    let key = format!("subscription:{}", asked.id);
    let info = json!({
        "name": asked.name,
        "subscriber_name": asked.name,
        "is_high_assurance": true,
        "is_baa": false,
        "connectors": {},
    });
    let group = Group {
        id: Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes()),
        name: asked.name.clone(),
        description: None,
        terms: None,
        parent: None,
        policies: Policies::default(),
        subscription: Some((asked.id, info)),
        verified: None,
    };
    group.store(conn, app.now())?;
    for identity in app.administrators() {
        Membership {
            group: group.id,
            source: None,
            identity,
            role: Role::Admin,
            status: String::from("active"),
            reason: None,
            invite_email: None,
            invite_time: None,
            updated: app.now(),
        }
        .store(conn)?;
    }
    Ok(())
}

fn provider(conn: &Connection, subscription: Uuid) -> Result<Group, Problem> {
    let found = store::provider(conn, subscription).map_err(internal)?;
    found.ok_or_else(|| {
        let message = format!("No group provides the subscription {subscription}");
        let status = StatusCode::NOT_FOUND;
        Problem::for_service(Service::Groups, status, "SUBSCRIPTION_NOT_FOUND", message)
    })
}

/// `GET /v2/subscription_info/{subscription_id}`
pub(super) async fn find(
    State(app): State<AppState>,
    _reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let place = [json!("path"), json!("subscription_id")];
    let id = Uuid::parse_str(&id).map_err(|_| invalid(&place, "value is not a valid uuid"))?;
    let group = provider(&app.store().lock(), id)?;
    let info = group.subscription.map(|(_, info)| info).unwrap_or_default();
    let told: Value = json!({
        "group_id": group.id,
        "subscription_id": id,
        "subscription_info": {
            "is_high_assurance": info["is_high_assurance"],
            "is_baa": info["is_baa"],
            "connectors": info["connectors"],
        },
    });
    Ok(Json(told).into_response())
}

/// `PUT /v2/groups/{group_id}/subscription_admin_verified`
pub(super) async fn verify(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    const NAME: &str = "subscription_admin_verified_id";
    let asked = Members(&body).id(NAME)?;
    let asked = asked.ok_or_else(|| invalid(&[json!("body"), json!(NAME)], "field required"))?;
    let conn = app.store().lock();
    let mut group = reader.load_accessible(&app, &conn, id)?.group;
    for subscription in asked.iter().chain(&group.verified) {
        let provider = provider(&conn, *subscription)?;
        let own = reader.own(&conn, provider.id).map_err(internal)?;
        let administers = |one: &Membership| one.is("active") && one.role == Role::Admin;
        if !own.iter().any(administers) {
            let message = format!("The caller does not administer the subscription {subscription}");
            return Err(forbidden(message));
        }
    }
    group.verified = asked;
    group.store(&conn, app.now()).map_err(internal)?;
    Ok(Json(json!({ "group_id": id, NAME: asked })).into_response())
}
