//! The job: what a program does with the services, one call after the other, and what must be true
//! after each.

use crate::log_capture::{say, tell};
use crate::plan::Plan;
use crate::schedule::Lab;
use globus_sdk::search::types::{IndexCreateRequest, MetaEntry, SearchQuery};
use globus_sdk::transfer::types::MkdirRequest;
use globus_sdk::types::{Json, Uuid};
use globus_sdk::{Error, Globus, Result};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// How many entries are ingested, and how many a request has.
const ENTRIES: usize = 5;
const BATCH: usize = 3;

/// How often a task is looked at, by the clock that sleeping moves.
const OFTEN: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(600);

/// What the services have acknowledged so far, and what was wrong with that.
#[derive(Default)]
pub(crate) struct Job {
    task: Option<Uuid>,
    index: Option<Uuid>,
    pub(crate) wrong: Vec<String>,
}

impl Job {
    /// Does everything, up to the first error.
    pub(crate) async fn run(&mut self, lab: &Lab, globus: &Globus, plan: &Plan) -> Result<()> {
        let (auth, transfer, search) = (globus.auth(), globus.transfer(), globus.search());
        self.judge(globus.login().await, &["oauth2_token"])?;
        say(format_args!("{globus:?} {:?}", globus.tokens().await));
        if plan.person {
            self.judge(auth.userinfo().await, &["userinfo"])?;
        }
        self.walk(lab, &transfer, plan.width).await?;
        if !lab.arrived("made").exists() {
            let made = transfer.operation_mkdir(lab.to, MkdirRequest::new("/made"));
            self.judge(made.await, &["operation_mkdir"])?;
            self.claim(lab.arrived("made").is_dir(), "a folder was made");
        }
        self.move_files(lab, &transfer).await?;
        self.find_entries(&search).await
    }

    async fn walk(
        &mut self,
        lab: &Lab,
        transfer: &globus_sdk::transfer::Client,
        width: usize,
    ) -> Result<()> {
        let walk = transfer.ls(lab.from, "/").recursive().concurrency(width);
        let mut entries = walk.stream();
        let mut seen = BTreeSet::new();
        while let Some(entry) = entries.next().await {
            let entry = self.judge(entry, &["operation_ls"])?;
            let new = seen.insert(entry.path.clone());
            self.claim(new, &format!("{} is listed once", entry.path));
        }
        self.claim(seen == lab.tree, "a walk finds everything");
        Ok(())
    }

    async fn move_files(
        &mut self,
        lab: &Lab,
        transfer: &globus_sdk::transfer::Client,
    ) -> Result<()> {
        const SUBMIT: &[&str] = &["submit_transfer", "get_submission_id"];
        let submitted = transfer.submit_transfer(&lab.document).await;
        if let Err(error) = &submitted {
            let told = error.submission_id() == lab.document.submission_id.get();
            self.claim(told, "an error tells under which id was submitted");
        }
        let submitted = self.judge(submitted, SUBMIT)?;
        let known = *self.task.get_or_insert(submitted.task_id);
        self.claim(known == submitted.task_id, "one document is one task");
        let wait = transfer.wait(known).polling_interval(OFTEN).timeout(LONG);
        let task = self.judge(wait.await, &["get_task", "wait"])?;
        self.claim(
            task.files_transferred == lab.files.len() as i64,
            "files are counted",
        );
        for (path, contents) in &lab.files {
            let arrived = fs::read(lab.arrived("in").join(path));
            let same = arrived.is_ok_and(|arrived| arrived == *contents);
            self.claim(same, &format!("{path} has arrived"));
        }
        let moved = transfer.task_successful_transfers(known).stream();
        let moved = self.judge(moved.collect().await, &["task_successful_transfers"])?;
        let paths: BTreeSet<_> = moved.iter().map(|one| &one.source_path).collect();
        let each = paths.len() == lab.files.len() && moved.len() == paths.len();
        self.claim(each, "each file is listed once");
        let again = transfer.submit_transfer(&lab.document).await;
        let again = self.judge(again, SUBMIT)?;
        self.claim(
            again.task_id == known,
            "submitted again, it is the same task",
        );
        let list = self.judge(transfer.task_list().await, &["task_list"])?;
        self.claim(list.total == Some(1), "there is one task");
        Ok(())
    }

    async fn find_entries(&mut self, search: &globus_sdk::search::Client) -> Result<()> {
        let index = match self.index {
            Some(index) => index,
            None => {
                let new = IndexCreateRequest::new("runs", "about runs");
                let made = self.judge(search.create_index(new).await, &["create_index"])?;
                *self.index.insert(made.id)
            }
        };
        let entries = (0..ENTRIES)
            .map(|n| MetaEntry::new(format!("run:{n}"), json!({ "n": n })).visible_to(["public"]));
        let ingest = search
            .ingest_all(index, entries)
            .batch_entries(BATCH)
            .concurrency(1)
            .polling_interval(OFTEN)
            .timeout(LONG);
        let report = self.judge(ingest.await, &["ingest", "get_task", "ingest_all"])?;
        self.claim(report.ingested == ENTRIES as u64, "entries are counted");
        let found = search.post_search(index, SearchQuery::new().q("*"));
        let found = found.entries::<Json>().stream().collect().await;
        let found = self.judge(found, &["post_search"])?;
        let subjects: BTreeSet<_> = found.iter().map(|entry| &entry.subject).collect();
        let each = subjects.len() == ENTRIES && found.len() == ENTRIES;
        self.claim(each, "each entry is found once");
        Ok(())
    }

    /// What the services hold at the end, whatever was acknowledged.
    pub(crate) async fn settle(&mut self, globus: &Globus, runs: usize) {
        let list = globus.transfer().task_list().await;
        let list = list.map(|list| list.data).unwrap_or_else(|error| {
            self.claim(false, &format!("the tasks can be listed: {error}"));
            Vec::new()
        });
        let tasks: Vec<_> = list.iter().map(|task| task.task_id).collect();
        let once = tasks.len() == 1 && self.task == tasks.first().copied();
        self.claim(once, &format!("one submission is one task: {tasks:?}"));
        // an index has no submission id: whoever was not told of one makes another, but only then
        let indices = globus.search().index_list().await;
        let indices = indices.map_or(usize::MAX, |list| list.index_list.len());
        self.claim(
            (1..=runs).contains(&indices),
            &format!("{runs} runs made {indices} indices"),
        );
    }

    /// Passes a result on; an error must say which operation it is about.
    fn judge<T>(&mut self, result: Result<T>, operations: &[&str]) -> Result<T> {
        if let Err(error) = &result {
            tell(error);
            let named = error.operation().is_some_and(|name| {
                error.to_string().starts_with(name)
                    && (operations.contains(&name) || name == "oauth2_token")
            });
            self.claim(
                named,
                &format!("an error of {operations:?} names it: {error}"),
            );
        }
        result
    }

    fn claim(&mut self, holds: bool, what: &str) {
        if !holds {
            self.wrong.push(format!("not so: {what}"));
        }
    }
}

/// The kind of an error and where it came from, for the line of a schedule.
pub(crate) fn brief(error: &Error) -> String {
    let operation = error.operation().unwrap_or("?");
    format!("{operation} {:?}", error.kind())
}
