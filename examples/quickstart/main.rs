//! The whole product on your own machine: no account, no network, no configuration.
//!
//! Two folders become two Globus collections of an emulator in this process. A user and a
//! confidential client log in; a real tree is listed, transferred, waited for and compared byte by
//! byte; documents are ingested and found again. Run it with `cargo run --example quickstart`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

mod browser;
mod tree;

use globus_emulator::Emulator;
use globus_sdk::auth::{ClientApp, LocalServerLogin, UserApp};
use globus_sdk::search::types as found;
use globus_sdk::transfer::types::{MkdirRequest, RecursiveSymlinks, RenameRequest};
use globus_sdk::transfer::{self, DeleteData, TransferData, TransferItem};
use globus_sdk::types::{SyncLevel, Uuid};
use globus_sdk::{Environment, Globus, search};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(totals) => {
            println!("\n{totals}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nThe quickstart failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<String> {
    heading("1. Two folders, two collections");
    let (source, destination) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let planted = tree::plant(source.path())?;
    println!(
        "planted {} files, {} folders, {} link: {} bytes",
        planted.files, planted.folders, planted.links, planted.bytes
    );
    let robot_id = Uuid::new_v4();
    let emulator = Emulator::builder()
        .collection("Lab collection", source.path())
        .collection("Campus collection", destination.path())
        .extra_collections(240)
        .client(robot_id, "the robot's secret")
        .auto_consent(true)
        .start()
        .await?;
    println!("the emulator serves Globus at {}", emulator.base_url());
    let from = emulator
        .collection_id("Lab collection")
        .ok_or("no source collection")?;
    let to = emulator
        .collection_id("Campus collection")
        .ok_or("no destination collection")?;
    let here = Environment::empty().with_all_services(emulator.base_url());

    heading("2. A person and a robot log in");
    let person = log_in_person(&here).await?;
    let robot = log_in_robot(&here, robot_id).await?;

    let transfer = person.transfer();
    heading("3. Looking around");
    look_around(&transfer, from).await?;

    heading("4. Moving a tree");
    let data = TransferData::new(from, to)
        .label("quickstart")
        .verify_checksum(true)
        .sync_level(SyncLevel::Checksum)
        .recursive_symlinks(RecursiveSymlinks::Keep)
        .item(TransferItem::folder("/", "/"));
    let moved = move_tree(&transfer, &data).await?;
    let same = tree::compare(source.path(), destination.path())?;
    println!(
        "compared {} files, {} bytes: every byte is the same",
        same.files, same.bytes
    );

    heading("5. Submitting the same document again");
    let before = transfer.task_list().await?.total;
    let again = transfer.submit_transfer(&data).await?;
    let after = transfer.task_list().await?.total;
    if again.task_id != moved.task_id || before != after {
        return Err("the same document became another task".into());
    }
    println!(
        "{:?}: task {} as before, {after:?} task in all",
        again.code, again.task_id
    );

    heading("6. A missing file, and a deletion");
    let skipped = skip_missing(&transfer, from, to).await?;
    let deleted = delete_folder(&transfer, to, destination.path()).await?;

    heading("7. Finding documents");
    let ingested = search_documents(&robot.search()).await?;

    emulator.stop().await;
    Ok(format!(
        "Done: transfer {}, transfer with a missing file {}, deletion {}, ingest {}.",
        moved.status, skipped.status, deleted.status, ingested.state
    ))
}

/// The native-app flow: PKCE and state, a redirect to a server on this machine. Instead of a
/// browser, a plain GET opens the consent page, which the emulator confirms automatically.
async fn log_in_person(here: &Environment) -> Result<Globus> {
    let login = LocalServerLogin::new().open(|url| {
        tokio::spawn(browser::open(url.clone()));
        Ok(())
    });
    let person = Globus::builder(
        UserApp::native(Uuid::new_v4())
            .login_flow(login)
            .refresh_tokens(true),
    )
    .environment(here.clone())
    .build()?;
    let _ = person.transfer();
    person.login().await?;
    show_tokens("the person", &person).await?;
    let who = person.auth().userinfo().await?;
    println!(
        "logged in as {}",
        who.preferred_username.unwrap_or(who.sub.to_string())
    );
    Ok(person)
}

async fn log_in_robot(here: &Environment, id: Uuid) -> Result<Globus> {
    // by default an app requests only the scope for searching
    let app = ClientApp::new(id, "the robot's secret")
        .scopes("search.api.globus.org", search::scopes::ALL);
    let robot = Globus::builder(app).environment(here.clone()).build()?;
    let _ = (robot.transfer(), robot.search());
    robot.login().await?;
    show_tokens("the robot", &robot).await?;
    Ok(robot)
}

async fn show_tokens(who: &str, globus: &Globus) -> Result<()> {
    for (server, token) in globus.tokens().await? {
        println!("{who} has a token for {server}: {}", token.scopes.join(" "));
    }
    Ok(())
}

async fn look_around(transfer: &transfer::Client, collection: Uuid) -> Result<()> {
    let mut endpoints = transfer
        .endpoint_search()
        .filter_fulltext("collection")
        .limit(100)
        .stream();
    let mut count = 0;
    while let Some(endpoint) = endpoints.next().await {
        endpoint?;
        count += 1;
    }
    println!("{count} collections in {} pages", count / 100 + 1);

    let mut entries = transfer
        .ls(collection, "/")
        .recursive()
        .concurrency(8)
        .stream();
    let (mut seen, mut deepest) = (0, 0);
    while let Some(entry) = entries.next().await {
        deepest = deepest.max(entry?.depth);
        seen += 1;
    }
    println!("{seen} entries on the source, {} levels deep", deepest + 1);

    let made = transfer
        .operation_mkdir(collection, MkdirRequest::new("/drafts"))
        .await?;
    println!("mkdir: {}", made.message.unwrap_or_default());
    let renamed = transfer
        .operation_rename(collection, RenameRequest::new("/drafts", "/final results"))
        .await?;
    println!("rename: {}", renamed.message.unwrap_or_default());
    let stat = transfer
        .operation_stat(collection)
        .path("/final results")
        .await?;
    println!("stat: {} is a {}", stat.name, stat.r#type);
    Ok(())
}

async fn move_tree(
    transfer: &transfer::Client,
    data: &TransferData,
) -> Result<transfer::types::Task> {
    let submitted = transfer.submit_transfer(data).await?;
    println!("task {}: {:?}", submitted.task_id, submitted.code);
    let done = transfer
        .wait(submitted.task_id)
        .timeout(Duration::from_secs(300))
        .polling_interval(Duration::from_millis(100))
        .on_progress(|progress| {
            print!("\r{progress} ");
            let _ = std::io::stdout().flush();
        })
        .await?;
    println!();
    for event in transfer
        .task_event_list(done.task_id)
        .await?
        .data
        .iter()
        .rev()
    {
        println!(
            "event {} at {}: {}",
            event.code,
            event
                .time
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            event.description.as_deref().unwrap_or("")
        );
    }
    let moved = transfer
        .task_successful_transfers(done.task_id)
        .stream()
        .collect()
        .await?;
    println!("{} successful transfers", moved.len());
    Ok(done)
}

async fn skip_missing(
    transfer: &transfer::Client,
    from: Uuid,
    to: Uuid,
) -> Result<transfer::types::Task> {
    let data = TransferData::new(from, to)
        .label("with a missing file")
        .skip_source_errors(true)
        .item(TransferItem::file(
            "/level 1/file-01.dat",
            "/copies/one.dat",
        ))
        .item(TransferItem::file("/no such file", "/copies/two.dat"));
    let task = transfer.submit_transfer(&data).await?;
    let done = transfer
        .wait(task.task_id)
        .timeout(Duration::from_secs(60))
        .await?;
    let skipped = transfer
        .task_skipped_errors(done.task_id)
        .stream()
        .collect()
        .await?;
    let [only] = skipped.as_slice() else {
        return Err(format!("{} skipped errors in place of one", skipped.len()).into());
    };
    println!(
        "{}, skipping {}: {}",
        done.status,
        only.source_path.as_deref().unwrap_or("?"),
        only.error_code.as_ref().map_or("?", |code| code.as_str())
    );
    Ok(done)
}

async fn delete_folder(
    transfer: &transfer::Client,
    collection: Uuid,
    root: &std::path::Path,
) -> Result<transfer::types::Task> {
    let data = DeleteData::new(collection)
        .label("clean up")
        .recursive(true)
        .item("/level 1/level 2/");
    let task = transfer.submit_delete(&data).await?;
    let done = transfer
        .wait(task.task_id)
        .timeout(Duration::from_secs(60))
        .await?;
    if root.join("level 1/level 2").exists() {
        return Err("the folder is still there".into());
    }
    println!("{}: /level 1/level 2/ is gone", done.status);
    Ok(done)
}

async fn search_documents(search: &search::Client) -> Result<found::Task> {
    let index = search
        .create_index(found::IndexCreateRequest::new(
            "Runs",
            "What the instrument measured",
        ))
        .await?;
    let entry = |subject: &str, title: &str, kelvin: u32| {
        let content = serde_json::json!({"title": title, "kelvin": kelvin});
        found::MetaEntry::new(subject, content).visible_to(["public"])
    };
    let documents = found::IngestList::new(found::MetaList::new().gmeta([
        entry("run:1", "Copper at low temperature", 4),
        entry("run:2", "Copper at room temperature", 293),
        entry("run:3", "Gold at room temperature", 293),
    ]));
    let submitted = search
        .ingest(index.id, found::IngestRequest::from(documents))
        .await?;
    let mut states = search
        .wait(submitted.task_id)
        .polling_interval(Duration::from_millis(20))
        .stream();
    let mut last = None;
    while let Some(task) = states.next().await {
        let task = task?;
        println!("ingest: {}", task.state);
        last = Some(task);
    }
    let ingested = last.ok_or("the ingest task was never seen")?;

    let copper = search.search(index.id, "copper").await?;
    println!("GET finds {:?} runs with copper", copper.total);
    let warm = found::SearchQuery::new()
        .q("*")
        .filters([found::MatchAllFilter::new("kelvin").values([293])]);
    let warm = search.post_search(index.id, warm).await?;
    println!("POST finds {:?} runs at 293 K", warm.total);
    let all = search
        .scroll(index.id, found::ScrollQuery::new().q("*").limit(2))
        .stream()
        .collect()
        .await?;
    println!("a scroll passes {} runs", all.len());
    if (copper.total, warm.total, all.len()) != (Some(2), Some(2), 3) {
        return Err("the search did not find what was ingested".into());
    }
    Ok(ingested)
}

fn heading(text: &str) {
    println!("\n{text}");
}
