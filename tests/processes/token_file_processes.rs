//! Processes that share one token file, and are killed at any moment.
//!
//! In every round eight of them find the same expired token, and some are killed. How many rounds
//! there are says `TOKEN_FILE_ROUNDS`; `TOKEN_FILE_SEED` says when whom the kills hit.
#![cfg(unix)]

use globus_emulator::Emulator;
use globus_sdk::auth::{BoxFuture, TokenData, UserApp};
use globus_sdk::token_storage::{JsonTokenStorage, StorageLock, TokenStorage};
use globus_sdk::{Environment, Globus, Result};
use globus_test_support::auth::{NATIVE, Sandbox, TRANSFER, TRANSFER_ALL};
use globus_test_support::child_process;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, thread};
use tempfile::TempDir;

const PROCESSES: usize = 8;
/// How many of them are killed in a round, and within how many microseconds.
const KILLED_AT_MOST: usize = 5;
const SPREAD: u64 = 15_000;
const HOUR: Duration = Duration::from_secs(3600);

/// The test whose child all children of these tests are.
const PARENT: &str = "token_file_processes::eight_processes_spend_one_refresh_token_once";
const FILE: &str = "GLOBUS_SDK_TEST_TOKEN_FILE";
const EMULATOR: &str = "GLOBUS_SDK_TEST_EMULATOR";
/// Set for a child that is killed when it stores what it got.
const KILLED: &str = "GLOBUS_SDK_TEST_KILLED";

/// A line for the parent, out at once.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

/// The token file of a child, which tells its parent when it stores what a refresh token was spent
/// for; or is killed at that moment.
#[derive(Debug)]
struct Watched {
    file: JsonTokenStorage,
    killed: bool,
}

impl TokenStorage for Watched {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        tell("spent");
        if self.killed {
            let me = std::process::id().to_string();
            Command::new("kill").args(["-9", &me]).status().unwrap();
        }
        self.file.store(tokens)
    }
    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        self.file.get(resource_server)
    }
    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        self.file.all()
    }
    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.file.remove(resource_server)
    }
    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        self.file.lock()
    }
}

/// What a child does: makes a call when it is told to, and says which token it went with.
async fn child() -> ! {
    let storage = Watched {
        file: JsonTokenStorage::new(env::var_os(FILE).unwrap()),
        killed: env::var_os(KILLED).is_some(),
    };
    let app = UserApp::native(NATIVE).auto_login(false).storage(storage);
    let here = Environment::empty().with_all_services(&env::var(EMULATOR).unwrap());
    let globus = Globus::builder(app).environment(here).build().unwrap();
    let transfer = globus.transfer();
    tell("ready");
    std::io::stdin().read_exact(&mut [0]).unwrap();
    match transfer.task_list().await {
        Ok(_) => {
            let used = globus.authorizer(TRANSFER, TRANSFER_ALL).unwrap();
            let used = used.authorization().await.unwrap().unwrap();
            tell(&format!("used {}", used.expose()));
        }
        Err(error) => tell(&format!("failed {:?}: {error}", error.kind())),
    }
    child_process::end()
}

/// A child, and what it has said.
struct Process {
    child: Child,
    go: ChildStdin,
    lines: BufReader<std::process::ChildStdout>,
}

#[derive(Default)]
struct Said {
    spent: usize,
    used: Option<String>,
    failed: Option<String>,
    lived: bool,
}

impl Process {
    /// Starts, and waits until it is ready to go.
    fn start(sandbox: &Sandbox, path: &Path, killed: bool) -> Self {
        let mut command = child_process::command(PARENT);
        command
            .env(FILE, path)
            .env(EMULATOR, sandbox.emulator.base_url());
        if killed {
            command.env(KILLED, "yes");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let go = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, go, lines }
    }

    fn wait_until_ready(&mut self) {
        let mut line = String::new();
        while line != "ready\n" {
            line.clear();
            assert_ne!(
                self.lines.read_line(&mut line).unwrap(),
                0,
                "a child did not start"
            );
        }
    }

    fn go(&mut self) {
        self.go.write_all(b"!").unwrap();
    }

    fn end(mut self) -> Said {
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        let status = self.child.wait().unwrap();
        let lived = child_process::acted(status);
        assert!(
            lived || status.code().is_none(),
            "a child was not killed and did not end well: {status}, {text}"
        );
        let mut said = Said {
            lived,
            ..Said::default()
        };
        for line in text.lines() {
            match line.split_once(' ') {
                None if line == "spent" => said.spent += 1,
                Some(("used", token)) => said.used = Some(token.to_owned()),
                Some(("failed", why)) => said.failed = Some(why.to_owned()),
                _ => {}
            }
        }
        said
    }
}

/// One process alone.
async fn alone(shared: &Shared, killed: bool) -> Said {
    let mut process = Process::start(&shared.sandbox, shared.file.path(), killed);
    tokio::task::block_in_place(|| {
        process.wait_until_ready();
        process.go();
        process.end()
    })
}

/// Eight processes, some of which are killed: so many microseconds after they were let go.
async fn all_at_once(shared: &Shared, kills: &[(u64, usize)]) -> Vec<Said> {
    let start = |_| Process::start(&shared.sandbox, shared.file.path(), false);
    let mut processes: Vec<Process> = (0..PROCESSES).map(start).collect();
    tokio::task::block_in_place(|| {
        processes.iter_mut().for_each(Process::wait_until_ready);
        processes.iter_mut().for_each(Process::go);
        let mut now = 0;
        for (moment, victim) in kills {
            thread::sleep(Duration::from_micros(moment - now));
            now = *moment;
            processes[*victim].child.kill().unwrap();
        }
        processes.into_iter().map(Process::end).collect()
    })
}

