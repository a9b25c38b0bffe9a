//! The floor: each call as an expert writes it who needs this call and nothing else.

use crate::case::{BATCH, BATCHES, Case, IN_FLIGHT};
use crate::documents::ID;
use crate::measure::Implementation;
use crate::sdk::{destination, identity, source};
use futures_util::stream::{self, FuturesUnordered};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub(crate) struct Floor {
    http: reqwest::Client,
    url: String,
}

impl Floor {
    pub(crate) fn new(url: &str) -> Self {
        // reqwest asks for one, though nothing is encrypted here
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
        }
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> reqwest::Result<T> {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if !query.is_empty() {
            request = request.query(query);
        }
        let answer = request.bearer_auth("a-token").send().await?;
        answer.error_for_status()?.json().await
    }

    async fn tasks(&self, calls: usize) -> reqwest::Result<usize> {
        for _ in 0..calls {
            let task: Task = self.get(&format!("/v0.10/task/{ID}"), &[]).await?;
            assert_eq!(task.files, 186);
        }
        Ok(calls)
    }

    async fn task_list(&self, size: usize) -> reqwest::Result<usize> {
        let size = size.to_string();
        let (mut seen, mut last_key) = (0, None);
        loop {
            let mut query = vec![("size", size.as_str())];
            query.extend(last_key.as_deref().map(|key| ("last_key", key)));
            let path = "/v0.10/endpoint_manager/task_list";
            let list: List<Task> = self.get(path, &query).await?;
            for task in list.data {
                assert_eq!(task.files, 186);
                seen += 1;
            }
            if list.has_next_page != Some(true) {
                return Ok(seen);
            }
            last_key = list.last_key;
        }
    }

    async fn listing<T: DeserializeOwned>(&self, path: &str) -> reqwest::Result<List<T>> {
        let url = format!("/v0.10/operation/endpoint/{ID}/ls");
        self.get(&url, &[("path", path)]).await
    }

    async fn walk(&self, folders: usize) -> reqwest::Result<usize> {
        let mut waiting = vec![format!("/slow/{folders}/")];
        let mut under_way = FuturesUnordered::new();
        let mut seen = 0;
        loop {
            while under_way.len() < IN_FLIGHT
                && let Some(path) = waiting.pop()
            {
                under_way.push(async move {
                    let listing = self.listing::<File>(&path).await?;
                    Ok::<_, reqwest::Error>((path, listing))
                });
            }
            let Some((path, listing)) = under_way.next().await.transpose()? else {
                return Ok(seen);
            };
            for file in listing.data {
                let whole = format!("{path}{}", file.name);
                if file.kind == "dir" && file.link_target.is_none() {
                    waiting.push(whole + "/");
                }
                seen += 1;
            }
        }
    }

    async fn submit(&self, items: usize) -> reqwest::Result<usize> {
        let id: SubmissionId = self.get("/v0.10/submission_id", &[]).await?;
        let document = TransferData {
            data_type: "transfer",
            submission_id: id.value,
            source_endpoint: ID.to_owned(),
            destination_endpoint: ID.to_owned(),
            data: (0..items)
                .map(|number| TransferItem {
                    data_type: "transfer_item",
                    source_path: source(number),
                    destination_path: destination(number),
                    recursive: None,
                    external_checksum: None,
                    checksum_algorithm: None,
                })
                .collect(),
        };
        let request = self.http.post(format!("{}/v0.10/transfer", self.url));
        let request = request.bearer_auth("a-token").json(&document);
        let answer = request.send().await?.error_for_status()?;
        let submitted: Submitted = answer.json().await?;
        assert_eq!(submitted.code, "Accepted");
        Ok(document.data.len())
    }

    async fn identities(&self, count: usize) -> reqwest::Result<usize> {
        let ids: Vec<String> = (0..count).map(identity).collect();
        let batches = ids.chunks(BATCH).map(|batch| batch.join(","));
        let known: HashMap<String, Identity> = stream::iter(batches)
            .map(|ids| async move {
                let query = [("ids", ids.as_str())];
                self.get::<Identities>("/v2/api/identities", &query).await
            })
            .buffer_unordered(BATCHES)
            .try_fold(HashMap::new(), |mut known, answer| async move {
                let found = answer.identities.into_iter();
                known.extend(found.map(|identity| (identity.id.clone(), identity)));
                Ok(known)
            })
            .await?;
        let found = ids.iter().filter_map(|id| known.get(id));
        Ok(found.filter(|identity| identity.username.is_some()).count())
    }
}

