//! The documents of groups and memberships, as a caller sees them.

use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::actions::{self, Action};
use super::authz::{Reader, VisibleGroup};
use super::store::{self, Group, Membership, Policies, Role};
use crate::app_state::AppState;
use crate::auth::consents::rfc3339;
use crate::auth::identities;

/// Parts of a group document that are only included on request.
#[derive(Debug, Clone, Default)]
pub(super) struct Include(Vec<String>);

impl Include {
    pub(super) fn parse(text: Option<&str>) -> Self {
        let names = text.unwrap_or_default().split(',').map(str::trim);
        Self(names.map(str::to_owned).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}

/// The document of a group. Names, policies and the caller's memberships are always included.
pub(super) fn group(
    app: &AppState,
    conn: &Connection,
    reader: &Reader,
    visible: &VisibleGroup,
    include: &Include,
) -> rusqlite::Result<Value> {
    let group = &visible.group;
    let own: Vec<Value> = visible
        .own
        .iter()
        .map(|one| membership(conn, one))
        .collect::<rusqlite::Result<_>>()?;
    let mut document = json!({
        "id": group.id,
        "name": group.name,
        "description": group.description,
        "terms_and_conditions": group.terms,
        "parent_id": group.parent,
        "group_type": if group.subscription.is_some() { "plus" } else { "regular" },
        "enforce_session": group.policies.is_high_assurance,
        "session_limit": group.policies.timeout(),
        "session_timeouts": session_timeouts(app, reader, group),
        "my_memberships": own,
        "policies": policies(&group.policies),
        "subscription_id": group.subscription.as_ref().map(|(id, _)| id),
        "subscription_info": group.subscription.as_ref().map(|(_, info)| info),
        "subscription_admin_verified_id": group.verified,
    });
    if include.has("child_ids") {
        document["child_ids"] = json!(store::children(conn, group.id)?);
    }
    if include.has("memberships") {
        document["memberships"] = memberships(conn, visible)?;
    }
    if include.has("allowed_actions") {
        document["allowed_actions"] = allowed_actions(reader, visible);
    }
    Ok(document)
}

/// When the caller's session becomes too old for the group.
fn session_timeouts(app: &AppState, reader: &Reader, group: &Group) -> Value {
    if !group.policies.is_high_assurance {
        return json!({});
    }
    let limit = group.policies.timeout();
    let logins = reader.caller.session.authentications.iter();
    let timeouts: Map<String, Value> = logins
        .filter_map(|login| {
            let until = login.at.checked_add(jiff::SignedDuration::from_secs(limit));
            let until = until.ok()?;
            let left = until.as_second() - app.now().as_second();
            let document = json!({ "expire_time": rfc3339(until), "expires_in": left.max(0) });
            Some((login.identity.to_string(), document))
        })
        .collect();
    Value::Object(timeouts)
}

pub(super) fn policies(policies: &Policies) -> Value {
    json!({
        "is_high_assurance": policies.is_high_assurance,
        "authentication_assurance_timeout": policies.timeout(),
        "group_visibility": policies.group_visibility,
        "group_members_visibility": policies.group_members_visibility,
        "join_requests": policies.join_requests,
        "signup_fields": policies.signup_fields,
    })
}

/// All memberships for managers, the active ones for members who may see them, and null for everybody else.
fn memberships(conn: &Connection, visible: &VisibleGroup) -> rusqlite::Result<Value> {
    let manages = visible.role() >= Some(Role::Manager);
    let among_members = visible.group.policies.group_members_visibility == "members";
    if !(manages || among_members && visible.role().is_some()) {
        return Ok(Value::Null);
    }
    let mut documents = Vec::new();
    for one in store::members(conn, visible.group.id)? {
        if manages || one.is("active") {
            documents.push(membership(conn, &one)?);
        }
    }
    Ok(Value::Array(documents))
}

pub(super) fn membership(conn: &Connection, one: &Membership) -> rusqlite::Result<Value> {
    Ok(json!({
        "group_id": one.group,
        "source_group_id": one.source,
        "identity_id": one.identity,
        "username": username(conn, one.identity)?,
        "role": one.role.name(),
        "status": one.status,
        "status_reason": one.reason,
        "invite_email_address": one.invite_email,
        "invite_time": one.invite_time.map(rfc3339),
        "updated": rfc3339(one.updated),
        "membership_fields": store::fields(conn, one.group, one.identity)?,
    }))
}

/// The username of an identity, or else its id.
fn username(conn: &Connection, identity: Uuid) -> rusqlite::Result<String> {
    let found = identities::by_id(conn, identity)?;
    Ok(found.map_or_else(|| identity.to_string(), |one| one.username))
}

/// The actions that each identity of the caller is allowed.
fn allowed_actions(reader: &Reader, visible: &VisibleGroup) -> Value {
    let of_action = |action: Action| {
        let ids: Vec<Uuid> = reader
            .identities
            .iter()
            .copied()
            .filter(|identity| actions::is_allowed(visible, *identity, action))
            .collect();
        (action.name().to_owned(), json!(ids))
    };
    Value::Object(Action::ALL.into_iter().map(of_action).collect())
}
