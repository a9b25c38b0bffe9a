//! One schedule, from an emulator of its own to what is to be said of it.

use crate::clock::Shared;
use crate::job::{Job, brief};
use crate::log_capture::{self, Secrets, say, tell};
use crate::plan::Plan;
use globus_emulator::{Emulator, FaultPlan, RecordedRequest};
use globus_sdk::auth::{ClientApp, LocalServerLogin, UserApp};
use globus_sdk::transfer::{TransferData, TransferItem};
use globus_sdk::transport::RetryPolicy;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus, search};
use globus_test_support::auth::{NATIVE, ROBOT, SECRET, browse, pair};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// How long one attempt may take while faults strike. They are what takes longer.
const TIMEOUT: Duration = Duration::from_millis(1500);
/// How long tasks are under way before they do anything, by the clock that sleeping moves.
const START_DELAY: Duration = Duration::from_secs(4);

/// What came of a schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) fired: u64,
    /// For people.
    pub(crate) line: String,
    /// What should not have happened.
    pub(crate) failures: Vec<String>,
}

/// Two collections, files in one of them, and the document that moves them.
pub(crate) struct Lab {
    pub(crate) from: Uuid,
    pub(crate) to: Uuid,
    /// Every path of the source.
    pub(crate) tree: BTreeSet<String>,
    /// The files of the folder that is moved, by their path in it.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) document: TransferData,
    emulator: Arc<Emulator>,
    clock: Shared,
    folders: [TempDir; 2],
}

/// The files of the source, and how large they are.
const FILES: &[(&str, usize)] = &[
    ("run7/a", 0),
    ("run7/b", 70_000),
    ("run7/deep/größe & co.dat", 300),
    ("run7/deep/deeper/c", 4_096),
];

impl Lab {
    async fn open(plan: &Plan) -> Self {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let (mut tree, mut files) = (BTreeSet::new(), BTreeMap::new());
        for (path, size) in FILES {
            let whole = folders[0].path().join(path);
            fs::create_dir_all(whole.parent().expect("a folder")).expect("folders");
            let contents: Vec<u8> = (0..*size).map(|at| (at % 251) as u8).collect();
            fs::write(&whole, &contents).expect("a file");
            let mut above = format!("/{path}");
            files.insert(path.replacen("run7/", "", 1), contents);
            while !above.is_empty() {
                let parent = above.rfind('/').unwrap_or_default();
                tree.insert(above.clone());
                above.truncate(parent);
            }
        }
        let emulator = Emulator::builder()
            .strict(true)
            .auto_consent(true)
            .client(ROBOT, SECRET)
            .rotate_refresh_tokens(Duration::from_secs(600))
            .collection("source", folders[0].path())
            .collection("destination", folders[1].path())
            .transfer_start_delay(START_DELAY)
            .search_start_delay(START_DELAY)
            .faults(FaultPlan::new(plan.seed, plan.rules.clone()))
            .start()
            .await
            .expect("an emulator");
        let collection = |name| emulator.collection_id(name).expect("a collection");
        let (from, to) = (collection("source"), collection("destination"));
        let emulator = Arc::new(emulator);
        Self {
            from,
            to,
            tree,
            files,
            document: TransferData::new(from, to)
                .label("torture")
                .item(TransferItem::folder("/run7/", "/in/")),
            clock: Shared::with(&emulator),
            emulator,
            folders,
        }
    }

    /// Where something is in the destination.
    pub(crate) fn arrived(&self, path: &str) -> PathBuf {
        self.folders[1].path().join(path)
    }

