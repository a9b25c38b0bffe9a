//! Groups: one call for many memberships, and an answer for each.

use crate::lab::Lab;
use globus_sdk::groups::Client;
use globus_sdk::groups::types::{
    BatchMembershipActions, BatchMembershipResult, GroupCreateRequest, GroupPoliciesUpdate,
    GroupRole, GroupUpdateRequest, IdentityPreferencesUpdate, MembershipAdd,
    MembershipFieldsUpdate, MembershipInvite, SignupField, SubscriptionAdminVerifiedUpdate,
};
use globus_sdk::types::Uuid;
use globus_test_support::mock::{MockServer, answer, hasty};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const GROUP: Uuid = Uuid::from_u128(1);
const ADDED: Uuid = Uuid::from_u128(2);
const INVITED: Uuid = Uuid::from_u128(3);

fn line_and_body(request: &str) -> (&str, Value) {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let line = head.lines().next().expect("a line");
    (line, serde_json::from_str(body).expect("a JSON body"))
}

#[tokio::test]
async fn a_batch_of_actions_is_answered_for_each_identity() {
    let result = json!({
        "add": [{
            "group_id": GROUP, "identity_id": ADDED, "username": "ada@example.org",
            "role": "manager", "status": "active", "membership_fields": {},
        }],
        "errors": {"invite": [{"identity_id": INVITED, "code": "ALREADY_ACTIVE", "detail": "a member"}]},
    });
    let server = MockServer::start([answer(200, &result.to_string())]).await;
    let (groups, _) = hasty::<Client>(&server.url);
    let actions = BatchMembershipActions::default()
        .add([MembershipAdd::new(ADDED).role(GroupRole::Manager)])
        .invite([MembershipInvite::new(INVITED)]);
    let done = groups
        .batch_membership_action(GROUP, &actions)
        .await
        .expect("a result");
    let added = &done.add;
    assert_eq!(
        (added[0].username.as_deref(), &added[0].role),
        (Some("ada@example.org"), &Some(GroupRole::Manager))
    );
    let failed = &done.errors.as_ref().expect("what failed").invite;
    assert_eq!(failed[0].code.as_deref(), Some("ALREADY_ACTIVE"));
    assert_eq!(
        line_and_body(&server.requests()[0]),
        (
            "POST /v2/groups/00000000-0000-0000-0000-000000000001 HTTP/1.1",
            json!({
                "add": [{"identity_id": ADDED, "role": "manager"}],
                "invite": [{"identity_id": INVITED}],
            }),
        )
    );
}

#[tokio::test]
async fn documents_may_be_arrays_and_maps() {
    let mine = json!([{
        "id": GROUP, "name": "claptrap", "parent_id": null, "group_type": "regular",
        "enforce_session": false, "session_timeouts": {},
    }]);
    let preferences = json!({ADDED.to_string(): {"allow_add": false}});
    let server = MockServer::start([
        answer(200, &mine.to_string()),
        answer(200, &preferences.to_string()),
    ])
    .await;
    let (groups, _) = hasty::<Client>(&server.url);
    let list = groups
        .get_my_groups()
        .statuses(["active", "invited"])
        .await
        .expect("groups");
    assert_eq!(list[0].name.as_deref(), Some("claptrap"));
    let wanted = BTreeMap::from([(
        ADDED.to_string(),
        IdentityPreferencesUpdate::new(Some(false)),
    )]);
    let set = groups
        .set_identity_preferences(&wanted)
        .await
        .expect("preferences");
    assert_eq!(set[&ADDED.to_string()].allow_add, Some(false));
    assert!(
        server.requests()[0].starts_with("GET /v2/groups/my_groups?statuses=active%2Cinvited ")
    );
    assert_eq!(line_and_body(&server.requests()[1]).1, preferences);
}

#[test]
fn null_is_sent_only_where_it_was_said() {
    let sent = |document| serde_json::to_value(document).expect("JSON");
    assert_eq!(
        sent(GroupUpdateRequest::default().name("claptrap")),
        json!({"name": "claptrap"})
    );
    assert_eq!(
        serde_json::to_value(SubscriptionAdminVerifiedUpdate::new(None)).expect("JSON"),
        json!({"subscription_admin_verified_id": null})
    );
}

/// Each outcome as a line.
fn told(result: &BatchMembershipResult) -> Vec<String> {
    let line = |outcome: globus_sdk::groups::MembershipActionResult<'_>| match outcome.result {
        Ok(now) => {
            let role = now.role.as_ref().map_or("?", |role| role.as_str());
            let status = now.status.as_ref().map_or("?", |status| status.as_str());
            format!("{}: {role} {status}", outcome.action)
        }
        Err(why) => {
            let code = why.code.as_deref().unwrap_or("?");
            format!("{}: {code}", outcome.action)
        }
    };
    result.action_results().map(line).collect()
}

