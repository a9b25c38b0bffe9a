//! Ten thousand requests that no well-meaning client sends, made of the specs and of strings that
//! have broken servers before. Nothing outside of the collections is touched, every request is
//! answered, no answer is a 5xx, and nothing panics.
//!
//! The requests are written to the socket byte by byte: no HTTP client would send them.
//!
//! Some of them delete and rename. Who breaks the emulator on purpose, to see this fail, should do so
//! in a container: with nothing in their way they reach the files of the machine.
#![allow(
    clippy::expect_used,
    unreachable_pub,
    reason = "a test fails by a panic, and is one crate"
)]

mod generator;
mod wire;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use generator::{Forge, Operations};
use globus_test_support::emulator::{
    Fallible, Lab, SEARCH_ALL, SOURCE, TestResult, answer, item, tree,
};
use serde_json::{Value, json};
use wire::{Line, Outcome};

/// How many requests are sent; they are the same in every run.
const REQUESTS: usize = 10_000;
/// Over how many connections at a time.
const LINES: usize = 4;
/// What lies outside of the collections, and no answer may hold.
const SECRET: &str = "the-canary-sings";

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Everything in the folder around the collections, but not what is in them.
fn around(outer: &Path) -> Fallible<BTreeMap<String, Vec<u8>>> {
    let mut found = tree(outer)?;
    found.retain(|name, _| !name.starts_with("source/") && !name.starts_with("destination/"));
    Ok(found)
}

/// Plants what a careless server would stumble over, and makes one of each thing, whose ids the
/// requests then use.
async fn prepare(lab: &Lab) -> Fallible<Vec<String>> {
    std::fs::create_dir(lab.outer().join("outside"))?;
    std::fs::write(lab.outer().join("outside/file"), SECRET)?;
    // no request names it, so that only a listing can tell of it
    std::fs::write(lab.outer().join("outside").join(SECRET), SECRET)?;
    for folder in [lab.source(""), lab.destination("")] {
        symlink("..", folder.join("up"))?;
        symlink("../outside", folder.join("out"))?;
        symlink("../outside/file", folder.join("leak"))?;
        symlink(lab.outer().join("outside"), folder.join("absolute"))?;
        symlink("circle", folder.join("circle"))?;
    }
    lab.write("folder/file", "harmless")?;
    let group = lab.sandbox.robot_token(generator::GROUPS).await?;
    let post = |path: &str, token: &str, body: &Value| {
        answer(lab.sandbox.post(path).bearer_auth(token).json(body))
    };
    let group = post("/v2/groups", &group, &json!({ "name": "Hostile" })).await?;
    let search = lab.sandbox.robot_token(SEARCH_ALL).await?;
    let index = json!({ "display_name": "Hostile", "description": "An index" });
    let index = post("/v1/index", &search, &index).await?;
    let bookmark = json!({ "name": "Mine", "path": "/", "endpoint_id": SOURCE });
    let bookmark = lab.post("/v0.10/bookmark", &bookmark).await?;
    let task = lab
        .submit_transfer(json!([item("/folder/file", "/file")]), json!({}))
        .await?;
    Ok(vec![
        group.text_at("/id")?,
        index.text_at("/id")?,
        bookmark.text_at("/id")?,
        task,
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_hostile_requests_leak_and_break_nothing() -> TestResult {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(panic);
    }));
    let lab = Lab::of(|builder| builder.strict(false)).await?;
    let ids = prepare(&lab).await?;
    let before = around(lab.outer())?;
    let mut tokens = Vec::new();
    for scope in generator::SCOPES {
        tokens.push(lab.sandbox.robot_token(scope).await?);
    }
    let operations = Operations::of_the_specs()?;
    let complaints = Mutex::new(Vec::new());
    let statuses = Mutex::new(BTreeMap::<u16, usize>::new());
    let address = lab.sandbox.emulator.address();
    let place = lab.outer().to_string_lossy().into_owned();

    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for number in 0..LINES {
                let mut forge = Forge::new(number, &operations, &tokens, &ids, &place);
                let (complaints, statuses) = (&complaints, &statuses);
                scope.spawn(move || {
                    let complain = |text: String| {
                        let mut complaints = complaints.lock().expect("no panic");
                        if complaints.len() < 30 {
                            complaints.push(text);
                        }
                    };
                    let mut line = Line::to(address);
                    for _ in 0..REQUESTS / LINES {
                        let request = forge.request();
                        match line.send(&request) {
                            Outcome::Answer { status, body } => {
                                *statuses
                                    .lock()
                                    .expect("no panic")
                                    .entry(status)
                                    .or_default() += 1;
                                // 501 is for paths that nothing serves
                                if status >= 500
                                    && status != 501
                                    && !is_about_the_endpoint(status, &body)
                                {
                                    complain(format!("{status} {body}\n  to {request}"));
                                }
                                if body.contains(SECRET) {
                                    complain(format!("the secret got out\n  to {request}"));
                                }
                                forge.learn(&body);
                            }
                            // what was cut short need not be answered
                            Outcome::Nothing(_) if request.truncated => {}
                            Outcome::Nothing(why) => {
                                complain(format!("no answer ({why})\n  to {request}"));
                            }
                        }
                    }
                });
            }
        });
    });

    let complaints = complaints.into_inner()?;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "something panicked");
    // The requests would prove nothing if all of them ended at the front door.
    let statuses = statuses.into_inner()?;
    let of = |hundred: u16| -> usize {
        let range = statuses.range(hundred..hundred + 100);
        range.map(|(_, count)| count).sum()
    };
    assert!(of(200) > REQUESTS / 20, "{statuses:?}");
    let health = answer(lab.sandbox.get("/_emulator/health")).await?;
    assert_eq!(health.status, 200);

    // Tasks write, too, until the emulator has stopped.
    let outer = lab.outer().to_path_buf();
    let Lab { sandbox, .. } = lab;
    sandbox.emulator.stop().await?;
    for folder in ["source", "destination"] {
        for (name, contents) in tree(&outer.join(folder))? {
            assert_ne!(contents, SECRET.as_bytes(), "the secret got into {name}");
        }
    }
    assert_eq!(around(&outer)?, before);
    eprintln!("{statuses:?}");
    Ok(())
}

/// 502 is what Transfer says when an endpoint cannot do what it is told, with a code that says so.
fn is_about_the_endpoint(status: u16, body: &str) -> bool {
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let code = document["code"].as_str().unwrap_or_default();
    status == 502 && (code.starts_with("ExternalError") || code == "EndpointError")
}
