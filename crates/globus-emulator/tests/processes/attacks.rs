//! Attacks on the folders of collections: by the API alone, and by a process that replaces folders and files by
//! links while they are used. What lies outside, and what no rule opens, is not read, written or deleted.
//!
//! Whoever breaks the emulator on purpose, to see this fail, loses nothing: all that is attacked lies in
//! temporary folders.
#![cfg(any(target_os = "linux", target_vendor = "apple"))]

mod by_api;
mod canary;
mod flipper;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use canary::{DOOMED, SECRET, SIZE};
use flipper::{Flipper, Kind};
use globus_test_support::emulator::{
    ADA, Answer, Fallible, Person, SOURCE, TestResult, item, tree,
};
use serde_json::{Value, json};
use world::{OPERATIONS, Operation, STEPS, Target, World};

/// How many flips there are, unless `GLOBUS_EMULATOR_TEST_FLIPS` says otherwise.
const FLIPS: u64 = 1_000;
/// From so many on, every case is tried; with fewer, one in three.
const ALL_CASES_FROM: u64 = 20_000;
/// How long a task may try again what has become of its paths.
const TRIES: Duration = Duration::from_secs(2);

/// What the answers told, and how often something was done.
#[derive(Default)]
struct Told {
    done: u64,
    tasks: Vec<String>,
}

impl Told {
    fn hear(&mut self, answer: &Answer) {
        self.hear_text(&answer.body.to_string());
        if answer.status.is_success() {
            self.done += 1;
        }
    }

    fn hear_text(&self, text: &str) {
        // Who lists or stats a link is told what it says, but nothing of what is there.
        assert!(!text.contains(SECRET), "a name got out: {text}");
        let size = format!("\"size\":{SIZE}");
        let mirror = text.contains("/mirror") || text.contains("\"name\":\"mirror\"");
        assert!(mirror || !text.contains(&size), "a size got out: {text}");
    }
}

struct Attack<'a> {
    world: &'a World,
    ada: &'a Person<'a>,
    operation: Operation,
    name: String,
    /// A guest collection on `flip/sub`, made before anything was flipped.
    inner: Option<String>,
}

