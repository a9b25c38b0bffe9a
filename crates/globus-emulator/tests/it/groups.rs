//! Groups: who may see them, what becomes of memberships, and what they are good for elsewhere.

use std::time::Duration;

use globus_emulator::Uuid;
use globus_test_support::emulator::*;
use serde_json::{Value, json};

const ALL: &str = "urn:globus:auth:scope:groups.api.globus.org:all";
const VIEW: &str = "urn:globus:auth:scope:groups.api.globus.org:view_my_groups_and_memberships";
const ADA: &str = "ada@uchicago.edu";
const SUBSCRIPTION: Uuid = Uuid::from_u128(0x5b5c);

type Tested<T> = Result<T, Box<dyn std::error::Error>>;

/// An emulator, with the local user, the robot and Ada.
struct Town {
    sandbox: Sandbox,
    user: String,
    robot: String,
    ada: String,
    user_id: Uuid,
    ada_id: Uuid,
}

impl Town {
    async fn new() -> Tested<Self> {
        Self::of(strict()).await
    }

    async fn of(builder: globus_emulator::EmulatorBuilder) -> Tested<Self> {
        let builder = builder
            .auto_consent(true)
            .other_user(ADA, "Ada", ADA)
            .linked_identity(
                "user@sandbox.local",
                "me@uchicago.edu",
                "Me",
                "me@uchicago.edu",
            )
            .subscription(SUBSCRIPTION, "University of Chicago");
        let sandbox = Sandbox::of(builder).await?;
        let user_id = sandbox.emulator.user().id;
        let user = sandbox.native_login(ALL).await?.text_at("/access_token")?;
        let robot = sandbox.robot_token(ALL).await?;
        let ada = login_as(&sandbox, ADA, ALL).await?;
        let town = Self {
            ada_id: id_of(&sandbox, ADA).await?,
            sandbox,
            user,
            robot,
            ada,
            user_id,
        };
        Ok(town)
    }

    async fn get(&self, token: &str, path: &str) -> Tested<Answer> {
        answer(self.sandbox.get(path).bearer_auth(token)).await
    }

    async fn put(&self, token: &str, path: &str, body: &Value) -> Tested<Answer> {
        let request = self.sandbox.http.put(self.sandbox.url(path)).json(body);
        answer(request.bearer_auth(token)).await
    }

    async fn post(&self, token: &str, path: &str, body: &Value) -> Tested<Answer> {
        let request = self.sandbox.post(path).json(body);
        answer(request.bearer_auth(token)).await
    }

    /// A group of the local user.
    async fn group(&self, body: Value) -> Tested<String> {
        let created = self.post(&self.user, "/v2/groups", &body).await?;
        assert_eq!(created.status, 201, "{created:?}");
        Ok(format!("/v2/groups/{}", created.text_at("/id")?))
    }

    /// Does one thing to one identity, and tells the status it has then, or the error's code.
    async fn act(&self, token: &str, group: &str, action: &str, identity: Uuid) -> Tested<String> {
        self.act_with(token, group, action, json!({ "identity_id": identity }))
            .await
    }

    async fn act_with(
        &self,
        token: &str,
        group: &str,
        action: &str,
        item: Value,
    ) -> Tested<String> {
        let answered = self.post(token, group, &json!({ action: [item] })).await?;
        assert_eq!(answered.status, 200, "{answered:?}");
        let status = answered.at(&format!("/{action}/0/status"));
        let code = answered.at(&format!("/errors/{action}/0/code"));
        let told = status.as_str().or(code.as_str());
        Ok(told.ok_or_else(|| format!("{answered:?}"))?.to_owned())
    }
}

async fn login_as(sandbox: &Sandbox, username: &str, scope: &str) -> Tested<String> {
    let mut query = native_query(scope);
    query.push(("login_hint", username.to_owned()));
    let request = sandbox.get("/v2/oauth2/authorize").query(&query);
    let location = location(&request.send().await?)?;
    let code = pair(&location, "code").ok_or("no code")?;
    sandbox
        .exchange(&code, VERIFIER)
        .await?
        .text_at("/access_token")
}