#[tokio::test]
async fn every_identity_of_a_batch_has_its_outcome() {
    let lab = Lab::open().await;
    let groups = lab.groups().await;
    let group = groups
        .create_group(GroupCreateRequest::new("Riders"))
        .await
        .expect("a group")
        .id;
    let actions = BatchMembershipActions::new()
        .add_members([ADDED], GroupRole::Manager)
        .add_members([GROUP], GroupRole::Member)
        .invite_members([INVITED], GroupRole::Admin)
        .approve_pending([Uuid::from_u128(4)]);
    let done = groups.batch_membership_action(group, &actions).await;
    assert_eq!(
        told(&done.expect("a result")),
        [
            "add: manager active",
            "add: member active",
            "approve: NOT_PENDING",
            "invite: admin invited",
        ]
    );
    let actions = BatchMembershipActions::new()
        .add_members([ADDED], GroupRole::Member)
        .change_roles(GroupRole::Admin, [GROUP])
        .remove_members([INVITED]);
    let done = groups.batch_membership_action(group, &actions).await;
    let done = done.expect("a result");
    let mut outcomes = done.action_results();
    let first = outcomes.next().expect("an outcome");
    assert_eq!(first.identity_id(), ADDED.to_string());
    assert_eq!(
        first.result.expect_err("a member already").code.as_deref(),
        Some("ALREADY_ACTIVE")
    );
    assert_eq!(told(&done)[1], "change_role: admin active");
}

#[tokio::test]
async fn members_and_groups_are_listed_by_role() {
    let lab = Lab::open().await;
    let groups = lab.groups().await;
    let create = |name: &str| groups.create_group(GroupCreateRequest::new(name));
    let riders = create("Riders").await.expect("a group").id;
    let walkers = create("Walkers").await.expect("a group").id;
    let actions = BatchMembershipActions::new()
        .add_members([ADDED], GroupRole::Manager)
        .invite_members([INVITED], GroupRole::Manager);
    groups
        .batch_membership_action(riders, &actions)
        .await
        .expect("a result");
    let group = groups.get_group(riders).include(["memberships"]).await;
    let group = group.expect("the group");
    let managers: Vec<_> = group.members_with_role(GroupRole::Manager).collect();
    assert_eq!(managers.len(), 1, "who is invited is no member");
    assert_eq!(managers[0].identity_id, ADDED);
    let me = group
        .members_with_role(GroupRole::Admin)
        .next()
        .expect("the creator");
    let leave = BatchMembershipActions::new()
        .add_members([ADDED], GroupRole::Admin)
        .leave([me.identity_id]);
    groups
        .batch_membership_action(walkers, &leave)
        .await
        .expect("a result");
    let mine = groups.get_my_groups().await.expect("groups");
    let ruled: Vec<_> = mine
        .iter()
        .filter(|group| group.my_roles().any(|role| *role == GroupRole::Admin))
        .filter_map(|group| group.name.as_deref())
        .collect();
    assert_eq!(ruled, ["Riders"]);
}

#[tokio::test]
async fn one_policy_is_changed_and_all_are_sent() {
    let lab = Lab::open().await;
    let groups = lab.groups().await;
    let group = groups
        .create_group(GroupCreateRequest::new("Riders"))
        .await
        .expect("a group")
        .id;
    let before = groups.get_group_policies(group).await.expect("policies");
    assert_ne!(before.join_requests, Some(true));
    let opened = GroupPoliciesUpdate::from(before.clone())
        .join_requests(true)
        .signup_fields([SignupField::Institution]);
    let after = groups
        .set_group_policies(group, opened)
        .await
        .expect("policies");
    assert_eq!(after.join_requests, Some(true));
    assert_eq!(after.signup_fields, [SignupField::Institution]);
    assert_eq!(after.group_visibility, before.group_visibility);
    let mine = groups.get_my_groups().await.expect("groups");
    let me = &mine[0].my_memberships[0];
    let me = me.identity_id.to_string();
    let told = MembershipFieldsUpdate::new().institution("The lab");
    let told = BTreeMap::from([(me.clone(), told)]);
    let fields = groups.set_membership_fields(group, told).await;
    assert_eq!(
        fields.expect("fields")[&me].institution.as_deref(),
        Some("The lab")
    );
}

#[tokio::test]
async fn groups_inside_a_group_are_listed_and_members_counted() {
    let lab = Lab::open().await;
    let groups = lab.groups().await;
    let outer = groups
        .create_group(GroupCreateRequest::new("outer"))
        .await
        .expect("a group");
    let inner = groups
        .create_group(GroupCreateRequest::new("inner").parent_id(outer.id))
        .await
        .expect("a group");
    let inside = groups
        .get_group_children(outer.id)
        .include(["child_ids"])
        .await
        .expect("groups");
    let ids: Vec<Uuid> = inside.children.iter().map(|group| group.id).collect();
    assert_eq!(ids, [inner.id]);
    let invite = BatchMembershipActions::new().invite([MembershipInvite::new(INVITED)]);
    groups
        .batch_membership_action(outer.id, &invite)
        .community_context("observatory")
        .await
        .expect("a result");
    let counts = groups.get_group_statuses().await.expect("counts");
    let of_outer = &counts[&outer.id.to_string()];
    assert_eq!((of_outer.active, of_outer.invited), (Some(1), Some(1)));
}
