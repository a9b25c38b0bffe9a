//! What managers of a collection do: share a part of it, assign roles, pause, resume and cancel
//! tasks; and what the owner of a task sees of it. Also bookmarks and activation.
//!
//! On an emulator in this process: `cargo run --example collection_managers`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::transfer::types::{
    AccessCreate, AccessPermissions, AccessUpdate, AdminCancelRequest, AdminPauseRequest,
    AdminResumeRequest, BookmarkCreate, BookmarkUpdate, EndpointRole, PauseRuleCreate, RoleCreate,
    SharedEndpointCreate,
};
use globus_sdk::transfer::{Client, StallReason, TaskChange, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, ErrorKind, Globus};
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let (source, destination) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fs::create_dir(source.path().join("dataset1"))?;
    fs::write(source.path().join("dataset1/a.csv"), "1,2,3\n")?;
    let client = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("instrument", source.path())
        .collection("archive", destination.path())
        .client(client, "the robot's secret")
        .start()
        .await?;
    let id = |name| emulator.collection_id(name).ok_or("no such collection");
    let (from, to) = (id("instrument")?, id("archive")?);
    let globus = Globus::builder(ClientApp::new(client, "the robot's secret"))
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?;
    let transfer = globus.transfer();
    let colleague = emulator.user().id;

    share(&transfer, from, colleague).await?;
    roles(&transfer, from, colleague).await?;
    bookmarks(&transfer, from).await?;
    activation(&transfer, from).await?;
    pause_rule(&transfer, from, to).await?;
    pause_and_cancel(&transfer, from, to).await
}

/// Creates a guest collection, and access rules for it.
async fn share(transfer: &Client, host: Uuid, colleague: Uuid) -> Result<()> {
    let guest = SharedEndpointCreate::new("/dataset1/", "Dataset 1")
        .host_endpoint_id(host)
        .description("What the last run gave");
    let guest = transfer.create_shared_endpoint(guest).await?.id;
    let rule = AccessCreate::for_identity(colleague, "/", AccessPermissions::R);
    let rule_id = transfer.add_endpoint_acl_rule(guest, rule).await?.access_id;
    let update = AccessUpdate::new().permissions(AccessPermissions::Rw);
    transfer
        .update_endpoint_acl_rule(guest, &rule_id, update)
        .await?;
    for rule in transfer.endpoint_acl_list(guest).await?.data {
        println!(
            "{:?} {:?} {:?}",
            rule.principal, rule.path, rule.permissions
        );
    }
    transfer.delete_endpoint_acl_rule(guest, &rule_id).await?;
    let hosted = transfer.endpoint_manager_hosted_endpoint_list(host).await?;
    println!("{} guest collection", hosted.data.len());
    transfer.delete_endpoint(guest).await?;
    Ok(())
}

async fn roles(transfer: &Client, collection: Uuid, colleague: Uuid) -> Result<()> {
    let role = RoleCreate::for_identity(colleague, EndpointRole::ActivityMonitor);
    let role = transfer.add_endpoint_role(collection, role).await?;
    for role in transfer.endpoint_role_list(collection).await?.data {
        println!("{:?}: {:?}", role.principal, role.role);
    }
    transfer.delete_endpoint_role(collection, &role.id).await?;
    Ok(())
}

async fn bookmarks(transfer: &Client, collection: Uuid) -> Result<()> {
    let bookmark = BookmarkCreate::new("raw data", collection, "/dataset1/");
    let id = transfer.create_bookmark(bookmark).await?.id;
    let update = BookmarkUpdate::new().name("dataset 1");
    transfer.update_bookmark(id, update).await?;
    for bookmark in transfer.bookmark_list().await?.data {
        let path = bookmark.path.unwrap_or_default();
        println!("{:?}: {:?}:{path}", bookmark.name, bookmark.endpoint_id);
    }
    transfer.delete_bookmark(id).await?;
    Ok(())
}

/// Endpoints of the old kind had to be activated.
#[allow(deprecated, reason = "of Globus Connect Server 4")]
async fn activation(transfer: &Client, endpoint: Uuid) -> Result<()> {
    let requirements = transfer
        .endpoint_get_activation_requirements(endpoint)
        .await?;
    if !requirements.supports_auto_activation() {
        println!("activate it: https://app.globus.org/file-manager?origin_id={endpoint}");
    }
    if !requirements.supports_web_activation() {
        println!("an endpoint of an unusual kind: {requirements:?}");
    }
    // long enough for a task of an hour, and until a certain day
    let day = SystemTime::UNIX_EPOCH + Duration::from_secs(1_476_803_436);
    println!(
        "always active: {}; in an hour: {}; then: {}",
        requirements.always_activated(),
        requirements.active_until(HOUR),
        requirements.active_until(day),
    );
    Ok(())
}

/// A rule pauses a task; its owner sees why, and the task resumes when the rule is deleted.
async fn pause_rule(transfer: &Client, from: Uuid, to: Uuid) -> Result<()> {
    let rule =
        PauseRuleCreate::new(from, "Maintenance until Friday").pause_task_transfer_read(true);
    let rule = transfer.endpoint_manager_create_pause_rule(rule).await?;
    let data = TransferData::new(from, to).item(TransferItem::folder("/dataset1/", "/in/"));
    let task = transfer.submit_transfer(&data).await?;
    let mut changes = transfer.watch(task.task_id).timeout(MINUTE).stream();
    while let Some(change) = changes.next().await {
        let change = change?;
        println!("{}", change.progress());
        if let TaskChange::Stalled(now) = &change
            && let Some(StallReason::Paused(Some(info))) = &now.stall_reason
        {
            for rule in &info.pause_rules {
                println!("paused: {}", rule.message.as_deref().unwrap_or_default());
            }
            transfer.endpoint_manager_delete_pause_rule(rule.id).await?;
        }
    }
    Ok(())
}

/// Pauses, resumes and cancels one task.
async fn pause_and_cancel(transfer: &Client, from: Uuid, to: Uuid) -> Result<()> {
    // a missing source keeps the task busy
    let data = TransferData::new(from, to).item(TransferItem::file("/nowhere", "/nowhere"));
    let task = transfer.submit_transfer(&data).await?.task_id;
    let running = transfer
        .endpoint_manager_task_list()
        .filter_endpoint(from)
        .filter_status("ACTIVE")
        .stream()
        .collect()
        .await?;
    println!("{} task runs", running.len());
    transfer
        .endpoint_manager_pause_tasks(AdminPauseRequest::new("Ask Ada first").task_id_list([task]))
        .await?;
    let waited = transfer.wait(task).timeout(Duration::from_secs(1)).await;
    match waited {
        Err(error) if error.kind() == ErrorKind::WaitTimeout => println!("{error}"),
        other => return Err(format!("it should have been paused: {other:?}").into()),
    }
    transfer
        .endpoint_manager_resume_tasks(AdminResumeRequest::new().task_id_list([task]))
        .await?;
    let cancel = AdminCancelRequest::new("The disk is full").task_id_list([task]);
    let mut cancel = transfer.endpoint_manager_cancel_tasks(cancel).await?;
    let id = cancel.id.ok_or("the cancellation has no id")?;
    while cancel.done != Some(true) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel = transfer.endpoint_manager_cancel_status(id).await?;
    }
    match transfer.wait(task).timeout(MINUTE).await {
        Err(error) if error.kind() == ErrorKind::TaskFailed => println!("{error}"),
        other => return Err(format!("it should have been cancelled: {other:?}").into()),
    }
    Ok(())
}
