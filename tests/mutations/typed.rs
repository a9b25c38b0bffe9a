//! Damaged answers as they come in truth: over HTTP, to a typed call.

use crate::corpus::Sample;
use globus_sdk::auth::types::{GrantType, TokenRequest};
use globus_sdk::search::types::SearchQuery;
use globus_sdk::transport::RetryPolicy;
use globus_sdk::types::Uuid;
use globus_sdk::{Error, ErrorKind, auth, groups, search, transfer};
use globus_test_support::mock::{MockServer, Step, hasty};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// Clients of a server that answers what it is told.
pub(crate) struct Callers {
    runtime: Runtime,
    answer: Arc<Mutex<Vec<u8>>>,
    auth: auth::Client,
    groups: groups::Client,
    search: search::Client,
    transfer: transfer::Client,
}

const CALLED: &[&str] = &[
    "oauth2_token",
    "userinfo",
    "get_my_groups",
    "get_index",
    "post_search",
    "get_endpoint",
    "operation_ls",
    "task_list",
    "submit_transfer",
];

impl Callers {
    pub(crate) fn start() -> Self {
        let builder = tokio::runtime::Builder::new_current_thread();
        let runtime = { builder }.enable_all().build().expect("a runtime");
        let answer = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&answer);
        let server = runtime.block_on(MockServer::answering(move |_| {
            Step::Raw(told.lock().expect("an answer").clone())
        }));
        Self {
            runtime,
            answer,
            auth: hasty(&server.url).0,
            groups: hasty(&server.url).0,
            search: hasty(&server.url).0,
            transfer: hasty(&server.url).0,
        }
    }

    pub(crate) fn knows(&self, sample: &Sample) -> bool {
        CALLED.contains(&sample.operation.name)
    }

    /// Makes the call that is answered so. An error says which call, and where it does not fit.
    pub(crate) fn call(&self, sample: &Sample, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            sample.status,
            body.len()
        );
        *self.answer.lock().expect("an answer") = [head.as_bytes(), body].concat();
        let (id, once) = (Uuid::nil(), RetryPolicy::disabled());
        let called: Result<String, Error> = self.runtime.block_on(async {
            Ok(match sample.operation.name {
                "oauth2_token" => {
                    let request = TokenRequest::new(GrantType::ClientCredentials);
                    format!(
                        "{:?}",
                        self.auth.oauth2_token(request).with_retry(once).await?
                    )
                }
                "userinfo" => format!("{:?}", self.auth.userinfo().with_retry(once).await?),
                "get_my_groups" => {
                    format!("{:?}", self.groups.get_my_groups().with_retry(once).await?)
                }
                "get_index" => format!("{:?}", self.search.get_index(id).with_retry(once).await?),
                "post_search" => {
                    let search = self.search.post_search(id, SearchQuery::new());
                    format!("{:?}", search.with_retry(once).await?)
                }
                "get_endpoint" => {
                    format!(
                        "{:?}",
                        self.transfer.get_endpoint(id).with_retry(once).await?
                    )
                }
                "operation_ls" => {
                    format!(
                        "{:?}",
                        self.transfer.operation_ls(id).with_retry(once).await?
                    )
                }
                "submit_transfer" => {
                    let item = transfer::TransferItem::file("/a", "/b");
                    let mut data = transfer::TransferData::new(id, id).item(item);
                    data.submission_id = id.into();
                    let submit = self.transfer.submit_transfer(&data);
                    format!("{:?}", submit.with_retry(once).await?)
                }
                _ => format!("{:?}", self.transfer.task_list().with_retry(once).await?),
            })
        });
        let Err(error) = called else { return };
        let said = format!("{error} {error:?}");
        assert!(said.starts_with(sample.operation.name), "{said}");
        // what the service itself says of an error is told whole
        let most = 4 * crate::MESSAGE
            + if sample.status < 300 {
                0
            } else {
                4 * body.len()
            };
        assert!(said.len() < most, "{} bytes", said.len());
        let _ = (error.code(), error.request_id(), error.auth_requirements());
        if sample.status < 300 {
            assert_eq!(error.kind(), ErrorKind::Decode, "{said}");
            let said = error.message();
            let where_ = said.contains(" at ") || said.contains("no JSON");
            assert!(where_, "{said}");
        }
    }
}
