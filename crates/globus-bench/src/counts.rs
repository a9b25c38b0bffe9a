//! Instructions and allocations, counted by valgrind: the same on every run, so that a change that
//! adds to them is seen before a clock could tell.
//!
//! Each work is done a few times and then some times more; the difference is what counts, and what a
//! program does before and after falls out. The counts of another compiler, another C library or other
//! versions of what the SDK is built of are not ours to judge: then they are recorded anew.

use crate::case::{Case, PAGE};
use crate::documents;
use crate::driver::Responder;
use crate::measure::Implementation as _;
use crate::sdk::Sdk;
use globus_sdk::transfer::types::{FileList, ManagedTaskList};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::process::Command;

/// By how much a count may grow.
const TOLERANCE: f64 = 0.05;

/// One work: its name, what it is, and how often it is done.
struct Work {
    name: &'static str,
    times: (u64, u64),
}

const WORKS: [Work; 3] = [
    Work {
        name: "a call of get_task",
        times: (10, 110),
    },
    Work {
        name: "a page of 1,000 tasks decoded",
        times: (0, 1),
    },
    Work {
        name: "a page of 1,000 entries decoded",
        times: (0, 2),
    },
];

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Count {
    instructions: u64,
    allocations: u64,
}

/// By the profile of the build, and by work: what is optimised costs less.
type Recorded = BTreeMap<String, BTreeMap<String, Count>>;

/// Does a work so often; this is what valgrind looks at.
pub(crate) fn work(name: &str, times: &str, url: &str) {
    let times: usize = times.parse().expect("a number");
    match WORKS.iter().position(|work| work.name == name) {
        Some(0) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(Sdk::new(url).work(Case::GetTask, times));
        }
        Some(1) => {
            let (before, after) = documents::list(None);
            let page = before + &documents::tasks(PAGE) + &after;
            for _ in 0..times {
                let page: ManagedTaskList = serde_json::from_str(&page).expect("a page");
                assert_eq!(page.data.len(), PAGE);
            }
        }
        Some(2) => {
            let (before, after) = documents::listing("/large/", PAGE);
            let page = before + &documents::files(PAGE, false) + &after;
            for _ in 0..times {
                let page: FileList = serde_json::from_str(&page).expect("a page");
                assert_eq!(page.data.len(), PAGE);
            }
        }
        _ => panic!("there is no work `{name}`"),
    }
}

pub(crate) fn record(file: &str) {
    let mut recorded = read(file);
    recorded.insert(profile().to_owned(), counts());
    let mut text = serde_json::to_string_pretty(&recorded).expect("JSON");
    text.push('\n');
    std::fs::write(file, text).expect("a file that can be written");
}

pub(crate) fn check(file: &str) {
    let recorded = read(file);
    let Some(recorded) = recorded.get(profile()) else {
        panic!(
            "{file} has no counts of the profile {}: record them",
            profile()
        );
    };
    let (mut more, mut less) = (false, false);
    for (name, count) in counts() {
        let Some(before) = recorded.get(&name) else {
            panic!("{file} has no counts of {name}: record them");
        };
        for (what, before, now) in [
            ("instructions", before.instructions, count.instructions),
            ("allocations", before.allocations, count.allocations),
        ] {
            let change = now as f64 / before as f64 - 1.0;
            more |= change > TOLERANCE;
            less |= change < -TOLERANCE;
            println!("{name}: {now} {what}, {:+.1} % of {before}", change * 100.0);
        }
    }
    if less {
        println!("That is less than before: `just counts record` keeps it so.");
    }
    if more {
        println!("That is over 5 % more. If it is worth it, `just counts record` and say why.");
        std::process::exit(1);
    }
}

fn read(file: &str) -> Recorded {
    std::fs::read(file).map_or_else(
        |_| Recorded::new(),
        |text| serde_json::from_slice(&text).expect("counts as `record` writes them"),
    )
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    }
}

fn counts() -> BTreeMap<String, Count> {
    let responder = Responder::start();
    let count = |work: &Work| Count {
        instructions: more(work, "callgrind", "Collected", &responder.url),
        allocations: more(work, "dhat", "Total", &responder.url),
    };
    // what is counted is the same beside other work
    std::thread::scope(|scope| {
        let works = WORKS.each_ref();
        let counting = works.map(|work| (work.name.to_owned(), scope.spawn(|| count(work))));
        counting
            .into_iter()
            .map(|(name, count)| (name, count.join().unwrap_or_else(|why| resume_unwind(why))))
            .collect()
    })
}

/// What one more of a work takes.
fn more(work: &Work, tool: &str, line: &str, url: &str) -> u64 {
    let (few, many) = work.times;
    let taken = |times: u64| valgrind(tool, line, &["count", work.name, &times.to_string(), url]);
    (taken(many) - taken(few)) / (many - few)
}

/// The instructions of each case of the table, by hand and by the SDK, as a table: a ratio that no
/// clock and no other program has a say in.
pub(crate) fn instructions() {
    let responder = Responder::start();
    println!("| | floor | SDK | SDK : floor |");
    println!("| --- | --: | --: | --: |");
    for case in Case::TABLE {
        let (few, many, unit) = case.counted();
        let of = |implementation| {
            let taken = |size: usize| {
                let arguments = [
                    implementation,
                    case.name(),
                    &size.to_string(),
                    &responder.url,
                ];
                valgrind("callgrind", "Collected", &arguments)
            };
            (taken(many) - taken(few)) / (many - few) as u64
        };
        let (floor, sdk) = std::thread::scope(|scope| {
            let floor = scope.spawn(|| of("floor"));
            let sdk = of("sdk");
            (floor.join().unwrap_or_else(|why| resume_unwind(why)), sdk)
        });
        let ratio = sdk as f64 / floor as f64;
        println!(
            "| `{}`, {unit} | {floor} | {sdk} | {ratio:.2} |",
            case.name()
        );
    }
}

/// What valgrind's tool tells, in this line, of this program with these arguments.
fn valgrind(tool: &str, line: &str, arguments: &[&str]) -> u64 {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new("valgrind")
        .arg(format!("--tool={tool}"))
        .arg(format!("--{tool}-out-file=/dev/null"))
        .arg(this)
        .args(arguments)
        .output()
        .expect("valgrind");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} failed: {said}");
    // `==1== Collected : 123` of callgrind, `==1== Total:     123 bytes in 45 blocks` of dhat
    let told = said.lines().find_map(|told| told.split_once(line));
    let (_, told) = told.unwrap_or_else(|| panic!("{tool} told nothing: {said}"));
    let told = told
        .split_once(" bytes in ")
        .map_or(told, |(_, blocks)| blocks);
    let digits: String = told.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a count")
}
