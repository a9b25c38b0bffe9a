//! The documents that the responder sends, in the shape of the real services' answers: separators
//! with a space behind, nulls written out.

use std::fmt::Write as _;

/// Every id that nobody looks at.
pub(crate) const ID: &str = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc";
/// How many folders are in a folder of the tree, as long as there are any.
const BRANCHING: usize = 10;
/// How many files are in each folder of the tree.
const FILES: usize = 10;

/// What a walk finds in a tree of so many folders, the top included.
pub(crate) fn entries_below(folders: usize) -> usize {
    folders - 1 + folders * FILES
}

/// In how many folders so many entries are, about.
pub(crate) fn folders_of(entries: usize) -> usize {
    entries / (FILES + 1) + 1
}

pub(crate) fn task(number: usize) -> String {
    format!(
        concat!(
            r#"{{"DATA_TYPE": "task", "bytes_checksummed": 377736912, "#,
            r#""bytes_transferred": 3011090432, "canceled_by_admin": null, "#,
            r#""canceled_by_admin_message": null, "command": "API 0.10", "#,
            r#""completion_time": "2026-02-06T07:18:40+00:00", "#,
            r#""deadline": "2026-02-10T12:00:00+00:00", "#,
            r#""delete_destination_extra": false, "#,
            r#""destination_base_path": null, "destination_endpoint": "#,
            r#""u_ikd2vnvw2ng6zdqz4s6gyupgvy#31ce9ba0-176d-45a5-add3-f37d233ba47d", "#,
            r#""destination_endpoint_display_name": "Globus Tutorial Collection 2", "#,
            r#""destination_endpoint_id": "31ce9ba0-176d-45a5-add3-f37d233ba47d", "#,
            r#""directories": 4, "effective_bytes_per_second": 873268, "#,
            r#""encrypt_data": false, "fail_on_quota_errors": false, "fatal_error": null, "#,
            r#""faults": 2, "files": 186, "files_skipped": 12, "files_transferred": 174, "#,
            r#""filter_rules": [{{"DATA_TYPE": "filter_rule", "method": "exclude", "#,
            r#""name": "*.tmp", "type": "file"}}], "history_deleted": false, "#,
            r#""is_ok": null, "is_paused": false, "label": "nightly {0}", "#,
            r#""nice_status": null, "nice_status_details": null, "#,
            r#""nice_status_expires_in": null, "nice_status_short_description": null, "#,
            r#""owner_id": "5d0a4a1e-9d2c-4a0f-8d2b-3c6f1e7a9b10", "#,
            r#""preserve_timestamp": true, "recursive_symlinks": "ignore", "#,
            r#""request_time": "2026-02-06T06:58:59+00:00", "skip_source_errors": false, "#,
            r#""source_base_path": null, "source_endpoint": "#,
            r#""u_ikd2vnvw2ng6zdqz4s6gyupgvy#6c54cade-bde5-45c1-bdea-f4bd71dba2cc", "#,
            r#""source_endpoint_display_name": "Globus Tutorial Collection 1", "#,
            r#""source_endpoint_id": "6c54cade-bde5-45c1-bdea-f4bd71dba2cc", "#,
            r#""status": "SUCCEEDED", "subtasks_canceled": 0, "subtasks_expired": 0, "#,
            r#""subtasks_failed": 0, "subtasks_pending": 0, "subtasks_retrying": 0, "#,
            r#""subtasks_skipped_errors": 0, "subtasks_succeeded": 372, "#,
            r#""subtasks_total": 372, "symlinks": 1, "sync_level": 3, "#,
            r#""task_id": "470d39c4-b65c-4f25-9ef2-{0:012x}", "type": "TRANSFER", "#,
            r#""username": "u_XrtivK6z9w2MZwr65os6nZX0wv", "verify_checksum": true}}"#,
        ),
        number
    )
}

/// Tasks with commas between.
pub(crate) fn tasks(count: usize) -> String {
    let tasks: Vec<String> = (0..count).map(task).collect();
    tasks.join(", ")
}

/// An entry of a listing.
fn file(out: &mut String, name: std::fmt::Arguments<'_>, kind: &str, novel: &str) {
    if !out.is_empty() {
        out.push_str(", ");
    }
    write!(
        out,
        concat!(
            r#"{{"DATA_TYPE": "file", "group": "staff", "#,
            r#""last_modified": "2026-11-22 09:54:38+00:00", "link_group": null, "#,
            r#""link_last_modified": null, "link_size": null, "link_target": null, "#,
            r#""link_user": null, "name": "{name}", {novel}"permissions": "0644", "#,
            r#""size": 1048576, "type": "{kind}", "user": "auser"}}"#,
        ),
        name = name,
        novel = novel,
        kind = kind
    )
    .expect("a string takes everything");
}

