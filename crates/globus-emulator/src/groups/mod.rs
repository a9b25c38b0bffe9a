//! Groups: who belongs together, in which role, and who may see that.
//!
//! A group may be inside another: its active members then belong to the outer group, too, with the
//! role of a member. Everything is in SQLite and asked of it anew by every call.

mod actions;
mod authz;
mod group_document;
mod people;
mod policies;
mod routes;
mod store;
mod subscriptions;

use axum::Router;
use axum::routing::{get, put};
use rusqlite::Connection;
use uuid::Uuid;

pub(crate) use store::migrate;

use crate::app_state::AppState;
use crate::auth::identities;
use crate::builder::SubscriptionConfig;

/// The paths of Groups.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/v2/groups/my_groups", get(routes::mine))
        .route("/v2/groups/statuses", get(routes::statuses))
        .route("/v2/groups", axum::routing::post(routes::create))
        .route(
            "/v2/groups/{group_id}",
            get(routes::show)
                .put(routes::update)
                .post(actions::apply_actions)
                .delete(routes::delete),
        )
        .route("/v2/groups/{group_id}/children", get(routes::children))
        .route(
            "/v2/groups/{group_id}/policies",
            get(policies::show).put(policies::set),
        )
        .route(
            "/v2/groups/{group_id}/membership_fields",
            get(people::fields).put(people::set_fields),
        )
        .route(
            "/v2/groups/{group_id}/subscription_admin_verified",
            put(subscriptions::verify),
        )
        .route(
            "/v2/subscription_info/{subscription_id}",
            get(subscriptions::find),
        )
        .route(
            "/v2/preferences",
            get(people::preferences).put(people::set_preferences),
        )
}

/// The groups a person belongs to, by any of their identities, and those these are inside of.
/// What names a group as a principal means all of them.
pub(crate) fn memberships(conn: &Connection, identity: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut groups = Vec::new();
    for one in identities::set_of(conn, identity)? {
        groups.extend(store::active_groups(conn, one.id)?);
    }
    if groups.is_empty() {
        // An identity that nobody knows more about than its id may be a member, too.
        groups = store::active_groups(conn, identity)?;
    }
    groups.sort();
    groups.dedup();
    Ok(groups)
}

/// The name and the description of a group.
pub(crate) fn named(
    conn: &Connection,
    id: Uuid,
) -> rusqlite::Result<Option<(String, Option<String>)>> {
    let group = store::group(conn, id)?;
    Ok(group.map(|group| (group.name, group.description)))
}

/// Makes the groups known that provide subscriptions.
pub(crate) fn seed(app: &AppState, subscriptions: &[SubscriptionConfig]) -> rusqlite::Result<()> {
    let conn = app.store().lock();
    for asked in subscriptions {
        subscriptions::provide(app, &conn, asked)?;
    }
    Ok(())
}
