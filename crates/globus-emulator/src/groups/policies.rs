//! Policies of groups: visibility, and ways to join.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use serde_json::Value;

use super::authz::{Body, Members, Reader, Target, Writer, internal, invalid_member};
use super::group_document;
use super::store::{Policies, Role};
use crate::app_state::AppState;
use crate::problem::Problem;

/// The fields that a group can require for joining.
pub(super) const SIGNUP_FIELDS: &[&str] = &[
    "institution",
    "current_project_name",
    "address",
    "city",
    "state",
    "country",
    "address1",
    "address2",
    "zip",
    "phone",
    "department",
    "field_of_science",
];

/// Updates the policies; absent ones keep their value.
pub(super) fn update(policies: &mut Policies, members: &Members<'_>) -> Result<(), Problem> {
    if let Some(yes) = members.flag("is_high_assurance")? {
        policies.is_high_assurance = yes;
    }
    match members.0.get("authentication_assurance_timeout") {
        None => {}
        Some(Value::Null) => policies.authentication_assurance_timeout = None,
        Some(value) => {
            let seconds = value.as_i64().filter(|seconds| *seconds > 0);
            let wrong = || {
                let message = "must be a number of seconds above 0";
                invalid_member("authentication_assurance_timeout", message)
            };
            policies.authentication_assurance_timeout = Some(seconds.ok_or_else(wrong)?);
        }
    }
    for (name, allowed, value) in [
        (
            "group_visibility",
            ["authenticated", "private"],
            &mut policies.group_visibility,
        ),
        (
            "group_members_visibility",
            ["members", "managers"],
            &mut policies.group_members_visibility,
        ),
    ] {
        match members.text(name)?.flatten() {
            None => {}
            Some(text) if allowed.contains(&text) => text.clone_into(value),
            Some(_) => {
                let message = format!("must be one of {}", allowed.join(", "));
                return Err(invalid_member(name, &message));
            }
        }
    }
    if let Some(yes) = members.flag("join_requests")? {
        policies.join_requests = yes;
    }
    if let Some(list) = members
        .0
        .get("signup_fields")
        .filter(|list| !list.is_null())
    {
        let wrong = || invalid_member("signup_fields", "must be a list of known fields");
        let fields: Vec<String> = serde_json::from_value(list.clone()).map_err(|_| wrong())?;
        if fields
            .iter()
            .any(|field| !SIGNUP_FIELDS.contains(&field.as_str()))
        {
            return Err(wrong());
        }
        policies.signup_fields = fields;
    }
    Ok(())
}

/// `GET /v2/groups/{group_id}/policies`
pub(super) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Target(id): Target,
) -> Result<Response, Problem> {
    let visible = reader.load_accessible(&app, &app.store().lock(), id)?;
    Ok(Json(group_document::policies(&visible.group.policies)).into_response())
}

/// `PUT /v2/groups/{group_id}/policies`
pub(super) async fn set(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut group = reader.load_with_role(&app, &conn, id, Role::Admin)?.group;
    update(&mut group.policies, &Members(&body))?;
    group.store(&conn, app.now()).map_err(internal)?;
    Ok(Json(group_document::policies(&group.policies)).into_response())
}
