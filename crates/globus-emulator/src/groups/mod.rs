//! Groups: memberships, roles and visibility.
//!
//! A group may be a subgroup of another. Active members of a subgroup are also members of its parents, with
//! the role `member`. These derived memberships are computed for each request.

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

/// The routes of Groups.
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

/// The groups of a person, through any of their identities, and the parents of those groups. A group as a
/// principal stands for all of these members.
pub(crate) fn memberships(conn: &Connection, identity: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut groups = Vec::new();
    for one in identities::set_of(conn, identity)? {
        groups.extend(store::active_groups(conn, one.id)?);
    }
    if groups.is_empty() {
        // An identity that is only known by its id may be a member, too.
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

/// Creates the groups that provide subscriptions.
pub(crate) fn seed(app: &AppState, subscriptions: &[SubscriptionConfig]) -> rusqlite::Result<()> {
    let conn = app.store().lock();
    for asked in subscriptions {
        subscriptions::provide(app, &conn, asked)?;
    }
    Ok(())
}