struct Shared {
    sandbox: Sandbox,
    file: JsonTokenStorage,
    _folder: TempDir,
}

impl Shared {
    /// A person has logged in.
    async fn with_grace(grace: Duration) -> Self {
        let sandbox = Sandbox::start_with(Emulator::builder().rotate_refresh_tokens(grace)).await;
        let folder = TempDir::new().unwrap();
        let file = JsonTokenStorage::new(folder.path().join("tokens.json"));
        let flow = sandbox
            .native()
            .oauth2_start_flow(TRANSFER_ALL)
            .refresh_tokens(true);
        let tokens = flow.exchange(sandbox.code(&flow).await).await.unwrap();
        file.store(&[tokens.first().unwrap().clone()])
            .await
            .unwrap();
        Self {
            sandbox,
            file,
            _folder: folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    async fn token(&self) -> TokenData {
        self.file.get(TRANSFER).await.unwrap().unwrap()
    }

    async fn expire(&self) {
        let mut data = self.token().await;
        data.expires_at = jiff::Timestamp::UNIX_EPOCH;
        self.file.store(&[data]).await.unwrap();
    }
}

/// Numbers that are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// Reads the file as fast as it can until it is told to end; says how often.
fn watch(path: PathBuf, end: Arc<AtomicBool>) -> thread::JoinHandle<usize> {
    thread::spawn(move || {
        let mut reads = 0;
        while !end.load(Ordering::Relaxed) {
            let content = fs::read(&path).expect("the file is there");
            serde_json::from_slice::<serde_json::Value>(&content).expect("the file parses");
            reads += 1;
            thread::sleep(Duration::from_micros(200));
        }
        reads
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_kills_lose_no_token_and_spend_none_twice() {
    let rounds = number("TOKEN_FILE_ROUNDS", 20);
    let mut chance = Chance(number("TOKEN_FILE_SEED", 0x2545_f491_4f6c_dd1d));
    let shared = Shared::with_grace(HOUR).await;
    let (mut killed_in_all, mut requests, mut saved_by_grace, mut reads) = (0, 0, 0, 0);
    for round in 0..rounds {
        shared.expire().await;
        let before = shared.sandbox.token_requests().len();
        let end = Arc::new(AtomicBool::new(false));
        let watching = watch(shared.path(), end.clone());

        let kill = |victim| (chance.below(SPREAD), victim);
        let mut kills: Vec<(u64, usize)> = (0..KILLED_AT_MOST).map(kill).collect();
        kills.truncate(chance.below(KILLED_AT_MOST as u64 + 1) as usize);
        kills.sort_unstable();
        let said = all_at_once(&shared, &kills).await;
        end.store(true, Ordering::Relaxed);
        reads += watching.join().expect("the file parses at any moment");

        let spent = shared.sandbox.token_requests().len() - before;
        let stored = format!("Bearer {}", shared.token().await.access_token.expose());
        let killed = said.iter().filter(|said| !said.lived).count();
        for said in &said {
            assert_eq!(said.failed, None, "round {round}");
            assert!(
                said.used.is_some() || !said.lived,
                "round {round}: no token and no error"
            );
            // what a call went with is what is in the file
            assert!(
                said.used.iter().all(|used| *used == stored),
                "round {round}: a lost token"
            );
        }
        let living = said.iter().filter(|said| said.lived);
        let by_living: usize = living.map(|said| said.spent).sum();
        assert!(
            by_living <= 1,
            "round {round}: the living spent a refresh token {by_living} times"
        );
        assert!(
            spent <= 1 + killed,
            "round {round}: {spent} requests, {killed} killed"
        );
        killed_in_all += killed;
        requests += spent;
        saved_by_grace += spent.saturating_sub(1);
    }
    println!(
        "{rounds} rounds of {PROCESSES} processes: {killed_in_all} killed, {requests} token requests, \
         {saved_by_grace} times the grace for a spent refresh token was used, \
         the file parsed in all of {reads} reads"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_spend_one_refresh_token_once() {
    if child_process::is_child_of(PARENT) {
        child().await;
    }
    let shared = Shared::with_grace(Duration::ZERO).await;
    shared.expire().await;
    let before = shared.sandbox.token_requests().len();
    let said = all_at_once(&shared, &[]).await;
    for said in &said {
        assert_eq!(said.failed, None);
    }
    assert_eq!(said.iter().map(|said| said.spent).sum::<usize>(), 1);
    assert_eq!(shared.sandbox.token_requests().len() - before, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_save_leaves_the_next_process_the_grace() {
    let shared = Shared::with_grace(HOUR).await;
    shared.expire().await;
    let old = shared.token().await;
    let killed = alone(&shared, true).await;
    assert!(!killed.lived && killed.spent == 1 && killed.used.is_none());
    assert_eq!(shared.token().await, old);
    let next = alone(&shared, false).await;
    assert_eq!(next.failed, None);
    assert_ne!(shared.token().await.refresh_token, old.refresh_token);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_save_without_grace_requires_login() {
    let shared = Shared::with_grace(Duration::ZERO).await;
    shared.expire().await;
    assert!(!alone(&shared, true).await.lived);
    let next = alone(&shared, false).await;
    let failed = next.failed.expect("an error");
    assert!(failed.starts_with("Login: "), "{failed}");
    assert!(failed.contains("log in again"), "{failed}");
}
