//! Actions on memberships. A request may have many, each of which succeeds or fails on its own.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::authz::{
    Body, Members, Reader, Target, VisibleGroup, Writer, bad_request, internal, invalid,
};
use super::group_document;
use super::store::{self, Membership, Role};
use crate::app_state::AppState;
use crate::problem::Problem;

/// An action on a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Accept,
    Add,
    Approve,
    ChangeRole,
    Decline,
    Invite,
    Join,
    Leave,
    Reject,
    Remove,
    RequestJoin,
}

impl Action {
    pub(super) const ALL: [Self; 11] = [
        Self::Accept,
        Self::Add,
        Self::Approve,
        Self::ChangeRole,
        Self::Decline,
        Self::Invite,
        Self::Join,
        Self::Leave,
        Self::Reject,
        Self::Remove,
        Self::RequestJoin,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Add => "add",
            Self::Approve => "approve",
            Self::ChangeRole => "change_role",
            Self::Decline => "decline",
            Self::Invite => "invite",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Reject => "reject",
            Self::Remove => "remove",
            Self::RequestJoin => "request_join",
        }
    }

    /// The role required to do this to others; `None` for an action on one's own membership.
    const fn role(self) -> Option<Role> {
        match self {
            Self::Add | Self::Approve | Self::Invite | Self::Reject | Self::Remove => {
                Some(Role::Manager)
            }
            Self::ChangeRole => Some(Role::Admin),
            Self::Accept | Self::Decline | Self::Join | Self::Leave | Self::RequestJoin => None,
        }
    }

    /// Whether the group's required sign-up fields must be set before.
    const fn signs_up(self) -> bool {
        matches!(self, Self::Accept | Self::Join | Self::RequestJoin)
    }
}

/// Why an action fails: a code and a message.
type ActionError = (&'static str, String);

fn action_error<T>(code: &'static str, detail: impl Into<String>) -> Result<T, ActionError> {
    Err((code, detail.into()))
}

/// Whether the action is possible at all for an identity of the caller.
pub(super) fn is_allowed(visible: &VisibleGroup, identity: Uuid, action: Action) -> bool {
    let own = visible.own.iter().find(|one| one.identity == identity);
    let status = own.map_or("", |one| one.status.as_str());
    match action {
        Action::Accept | Action::Decline => status == "invited",
        Action::Leave => own.is_some_and(|one| one.is("active") && one.source.is_none()),
        Action::Join => status != "active" && may_join(visible, status),
        Action::RequestJoin => {
            visible.group.policies.join_requests
                && !["active", "invited", "pending"].contains(&status)
        }
        _ => {
            let role = own.filter(|one| one.is("active")).map(|one| one.role);
            role >= action.role()
        }
    }
}

/// Only invited identities, managers of the group and members of its subgroups can join directly.
fn may_join(visible: &VisibleGroup, status: &str) -> bool {
    let derived = visible.own.iter().any(|one| one.source.is_some());
    status == "invited" || derived || visible.role() >= Some(Role::Manager)
}

/// An identity in a request.
struct Item<'a> {
    identity: Uuid,
    role: Option<Role>,
    reason: Option<&'a str>,
    email: Option<&'a str>,
}

/// `POST /v2/groups/{group_id}`
pub(super) async fn apply_actions(
    State(app): State<AppState>,
    Writer(reader): Writer,
    Target(id): Target,
    Body(body): Body,
) -> Result<Response, Problem> {
    let asked = read(&body)?;
    reject_repeated(&asked)?;
    let conn = app.store().lock();
    // Membership of the caller is reloaded after each success below: an action may change what the next one
    // is allowed to do, for example when a manager leaves.
    let mut visible = reader.load_accessible(&app, &conn, id)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    let (mut done, mut failed) = (Map::new(), Map::new());
    for (action, items) in asked {
        let mut changed = Vec::new();
        let mut errors = Vec::new();
        for item in items {
            let attempt = Attempt {
                app: &app,
                conn: &transaction,
                reader: &reader,
                visible: &visible,
                action,
                item: &item,
            };
            match attempt.apply().map_err(internal)? {
                Ok(membership) => {
                    membership.store(&transaction).map_err(internal)?;
                    let document = group_document::membership(&transaction, &membership);
                    changed.push(document.map_err(internal)?);
                    visible.own = reader.own(&transaction, id).map_err(internal)?;
                }
                Err((code, detail)) => errors.push(json!({
                    "identity_id": item.identity,
                    "code": code,
                    "detail": detail,
                })),
            }
        }
        done.insert(action.name().to_owned(), Value::Array(changed));
        if !errors.is_empty() {
            failed.insert(action.name().to_owned(), Value::Array(errors));
        }
    }
    transaction.commit().map_err(internal)?;
    if !failed.is_empty() {
        done.insert(String::from("errors"), Value::Object(failed));
    }
    Ok(Json(Value::Object(done)).into_response())
}