async fn id_of(sandbox: &Sandbox, username: &str) -> Tested<Uuid> {
    let token = sandbox.robot_token("openid").await?;
    let request = sandbox.get("/v2/api/identities");
    let request = request.query(&[("usernames", username)]).bearer_auth(token);
    let id = answer(request).await?.text_at("/identities/0/id")?;
    Ok(Uuid::parse_str(&id)?)
}

#[tokio::test]
async fn who_creates_a_group_administers_it() -> TestResult {
    let town = Town::new().await?;
    let body = json!({ "name": "Riders", "description": null, "parent_id": null });
    let group = town.group(body).await?;
    let shown = town.get(&town.user, &group).await?;
    assert_eq!(shown.at("/name"), "Riders");
    assert_eq!(shown.at("/my_memberships/0/role"), "admin");
    assert_eq!(
        shown.at("/my_memberships/0/identity_id"),
        &json!(town.user_id)
    );
    for key in [
        "description",
        "terms_and_conditions",
        "subscription_admin_verified_id",
    ] {
        assert_eq!(shown.body.get(key), Some(&Value::Null), "{key}");
    }
    let mine = town.get(&town.user, "/v2/groups/my_groups").await?;
    assert_eq!(mine.body.as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn everything_can_be_included_in_a_group() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let parent = group.rsplit('/').next().unwrap_or_default().to_owned();
    town.group(json!({ "name": "Inner", "parent_id": parent }))
        .await?;
    let include = "memberships,my_memberships,policies,allowed_actions,child_ids";
    let shown = town
        .get(&town.user, &format!("{group}?include={include}"))
        .await?;
    assert_eq!(shown.at("/memberships/0/username"), "user@sandbox.local");
    assert_eq!(shown.at("/policies/join_requests"), false);
    assert_eq!(shown.at("/allowed_actions/add/0"), &json!(town.user_id));
    assert_eq!(shown.at("/allowed_actions/accept"), &json!([]));
    assert_eq!(shown.at("/child_ids").as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn the_groups_inside_a_group_are_those_that_the_caller_sees() -> TestResult {
    let town = Town::new().await?;
    let outer = town.group(json!({ "name": "Outer" })).await?;
    let id = outer.rsplit('/').next().unwrap_or_default().to_owned();
    town.group(json!({ "name": "Hidden", "parent_id": id }))
        .await?;
    let open = json!({ "name": "Open", "parent_id": id,
        "policies": { "group_visibility": "authenticated" } });
    let open = town.group(open).await?;
    let deep = open.rsplit('/').next().unwrap_or_default().to_owned();
    town.group(json!({ "name": "Deep", "parent_id": deep }))
        .await?;
    town.act(&town.user, &outer, "add", town.ada_id).await?;
    let children = format!("{outer}/children?include=child_ids");
    let names = |answer: &Answer| -> Vec<Value> {
        let children = answer.at("/children").as_array().cloned();
        let children = children.unwrap_or_default();
        children.iter().map(|one| one["name"].clone()).collect()
    };
    let all = town.get(&town.user, &children).await?;
    assert_eq!(names(&all), ["Hidden", "Open"]);
    assert_eq!(
        all.at("/children/1/child_ids").as_array().map(Vec::len),
        Some(1)
    );
    let some = town.get(&town.ada, &children).await?;
    assert_eq!(names(&some), ["Open"]);
    let leaf = town.get(&town.user, &format!("{open}/children")).await?;
    assert_eq!(names(&leaf), ["Deep"]);
    let hidden = town.get(&town.robot, &children).await?;
    assert_eq!(hidden.status, 403);
    Ok(())
}

#[tokio::test]
async fn memberships_are_counted_by_status_for_who_manages_them() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let id = group.rsplit('/').next().unwrap_or_default().to_owned();
    town.act(&town.user, &group, "add", town.ada_id).await?;
    town.act(&town.user, &group, "invite", Uuid::from_u128(7))
        .await?;
    let counts = town.get(&town.user, "/v2/groups/statuses").await?;
    assert_eq!(
        counts.at(&format!("/{id}")),
        &json!({ "active": 2, "invited": 1, "pending": 0, "rejected": 0, "removed": 0,
                 "left": 0, "declined": 0 })
    );
    // Ada is a member only, until she manages it.
    let none = town.get(&town.ada, "/v2/groups/statuses").await?;
    assert_eq!(none.body, json!({}));
    let manager = json!({ "identity_id": town.ada_id, "role": "manager" });
    town.act_with(&town.user, &group, "change_role", manager)
        .await?;
    let hers = town.get(&town.ada, "/v2/groups/statuses").await?;
    let both: Vec<&Value> = [&hers, &counts]
        .iter()
        .map(|answer| answer.at(&format!("/{id}")))
        .collect();
    assert_eq!(both[0], both[1]);
    assert_eq!(hers.body.as_object().map(serde_json::Map::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_private_group_is_forbidden_to_strangers() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let hidden = town.get(&town.ada, &group).await?;
    assert_eq!(
        (hidden.status.as_u16(), hidden.at("/code")),
        (403, &json!("FORBIDDEN"))
    );
    let none = format!("/v2/groups/{}", Uuid::from_u128(1));
    let none = town.get(&town.ada, &none).await?;
    assert_eq!(
        (none.status.as_u16(), none.at("/code")),
        (404, &json!("GROUP_NOT_FOUND"))
    );
    // Nor may they act on it: that is an error of the request, and not of one identity.
    let body = json!({ "add": [{ "identity_id": town.ada_id }] });
    let refused = town.post(&town.ada, &group, &body).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (403, &json!("FORBIDDEN"))
    );
    let body = json!({ "group_visibility": "authenticated" });
    town.put(&town.user, &format!("{group}/policies"), &body)
        .await?;
    let seen = town
        .get(&town.ada, &format!("{group}?include=memberships"))
        .await?;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body.get("memberships"), Some(&Value::Null));
    assert_eq!(
        town.put(&town.ada, &group, &json!({ "name": "Mine" }))
            .await?
            .status,
        403
    );
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_accepted_or_declined() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    assert_eq!(
        town.act(&town.user, &group, "accept", town.user_id).await?,
        "NOT_INVITED"
    );
    let item =
        json!({ "identity_id": town.ada_id, "role": "manager", "invite_email_address": ADA });
    assert_eq!(
        town.act_with(&town.user, &group, "invite", item.clone())
            .await?,
        "invited"
    );
    assert_eq!(
        town.act(&town.user, &group, "accept", town.ada_id).await?,
        "FORBIDDEN"
    );
    let seen = town.get(&town.ada, &group).await?;
    assert_eq!(seen.at("/my_memberships/0/invite_email_address"), ADA);
    assert_eq!(
        town.act(&town.ada, &group, "decline", town.ada_id).await?,
        "declined"
    );
    town.act_with(&town.user, &group, "invite", item).await?;
    assert_eq!(
        town.act(&town.ada, &group, "accept", town.ada_id).await?,
        "active"
    );
    let seen = town.get(&town.ada, &group).await?;
    assert_eq!(seen.at("/my_memberships/0/role"), "manager");
    Ok(())
}

#[tokio::test]
async fn a_request_to_join_is_approved_or_rejected() -> TestResult {
    let town = Town::new().await?;
    let policies = json!({ "group_visibility": "authenticated" });
    let group = town
        .group(json!({ "name": "Riders", "policies": policies }))
        .await?;
    let act = async |token: &str, action: &str| town.act(token, &group, action, town.ada_id).await;
    assert_eq!(act(&town.ada, "request_join").await?, "FORBIDDEN");
    assert_eq!(act(&town.ada, "join").await?, "FORBIDDEN");
    let body = json!({ "join_requests": true });
    town.put(&town.user, &format!("{group}/policies"), &body)
        .await?;
    assert_eq!(act(&town.ada, "request_join").await?, "pending");
    assert_eq!(act(&town.ada, "approve").await?, "FORBIDDEN");
    assert_eq!(act(&town.user, "reject").await?, "rejected");
    assert_eq!(act(&town.ada, "request_join").await?, "pending");
    assert_eq!(act(&town.user, "approve").await?, "active");
    assert_eq!(act(&town.user, "approve").await?, "NOT_PENDING");
    Ok(())
}

#[tokio::test]
async fn signup_fields_have_to_be_told_before_joining() -> TestResult {
    let town = Town::new().await?;
    let policies = json!({ "group_visibility": "authenticated", "join_requests": true,
        "signup_fields": ["institution"] });
    let group = town
        .group(json!({ "name": "Riders", "policies": policies }))
        .await?;
    let asked = town
        .act(&town.ada, &group, "request_join", town.ada_id)
        .await?;
    assert_eq!(asked, "MISSING_MEMBERSHIP_FIELDS");
    let path = format!("{group}/membership_fields");
    let ada = town.ada_id.to_string();
    let others = town.put(&town.user, &path, &json!({ &ada: {} })).await?;
    assert_eq!(others.status, 403);
    let told = json!({ &ada: { "institution": "University of Chicago" } });
    assert_eq!(town.put(&town.ada, &path, &told).await?.body, told);
    assert_eq!(town.get(&town.ada, &path).await?.body, told);
    let asked = town
        .act(&town.ada, &group, "request_join", town.ada_id)
        .await?;
    assert_eq!(asked, "pending");
    let shown = town
        .get(&town.user, &format!("{group}?include=memberships"))
        .await?;
    assert_eq!(
        shown.at("/memberships/1/membership_fields/institution"),
        "University of Chicago"
    );
    Ok(())
}

#[tokio::test]
async fn roles_say_who_may_do_what() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let someone = Uuid::from_u128(0xbeef);
    assert_eq!(
        town.act(&town.user, &group, "add", town.ada_id).await?,
        "active"
    );
    assert_eq!(
        town.act(&town.ada, &group, "add", someone).await?,
        "FORBIDDEN"
    );
    let manager = json!({ "identity_id": town.ada_id, "role": "manager" });
    assert_eq!(
        town.act_with(&town.user, &group, "change_role", manager)
            .await?,
        "active"
    );
    assert_eq!(town.act(&town.ada, &group, "add", someone).await?, "active");
    assert_eq!(
        town.act(&town.ada, &group, "add", someone).await?,
        "ALREADY_ACTIVE"
    );
    let admin = json!({ "identity_id": ROBOT, "role": "admin" });
    assert_eq!(
        town.act_with(&town.ada, &group, "add", admin).await?,
        "FORBIDDEN"
    );
    assert_eq!(
        town.act(&town.ada, &group, "remove", town.user_id).await?,
        "FORBIDDEN"
    );
    assert_eq!(
        town.act(&town.ada, &group, "remove", someone).await?,
        "removed"
    );
    assert_eq!(
        town.act(&town.ada, &group, "leave", town.ada_id).await?,
        "left"
    );
    assert_eq!(town.get(&town.ada, &group).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn a_group_keeps_an_administrator() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    assert_eq!(
        town.act(&town.user, &group, "leave", town.user_id).await?,
        "LAST_ADMIN"
    );
    let demoted = json!({ "identity_id": town.user_id, "role": "member" });
    assert_eq!(
        town.act_with(&town.user, &group, "change_role", demoted)
            .await?,
        "LAST_ADMIN"
    );
    let admin = json!({ "identity_id": ROBOT, "role": "admin" });
    town.act_with(&town.user, &group, "add", admin).await?;
    assert_eq!(
        town.act(&town.user, &group, "leave", town.user_id).await?,
        "left"
    );
    assert_eq!(town.get(&town.robot, &group).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn many_actions_succeed_and_fail_each_by_itself() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let body = json!({
        "add": [{ "identity_id": town.ada_id }, { "identity_id": town.user_id }],
        "approve": [{ "identity_id": ROBOT }],
    });
    let answered = town.post(&town.user, &group, &body).await?;
    assert_eq!(answered.at("/add").as_array().map(Vec::len), Some(1));
    assert_eq!(answered.at("/errors/add/0/code"), "ALREADY_ACTIVE");
    assert_eq!(answered.at("/errors/approve/0/code"), "NOT_PENDING");
    let body = json!({
        "remove": [{ "identity_id": town.ada_id }],
        "change_role": [{ "identity_id": town.ada_id, "role": "admin" }],
    });
    let refused = town.post(&town.user, &group, &body).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (400, &json!("AMBIGUOUS_IDENTITIES"))
    );
    assert_eq!(refused.at("/ambiguous_identities"), &json!([town.ada_id]));
    Ok(())
}

#[tokio::test]
async fn who_does_not_want_to_be_added_can_be_invited() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let ada = town.ada_id.to_string();
    let never_said = town.get(&town.ada, "/v2/preferences").await?;
    assert_eq!(never_said.body, json!({ &ada: { "allow_add": null } }));
    let body = json!({ &ada: { "allow_add": false } });
    assert_eq!(
        town.put(&town.ada, "/v2/preferences", &body).await?.body,
        body
    );
    assert_eq!(
        town.act(&town.user, &group, "add", town.ada_id).await?,
        "ADD_NOT_ALLOWED"
    );
    assert_eq!(
        town.act(&town.user, &group, "invite", town.ada_id).await?,
        "invited"
    );
    let both = town.get(&town.user, "/v2/preferences").await?;
    assert_eq!(both.body.as_object().map(|all| all.len()), Some(2));
    Ok(())
}

#[tokio::test]
async fn members_of_an_inner_group_belong_to_the_outer_one() -> TestResult {
    let town = Town::new().await?;
    let outer = town.group(json!({ "name": "Outer" })).await?;
    let parent = outer.rsplit('/').next().unwrap_or_default().to_owned();
    let inner = town
        .group(json!({ "name": "Inner", "parent_id": parent }))
        .await?;
    town.act(&town.user, &inner, "add", town.ada_id).await?;
    let shown = town
        .get(&town.user, &format!("{outer}?include=memberships"))
        .await?;
    let derived = shown.at("/memberships/1");
    assert_eq!(derived["identity_id"], json!(town.ada_id));
    assert!(inner.ends_with(derived["source_group_id"].as_str().unwrap_or("?")));
    assert_eq!(town.get(&town.ada, &outer).await?.status, 200);
    let request = town.sandbox.delete(&outer).bearer_auth(&town.user);
    assert_eq!(answer(request).await?.at("/code"), "HAS_SUBGROUPS");
    let body = json!({ "name": "Hers", "parent_id": parent });
    assert_eq!(town.post(&town.ada, "/v2/groups", &body).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn a_tree_of_groups_has_a_depth() -> TestResult {
    let town = Town::new().await?;
    let mut parent = Value::Null;
    for level in 0..=4 {
        let group = town
            .group(json!({ "name": format!("{level}"), "parent_id": parent }))
            .await?;
        parent = json!(group.rsplit('/').next());
    }
    let body = json!({ "name": "too deep", "parent_id": parent });
    assert_eq!(
        town.post(&town.user, "/v2/groups", &body).await?.status,
        400
    );
    Ok(())
}

#[tokio::test]
async fn a_group_of_high_assurance_asks_for_a_recent_login() -> TestResult {
    let town = Town::new().await?;
    let policies = json!({ "is_high_assurance": true, "authentication_assurance_timeout": 600 });
    let group = town
        .group(json!({ "name": "Patients", "policies": policies }))
        .await?;
    let shown = town.get(&town.user, &group).await?;
    assert_eq!(shown.at("/enforce_session"), true);
    let timeout = format!("/session_timeouts/{}/expires_in", town.user_id);
    assert!(shown.at(&timeout).as_i64().is_some_and(|left| left > 590));

    town.sandbox
        .emulator
        .advance_clock(Duration::from_secs(601));
    let refused = town.get(&town.user, &group).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (401, &json!("AUTHENTICATION_REQUIRED"))
    );
    let identities = refused.text_at("/authorization_parameters/session_required_identities/0")?;
    let mut query = native_query(ALL);
    query.push(("session_required_identities", identities));
    let request = town.sandbox.get("/v2/oauth2/authorize").query(&query);
    let code = pair(&location(&request.send().await?)?, "code").ok_or("no code")?;
    let login = town.sandbox.exchange(&code, VERIFIER).await?;
    let token = login.text_at("/access_token")?;
    assert_eq!(town.get(&token, &group).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_group_is_changed_and_deleted_by_its_administrators() -> TestResult {
    let town = Town::new().await?;
    let group = town
        .group(json!({ "name": "Riders", "description": "No stairs" }))
        .await?;
    let body = json!({ "name": "Riders", "description": null, "terms_and_conditions": "Be nice",
        "subscription_admin_verified_id": null });
    let changed = town.put(&town.user, &group, &body).await?;
    assert_eq!(changed.at("/terms_and_conditions"), "Be nice");
    assert_eq!(changed.at("/description"), &Value::Null);
    let body = json!({ "subscription_admin_verified_id": SUBSCRIPTION });
    assert_eq!(town.put(&town.user, &group, &body).await?.status, 403);
    let request = town.sandbox.delete(&group).bearer_auth(&town.user);
    assert_eq!(answer(request).await?.at("/name"), "Riders");
    assert_eq!(town.get(&town.user, &group).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_group_is_verified_by_who_administers_the_subscription() -> TestResult {
    let town = Town::new().await?;
    let info = format!("/v2/subscription_info/{SUBSCRIPTION}");
    let provider = town.get(&town.ada, &info).await?;
    assert_eq!(provider.at("/subscription_info/is_high_assurance"), true);
    let of_ada = town
        .post(&town.ada, "/v2/groups", &json!({ "name": "Hers" }))
        .await?;
    let group = format!("/v2/groups/{}", of_ada.text_at("/id")?);
    let path = format!("{group}/subscription_admin_verified");
    let body = json!({ "subscription_admin_verified_id": SUBSCRIPTION });
    assert_eq!(town.put(&town.ada, &path, &body).await?.status, 403);
    town.act(&town.ada, &group, "add", town.user_id).await?;
    assert_eq!(town.put(&town.user, &path, &body).await?.status, 200);
    let shown = town.get(&town.ada, &group).await?;
    assert_eq!(
        shown.at("/subscription_admin_verified_id"),
        &json!(SUBSCRIPTION)
    );
    let none = format!("/v2/subscription_info/{}", Uuid::from_u128(1));
    assert_eq!(town.get(&town.ada, &none).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_token_to_look_cannot_change() -> TestResult {
    let town = Town::new().await?;
    let token = town.sandbox.robot_token(VIEW).await?;
    assert_eq!(town.get(&token, "/v2/groups/my_groups").await?.status, 200);
    let refused = town
        .post(&token, "/v2/groups", &json!({ "name": "x" }))
        .await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/code")),
        (403, &json!("INSUFFICIENT_SCOPE"))
    );
    assert_eq!(refused.at("/provided_scopes"), &json!([VIEW]));
    let nobody = answer(town.sandbox.get("/v2/groups/my_groups")).await?;
    assert_eq!(nobody.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_wrong_is_told_where() -> TestResult {
    let town = Town::of(strict().strict_responses(true)).await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    for (body, last) in [
        (
            json!({ "add": [{ "identity_id": "nobody" }] }),
            "identity_id",
        ),
        (
            json!({ "add": [{ "identity_id": ROBOT, "role": "king" }] }),
            "role",
        ),
        (json!({ "change_role": [{ "identity_id": ROBOT }] }), "role"),
        (json!({ "add": "all" }), "add"),
    ] {
        let refused = town.post(&town.user, &group, &body).await?;
        assert_eq!(refused.status, 422, "{body}");
        let place = refused
            .at("/detail/0/loc")
            .as_array()
            .and_then(|loc| loc.last());
        assert_eq!(place, Some(&json!(last)));
    }
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": 7 }),
        json!([]),
    ] {
        assert_eq!(
            town.post(&town.user, "/v2/groups", &body).await?.status,
            422
        );
    }
    assert_eq!(
        town.get(&town.user, "/v2/groups/nonsense").await?.status,
        422
    );
    Ok(())
}

#[tokio::test]
async fn my_groups_can_be_asked_for_by_status() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    town.act(&town.user, &group, "invite", town.ada_id).await?;
    let active = town.get(&town.ada, "/v2/groups/my_groups").await?;
    assert_eq!(active.body, json!([]));
    let invited = town
        .get(&town.ada, "/v2/groups/my_groups?statuses=invited,left")
        .await?;
    assert_eq!(invited.at("/0/my_memberships/0/status"), "invited");
    Ok(())
}

#[tokio::test]
async fn groups_are_there_after_a_restart() -> TestResult {
    let folder = tempfile::tempdir()?;
    let town = Town::of(strict().data_dir(folder.path())).await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    town.act(&town.user, &group, "add", town.ada_id).await?;
    town.sandbox.emulator.stop().await?;
    let town = Town::of(strict().data_dir(folder.path())).await?;
    let shown = town.get(&town.ada, &group).await?;
    assert_eq!(shown.at("/my_memberships/0/status"), "active");
    Ok(())
}

#[tokio::test]
async fn a_group_sees_what_is_visible_to_it_in_an_index() -> TestResult {
    let town = Town::new().await?;
    let group = town.group(json!({ "name": "Riders" })).await?;
    let id = group.rsplit('/').next().unwrap_or_default();
    let robot = town.sandbox.robot_token(SEARCH_ALL).await?;
    let body = json!({ "display_name": "Rides", "description": "Where they went" });
    let index = town
        .post(&robot, "/v1/index", &body)
        .await?
        .text_at("/id")?;
    let entry = json!({ "ingest_type": "GMetaEntry", "ingest_data": {
        "subject": "ride", "visible_to": [format!("urn:globus:groups:id:{id}")],
        "content": { "where": "to the sea" } } });
    let ingest = format!("/v1/index/{index}/ingest");
    let task = town
        .post(&robot, &ingest, &entry)
        .await?
        .text_at("/task_id")?;
    while town
        .get(&robot, &format!("/v1/task/{task}"))
        .await?
        .at("/state")
        != "SUCCESS"
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ada = login_as(&town.sandbox, ADA, SEARCH_ALL).await?;
    let search = format!("/v1/index/{index}/search?q=sea");
    assert_eq!(town.get(&ada, &search).await?.at("/total"), 0);
    town.act(&town.user, &group, "add", town.ada_id).await?;
    assert_eq!(town.get(&ada, &search).await?.at("/total"), 1);

    let path = format!("/v1/index/{index}/role");
    let role = json!({ "role_name": "writer", "principal": format!("urn:globus:groups:id:{id}") });
    assert_eq!(town.post(&ada, &ingest, &entry).await?.status, 403);
    town.post(&robot, &path, &role).await?;
    assert_eq!(town.post(&ada, &ingest, &entry).await?.status, 200);
    let listed = town.get(&ada, "/v1/index_list").await?;
    assert_eq!(listed.at("/index_list/0/id"), &json!(index));
    Ok(())
}