impl Attack<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/open/{}/{rest}", self.name)
    }

    async fn look(&self, told: &mut Told, operation: &str, rest: &str) -> TestResult {
        let guest = &self.world.guest;
        let path = format!("/v0.10/operation/endpoint/{guest}/{operation}");
        let answer = self.ada.get(&path, &[("path", &self.path(rest))]).await?;
        told.hear(&answer);
        Ok(())
    }

    async fn change(&self, told: &mut Told, operation: &str, body: Value) -> TestResult {
        let guest = &self.world.guest;
        let path = format!("/v0.10/operation/endpoint/{guest}/{operation}");
        told.hear(&self.ada.post(&path, &body).await?);
        Ok(())
    }

    async fn submit(&self, told: &mut Told, kind: &str, items: Value, extra: Value) -> TestResult {
        let id = self.ada.get("/v0.10/submission_id", &[]).await?;
        let mut document = json!({
            "DATA_TYPE": kind,
            "submission_id": id.text_at("/value")?,
            "DATA": items,
        });
        let endpoints: &[&str] = match kind {
            "transfer" => &["source_endpoint", "destination_endpoint"],
            _ => &["endpoint"],
        };
        for endpoint in endpoints {
            document[*endpoint] = json!(self.world.guest);
        }
        for (member, value) in extra.as_object().into_iter().flatten() {
            document[member] = value.clone();
        }
        let answer = self.ada.post(&format!("/v0.10/{kind}"), &document).await?;
        told.hear_text(&answer.body.to_string());
        if let Some(task) = answer.at("/task_id").as_str() {
            told.tasks.push(task.to_owned());
            // Time to meet some flips; what has not ended then is waited for when nobody flips any more.
            for _ in 0..20 {
                let task = self.ada.get(&format!("/v0.10/task/{task}"), &[]).await?;
                if task.at("/status") != "ACTIVE" || task.at("/faults").as_u64() > Some(1) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        Ok(())
    }

    async fn transfer(
        &self,
        told: &mut Told,
        from_to: &[(&str, String)],
        extra: Value,
    ) -> TestResult {
        let items: Vec<Value> = from_to
            .iter()
            .map(|(from, to)| item(&self.path(from), &self.path(to)))
            .collect();
        self.submit(told, "transfer", json!(items), extra).await
    }

    async fn delete(&self, told: &mut Told, paths: [String; 2], extra: Value) -> TestResult {
        let items =
            paths.map(|path| json!({ "DATA_TYPE": "delete_item", "path": self.path(&path) }));
        self.submit(told, "delete", json!(items), extra).await
    }

    async fn strike(&self, told: &mut Told, n: usize) -> TestResult {
        match self.operation {
            Operation::Ls => {
                for path in ["flip/", "flip/sub/", ""] {
                    self.look(told, "ls", path).await?;
                }
            }
            Operation::Stat => {
                for path in ["flip/", "flip/file", "flip/sub/file"] {
                    self.look(told, "stat", path).await?;
                }
            }
            Operation::Mkdir => {
                for folder in ["flip", "flip/sub", "flip/file"] {
                    let path = self.path(&format!("{folder}/new{n}"));
                    self.change(told, "mkdir", json!({ "path": path })).await?;
                }
            }
            Operation::Rename => {
                for (from, to) in [
                    ("flip/sub/moved", "flip/taken"),
                    ("flip/taken", "flip/sub/moved"),
                    ("safe/moved", "flip/sub/brought"),
                    ("flip/sub/brought", "safe/moved"),
                ] {
                    let body = json!({ "DATA_TYPE": "rename", "old_path": self.path(from), "new_path": self.path(to) });
                    self.change(told, "rename", body).await?;
                }
            }
            Operation::Symlink => {
                for folder in ["flip", "flip/sub"] {
                    let body = json!({ "path": self.path(&format!("{folder}/link{n}")), "symlink_target": self.path("safe/file") });
                    self.change(told, "symlink", body).await?;
                }
            }
            Operation::Source => {
                let items = [
                    ("flip/", format!("copy{n}/")),
                    ("flip/file", format!("file{n}")),
                ];
                self.transfer(
                    told,
                    &items,
                    json!({ "recursive_symlinks": "copy", "skip_source_errors": true }),
                )
                .await?;
            }
            Operation::KeptLinks => {
                let items = [("flip/", format!("kept{n}/"))];
                self.transfer(
                    told,
                    &items,
                    json!({ "recursive_symlinks": "keep", "skip_source_errors": true }),
                )
                .await?;
            }
            Operation::LinkItem => {
                let link = |from: &str, to: String| json!({ "DATA_TYPE": "transfer_symlink_item", "source_path": self.path(from), "destination_path": self.path(&to) });
                let items = [
                    link("safe/link", format!("flip/sub/link{n}")),
                    link("flip/file", format!("link{n}")),
                ];
                let extra = json!({ "skip_source_errors": true });
                self.submit(told, "transfer", json!(items), extra).await?;
            }
            Operation::Destination => {
                let items = [
                    ("safe/sub/", format!("flip/in{n}/")),
                    ("safe/sub/", "flip/sub/".to_owned()),
                    ("safe/file", "flip/file".to_owned()),
                ];
                self.transfer(told, &items, json!({})).await?;
            }
            Operation::DeleteExtra => {
                let items = [("safe/sub/", "flip/sub/".to_owned())];
                self.transfer(told, &items, json!({ "delete_destination_extra": true }))
                    .await?;
            }
            Operation::Checksum => {
                let (from, to) = if n.is_multiple_of(2) {
                    ("flip/", "mirror/")
                } else {
                    ("mirror/", "flip/")
                };
                let extra = json!({ "sync_level": 3, "recursive_symlinks": "copy", "skip_source_errors": true });
                self.transfer(told, &[(from, to.to_owned())], extra).await?;
            }
            Operation::Delete => {
                let n = n % DOOMED;
                let paths = [format!("flip/d{n}"), format!("flip/sub/d{n}")];
                let extra = json!({ "recursive": true, "ignore_missing": true });
                self.delete(told, paths, extra).await?;
            }
            Operation::Wildcard => {
                let n = n % 10;
                let paths = [format!("flip/d{n}*"), format!("flip/s?b/d{n}*/deep")];
                let extra =
                    json!({ "recursive": true, "ignore_missing": true, "interpret_globs": true });
                self.delete(told, paths, extra).await?;
            }
            Operation::Guest => {
                let Some(inner) = &self.inner else {
                    return Err("no guest collection".into());
                };
                told.hear(&self.ada.ls(inner, "/").await?);
                told.hear(&self.ada.mkdir(inner, &format!("/new{n}")).await?);
            }
            Operation::NewGuest => {
                let document = json!({
                    "DATA_TYPE": "shared_endpoint",
                    "host_endpoint_id": SOURCE,
                    "host_path": self.path("flip/sub/"),
                    "display_name": "New",
                });
                let lab = &self.world.lab;
                let made = lab.post("/v0.10/shared_endpoint", &document).await?;
                told.hear(&made);
                if let Some(guest) = made.at("/id").as_str() {
                    let ls = format!("/v0.10/operation/endpoint/{guest}/ls");
                    told.hear(&lab.get(&ls, &[]).await?);
                }
            }
        }
        Ok(())
    }

    /// Waits for tasks that nobody disturbs any more.
    async fn settle(&self, told: &mut Told) -> TestResult {
        for task in std::mem::take(&mut told.tasks) {
            let path = format!("/v0.10/task/{task}");
            let waited = Instant::now();
            // What was a folder when it was seen may be a link for good, and is tried for days.
            while self.ada.get(&path, &[]).await?.at("/status") == "ACTIVE" {
                if waited.elapsed() > TRIES {
                    self.ada.post(&format!("{path}/cancel"), &json!({})).await?;
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let ended = self
                .ada
                .wait(&task, |task| task["status"] != "ACTIVE")
                .await?;
            told.hear_text(&ended.to_string());
            if ended["status"] == "SUCCEEDED" {
                told.done += 1;
            }
            let path = format!("/v0.10/task/{task}/successful_transfers");
            let arrived = self.ada.get(&path, &[]).await?;
            told.hear_text(&arrived.body.to_string());
        }
        Ok(())
    }
}

fn flips_wanted() -> Fallible<u64> {
    match std::env::var("GLOBUS_EMULATOR_TEST_FLIPS") {
        Ok(flips) => Ok(flips.parse()?),
        Err(_) => Ok(FLIPS),
    }
}

/// Nothing of a canary is in any file.
fn assert_no_secret_in(folder: &Path) -> TestResult {
    for (name, contents) in tree(folder)? {
        let sings = contents.starts_with(SECRET.as_bytes());
        assert!(!sings, "the secret got into {}/{name}", folder.display());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_gets_out_while_a_process_flips_links() -> TestResult {
    let wanted = flips_wanted()?;
    let one_in = if wanted < ALL_CASES_FROM { 3 } else { 1 };
    let mut cases = Vec::new();
    for (number, operation) in OPERATIONS.into_iter().enumerate() {
        for (at, step) in STEPS.into_iter().enumerate() {
            for (which, target) in [Target::Outside, Target::Closed].into_iter().enumerate() {
                for (how, kind) in Kind::ALL.into_iter().enumerate() {
                    let chosen = (number + at + which + how).is_multiple_of(one_in);
                    // Its owner may share what Ada may not see.
                    let allowed = (operation, target) == (Operation::NewGuest, Target::Closed);
                    if chosen && !allowed {
                        cases.push((operation, kind, step, target));
                    }
                }
            }
        }
    }
    let share = wanted.div_ceil(u64::try_from(cases.len())? * 2 / 3);
    let world = World::build().await?;
    let ada = world.lab.person(ADA).await?;
    let mut flips = 0;
    let mut done = BTreeMap::<Operation, u64>::new();
    for (number, (operation, kind, step, target)) in cases.into_iter().enumerate() {
        let name = format!("case{number}");
        let folder = world.prepare(&name, operation, step, target)?;
        let mut attack = Attack {
            world: &world,
            ada: &ada,
            operation,
            name,
            inner: None,
        };
        if operation == Operation::Guest {
            let inner = world.lab.guest(&attack.path("flip/sub/")).await?;
            world.lab.grant(&inner, &ada.id, "/", "rw").await?;
            attack.inner = Some(inner);
        }
        let place = folder.join(step);
        let parent = place.parent().ok_or("a step has a parent")?;
        let name = place.file_name().and_then(|name| name.to_str());
        let seed = u64::try_from(number)?;
        let flipper = Flipper::start(parent, name.ok_or("a name")?, kind, seed)?;
        let mut told = Told::default();
        let mut strikes = 0;
        while strikes < 1 || (kind != Kind::Link && flipper.flips() < share) {
            attack.strike(&mut told, strikes).await?;
            strikes += 1;
        }
        flips += flipper.stop()?;
        attack.settle(&mut told).await?;
        *done.entry(operation).or_default() += told.done;
        let case = format!("{operation:?} {kind:?} {step} {target:?}");
        let untouched = world.assert_untouched();
        untouched.map_err(|error| format!("{case}: {error}"))?;
        assert_no_secret_in(&folder).map_err(|error| format!("{case}: {error}"))?;
        std::fs::remove_dir_all(&folder)?;
    }
    // It would prove nothing if all that was tried was refused.
    for operation in OPERATIONS {
        assert!(done.get(&operation) > Some(&0), "{operation:?}: {done:?}");
    }
    let reads = if world.outside.reads_show {
        "seen"
    } else {
        "not seen here"
    };
    eprintln!("{flips} flips, done meanwhile: {done:?}; reads are {reads}");
    assert!(flips >= wanted, "{flips} flips");
    let mut around: Vec<_> = std::fs::read_dir(world.lab.outer())?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<Fallible<_>>()?;
    around.sort();
    assert_eq!(
        around,
        ["canary", "destination", "outside", "secret.txt", "source"]
    );
    Ok(())
}
