//! Globus Search: indices of documents, and queries over them.
//!
//! Every operation of the spec is a method of [`Client`]. Written by hand are:
//!
//! * filters, facets and orders in short form: [`types::Filter`], [`types::Facet`],
//!   [`types::SearchQuery::filter`];
//! * results with contents of your own type: [`Entries`], and typed facets:
//!   [`types::FacetResult::counts`];
//! * waiting for ingest and delete tasks: [`Client::wait`];
//! * ingesting any number of entries: [`Client::ingest_all`].
//!
//! A search returns its first 10,000 results and then ends with an error of kind
//! `ListLimitExceeded`; [`scroll`](Client::scroll) returns all of them.
//!
//! ```no_run
//! use globus_sdk::search::types::{Facet, Filter, MetaEntry, SearchQuery};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Run {
//!     title: String,
//!     kelvin: f64,
//! }
//!
//! # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid, runs: Vec<Run>) -> globus_sdk::Result<()> {
//! let mut entries = Vec::new();
//! for (number, run) in runs.iter().enumerate() {
//!     entries.push(MetaEntry::from_content(format!("run:{number}"), run)?.visible_to(["public"]));
//! }
//! search.ingest_all(index, entries).await?;
//!
//! let query = SearchQuery::new()
//!     .q("copper")
//!     .filter(Filter::range("kelvin", ..77.0))
//!     .facet(Facet::avg("kelvin"));
//! for run in search.post_search(index, query).entries::<Run>().await?.entries {
//!     println!("{}: {}", run.subject, run.content.title);
//! }
//! # Ok(()) }
//! ```

mod entries;
mod facets;
mod filters;
mod ingest;
mod query;
mod tasks;

pub use crate::generated::search::{Client, builders, operations, scopes, types};
pub use entries::{Entries, Entry, EntryPage};
pub use facets::Interval;
pub use ingest::{FailedEntry, IngestAll, IngestBatch, IngestReport};