impl Implementation for Floor {
    async fn work(&self, case: Case, size: usize) -> usize {
        let done = match case {
            Case::GetTask => self.tasks(size).await,
            Case::TaskList => self.task_list(size).await,
            Case::OperationLs => {
                let listing = self.listing::<File>(&format!("/large/{size}/")).await;
                listing.map(|listing| listing.data.len())
            }
            Case::UndocumentedField => {
                let listing = self.listing(&format!("/novel/{size}/")).await;
                listing.map(|listing| listing.data.iter().filter(FileAndMore::is_whole).count())
            }
            Case::Walk => self.walk(size).await,
            Case::Submit => self.submit(size).await,
            Case::Identities => self.identities(size).await,
            Case::QuickWalk | Case::Ingest => panic!("only the SDK grows"),
        };
        done.expect("an answer")
    }
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct List<T> {
    #[serde(rename = "DATA")]
    data: Vec<T>,
    endpoint: Option<String>,
    path: Option<String>,
    absolute_path: Option<String>,
    rename_supported: Option<bool>,
    symlink_supported: Option<bool>,
    length: Option<i64>,
    total: Option<i64>,
    limit: Option<i64>,
    offset: Option<i64>,
    has_next_page: Option<bool>,
    last_key: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct File {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    size: Option<i64>,
    last_modified: Option<String>,
    permissions: Option<String>,
    user: Option<String>,
    group: Option<String>,
    link_target: Option<String>,
    link_size: Option<i64>,
    link_last_modified: Option<String>,
    link_user: Option<String>,
    link_group: Option<String>,
}

/// With all that nobody documented: the only way that serde's derive has for it.
#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct FileAndMore {
    #[serde(rename = "DATA_TYPE")]
    data_type: Option<String>,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    size: Option<i64>,
    last_modified: Option<String>,
    permissions: Option<String>,
    user: Option<String>,
    group: Option<String>,
    link_target: Option<String>,
    link_size: Option<i64>,
    link_last_modified: Option<String>,
    link_user: Option<String>,
    link_group: Option<String>,
    #[serde(flatten)]
    extra: serde_json::Map<String, serde_json::Value>,
}

impl FileAndMore {
    fn is_whole(self: &&Self) -> bool {
        self.extra.len() == 1 && self.extra["novelty"] == 17
    }
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct Task {
    task_id: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    fatal_error: Option<FatalError>,
    label: Option<String>,
    owner_id: String,
    username: Option<String>,
    request_time: String,
    completion_time: Option<String>,
    deadline: Option<String>,
    source_endpoint_id: Option<String>,
    source_endpoint_display_name: Option<String>,
    source_endpoint: Option<String>,
    destination_endpoint_id: Option<String>,
    destination_endpoint_display_name: Option<String>,
    destination_endpoint: Option<String>,
    source_base_path: Option<String>,
    destination_base_path: Option<String>,
    source_local_user: Option<String>,
    source_local_user_status: Option<String>,
    destination_local_user: Option<String>,
    destination_local_user_status: Option<String>,
    sync_level: Option<i64>,
    encrypt_data: Option<bool>,
    verify_checksum: Option<bool>,
    preserve_timestamp: Option<bool>,
    delete_destination_extra: Option<bool>,
    recursive_symlinks: Option<String>,
    skip_source_errors: Option<bool>,
    fail_on_quota_errors: Option<bool>,
    filter_rules: Option<Vec<FilterRule>>,
    command: Option<String>,
    key: Option<String>,
    history_deleted: Option<bool>,
    is_paused: bool,
    is_ok: Option<bool>,
    nice_status: Option<String>,
    nice_status_short_description: Option<String>,
    nice_status_expires_in: Option<i64>,
    nice_status_details: Option<String>,
    canceled_by_admin: Option<String>,
    canceled_by_admin_message: Option<String>,
    faults: i64,
    files: i64,
    directories: i64,
    symlinks: i64,
    files_transferred: i64,
    files_skipped: Option<i64>,
    subtasks_total: i64,
    subtasks_pending: i64,
    subtasks_retrying: i64,
    subtasks_succeeded: i64,
    subtasks_expired: i64,
    subtasks_canceled: i64,
    subtasks_failed: i64,
    subtasks_skipped_errors: Option<i64>,
    bytes_transferred: i64,
    bytes_checksummed: i64,
    effective_bytes_per_second: i64,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct FatalError {
    code: String,
    description: String,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct FilterRule {
    method: String,
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct SubmissionId {
    value: String,
}

#[derive(Serialize)]
struct TransferData {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    submission_id: String,
    source_endpoint: String,
    destination_endpoint: String,
    #[serde(rename = "DATA")]
    data: Vec<TransferItem>,
}

#[derive(Serialize)]
struct TransferItem {
    #[serde(rename = "DATA_TYPE")]
    data_type: &'static str,
    source_path: String,
    destination_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recursive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct Submitted {
    code: String,
    message: String,
    request_id: String,
    resource: String,
    task_id: String,
    submission_id: String,
}

#[derive(Deserialize)]
struct Identities {
    identities: Vec<Identity>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoding them is what is measured")]
struct Identity {
    id: String,
    username: Option<String>,
    identity_provider: Option<String>,
    identity_type: Option<String>,
    status: Option<String>,
    name: Option<String>,
    email: Option<String>,
    organization: Option<String>,
}
