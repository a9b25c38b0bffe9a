//! Groups: one call for many memberships, and an answer for each.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says why and stops"
)]

mod support;

use globus_sdk::groups::Client;
use globus_sdk::groups::types::{
    BatchMembershipActions, GroupRole, GroupUpdateRequest, IdentityPreferencesUpdate,
    MembershipAdd, MembershipInvite, SubscriptionAdminVerifiedUpdate,
};
use globus_sdk::types::Uuid;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{Scripted, answer, hasty};

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
    let server = Scripted::start([answer(200, &result.to_string())]).await;
    let (groups, _) = hasty::<Client>(&server.url);
    let actions = BatchMembershipActions::default()
        .add([MembershipAdd::new(ADDED).role(GroupRole::Manager)])
        .invite([MembershipInvite::new(INVITED)]);
    let done = groups
        .batch_membership_action(GROUP, &actions)
        .await
        .expect("a result");
    let added = done.add.as_ref().expect("what was added");
    assert_eq!(
        (added[0].username.as_str(), &added[0].role),
        ("ada@example.org", &GroupRole::Manager)
    );
    let failed = done.errors.as_ref().and_then(|e| e.invite.as_ref());
    assert_eq!(failed.expect("what failed")[0].code, "ALREADY_ACTIVE");
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
    let server = Scripted::start([
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
    assert_eq!(list[0].name, "claptrap");
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
