//! The Globus SDK for Rust: Transfer, Search, Auth and Groups, generated from OpenAPI.
//!
//! A call reads as a sentence: required parameters are arguments, optional ones are methods, and
//! `.await` sends it. Names are the Python SDK's, so that its documentation applies here, too.
//!
//! ```no_run
//! use globus_sdk::Globus;
//! use globus_sdk::auth::ClientApp;
//! use globus_sdk::transfer::{TransferData, TransferItem};
//! use globus_sdk::types::{SyncLevel, Uuid};
//!
//! # async fn run(client_id: Uuid, secret: String, lab: Uuid, cluster: Uuid) -> globus_sdk::Result<()> {
//! let globus = Globus::builder(ClientApp::new(client_id, secret)).build()?;
//! let transfer = globus.transfer();
//!
//! let data = TransferData::new(lab, cluster)
//!     .label("nightly")
//!     .sync_level(SyncLevel::Checksum)
//!     .item(TransferItem::folder("/run7/", "/in/run7/"));
//! let task = transfer.submit_transfer(&data).await?;
//! let done = transfer.wait(task.task_id).await?;
//! println!("{} files, {} bytes", done.files_transferred, done.bytes_transferred);
//! # Ok(()) }
//! ```
//!
//! # Cookbook
//!
//! **Authenticate.** An app logs in and keeps tokens fresh ([`Globus`], [`auth::ClientApp`],
//! [`auth::UserApp`]); or give a client your own authorizer.
//!
//! ```
//! use globus_sdk::auth::AccessTokenAuthorizer;
//! use globus_sdk::transfer;
//!
//! let transfer = transfer::Client::builder()
//!     .authorizer(AccessTokenAuthorizer::new("a token"))
//!     .build()?;
//! # Ok::<(), globus_sdk::Error>(())
//! ```
//!
//! **Stay logged in.** By default, an app keeps its tokens in memory; [`token_storage`] has files
//! and databases, which can be shared with other programs and with the Python SDK.
//!
//! ```no_run
//! use globus_sdk::{Globus, auth::UserApp, token_storage::JsonTokenStorage};
//!
//! # async fn run(client_id: &str) -> globus_sdk::Result<()> {
//! let tokens = JsonTokenStorage::for_app(client_id, "my app")?;
//! let app = UserApp::native(client_id).refresh_tokens(true).storage(tokens);
//! let globus = Globus::builder(app).build()?;
//! # Ok(()) }
//! ```
//!
//! **Lists.** Awaiting returns one page; `.stream()` yields the items of all pages, fetching them
//! as needed, and `.pages()` the pages.
//!
//! ```no_run
//! # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
//! let page = transfer.task_list().filter("status:ACTIVE").limit(50).await?;
//! let mut all = transfer.task_list().stream();
//! while let Some(task) = all.next().await {
//!     println!("{}", task?.task_id);
//! }
//! # Ok(()) }
//! ```
//!
//! **A tree.** [`ls`](transfer::Client::ls) walks it, with several listings at a time.
//!
//! ```no_run
//! # async fn run(transfer: globus_sdk::transfer::Client, collection: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
//! let mut entries = transfer.ls(collection, "/data/").recursive().concurrency(8).stream();
//! while let Some(entry) = entries.next().await {
//!     println!("{}", entry?.path);
//! }
//! # Ok(()) }
//! ```
//!
//! **More than the document.** `.send()` returns status, headers and body as well; `.json()`
//! decodes into your own type; `.with_header`, `.with_query`, `.with_timeout` and `.with_retry`
//! change one call.
//!
//! **Less than the document.** After `.fields()`, a call returns only the named fields, as your own
//! type: with `.json()`, and for lists with `.stream()` and `.pages()` too. It cannot be awaited.
//!
//! ```no_run
//! #[derive(serde::Deserialize)]
//! struct Name {
//!     name: String,
//!     size: Option<i64>,
//! }
//!
//! # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
//! let response = transfer.get_task(id).with_header("x-trace", "7").send().await?;
//! println!("{} {}", response.status(), response.task_id);
//! let names = transfer.operation_ls(id).fields(["name", "size"]).stream::<Name>();
//! # Ok(()) }
//! ```
//!
//! **Beyond the specs.** Any path, method and encoding, with the same authorization and retries.
//!
//! ```no_run
//! # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
//! let found: serde_json::Value = transfer
//!     .get("/v0.10/endpoint_search")
//!     .query(&[("filter_fulltext", "tutorial")])
//!     .send().await?
//!     .json()?;
//! # Ok(()) }
//! ```
//!
//! **Errors.** There is one [`Error`], classified by [`ErrorKind`]; [`error`] lists the remedies.
//!
//! ```no_run
//! use globus_sdk::ErrorKind;
//!
//! # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
//! match transfer.operation_ls(id).path("/data/").await {
//!     Ok(listing) => println!("{} entries", listing.data.len()),
//!     Err(e) if e.kind() == ErrorKind::NotFound => println!("no such folder"),
//!     Err(e) => return Err(e),
//! }
//! # Ok(()) }
//! ```
//!
//! **When a login lacks something.** The first transfer from a mapped collection fails with
//! `ConsentRequired`. The error contains the remedy; an app's `auto_relogin` applies it
//! automatically.
//!
//! ```no_run
//! # async fn run(globus: globus_sdk::Globus, data: globus_sdk::transfer::TransferData) -> globus_sdk::Result<()> {
//! let transfer = globus.transfer();
//! let mut submitted = transfer.submit_transfer(&data).await;
//! if let Some(requirements) = submitted.as_ref().err().and_then(|e| e.auth_requirements()) {
//!     globus.login_with(requirements).await?;
//!     submitted = transfer.submit_transfer(&data).await;
//! }
//! println!("task {}", submitted?.task_id);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `transfer`, `search`, `groups` | yes | the clients of these services; Auth is always there |
//! | `login` | yes | logging in a user with a browser on this machine |
//! | `blocking` | no | the same calls without an async runtime: `blocking::Blocking` |
//! | `sqlite` | no | tokens in an SQLite database: `token_storage::SqliteTokenStorage` |
//! | `keyring` | no | tokens in the operating system's keyring: `token_storage::KeyringTokenStorage` |
//! | `id-token` | no | verifying ID tokens: signature, issuer, audience, expiry, nonce |
//! | `schemars` | no | `JsonSchema` for every document, to validate, build forms or describe tools |
//! # Alongside your own `reqwest`
//!
//! This crate enables TLS in `reqwest` without installing a default crypto provider for the
//! process. In a program whose own `reqwest` dependency has no default features,
//! `reqwest::Client::new()` then panics with "No provider set": give that dependency the feature
//! `rustls`, or call [`transport::install_crypto_provider`] first.

#![cfg_attr(
    not(all(feature = "search", feature = "transfer")),
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "Auth alone has neither lists nor tasks"
    )
)]

#[allow(
    deprecated,
    reason = "the login clients offer operations that the service still supports"
)]
pub mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod client;
mod environment;
pub mod error;
mod generated;
mod globus;
pub mod globus_connect;
#[cfg(feature = "groups")]
pub mod groups;
pub mod operation;
mod pagination;
mod partial;
mod regular_file;
#[cfg(feature = "schemars")]
pub mod schema;
mod scope;
#[cfg(feature = "search")]
pub mod search;
mod token;
#[cfg(feature = "transfer")]
pub mod transfer;
pub mod transport;
pub mod types;
mod wait;

pub use client::{ClientBuilder, ServiceClient};
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use generated::operations;
pub use globus::{Globus, GlobusBuilder};
pub use pagination::ItemStream;
pub use scope::{CollectionScopes, EndpointScopes, Scope, ScopeString};
pub use token::storage as token_storage;
pub use wait::Wait;

/// The README's code compiles, or the tests fail.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
mod guide;

#[cfg(test)]
mod layer_tests;
