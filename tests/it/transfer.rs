//! Transfer, on the emulator: real folders, real bytes.

use crate::lab::Lab;
use globus_sdk::transfer::types::{
    BookmarkInclude, BookmarkV2Collection, BookmarkV2CollectionIdentifier, BookmarkV2Create,
    BookmarkV2CreateAttributes, BookmarkV2CreateRelationships, BookmarkV2CreateResource,
    EndpointCreate, EndpointUpdate, ErrorCode, MkdirRequest, RecursiveSymlinks, RenameRequest,
    TaskUpdate,
};
use globus_sdk::transfer::{DeleteData, FileFilter, OrderBy, TransferData, TransferItem};
use globus_sdk::types::{SyncLevel, Uuid};
use globus_sdk::{Environment, ErrorKind, transfer};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_tree_arrives_with_every_byte() {
    let lab = Lab::open().await;
    lab.put("run/a.txt", "alpha");
    lab.put("run/deep/er/b.bin", vec![7; 100_000]);
    lab.put("run/.hidden", "");
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to)
        .verify_checksum(true)
        .item(TransferItem::folder("/run/", "/in/"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    let done = transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    assert_eq!(
        (done.status.as_str(), done.files_transferred),
        ("SUCCEEDED", 3)
    );
    assert_eq!(lab.arrived("in/a.txt").as_deref(), Some(&b"alpha"[..]));
    assert_eq!(lab.arrived("in/deep/er/b.bin"), Some(vec![7; 100_000]));
    assert_eq!(lab.arrived("in/.hidden"), Some(vec![]));
    let moved = transfer
        .task_successful_transfers(task.task_id)
        .stream()
        .collect()
        .await
        .expect("a list");
    assert_eq!(moved.len(), 3);
}

#[tokio::test]
async fn the_same_document_is_the_same_task() {
    let lab = Lab::open().await;
    lab.put("a", "a");
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/a", "/b"));
    let first = transfer.submit_transfer(&data).await.expect("a task");
    let second = transfer
        .submit_transfer(&data)
        .await
        .expect("the same task");
    assert_eq!(
        (first.code, second.code),
        (Some("Accepted".into()), Some("Duplicate".into()))
    );
    assert_eq!(first.task_id, second.task_id);
    assert_eq!(transfer.task_list().await.expect("tasks").total, Some(1));
}

#[tokio::test]
async fn a_missing_file_is_skipped_when_that_is_asked_for() {
    let lab = Lab::open().await;
    lab.put("here", "x");
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to)
        .skip_source_errors(true)
        .item(TransferItem::file("/here", "/here"))
        .item(TransferItem::file("/gone", "/gone"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    let done = transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    assert_eq!(done.subtasks_skipped_errors, Some(1));
    let skipped = transfer
        .task_skipped_errors(task.task_id)
        .stream()
        .collect()
        .await
        .expect("a list");
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].error_code, Some("FILE_NOT_FOUND".into()));
    assert_eq!(skipped[0].source_path.as_deref(), Some("/gone"));
}

#[tokio::test]
async fn a_cancelled_task_is_a_failed_wait() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    // a missing source keeps the task busy until it is cancelled
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/gone", "/gone"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    let result = transfer
        .cancel_task(task.task_id)
        .await
        .expect("a cancellation");
    assert!(
        result
            .code
            .as_ref()
            .is_some_and(|code| ["Canceled", "CancelAccepted"].contains(&code.as_str())),
        "{:?}",
        result.code
    );
    let error = transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect_err("no success");
    assert_eq!(error.kind(), ErrorKind::TaskFailed);
    let events = transfer
        .task_event_list(task.task_id)
        .stream()
        .collect()
        .await
        .expect("events");
    assert!(events.iter().any(|e| e.code == "CANCELED"), "{events:?}");
}

#[tokio::test]
async fn a_sync_level_leaves_equal_files_alone() {
    let lab = Lab::open().await;
    lab.put("a", "same");
    let transfer = lab.transfer().await;
    let data = || {
        TransferData::new(lab.from, lab.to)
            .sync_level(SyncLevel::Checksum)
            .item(TransferItem::file("/a", "/a"))
    };
    for (round, moved) in [1, 0].into_iter().enumerate() {
        let task = transfer.submit_transfer(&data()).await.expect("a task");
        let done = transfer
            .wait(task.task_id)
            .timeout(SOON)
            .await
            .expect("a success");
        assert_eq!(done.files_transferred, moved, "round {round}");
    }
}