/// Entries of one large folder, with commas between; with `novel`, each has a field that is in no
/// documentation.
pub(crate) fn files(count: usize, novel: bool) -> String {
    let novel = if novel { r#""novelty": 17, "# } else { "" };
    let mut out = String::new();
    for number in 0..count {
        let name = format_args!("run7-measurement-{number:06}.h5");
        file(&mut out, name, "file", novel);
    }
    out
}

/// Entries of a folder of the tree, which ends with its number: `/d3/d31/`. Folders are numbered
/// level by level; the top is 0.
pub(crate) fn branch(path: &str, folders: usize) -> (String, usize) {
    let name = path.trim_end_matches('/').rsplit('/').next();
    let number: usize = name
        .and_then(|name| name.strip_prefix('d')?.parse().ok())
        .unwrap_or(0);
    let first = number * BRANCHING + 1;
    let below = first.min(folders)..(first + BRANCHING).min(folders);
    let length = below.len() + FILES;
    let mut out = String::new();
    for folder in below {
        file(&mut out, format_args!("d{folder}"), "dir", "");
    }
    for number in 0..FILES {
        file(&mut out, format_args!("file{number}.dat"), "file", "");
    }
    (out, length)
}

/// What stands around the entries of a listing.
pub(crate) fn listing(path: &str, length: usize) -> (String, String) {
    (
        r#"{"DATA": ["#.to_owned(),
        format!(
            concat!(
                r#"], "DATA_TYPE": "file_list", "absolute_path": "{0}", "endpoint": "{1}", "#,
                r#""length": {2}, "limit": 100000, "offset": 0, "path": "{0}", "#,
                r#""rename_supported": true, "symlink_supported": false, "total": {2}}}"#,
            ),
            path, ID, length
        ),
    )
}

/// What stands around a page of a list that goes on after this number of its pages.
pub(crate) fn list(next: Option<usize>) -> (String, String) {
    let (has_next_page, key) = match next {
        Some(page) => (true, format!("\"{page}\"")),
        None => (false, "null".to_owned()),
    };
    (
        r#"{"DATA": ["#.to_owned(),
        format!(
            concat!(
                r#"], "DATA_TYPE": "task_list", "has_next_page": {}, "last_key": {}, "#,
                r#""limit": 1000}}"#,
            ),
            has_next_page, key
        ),
    )
}

/// What Search says to a batch of entries.
pub(crate) fn acknowledged() -> String {
    format!(
        concat!(
            r#"{{"acknowledged": true, "num_documents_ingested": 0, "success": true, "#,
            r#""task_id": "{}"}}"#,
        ),
        ID
    )
}

/// A task of Search that has ended well.
pub(crate) fn ingested() -> String {
    format!(
        concat!(
            r#"{{"completion_date": "2026-02-06T07:18:40.123456", "#,
            r#""creation_date": "2026-02-06T07:18:39.123456", "index_id": "{0}", "#,
            r#""message": null, "state": "SUCCESS", "state_description": "Task succeeded", "#,
            r#""task_id": "{0}", "task_type": "INGEST"}}"#,
        ),
        ID
    )
}

pub(crate) fn submission_id() -> String {
    format!(r#"{{"DATA_TYPE": "submission_id", "value": "{ID}"}}"#)
}

pub(crate) fn submitted() -> String {
    format!(
        concat!(
            r#"{{"DATA_TYPE": "transfer_result", "code": "Accepted", "#,
            r#""message": "The transfer has been accepted and a task has been created", "#,
            r#""request_id": "NS2QXhLZ7", "resource": "/v0.10/transfer", "#,
            r#""submission_id": "{0}", "task_id": "{0}", "task_link": {{"DATA_TYPE": "link", "#,
            r#""href": "task/{0}?format=json", "rel": "related", "resource": "task", "#,
            r#""title": "related task"}}}}"#,
        ),
        ID
    )
}

/// The identities behind ids with commas between.
pub(crate) fn identities(ids: &str) -> String {
    let identities: Vec<String> = ids
        .split(',')
        .map(|id| {
            format!(
                concat!(
                    r#"{{"email": "{0}@example.org", "id": "{0}", "#,
                    r#""identity_provider": "41143743-f3c8-4d60-bbdb-eeecaba85bd9", "#,
                    r#""identity_type": "login", "name": "Somebody of Some University", "#,
                    r#""organization": "Some University", "status": "used", "#,
                    r#""username": "{0}@example.org"}}"#,
                ),
                id
            )
        })
        .collect();
    format!(r#"{{"identities": [{}]}}"#, identities.join(", "))
}
