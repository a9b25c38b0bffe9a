//! Calls without a runtime.

use crate::lab::Lab;
use globus_sdk::ErrorKind;
use globus_sdk::blocking::Blocking as _;
use globus_sdk::transfer::types::TaskStatus;
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use std::fs;
use std::future::IntoFuture as _;
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// A lab whose emulator runs elsewhere: the test's own thread has no runtime.
fn lab() -> (Runtime, Lab, Client) {
    let elsewhere = Runtime::new().expect("a runtime for the emulator");
    let lab = elsewhere.block_on(Lab::open());
    let token = elsewhere.block_on(lab.token(globus_sdk::transfer::scopes::ALL));
    let transfer = Client::builder()
        .environment(lab.here.clone())
        .authorizer(globus_sdk::auth::AccessTokenAuthorizer::new(token))
        .build()
        .expect("a client");
    (elsewhere, lab, transfer)
}

#[test]
fn a_file_is_moved_without_a_runtime() {
    let (_elsewhere, lab, transfer) = lab();
    fs::write(lab.source.path().join("a.txt"), "some bytes").expect("a file");
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/a.txt", "/there.txt"));
    let task = transfer.submit_transfer(&data).call().expect("a task");
    let done = transfer.wait(task.task_id).call().expect("its end");
    assert_eq!(done.status, TaskStatus::Succeeded);
    let moved = fs::read(lab.destination.path().join("there.txt")).expect("the copy");
    assert_eq!(moved, b"some bytes");
}

#[derive(serde::Deserialize)]
struct Found {
    id: globus_sdk::types::Uuid,
}

#[test]
fn a_part_of_a_document_is_had_without_a_runtime() {
    let (_elsewhere, lab, transfer) = lab();
    let call = transfer.get_endpoint(lab.from).fields(["id"]);
    let found = call.json::<Found>().call().expect("a part");
    assert_eq!(found.id, lab.from);
    let search = transfer
        .endpoint_search()
        .filter_fulltext("Extra")
        .fields(["id"]);
    let mut ids = Vec::new();
    for found in search.limit(100).stream::<Found>() {
        ids.push(found.expect("an endpoint").id);
    }
    assert_eq!(ids.len(), 240);
}

#[test]
fn a_list_of_several_pages_is_gone_through_with_for() {
    let (_elsewhere, _lab, transfer) = lab();
    let mut names = Vec::new();
    for found in transfer
        .endpoint_search()
        .filter_fulltext("Extra")
        .limit(100)
        .stream()
    {
        names.push(found.expect("an endpoint").id);
    }
    assert_eq!(names.len(), 240);
}

#[test]
fn many_threads_share_a_client() {
    let (_elsewhere, lab, transfer) = lab();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                transfer
                    .operation_ls(lab.from)
                    .path("/")
                    .call()
                    .expect("a listing")
            });
        }
    });
}

#[test]
fn what_a_service_refuses_is_the_same_error() {
    let (elsewhere, lab, transfer) = lab();
    let call = transfer.operation_ls(lab.from).path("/nowhere/");
    let error = call.clone().call().expect_err("there is no such folder");
    let awaited = elsewhere
        .block_on(call.into_future())
        .expect_err("there is no such folder");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), awaited.code());
}

#[test]
fn a_thread_for_blocking_work_may_block() {
    let (elsewhere, lab, transfer) = lab();
    let work = move || transfer.operation_ls(lab.from).path("/").call();
    let listing = elsewhere.block_on(async { tokio::task::spawn_blocking(work).await });
    listing
        .expect("a thread that did not panic")
        .expect("a listing");
}

#[test]
fn a_worker_is_told_to_await() {
    let one = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let several = Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (_elsewhere, lab, transfer) = lab();
    for runtime in [one, several] {
        for in_a_task in [false, true] {
            let (transfer, collection) = (transfer.clone(), lab.from);
            let call = async move { transfer.operation_ls(collection).path("/").call() };
            let outcome = match in_a_task {
                false => runtime.block_on(call),
                true => runtime
                    .block_on(runtime.spawn(call))
                    .expect("a task that did not panic"),
            };
            let error = outcome.expect_err("a worker must not block");
            assert_eq!(error.kind(), ErrorKind::Usage);
            assert!(error.to_string().contains("spawn_blocking"), "{error}");
        }
    }
}

#[test]
fn a_stream_on_a_worker_ends_with_that_error() {
    let (elsewhere, _lab, transfer) = lab();
    let items = elsewhere.block_on(async {
        transfer
            .task_list()
            .stream()
            .into_iter()
            .collect::<Vec<_>>()
    });
    assert_eq!(items.len(), 1);
    let error = items[0].as_ref().expect_err("a worker must not block");
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn a_worker_that_was_refused_goes_on_as_before() {
    let (elsewhere, lab, transfer) = lab();
    let listing = elsewhere.block_on(async {
        let call = transfer.operation_ls(lab.from).path("/");
        call.clone().call().expect_err("a worker must not block");
        assert!(tokio::task::coop::has_budget_remaining());
        call.await
    });
    listing.expect("a listing");
}