fn read(body: &Map<String, Value>) -> Result<Vec<(Action, Vec<Item<'_>>)>, Problem> {
    let mut asked = Vec::new();
    for action in Action::ALL {
        let name = action.name();
        let items = match body.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(items)) => items,
            Some(_) => {
                let place = [json!("body"), json!(name)];
                return Err(invalid(&place, "value is not a valid list"));
            }
        };
        let items = items.iter().enumerate().map(|(at, item)| {
            let place = |member: &str| [json!("body"), json!(name), json!(at), json!(member)];
            let members = item
                .as_object()
                .ok_or_else(|| invalid(&place("")[..3], "value is not a valid dict"))?;
            let members = Members(members);
            let identity = members.text("identity_id")?.flatten();
            let identity = identity.and_then(|id| Uuid::parse_str(id).ok());
            let role = match members.text("role")?.flatten() {
                None => None,
                Some(text) => Some(Role::named(text).ok_or_else(|| {
                    invalid(&place("role"), "value is not a valid enumeration member")
                })?),
            };
            if action == Action::ChangeRole && role.is_none() {
                return Err(invalid(&place("role"), "field required"));
            }
            Ok(Item {
                identity: identity
                    .ok_or_else(|| invalid(&place("identity_id"), "value is not a valid uuid"))?,
                role,
                reason: members.text("status_reason")?.flatten(),
                email: members.text("invite_email_address")?.flatten(),
            })
        });
        asked.push((action, items.collect::<Result<_, Problem>>()?));
    }
    Ok(asked)
}

