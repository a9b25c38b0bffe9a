//! What concurrency brings to a walk: how much faster it is than one listing at a time, and how much
//! memory it needs. What it costs beside the same by hand is `just bench`'s to say.
//!
//! ```sh
//! cargo bench --bench walk -- 2000 20000
//! ```
//!
//! The numbers are the folders of the tree that is timed and of the one whose memory is measured. A
//! server in another process lists ten folders and ten files in each folder, 20 ms after it is
//! asked. The program fails when a figure that we promise is missed.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on says why and stops"
)]

use globus_sdk::transfer::{Client, Walk};
use globus_sdk::types::Uuid;
use globus_sdk::{ClientBuilder, Environment};
use globus_test_support::tree::{Shape, Tree};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const IN_FLIGHT: usize = 16;
const BRANCHING: usize = 10;
const FILES: usize = 10;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let number = |at: usize| arguments.get(at).and_then(|a: &String| a.parse().ok());
    match arguments.first().map(String::as_str) {
        Some("serve") => serve(number(1).expect("folders")),
        Some("memory") => memory(&arguments[1], number(2).expect("folders"), &arguments[3]),
        _ => measure(number(0).unwrap_or(200), number(1).unwrap_or(2000)),
    }
}

fn measure(timed: usize, weighed: usize) {
    let mut missed = Vec::new();

    let server = Server::start(timed);
    println!("{timed} folders at 20 ms a listing, {IN_FLIGHT} in flight");
    let one = time(|| walked(&server.url, timed, 1, false));
    println!("  one at a time      {one:>9.2?}");
    for (name, ordered) in [("as they come", false), ("ordered", true)] {
        let many = time(|| walked(&server.url, timed, IN_FLIGHT, ordered));
        let faster = one.as_secs_f64() / many.as_secs_f64();
        println!("  {name:<18} {many:>9.2?}   {faster:.1} times faster");
        if faster < 12.0 && timed >= 2000 {
            missed.push(format!("{name}: {faster:.1} times faster, and not 12"));
        }
    }

    let server = Server::start(weighed);
    println!("{weighed} folders at 20 ms a listing: the peak of memory above one listing's");
    for order in ["as-they-come", "ordered"] {
        let weighed = weighed.to_string();
        let grown = output(&["memory", &server.url, &weighed, order]);
        let grown: u64 = grown.trim().parse().expect("a number");
        println!("  {order:<18} {grown:>6} KiB");
        if grown >= 8 * 1024 {
            missed.push(format!("{order}: memory grew by {grown} KiB"));
        }
    }
    assert!(missed.is_empty(), "missed: {missed:?}");
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn client(url: &str) -> Client {
    ClientBuilder::default()
        .environment(Environment::empty())
        .base_url(url)
        .build()
        .expect("a client")
}

fn walked(url: &str, folders: usize, concurrency: usize, ordered: bool) {
    runtime().block_on(async {
        let walk = client(url).ls(Uuid::nil(), "/").recursive();
        count(walk.concurrency(concurrency), folders, ordered).await;
    });
}

async fn count(walk: Walk, folders: usize, ordered: bool) {
    let walk = if ordered { walk.ordered() } else { walk };
    let mut entries = walk.stream();
    let mut seen = 0;
    while let Some(entry) = entries.next().await {
        entry.expect("an entry");
        seen += 1;
    }
    assert_eq!(seen, folders - 1 + folders * FILES);
}

/// How far the peak of memory rises above that of one listing, in KiB.
fn memory(url: &str, folders: usize, order: &str) {
    runtime().block_on(async {
        let client = client(url);
        let listing = client.operation_ls(Uuid::nil()).path("/");
        listing.await.expect("a listing");
        let before = peak();
        let walk = client.ls(Uuid::nil(), "/").recursive();
        count(walk.concurrency(IN_FLIGHT), folders, order == "ordered").await;
        println!("{}", peak() - before);
    });
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next());
    kilobytes.and_then(|n| n.parse().ok()).expect("a peak")
}

/// This program again, as a server; it ends with this value.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(folders: usize) -> Self {
        let mut process = this(&["serve", &folders.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut url = String::new();
        let stdout = process.stdout.take().expect("its output");
        BufReader::new(stdout)
            .read_line(&mut url)
            .expect("its address");
        Self {
            process,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(folders: usize) {
    let tree = Tree::serve(Shape {
        folders,
        branching: BRANCHING,
        files: FILES,
        delay: |_| Duration::from_millis(20),
        ..Shape::default()
    });
    println!("{}", tree.url);
    // until nobody is left who could ask
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn this(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> String {
    let output = this(arguments).output().expect("its output");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).expect("a number")
}