#[tokio::test]
async fn links_are_kept_when_that_is_asked_for() {
    let lab = Lab::open().await;
    lab.put("run/a", "a");
    std::os::unix::fs::symlink("a", lab.source.path().join("run/link")).expect("a link");
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to)
        .recursive_symlinks(RecursiveSymlinks::Keep)
        .item(TransferItem::folder("/run/", "/in/"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    let link = std::fs::read_link(lab.destination.path().join("in/link"));
    assert_eq!(link.expect("a link").to_str(), Some("a"));
}

#[tokio::test]
async fn a_folder_is_deleted_by_a_task() {
    let lab = Lab::open().await;
    lab.put("old/a", "a");
    lab.put("new/b", "b");
    let transfer = lab.transfer().await;
    let data = DeleteData::new(lab.from).recursive(true).item("/old/");
    let task = transfer.submit_delete(&data).await.expect("a task");
    transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("a success");
    assert!(!lab.source.path().join("old").exists());
    assert!(lab.source.path().join("new/b").exists());
}

#[tokio::test]
async fn folders_are_made_and_renamed_and_looked_at() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let made = transfer
        .operation_mkdir(lab.from, MkdirRequest::new("/draft"))
        .await
        .expect("a folder");
    assert_eq!(made.code, Some("DirectoryCreated".into()));
    let renamed = transfer
        .operation_rename(lab.from, RenameRequest::new("/draft", "/done"))
        .await
        .expect("a new name");
    assert_eq!(renamed.code, Some("FileRenamed".into()));
    let stat = transfer
        .operation_stat(lab.from)
        .path("/done")
        .await
        .expect("a folder");
    assert_eq!((stat.name.as_str(), stat.r#type.as_str()), ("done", "dir"));
}

#[tokio::test]
async fn a_listing_is_filtered_and_ordered_by_the_service() {
    let lab = Lab::open().await;
    for (name, size) in [("a.txt", 3), ("b.txt", 1), ("c.dat", 2)] {
        lab.put(name, vec![0; size]);
    }
    let transfer = lab.transfer().await;
    let listing = transfer
        .operation_ls(lab.from)
        .path("/")
        .filter("name:~*.txt")
        .orderby("size ASC")
        .await
        .expect("a listing");
    let names: Vec<_> = listing.data.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["b.txt", "a.txt"]);
}

#[tokio::test]
async fn an_endpoint_search_streams_over_its_pages() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let found = transfer
        .endpoint_search()
        .filter_fulltext("collection")
        .stream()
        .collect()
        .await
        .expect("endpoints");
    assert_eq!(found.len(), 240);
    let pages = lab
        .emulator
        .requests()
        .iter()
        .filter(|r| r.path.ends_with("endpoint_search"))
        .count();
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn an_endpoint_is_made_changed_and_deleted() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let made = transfer
        .create_endpoint(EndpointCreate::new("mine").is_globus_connect(true))
        .await
        .expect("an endpoint");
    let update = EndpointUpdate::new().description("about");
    transfer
        .update_endpoint(made.id, update)
        .await
        .expect("an update");
    let endpoint = transfer.get_endpoint(made.id).await.expect("the endpoint");
    assert_eq!(endpoint.display_name.as_deref(), Some("mine"));
    assert_eq!(endpoint.description.as_deref(), Some("about"));
    transfer.delete_endpoint(made.id).await.expect("a deletion");
    let error = transfer.get_endpoint(made.id).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_task_is_relabelled_and_says_whether_it_is_paused() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/gone", "/gone"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    transfer
        .update_task(task.task_id, TaskUpdate::new().label("renamed"))
        .await
        .expect("an update");
    let seen = transfer.get_task(task.task_id).await.expect("the task");
    assert_eq!(seen.label.as_deref(), Some("renamed"));
    let pause = transfer
        .task_pause_info(task.task_id)
        .await
        .expect("pause info");
    assert!(pause.pause_rules.is_empty());
    transfer
        .cancel_task(task.task_id)
        .await
        .expect("a cancellation");
}

#[tokio::test]
async fn an_unknown_collection_is_not_found() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let error = transfer
        .operation_ls(Uuid::from_u128(404))
        .path("/")
        .await
        .expect_err("unknown");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "EndpointNotFound")
    );
}

#[tokio::test]
async fn a_missing_path_is_not_found() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let error = transfer
        .operation_ls(lab.from)
        .path("/nope")
        .await
        .expect_err("missing");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "ClientError.NotFound")
    );
    assert!(error.to_string().contains("/nope"), "{error}");
    let error = transfer
        .operation_stat(lab.from)
        .path("/nope")
        .await
        .expect_err("missing");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, "NotFound")
    );
}

#[tokio::test]
async fn an_expired_token_is_unauthenticated() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    lab.emulator.expire_tokens().expect("expiry");
    let error = transfer.task_list().await.expect_err("expired");
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(
        error
            .to_string()
            .ends_with("log in again, or give the client a valid token"),
        "{error}"
    );
}

