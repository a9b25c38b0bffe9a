//! Globus Transfer: endpoints, files and tasks.

use crate::harness::operations;
use globus_sdk::transfer::types::{
    AdminVerifiedUpdate, EndpointCreate, EndpointSearchScope, EndpointUpdate, EntityType,
    FilterMethod, FilterRule, MkdirRequest, RecursiveSymlinks, RenameRequest, SharedEndpointCreate,
    SubscriptionUpdate, SymlinkRequest, TaskUpdate,
};
use globus_sdk::transfer::{DeleteData, TransferData, TransferItem};
use globus_sdk::types::{SyncLevel, Timestamp, Uuid};

const ENDPOINT: Uuid = Uuid::from_u128(0xddb5_9aef_6d04_11e5_ba46_2200_0b92_c6ec);
const OTHER: Uuid = Uuid::from_u128(0xddb5_9af0_6d04_11e5_ba46_2200_0b92_c6ec);
const SUBMISSION: Uuid = Uuid::from_u128(0x3fc2_b3ca_3a12_11ea_9616_0e0b_a5cb_4a1d);
const TASK: Uuid = Uuid::from_u128(0x20ae_9c66_5a5c_11ea_af50_0201_714f_6eab);

operations!(
    transfer
        .get_endpoint(ENDPOINT)
        .with_query("fields", "id,display_name"),
    transfer.update_endpoint(
        ENDPOINT,
        EndpointUpdate::new()
            .display_name("The new name")
            .clear_description(),
    ),
    transfer.delete_endpoint(ENDPOINT),
    transfer.create_endpoint(
        EndpointCreate::new("My laptop")
            .is_globus_connect(true)
            .description("In the kitchen"),
    ),
    transfer
        .endpoint_search()
        .filter_fulltext("midway & more")
        .filter_scope(EndpointSearchScope::MyEndpoints)
        .filter_owner_id(OTHER)
        .filter_non_functional(false)
        .filter_entity_type(EntityType::Gcsv5MappedCollection)
        .limit(10)
        .offset(20),
    transfer.set_subscription_id(ENDPOINT, SubscriptionUpdate::new().clear_subscription_id()),
    transfer.set_subscription_admin_verified(ENDPOINT, AdminVerifiedUpdate::new(true)),
    transfer
        .my_shared_endpoint_list(ENDPOINT)
        .with_query("fields", "id,display_name"),
    transfer
        .get_shared_endpoint_list(ENDPOINT)
        .max_results(100)
        .next_token("the next"),
    transfer.create_shared_endpoint(
        SharedEndpointCreate::new("/~/results/", "Shared results")
            .host_endpoint_id(ENDPOINT)
            .description("What the last runs gave"),
    ),
    transfer.my_effective_pause_rule_list(ENDPOINT),
    transfer
        .operation_ls(ENDPOINT)
        .path("/~/a b")
        .show_hidden(false)
        .orderby(["type", "name DESC"])
        .filter(["type:dir", "name:~*.txt"])
        .limit(100)
        .offset(200)
        .local_user("ada"),
    transfer
        .operation_stat(ENDPOINT)
        .path("/~/file")
        .local_user("ada"),
    transfer.operation_mkdir(ENDPOINT, MkdirRequest::new("/~/new").local_user("ada")),
    transfer.operation_rename(ENDPOINT, RenameRequest::new("/~/old", "/~/new")),
    transfer.operation_symlink(ENDPOINT, SymlinkRequest::new("/~/file", "/~/link")),
    transfer.get_submission_id(),
    transfer.submit_transfer(
        &TransferData::new(ENDPOINT, OTHER)
            .submission_id(SUBMISSION)
            .label("nightly")
            .deadline(deadline())
            .sync_level(SyncLevel::Mtime)
            .verify_checksum(true)
            .preserve_timestamp(true)
            .notify_on_succeeded(false)
            .recursive_symlinks(RecursiveSymlinks::Ignore)
            .filter_rules([FilterRule::new(FilterMethod::Exclude, "*.tmp")])
            .item(TransferItem::folder("/~/data/", "/~/copy/"))
            .item(TransferItem::file("/~/a.txt", "/~/b.txt").checksum_algorithm("SHA256")),
    ),
    transfer.submit_delete(
        &DeleteData::new(ENDPOINT)
            .submission_id(SUBMISSION)
            .recursive(true)
            .ignore_missing(true)
            .item("/~/old/"),
    ),
    transfer
        .task_list()
        .filter("status:ACTIVE")
        .orderby(["request_time DESC", "label"])
        .limit(5)
        .offset(10)
        .with_query("fields", "task_id,status"),
    transfer.get_task(TASK),
    transfer.update_task(TASK, TaskUpdate::new().deadline(deadline())),
    transfer.cancel_task(TASK),
    transfer.remove_task(TASK),
    transfer
        .task_event_list(TASK)
        .filter("is_error:1")
        .limit(50),
    transfer.task_successful_transfers(TASK).marker(100),
    transfer.task_skipped_errors(TASK).marker(100),
    transfer.task_pause_info(TASK),
);

fn deadline() -> Timestamp {
    "2026-12-24 18:00:00+00:00".into()
}
