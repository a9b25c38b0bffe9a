//! Updates never erase: a document of one field is sent as that field alone, and null only where
//! the caller said null.

use crate::harness::{resolve, spec};
use globus_sdk::auth::types::{
    ClientLinksUpdate, ClientUpdate, ClientUpdateRequest, PolicyUpdate, PolicyUpdateRequest,
    ProjectUpdate, ProjectUpdateRequest, ScopeUpdate, ScopeUpdateRequest,
};
use globus_sdk::groups::types::{
    GroupPoliciesUpdate, GroupUpdateRequest, IdentityPreferencesUpdate, MembershipFieldsUpdate,
    SignupField, SubscriptionAdminVerifiedUpdate,
};
use globus_sdk::search::types::{IndexUpdateRequest, MetaEntry};
use globus_sdk::transfer::types::{
    AccessUpdate, AdminVerifiedUpdate, BookmarkUpdate, BookmarkV2Update,
    BookmarkV2UpdateAttributes, BookmarkV2UpdateResource, EndpointUpdate, PauseRuleUpdate,
    ServerUpdate, SubscriptionUpdate, TaskUpdate, TunnelUpdate, TunnelUpdateAttributes,
    TunnelUpdateResource,
};
use globus_sdk::types::Uuid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a document as its type.
type Recode = fn(Value) -> serde_json::Result<Value>;

/// Every operation that changes what is there, and the type that it sends.
const UPDATES: &[(&str, &str, Recode)] = &[
    ("auth", "update_client", round_trip::<ClientUpdateRequest>),
    ("auth", "update_policy", round_trip::<PolicyUpdateRequest>),
    ("auth", "update_project", round_trip::<ProjectUpdateRequest>),
    ("auth", "update_scope", round_trip::<ScopeUpdateRequest>),
    (
        "groups",
        "set_group_policies",
        round_trip::<GroupPoliciesUpdate>,
    ),
    (
        "groups",
        "set_identity_preferences",
        round_trip::<BTreeMap<String, IdentityPreferencesUpdate>>,
    ),
    (
        "groups",
        "set_membership_fields",
        round_trip::<BTreeMap<String, MembershipFieldsUpdate>>,
    ),
    (
        "groups",
        "set_subscription_admin_verified",
        round_trip::<SubscriptionAdminVerifiedUpdate>,
    ),
    ("groups", "update_group", round_trip::<GroupUpdateRequest>),
    ("search", "update_entry", round_trip::<MetaEntry>),
    ("search", "update_index", round_trip::<IndexUpdateRequest>),
    (
        "transfer",
        "endpoint_manager_update_pause_rule",
        round_trip::<PauseRuleUpdate>,
    ),
    (
        "transfer",
        "set_subscription_admin_verified",
        round_trip::<AdminVerifiedUpdate>,
    ),
    (
        "transfer",
        "set_subscription_id",
        round_trip::<SubscriptionUpdate>,
    ),
    ("transfer", "update_bookmark", round_trip::<BookmarkUpdate>),
    (
        "transfer",
        "update_bookmark_v2",
        round_trip::<BookmarkV2Update>,
    ),
    ("transfer", "update_endpoint", round_trip::<EndpointUpdate>),
    (
        "transfer",
        "update_endpoint_acl_rule",
        round_trip::<AccessUpdate>,
    ),
    (
        "transfer",
        "update_endpoint_server",
        round_trip::<ServerUpdate>,
    ),
    ("transfer", "update_task", round_trip::<TaskUpdate>),
    ("transfer", "update_tunnel", round_trip::<TunnelUpdate>),
];

fn round_trip<T: DeserializeOwned + Serialize>(document: Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(document)?)
}

#[test]
fn every_update_of_the_specs_is_proved_here() {
    let updates: BTreeSet<_> = globus_sdk::operations()
        .filter(|o| matches!(o.method, "PUT" | "PATCH") && o.body.is_some())
        .map(|o| (o.service, o.name))
        .collect();
    let proved: BTreeSet<_> = UPDATES.iter().map(|(s, name, _)| (*s, *name)).collect();
    assert_eq!(updates, proved, "name the update's type in UPDATES");
}

#[test]
fn each_field_of_an_update_is_sent_alone() {
    let mut count = 0;
    for &(service, name, round_trip) in UPDATES {
        for document in documents_of_one_field(service, name) {
            let sent = round_trip(document.clone())
                .unwrap_or_else(|e| panic!("{service} {name} with {document}: {e}"));
            assert_eq!(sent, document, "{service} {name}");
            count += 1;
        }
    }
    assert!(count > 150, "only {count} documents");
}