fn reject_repeated(asked: &[(Action, Vec<Item<'_>>)]) -> Result<(), Problem> {
    let all = asked.iter().flat_map(|(_, items)| items);
    let mut ids: Vec<Uuid> = all.map(|item| item.identity).collect();
    ids.sort();
    let mut repeated: Vec<String> = ids
        .windows(2)
        .filter(|pair| pair.first() == pair.last())
        .filter_map(|pair| pair.first().map(Uuid::to_string))
        .collect();
    repeated.dedup();
    if repeated.is_empty() {
        return Ok(());
    }
    let problem = bad_request(
        "AMBIGUOUS_IDENTITIES",
        "An identity occurs more than once in the request",
    );
    Err(problem.with("ambiguous_identities", repeated))
}

/// An action on the membership of an identity.
struct Attempt<'a> {
    app: &'a AppState,
    conn: &'a Connection,
    reader: &'a Reader,
    visible: &'a VisibleGroup,
    action: Action,
    item: &'a Item<'a>,
}

impl Attempt<'_> {
    /// The resulting membership, or why the action fails.
    fn apply(&self) -> rusqlite::Result<Result<Membership, ActionError>> {
        let group = self.visible.group.id;
        let known = store::membership(self.conn, group, self.item.identity)?;
        if let Err(action_error) = self.check_permission() {
            return Ok(Err(action_error));
        }
        if self.action.signs_up()
            && let Some(missing) = self.missing_signup_field()?
        {
            let message = format!("The group requires {missing}: set the membership fields first");
            return Ok(action_error("MISSING_MEMBERSHIP_FIELDS", message));
        }
        // Invitations need no such check: the identity decides by accepting.
        if self.action == Action::Add
            && store::allow_add(self.conn, self.item.identity)? == Some(false)
        {
            let message = "The identity does not want to be added to groups";
            return Ok(action_error("ADD_NOT_ALLOWED", message));
        }
        let status = match self.next_status(known.as_ref()) {
            Ok(status) => status,
            Err(action_error) => return Ok(Err(action_error)),
        };
        let role = self.next_role(known.as_ref());
        if let Some(known) = &known
            && known.is("active")
            && known.role == Role::Admin
            // A group without an administrator could never be changed again.
            && (status != "active" || role != Role::Admin)
            && !store::has_other_admin(self.conn, group, known.identity)?
        {
            let message = "The group would be left without an administrator";
            return Ok(action_error("LAST_ADMIN", message));
        }
        let invites = self.action == Action::Invite;
        Ok(Ok(Membership {
            group,
            source: None,
            identity: self.item.identity,
            role,
            status: status.to_owned(),
            reason: self.item.reason.map(str::to_owned),
            invite_email: match &known {
                _ if invites => self.item.email.map(str::to_owned),
                known => known.as_ref().and_then(|known| known.invite_email.clone()),
            },
            invite_time: match &known {
                _ if invites => Some(self.app.now()),
                known => known.as_ref().and_then(|known| known.invite_time),
            },
            updated: self.app.now(),
        }))
    }

    /// Whether the caller may perform the action on this identity.
    fn check_permission(&self) -> Result<(), ActionError> {
        // Actions on oneself need no role, actions on others need one. No action is both.
        let own = self.reader.identities.contains(&self.item.identity);
        let has = self.visible.role();
        match self.action.role() {
            None if !own => action_error("FORBIDDEN", "The identity is not the caller's"),
            None => Ok(()),
            Some(needed) if has < Some(needed) => {
                let message = format!("That needs the role {} in the group", needed.name());
                action_error("FORBIDDEN", message)
            }
            Some(_) if has < self.item.role => action_error(
                "FORBIDDEN",
                "A role can only be given by members with the same or a stronger role",
            ),
            Some(_) => Ok(()),
        }
    }

    /// A sign-up field that the group requires and the identity has not set.
    fn missing_signup_field(&self) -> rusqlite::Result<Option<String>> {
        let told = store::fields(self.conn, self.visible.group.id, self.item.identity)?;
        let filled = |name: &str| {
            let value = told.get(name).and_then(Value::as_str);
            value.is_some_and(|text| !text.is_empty())
        };
        let mut asked = self.visible.group.policies.signup_fields.iter();
        Ok(asked.find(|name| !filled(name)).cloned())
    }

    fn next_status(&self, known: Option<&Membership>) -> Result<&'static str, ActionError> {
        let status = known.map_or("", |known| known.status.as_str());
        let already = || {
            action_error(
                "ALREADY_ACTIVE",
                "The identity is already an active member of the group.",
            )
        };
        // The state is checked together with the action, so that the code says which of the two is wrong:
        // NOT_INVITED is not FORBIDDEN.
        match (self.action, status) {
            (Action::Accept, "invited") => Ok("active"),
            (Action::Decline, "invited") => Ok("declined"),
            (Action::Accept | Action::Decline, _) => {
                action_error("NOT_INVITED", "The identity is not invited")
            }
            (Action::Add | Action::Invite | Action::Join | Action::RequestJoin, "active") => {
                already()
            }
            (Action::Add, _) => Ok("active"),
            (Action::Invite, _) => Ok("invited"),
            (Action::Approve, "pending") => Ok("active"),
            (Action::Reject, "pending") => Ok("rejected"),
            (Action::Approve | Action::Reject, _) => {
                action_error("NOT_PENDING", "The identity has not requested to join")
            }
            (Action::Join, _) if may_join(self.visible, status) => Ok("active"),
            (Action::Join, _) => action_error(
                "FORBIDDEN",
                "The group is not open: request to join, or ask for an invitation",
            ),
            (Action::RequestJoin, "invited" | "pending") => action_error(
                "ALREADY_PENDING",
                "The identity is invited, or has requested to join already",
            ),
            (Action::RequestJoin, _) if self.visible.group.policies.join_requests => Ok("pending"),
            (Action::RequestJoin, _) => {
                action_error("FORBIDDEN", "The group does not accept requests to join")
            }
            (Action::ChangeRole, "active") => Ok("active"),
            (Action::Leave, "active") => Ok("left"),
            (Action::Remove, "active" | "invited")
                if known.is_some_and(|known| Some(known.role) > self.visible.role()) =>
            {
                action_error("FORBIDDEN", "A manager cannot remove an administrator")
            }
            (Action::Remove, "active" | "invited") => Ok("removed"),
            (Action::ChangeRole | Action::Leave | Action::Remove, _) if known.is_none() => {
                action_error("NO_MEMBERSHIP", "Identity has no membership in group.")
            }
            (Action::ChangeRole | Action::Leave | Action::Remove, _) => {
                action_error("NOT_ACTIVE", "The identity is not an active member")
            }
        }
    }

    fn next_role(&self, known: Option<&Membership>) -> Role {
        match self.action {
            Action::Add | Action::Invite => self.item.role.unwrap_or(Role::Member),
            Action::ChangeRole => self.item.role.unwrap_or(Role::Member),
            // After leaving, a former role is not restored.
            Action::Join | Action::RequestJoin
                if known.is_some_and(|known| !known.is("invited")) =>
            {
                Role::Member
            }
            _ => known.map_or(Role::Member, |known| known.role),
        }
    }
}
