//! The endpoint document.
//!
//! It has about ninety fields, most of which do not apply to a given endpoint.

use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Collection;
use crate::app_state::AppState;
use crate::transfer::authz::EffectiveRoles;
use crate::transfer::names::legacy_username;

/// The document as a caller sees it: roles and secrets depend on the caller.
pub(in crate::transfer) fn document(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
    caller: Uuid,
) -> rusqlite::Result<Json> {
    let roles = EffectiveRoles::load(app, conn, collection, caller)?;
    let connected = collection.is_connected();
    let in_use: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM transfer_tasks
             WHERE status = 'ACTIVE' AND owner_id = ?2 AND (source_id = ?1 OR destination_id = ?1))",
        )?
        .query_row([collection.id.to_string(), caller.to_string()], |row| {
            row.get(0)
        })?;
    let id = collection.id;
    let username = legacy_username(collection.owner);
    let parts = [
        json!({
        "DATA_TYPE": "endpoint",
        "id": id,
        "entity_type": collection.entity_type(),
        "name": id,
        "canonical_name": format!("{username}#{id}"),
        "username": username,
        "owner_id": collection.owner,
        "owner_string": collection.owner_string,
        "my_effective_roles": roles.names(),
        }),
        json!({
        "is_globus_connect": true,
        "gcp_connected": connected,
        "gcp_paused": false,
        // The key is a secret: with it, a machine can become this endpoint.
        "globus_connect_setup_key": collection.setup_key.as_ref().filter(|_| roles.administers()),
        "in_use": in_use,
        "last_accessed_time": null,
        }),
        policies(),
        not_connect_server(),
        sharing(collection, &roles),
        activation(),
        json!({ "DATA": [server(collection)] }),
        // Last, so that settings override the constants above.
        Json::Object(collection.settings.clone()),
    ];
    let members = parts.into_iter().filter_map(|part| match part {
        Json::Object(members) => Some(members),
        _ => None,
    });
    Ok(Json::Object(members.flatten().collect()))
}

fn policies() -> Json {
    json!({
        "subscription_admin_verified": false,
        "french_english_bilingual": false,
        "guest_collection_activity_notification_policy": null,
        "disable_anonymous_writes": false,
        "force_verify": false,
        "mfa_required": false,
        "high_assurance": false,
        "requester_pays": false,
        "restrict_transfers_to_high_assurance": null,
        "associated_flow_policy": null,
        "preserve_modtime": null,
        "authentication_policy_id": null,
        "authentication_assurance_timeout": null,
        "auto_delete_timeout": null,
        "skip_auto_delete": null,
    })
}

fn not_connect_server() -> Json {
    json!({
        "gcs_version": null,
        "gcs_manager_url": null,
        "https_server": null,
        "tlsftp_server": null,
        "local_user_info_available": null,
        "mapped_collection_id": null,
        "mapped_collection_display_name": null,
        "non_functional": false,
        "non_functional_endpoint_id": null,
        "non_functional_endpoint_display_name": null,
    })
}

/// The fields about the host of a guest collection, and about support of guest collections.
fn sharing(collection: &Collection, roles: &EffectiveRoles) -> Json {
    let host = collection.host.as_ref();
    let name = host.and_then(|host| {
        let owner = legacy_username(host.owner?);
        Some(format!("{owner}#{}", host.id))
    });
    let path = host.map(|host| &host.path);
    json!({
        "host_endpoint": name,
        "host_endpoint_id": host.map(|host| host.id),
        "host_endpoint_display_name": host.and_then(|host| host.display_name.as_ref()),
        "host_path": path,
        "shareable": host.is_none(),
        "sharing_target_endpoint": name,
        "sharing_target_root_path": path,
        "acl_available": host.is_some(),
        "acl_editable": host.is_some() && roles.manages_access(),
    })
}

/// The single server of a Globus Connect Personal.
pub(super) fn server(collection: &Collection) -> Json {
    let connected = collection.is_connected();
    json!({
        "DATA_TYPE": "server",
        "id": collection.server_id(),
        "hostname": null,
        "port": null,
        "scheme": null,
        "subject": null,
        "uri": null,
        "incoming_data_port_start": null,
        "incoming_data_port_end": null,
        "outgoing_data_port_start": null,
        "outgoing_data_port_end": null,
        "is_connected": connected,
        "is_paused": false,
    })
}

/// Activation, which is always reported as done.
fn activation() -> Json {
    json!({
        "activated": true,
        "expires_in": -1,
        "expire_time": null,
        "myproxy_server": null,
        "myproxy_dn": null,
        "oauth_server": null,
        "s3_url": null,
        "s3_owner_activated": false,
    })
}