#[test]
fn an_update_without_fields_has_its_tags_alone() {
    let said = [
        sent(ClientUpdateRequest::new(ClientUpdate::new())),
        sent(EndpointUpdate::new()),
        sent(GroupPoliciesUpdate::new()),
        sent(IndexUpdateRequest::new()),
        sent(TaskUpdate::new()),
        sent(TunnelUpdate::new(TunnelUpdateResource::new(
            TunnelUpdateAttributes::new(),
        ))),
    ];
    let expected = [
        json!({"client": {}}),
        json!({"DATA_TYPE": "endpoint"}),
        json!({}),
        json!({}),
        json!({"DATA_TYPE": "task"}),
        json!({"data": {"type": "Tunnel", "attributes": {}}}),
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_one_setter_set_is_sent_alone() {
    let bookmark = BookmarkV2UpdateAttributes::new().name("n");
    let said = [
        sent(AccessUpdate::new().permissions("rw")),
        sent(BookmarkUpdate::new().pinned(false)),
        sent(BookmarkV2Update::new(BookmarkV2UpdateResource::new(
            bookmark,
        ))),
        sent(ClientUpdateRequest::new(ClientUpdate::new().name("n"))),
        sent(EndpointUpdate::new().description("")),
        sent(GroupPoliciesUpdate::new().signup_fields(Vec::<SignupField>::new())),
        sent(GroupUpdateRequest::new().name("n")),
        sent(IndexUpdateRequest::new().display_name("n")),
        sent(MembershipFieldsUpdate::new().city("c")),
        sent(PauseRuleUpdate::new().pause_ls(false)),
        sent(PolicyUpdateRequest::new(
            PolicyUpdate::new().required_mfa(false),
        )),
        sent(ProjectUpdateRequest::new(
            ProjectUpdate::new().admin_group_ids([Uuid::nil()]),
        )),
        sent(ScopeUpdateRequest::new(
            ScopeUpdate::new().advertised(false),
        )),
        sent(ServerUpdate::new().port(0)),
        sent(SubscriptionUpdate::new().subscription_id("DEFAULT")),
        sent(TaskUpdate::new().label("l")),
    ];
    let expected = [
        json!({"DATA_TYPE": "access", "permissions": "rw"}),
        json!({"DATA_TYPE": "bookmark", "pinned": false}),
        json!({"data": {"type": "Bookmark", "attributes": {"name": "n"}}}),
        json!({"client": {"name": "n"}}),
        json!({"DATA_TYPE": "endpoint", "description": ""}),
        json!({"signup_fields": []}),
        json!({"name": "n"}),
        json!({"display_name": "n"}),
        json!({"city": "c"}),
        json!({"DATA_TYPE": "pause_rule", "pause_ls": false}),
        json!({"policy": {"required_mfa": false}}),
        json!({"project": {"admin_group_ids": [Uuid::nil()]}}),
        json!({"scope": {"advertised": false}}),
        json!({"DATA_TYPE": "server", "port": 0}),
        json!({"subscription_id": "DEFAULT"}),
        json!({"DATA_TYPE": "task", "label": "l"}),
    ];
    assert_eq!(said, expected);
}

#[test]
fn null_is_sent_where_it_was_said() {
    let links = ClientLinksUpdate::new().clear_privacy_policy();
    let said = [
        sent(AccessUpdate::new().clear_expiration_date()),
        sent(ClientUpdateRequest::new(ClientUpdate::new().links(links))),
        sent(EndpointUpdate::new().clear_info_link()),
        sent(GroupPoliciesUpdate::new().clear_authentication_assurance_timeout()),
        sent(GroupUpdateRequest::new().clear_description()),
        sent(IdentityPreferencesUpdate::new(None)),
        sent(MembershipFieldsUpdate::new().clear_phone()),
        sent(PolicyUpdateRequest::new(
            PolicyUpdate::new().clear_domain_constraints_include(),
        )),
        sent(ServerUpdate::new().clear_subject()),
        sent(SubscriptionAdminVerifiedUpdate::new(None)),
        sent(SubscriptionUpdate::new().clear_subscription_id()),
    ];
    let expected = [
        json!({"DATA_TYPE": "access", "expiration_date": null}),
        json!({"client": {"links": {"privacy_policy": null}}}),
        json!({"DATA_TYPE": "endpoint", "info_link": null}),
        json!({"authentication_assurance_timeout": null}),
        json!({"description": null}),
        json!({"allow_add": null}),
        json!({"phone": null}),
        json!({"policy": {"domain_constraints_include": null}}),
        json!({"DATA_TYPE": "server", "subject": null}),
        json!({"subscription_admin_verified_id": null}),
        json!({"subscription_id": null}),
    ];
    assert_eq!(said, expected);
}

#[test]
fn last_of_set_and_clear_wins() {
    let set = EndpointUpdate::new().clear_info_link().info_link("l");
    let cleared = EndpointUpdate::new().info_link("l").clear_info_link();
    assert_eq!(
        sent(set),
        json!({"DATA_TYPE": "endpoint", "info_link": "l"})
    );
    assert_eq!(
        sent(cleared),
        json!({"DATA_TYPE": "endpoint", "info_link": null})
    );
}

fn sent(document: impl Serialize) -> Value {
    serde_json::to_value(document).expect("JSON")
}

/// All documents of an operation that say one thing beside what they have to say.
fn documents_of_one_field(service: &str, name: &str) -> Vec<Value> {
    let spec = spec(service);
    let operation = globus_sdk::operations()
        .find(|o| (o.service, o.name) == (service, name))
        .expect("an operation");
    let method = operation.method.to_ascii_lowercase();
    let body = resolve(spec, &spec["paths"][operation.path][method]["requestBody"]);
    let documents = values(spec, &body["content"]["application/json"]["schema"]);
    assert!(!documents.is_empty(), "{service} {name} has no fields");
    documents
}

/// The values that a schema allows, of each sort one; of an object, all that have one field.
fn values(spec: &Value, schema: &Value) -> Vec<Value> {
    let schema = merged(spec, schema);
    let mut values = match schema["type"].as_str() {
        _ if schema["enum"].is_array() => vec![schema["enum"][0].clone()],
        Some("object") => match schema.get("additionalProperties") {
            Some(item) => {
                let key = Uuid::nil().to_string();
                let items = self::values(spec, item).into_iter();
                items.map(|item| json!({ key.clone(): item })).collect()
            }
            None if schema["properties"].is_null() => vec![json!({"any": ["thing"]})],
            None => of_one_field(spec, &schema),
        },
        Some("array") => {
            let items = self::values(spec, &schema["items"]).into_iter();
            [json!([])]
                .into_iter()
                .chain(items.map(|item| json!([item])))
                .collect()
        }
        Some("boolean") => vec![json!(true), json!(false)],
        Some("integer") => vec![json!(0)],
        Some("number") => vec![json!(1.5)],
        Some("string") if schema["format"] == "uuid" => vec![json!(Uuid::nil())],
        Some("string") => vec![json!("")],
        _ => vec![json!(["anything"])],
    };
    if schema["nullable"] == true {
        values.push(Value::Null);
    }
    values
}

/// The objects that have one field beside those that they have to have.
fn of_one_field(spec: &Value, schema: &Value) -> Vec<Value> {
    let required: Vec<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let mut least = Map::new();
    let mut choices = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let tag = merged(spec, property)["enum"]
            .as_array()
            .is_some_and(|e| e.len() == 1);
        let mut values = values(spec, property);
        if tag || required.iter().any(|r| *r == name) {
            least.insert(name.clone(), values[0].clone());
        }
        if !tag {
            choices.extend(values.drain(..).map(|value| (name, value)));
        }
    }
    let with = |(name, value): (&String, Value)| {
        let mut document = least.clone();
        document.insert(name.clone(), value);
        Value::Object(document)
    };
    choices.into_iter().map(with).collect()
}

/// A schema with what its `$ref` and its `allOf` name.
fn merged(spec: &Value, schema: &Value) -> Value {
    let mut whole = Map::new();
    merge(spec, schema, &mut whole);
    Value::Object(whole)
}

fn merge(spec: &Value, schema: &Value, whole: &mut Map<String, Value>) {
    let schema = resolve(spec, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        merge(spec, part, whole);
    }
    for (key, value) in schema.as_object().into_iter().flatten() {
        match (whole.get_mut(key), value) {
            (Some(Value::Array(whole)), Value::Array(more)) => whole.extend(more.iter().cloned()),
            (Some(Value::Object(whole)), Value::Object(more)) => whole.extend(more.clone()),
            _ => _ = whole.insert(key.clone(), value.clone()),
        }
    }
}
