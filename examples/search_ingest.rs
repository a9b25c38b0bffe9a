//! Twenty thousand records into an index and out of it again, on an emulator in this process.
//!
//! They are ingested with progress, counted by facets, found by filters and read back as the type
//! that they were written from. Run it with `cargo run --example search_ingest`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

use globus_emulator::Emulator;
use globus_sdk::auth::ClientApp;
use globus_sdk::search::types::{
    Facet, Filter, IndexCreateRequest, MetaEntry, ScrollQuery, SearchQuery, Sort,
};
use globus_sdk::search::{self, IngestReport, Interval};
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use serde::{Deserialize, Serialize};
use std::io::Write as _;

const RECORDS: usize = 20_000;

/// A measurement.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    number: usize,
    metal: String,
    kelvin: f64,
}

fn run(number: usize) -> Run {
    let metals = ["copper", "gold", "iron", "silver"];
    Run {
        number,
        metal: metals[number % metals.len()].to_owned(),
        kelvin: (number % 300) as f64,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let robot = Uuid::new_v4();
    let emulator = Emulator::builder()
        .client(robot, "the robot's secret")
        .start()
        .await?;
    let app = ClientApp::new(robot, "the robot's secret")
        .scopes("search.api.globus.org", search::scopes::ALL);
    let search = Globus::builder(app)
        .environment(Environment::empty().with_all_services(emulator.base_url()))
        .build()?
        .search();
    let index = IndexCreateRequest::new("Runs", "What the instrument measured");
    let index = search.create_index(index).await?.id;

    ingest(&search, index).await?;
    count(&search, index).await?;
    read_back(&search, index).await?;
    emulator.stop().await;
    Ok(())
}

async fn ingest(search: &search::Client, index: Uuid) -> globus_sdk::Result<()> {
    let entries = (0..RECORDS).map(|number| {
        let content = serde_json::json!(run(number));
        MetaEntry::new(format!("run:{number}"), content).visible_to(["public"])
    });
    let ingest = search
        .ingest_all(index, entries)
        .batch_bytes(500_000)
        .on_progress(|report| {
            print!("\ringested {} of {RECORDS} ", report.ingested);
            let _ = std::io::stdout().flush();
        });
    match ingest.await {
        Ok(report) => {
            println!("in {} batches", report.batches.len());
            Ok(())
        }
        Err(error) => {
            let report = IngestReport::from_error(&error);
            for entry in report.iter().flat_map(|report| &report.failed) {
                eprintln!("{}: {}", entry.subject, entry.reason);
            }
            Err(error)
        }
    }
}

async fn count(search: &search::Client, index: Uuid) -> globus_sdk::Result<()> {
    let query = SearchQuery::new()
        .filter(Filter::match_any("metal", ["copper", "gold"]) & Filter::range("kelvin", ..77.0))
        .facet(Facet::terms("metal").name("Metals"))
        .facet(Facet::avg("kelvin").name("Mean temperature"))
        .facet(Facet::numeric_histogram("kelvin", 0.0..80.0, 4).name("Temperatures"))
        .sort_by(Sort::descending("number"))
        .limit(3);
    let page = search.post_search(index, query).entries::<Run>().await?;
    println!(
        "{} cold runs with copper or gold, the latest of them:",
        page.total.unwrap_or_default()
    );
    for entry in &page.entries {
        println!(
            "  {} with {} at {} K",
            entry.subject, entry.content.metal, entry.content.kelvin
        );
    }
    if let Some(metals) = page.facet("Metals") {
        for (metal, count) in metals.counts::<String>()? {
            println!("  {count} with {metal}");
        }
    }
    if let Some(mean) = page.facet("Mean temperature").and_then(|facet| facet.value) {
        println!("  {mean:.1} K on average");
    }
    if let Some(temperatures) = page.facet("Temperatures") {
        for (between, count) in temperatures.counts::<Interval<f64>>()? {
            println!("  {count} from {} to {} K", between.from, between.to);
        }
    }
    Ok(())
}

async fn read_back(search: &search::Client, index: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    // a search ends after 10,000 results; a scroll does not
    let everything = ScrollQuery::new().q("*").limit(2_000);
    let mut entries = search.scroll(index, everything).entries::<Run>().stream();
    let mut seen = vec![false; RECORDS];
    while let Some(entry) = entries.next().await {
        let number = entry?.content.number;
        *seen
            .get_mut(number)
            .ok_or("a run that was never ingested")? = true;
    }
    let missing = seen.iter().filter(|seen| !**seen).count();
    println!("a scroll passes {} of {RECORDS} runs", RECORDS - missing);
    if missing > 0 {
        return Err(format!("{missing} runs are missing").into());
    }
    Ok(())
}