    /// A program that begins anew, and the codes that a browser brings to it.
    fn program(&self, plan: &Plan, timeout: Option<Duration>) -> (Globus, Receiver<String>) {
        let (tell_code, codes) = channel();
        let here = Environment::empty().with_all_services(self.emulator.base_url());
        let scopes = ("search.api.globus.org", search::scopes::ALL);
        let builder = if plan.person {
            let login = LocalServerLogin::new().open(move |url| {
                let (url, tell_code) = (url.clone(), tell_code.clone());
                tokio::spawn(async move {
                    let code = pair(&browse(&url).await.url, "code");
                    let _ = tell_code.send(code.expect("a code"));
                });
                Ok(())
            });
            let app = UserApp::native(NATIVE).login_flow(login);
            Globus::builder(app.refresh_tokens(true).scopes(scopes.0, scopes.1))
        } else {
            Globus::builder(ClientApp::new(ROBOT, SECRET).scopes(scopes.0, scopes.1))
        };
        let builder = builder.environment(here).clock(self.clock.clone());
        let builder = match timeout {
            Some(timeout) => builder.timeout(timeout),
            None => builder,
        };
        let soon = RetryPolicy::default().with_backoff(|_| Duration::from_millis(20));
        (builder.retry(soon).build().expect("an app"), codes)
    }
}

/// Runs a schedule on this thread, and hears what is said meanwhile.
pub(crate) fn run(seed: u64) -> Outcome {
    log_capture::begin();
    let ran = std::panic::catch_unwind(|| {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        runtime.block_on(schedule(&Plan::from_seed(seed)))
    });
    let (said, panics) = log_capture::end();
    let (mut outcome, secrets) = ran.unwrap_or_default();
    outcome.failures.extend(panics);
    outcome.failures.extend(secrets.leak(&said));
    if !said.contains("event hyper") || !said.contains("span globus_sdk") {
        outcome.failures.push("nothing was logged".to_owned());
    }
    outcome
}

async fn schedule(plan: &Plan) -> (Outcome, Secrets) {
    let lab = Lab::open(plan).await;
    let mut secrets = Secrets::default();
    secrets.keep("the client's secret", SECRET);
    let mut job = Job::default();

    let (program, codes) = lab.program(plan, Some(TIMEOUT));
    let first = job.run(&lab, &program, plan).await;
    learn(&mut secrets, &program, &codes).await;
    let fired = lab
        .emulator
        .faults()
        .iter()
        .map(|report| report.fired)
        .sum();
    let requests = lab.emulator.requests();
    lab.emulator.clear_faults();

    let mut end = "done".to_owned();
    let mut last = program;
    if let Err(error) = &first {
        end = format!("{}, begun anew", brief(error));
        let (program, codes) = lab.program(plan, None);
        if let Err(error) = job.run(&lab, &program, plan).await {
            job.wrong
                .push(format!("not so: without faults it ends well: {error}"));
        }
        learn(&mut secrets, &program, &codes).await;
        last = program;
    }
    job.settle(&last, if first.is_err() { 2 } else { 1 }).await;
    if let Err(violations) = lab.emulator.check_violations() {
        job.wrong.push(violations);
    }
    say(format_args!("{:?} {:?}", lab.document, last));
    let line = format!(
        "{fired} faults fired in {} requests ({plan}): {end} [{:016x}]",
        requests.len(),
        trace(&requests, plan.width > 1),
    );
    let outcome = Outcome {
        fired,
        line,
        failures: job.wrong,
    };
    (outcome, secrets)
}

/// The tokens and codes that a program has had.
async fn learn(secrets: &mut Secrets, program: &Globus, codes: &Receiver<String>) {
    codes
        .try_iter()
        .for_each(|code| secrets.keep("a code", &code));
    match program.tokens().await {
        Ok(held) => held.values().for_each(|data| {
            secrets.keep_token(data.access_token.expose());
            if let Some(token) = &data.refresh_token {
                secrets.keep_token(token.expose());
            }
        }),
        Err(error) => tell(&error),
    }
}

/// A number for what was asked and answered, without what is new in every run.
fn trace(requests: &[RecordedRequest], in_any_order: bool) -> u64 {
    let uuid = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
    let mut lines: Vec<String> = requests
        .iter()
        .map(|one| {
            let path: Vec<_> = one.path.split('/').filter(|part| !uuid(part)).collect();
            let (path, status, faults) = (path.join("/"), one.status, one.faults.join(","));
            format!("{} {path} {status} {faults}", one.method)
        })
        .collect();
    if in_any_order {
        lines.sort();
    }
    let mut hasher = DefaultHasher::new();
    lines.hash(&mut hasher);
    hasher.finish()
}
