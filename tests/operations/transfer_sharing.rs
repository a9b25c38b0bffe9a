//! Globus Transfer: servers, activation, roles, permissions and bookmarks.

use crate::harness::operations;
use globus_sdk::transfer::types::{
    AccessCreate, AccessPermissions, AccessPrincipalType, AccessUpdate, ActivationRequest,
    ActivationValue, BookmarkCreate, BookmarkUpdate, EndpointRole, RoleCreate, RolePrincipalType,
    ServerCreate, ServerScheme, ServerUpdate,
};
use globus_sdk::types::Uuid;

const ADA: Uuid = Uuid::from_u128(0x5d0a_4a1e_9d2c_4a0f_8d2b_3c6f_1e7a_9b10);
const BOOKMARK: Uuid = Uuid::from_u128(0x6e3b_4f5a_2c1d_4e8f_9a0b_1c2d_3e4f_5a6b);
const ENDPOINT: Uuid = Uuid::from_u128(0x6c54_cade_bde5_45c1_bdea_f4bd_71db_a2cc);
const ROLE: &str = "1a2b3c4d-5e6f-11ee-8c99-0242ac120002";
const RULE: &str = "0f2b7a3c-6e1d-11ee-8c99-0242ac120002";

operations!(
    transfer.endpoint_server_list(ENDPOINT),
    transfer
        .get_endpoint_server(ENDPOINT, 7)
        .with_query("fields", "hostname"),
    transfer.update_endpoint_server(ENDPOINT, 7, ServerUpdate::new().port(2812).clear_subject(),),
    transfer.delete_endpoint_server(ENDPOINT, 7),
    transfer.add_endpoint_server(
        ENDPOINT,
        ServerCreate::new("gridftp2.example.org")
            .port(2811)
            .scheme(ServerScheme::Gsiftp),
    ),
    transfer.endpoint_get_activation_requirements(ENDPOINT),
    transfer.endpoint_autoactivate(ENDPOINT).if_expires_in(600),
    transfer.endpoint_activate(
        ENDPOINT,
        ActivationRequest::new().data([
            ActivationValue::new("username", "ada").r#type("myproxy"),
            ActivationValue::new("passphrase", "correct horse").r#type("myproxy"),
        ]),
    ),
    transfer.endpoint_deactivate(ENDPOINT),
    transfer.endpoint_role_list(ENDPOINT),
    transfer.add_endpoint_role(
        ENDPOINT,
        RoleCreate::new(
            RolePrincipalType::Identity,
            ADA,
            EndpointRole::ActivityMonitor,
        ),
    ),
    transfer.get_endpoint_role(ENDPOINT, ROLE),
    transfer.delete_endpoint_role(ENDPOINT, ROLE),
    transfer.endpoint_acl_list(ENDPOINT),
    transfer.add_endpoint_acl_rule(
        ENDPOINT,
        AccessCreate::new(
            AccessPrincipalType::Identity,
            ADA,
            "/dataset1/",
            AccessPermissions::R,
        )
        .notify_email("ada@example.org")
        .notify_message("Here is the data"),
    ),
    transfer.get_endpoint_acl_rule(ENDPOINT, RULE),
    transfer.update_endpoint_acl_rule(
        ENDPOINT,
        RULE,
        AccessUpdate::new()
            .permissions(AccessPermissions::Rw)
            .clear_expiration_date(),
    ),
    transfer.delete_endpoint_acl_rule(ENDPOINT, RULE),
    transfer.bookmark_list(),
    transfer
        .create_bookmark(BookmarkCreate::new("tutorial data", ENDPOINT, "/~/data/").pinned(true),),
    transfer.get_bookmark(BOOKMARK),
    transfer.update_bookmark(BOOKMARK, BookmarkUpdate::new().name("my data")),
    transfer.delete_bookmark(BOOKMARK),
);
