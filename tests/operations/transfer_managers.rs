//! Globus Transfer: what those who manage endpoints see and do.

use crate::harness::operations;
use globus_sdk::transfer::types::{
    AdminCancelRequest, AdminPauseRequest, AdminResumeRequest, EndpointUse, PauseRuleCreate,
    PauseRuleUpdate,
};
use globus_sdk::types::Uuid;

const ADA: Uuid = Uuid::from_u128(0x5d0a_4a1e_9d2c_4a0f_8d2b_3c6f_1e7a_9b10);
const ENDPOINT: Uuid = Uuid::from_u128(0x31ce_9ba0_176d_45a5_add3_f37d_233b_a47d);
const RULE: Uuid = Uuid::from_u128(0x8d5b_2c3a_7e4f_4a1b_9c0d_2e3f_4a5b_6c7d);
const TASK: Uuid = Uuid::from_u128(0x470d_39c4_b65c_4f25_9ef2_cb2b_49e8_0b2c);

operations!(
    transfer
        .endpoint_manager_monitored_endpoints()
        .with_query("fields", "id,display_name"),
    transfer.endpoint_manager_get_endpoint(ENDPOINT),
    transfer.endpoint_manager_hosted_endpoint_list(ENDPOINT),
    transfer.endpoint_manager_acl_list(ENDPOINT),
    transfer
        .endpoint_manager_task_list()
        .filter_status(["ACTIVE", "INACTIVE"])
        .filter_owner_id(ADA)
        .filter_endpoint(ENDPOINT)
        .filter_endpoint_use(EndpointUse::Source)
        .filter_is_paused(true)
        .filter_completion_time("2026-01-01T00:00:00,2026-02-01T00:00:00")
        .filter_min_faults(3)
        .limit(100)
        .last_key("the last key"),
    transfer.endpoint_manager_get_task(TASK),
    transfer
        .endpoint_manager_task_event_list(TASK)
        .filter_is_error(true)
        .limit(50),
    transfer.endpoint_manager_task_pause_info(TASK),
    transfer
        .endpoint_manager_task_successful_transfers(TASK)
        .marker(100),
    transfer
        .endpoint_manager_task_skipped_errors(TASK)
        .marker(100),
    transfer.endpoint_manager_cancel_tasks(
        AdminCancelRequest::new("The file system is full").task_id_list([TASK]),
    ),
    transfer.endpoint_manager_cancel_status(7),
    transfer.endpoint_manager_pause_tasks(
        AdminPauseRequest::new("The file system is full").task_id_list([TASK]),
    ),
    transfer.endpoint_manager_resume_tasks(AdminResumeRequest::new().task_id_list([TASK])),
    transfer
        .endpoint_manager_pause_rule_list()
        .filter_endpoint(ENDPOINT),
    transfer.endpoint_manager_create_pause_rule(
        PauseRuleCreate::new(ENDPOINT, "The file system is being repaired")
            .clear_identity_id()
            .start_time("2026-12-24 18:00:00+00:00")
            .pause_ls(false)
            .pause_task_transfer_write(true),
    ),
    transfer.endpoint_manager_get_pause_rule(RULE),
    transfer.endpoint_manager_update_pause_rule(
        RULE,
        PauseRuleUpdate::new()
            .message("The file system can be read again")
            .pause_task_transfer_read(false),
    ),
    transfer.endpoint_manager_delete_pause_rule(RULE),
);