#[tokio::test]
async fn a_token_for_another_service_is_refused() {
    let lab = Lab::open().await;
    let token = lab.token(globus_sdk::search::scopes::ALL).await;
    let transfer = lab
        .transfer()
        .await
        .with_authorizer(globus_sdk::auth::AccessTokenAuthorizer::new(token));
    let error = transfer.task_list().await.expect_err("the wrong token");
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Unauthenticated | ErrorKind::PermissionDenied
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_emulator_that_is_gone_is_a_connect_error() {
    let emulator = globus_emulator::Emulator::builder().start().await;
    let emulator = emulator.expect("an emulator");
    let transfer = transfer::Client::builder()
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .authorizer(globus_sdk::auth::AccessTokenAuthorizer::new("a token"))
        .build()
        .expect("a client");
    emulator.stop().await;
    let error = transfer
        .task_list()
        .with_retry(globus_sdk::transport::RetryPolicy::disabled())
        .await
        .expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn non_utf8_name_is_listed_and_names_the_same_file_again() {
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::open().await;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    std::fs::write(lab.source.path().join(name), "x").expect("a file");
    let transfer = lab.transfer().await;
    let listing = transfer
        .operation_ls(lab.from)
        .path("/")
        .await
        .expect("a listing");
    let listed = &listing.data[0].name;
    assert_eq!(&*globus_sdk::transfer::name_to_bytes(listed), b"caf\xe9");
    transfer
        .operation_rename(
            lab.from,
            RenameRequest::new(format!("/{listed}"), "/coffee"),
        )
        .await
        .expect("the same file");
    assert!(lab.source.path().join("coffee").exists());
}

#[tokio::test]
async fn a_name_with_a_line_break_is_refused() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    let error = transfer
        .operation_mkdir(lab.from, MkdirRequest::new("/a\r\nb"))
        .await
        .expect_err("no such names");
    assert_eq!(ErrorCode::from(&error), ErrorCode::InvalidPath);
}

#[tokio::test]
async fn a_listing_takes_a_typed_filter_and_order() {
    let lab = Lab::open().await;
    for (name, size) in [("a.txt", 30), ("b.txt", 10), ("c.txt", 20), ("d.dat", 20)] {
        lab.put(name, vec![0; size]);
    }
    let transfer = lab.transfer().await;
    let listing = transfer
        .operation_ls(lab.from)
        .path("/")
        .filter(FileFilter::new().name_like("*.txt").larger_than(10))
        .orderby(OrderBy::descending("size"))
        .await
        .expect("a listing");
    let names: Vec<_> = listing.data.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["a.txt", "c.txt"]);
}

#[tokio::test]
async fn a_task_that_has_ended_is_removed_from_the_history() {
    let lab = Lab::open().await;
    lab.put("a.txt", "copper");
    let transfer = lab.transfer().await;
    let data = TransferData::new(lab.from, lab.to).item(TransferItem::file("/a.txt", "/a.txt"));
    let task = transfer.submit_transfer(&data).await.expect("a task");
    transfer
        .wait(task.task_id)
        .timeout(SOON)
        .await
        .expect("an end");
    let removed = transfer.remove_task(task.task_id).await.expect("a result");
    assert_eq!(removed.code.as_deref(), Some("Removed"));
    let error = transfer.get_task(task.task_id).await.expect_err("no task");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn bookmarks_stream_over_their_pages_with_collections() {
    let lab = Lab::open().await;
    let transfer = lab.transfer().await;
    for name in ["one", "two", "three"] {
        let bookmark = BookmarkV2Create::new(BookmarkV2CreateResource::new(
            BookmarkV2CreateAttributes::new(name, "/").pinned(name == "two"),
            BookmarkV2CreateRelationships::new(BookmarkV2Collection::new(
                BookmarkV2CollectionIdentifier::new(lab.from),
            )),
        ));
        transfer
            .create_bookmark_v2(&bookmark)
            .await
            .expect("a bookmark");
    }
    let list = || {
        transfer
            .list_bookmarks()
            .page_limit(1)
            .include(BookmarkInclude::Collection)
    };
    let mut pages = list().pages();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("a page");
        assert_eq!(page.data.len(), 1);
        assert_eq!(page.included[0].id, lab.from);
        let attributes = page.data[0].attributes.as_ref().expect("attributes");
        seen.push((attributes.name.clone(), attributes.pinned));
    }
    let expected = [("one", false), ("two", true), ("three", false)];
    assert_eq!(
        seen,
        expected.map(|(name, pinned)| (Some(name.to_owned()), Some(pinned)))
    );
    let all = list().stream().collect().await.expect("bookmarks");
    assert_eq!(all.len(), 3);
}
