//! The endpoint document.
//!
//! It has some ninety fields, most of which say that this is not what they are about.

use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Collection;
use crate::state::App;
use crate::transfer::names::legacy_username;

/// The document as one caller sees it: roles and secrets depend on who asks.
pub(super) fn document(
    app: &App,
    conn: &Connection,
    collection: &Collection,
    caller: Uuid,
) -> rusqlite::Result<Json> {
    let administers = collection.is_administered_by(app, caller);
    let connected = collection
        .folder
        .as_ref()
        .is_some_and(|folder| folder.is_dir());
    let in_use: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM transfer_tasks
             WHERE status = 'ACTIVE' AND (source_id = ?1 OR destination_id = ?1))",
        )?
        .query_row([collection.id.to_string()], |row| row.get(0))?;
    let id = collection.id;
    let username = legacy_username(collection.owner);
    let parts = [
        json!({
        "DATA_TYPE": "endpoint",
        "id": id,
        "entity_type": "GCP_mapped_collection",
        "name": id,
        "canonical_name": format!("{username}#{id}"),
        "username": username,
        "owner_id": collection.owner,
        "owner_string": collection.owner_string,
        "my_effective_roles": if administers { json!(["administrator"]) } else { json!([]) },
        }),
        json!({
        "is_globus_connect": true,
        "gcp_connected": connected,
        "gcp_paused": false,
        "globus_connect_setup_key": collection.setup_key.as_ref().filter(|_| administers),
        "in_use": in_use,
        "last_accessed_time": null,
        }),
        policies(),
        not_connect_server(),
        not_a_guest_collection(),
        activation(),
        json!({
        "DATA": [{
            "DATA_TYPE": "server",
            "id": (id.as_u128() % 1_000_000) as u64,
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
        }],
        }),
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

fn not_a_guest_collection() -> Json {
    json!({
        "host_endpoint": null,
        "host_endpoint_id": null,
        "host_endpoint_display_name": null,
        "host_path": null,
        "shareable": false,
        "sharing_target_endpoint": null,
        "sharing_target_root_path": null,
        "acl_available": false,
        "acl_editable": false,
    })
}

/// Endpoints were once activated; this one always is.
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
