//! The same by the SDK, as its guide has it.

use crate::case::{Case, IN_FLIGHT};
use crate::documents::{ID, folders_of};
use crate::measure::Implementation;
use globus_sdk::auth::{self, AccessTokenAuthorizer, IdentityMap};
use globus_sdk::search::{self, types::MetaEntry};
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Result};

pub(crate) struct Sdk {
    transfer: Client,
    auth: auth::Client,
    search: search::Client,
}

impl Sdk {
    pub(crate) fn new(url: &str) -> Self {
        let transfer = Client::builder()
            .environment(Environment::empty())
            .base_url(url)
            .authorizer(AccessTokenAuthorizer::new("a-token"));
        let auth = auth::Client::builder()
            .environment(Environment::empty())
            .base_url(url)
            .authorizer(AccessTokenAuthorizer::new("a-token"));
        let search = search::Client::builder()
            .environment(Environment::empty())
            .base_url(url)
            .authorizer(AccessTokenAuthorizer::new("a-token"));
        Self {
            search: search.build().expect("a client"),
            transfer: transfer.build().expect("a client"),
            auth: auth.build().expect("a client"),
        }
    }

    async fn tasks(&self, calls: usize) -> Result<usize> {
        let id = id();
        for _ in 0..calls {
            let task = self.transfer.get_task(id).await?;
            assert_eq!(task.files, 186);
        }
        Ok(calls)
    }

    async fn listing(&self, size: usize) -> Result<usize> {
        let listing = self.transfer.operation_ls(id());
        Ok(listing.path(format!("/large/{size}/")).await?.data.len())
    }

    async fn walk(&self, pace: &str, folders: usize) -> Result<usize> {
        let walk = self
            .transfer
            .ls(id(), format!("/{pace}/{folders}/"))
            .recursive();
        let mut entries = walk.concurrency(IN_FLIGHT).stream();
        let mut seen = 0;
        while let Some(entry) = entries.next().await {
            entry?;
            seen += 1;
        }
        Ok(seen)
    }

    async fn novel(&self, size: usize) -> Result<usize> {
        let listing = self.transfer.operation_ls(id());
        let listing = listing.path(format!("/novel/{size}/")).await?;
        let novelties = listing
            .data
            .iter()
            .filter_map(|file| file.extra.get("novelty"));
        Ok(novelties.filter(|novelty| **novelty == 17).count())
    }

    async fn task_list(&self, size: usize) -> Result<usize> {
        let tasks = self.transfer.endpoint_manager_task_list();
        let mut tasks = tasks.with_query("size", size.to_string()).stream();
        let mut seen = 0;
        while let Some(task) = tasks.next().await {
            assert_eq!(task?.files, 186);
            seen += 1;
        }
        Ok(seen)
    }

    async fn ingest(&self, size: usize) -> Result<usize> {
        let entries = (0..size).map(|n| {
            let content = serde_json::json!({"title": "A measurement", "run": n});
            MetaEntry::new(format!("globus://run7/{n}"), content).visible_to(["public"])
        });
        // a full request of 10 MB would fill up only with the largest sizes
        let ingest = self.search.ingest_all(id(), entries);
        let report = ingest.batch_bytes(1_000_000).await?;
        Ok(usize::try_from(report.ingested).expect("a number of entries"))
    }

    async fn submit(&self, items: usize) -> Result<usize> {
        let mut data = TransferData::new(id(), id());
        data.extend((0..items).map(|n| TransferItem::file(source(n), destination(n))));
        let submitted = self.transfer.submit_transfer(&data).await?;
        assert_eq!(submitted.code, Some("Accepted".into()));
        Ok(data.data.len())
    }

    async fn identities(&self, count: usize) -> Result<usize> {
        let ids: Vec<String> = (0..count).map(identity).collect();
        let identities = IdentityMap::new(&self.auth).get_many(&ids).await?;
        let found = identities.into_iter().flatten();
        Ok(found.filter(|identity| identity.username.is_some()).count())
    }
}

impl Implementation for Sdk {
    async fn work(&self, case: Case, size: usize) -> usize {
        let done = match case {
            Case::GetTask => self.tasks(size).await,
            Case::TaskList => self.task_list(size).await,
            Case::OperationLs => self.listing(size).await,
            Case::UndocumentedField => self.novel(size).await,
            Case::Walk => self.walk("slow", size).await,
            Case::Submit => self.submit(size).await,
            Case::Identities => self.identities(size).await,
            Case::QuickWalk => self.walk("quick", folders_of(size)).await,
            Case::Ingest => self.ingest(size).await,
        };
        done.expect("an answer")
    }
}

fn id() -> Uuid {
    Uuid::try_parse(ID).expect("an id")
}

pub(crate) fn source(number: usize) -> String {
    format!("/project/data/run7/part{number}/file{number}.dat")
}

pub(crate) fn destination(number: usize) -> String {
    format!("/archive/in/run7/part{number}/file{number}.dat")
}

pub(crate) fn identity(number: usize) -> String {
    format!("470d39c4-b65c-4f25-9ef2-{number:012x}")
}
