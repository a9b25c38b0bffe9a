//! The SDK as its callers see it, a module for each subject. What needs a process of its own, or what all of a
//! process has in common, is in the programs beside this one.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is one crate, and says why when it cannot go on"
)]

mod auth_apps;
mod auth_grants;
#[cfg(feature = "id-token")]
mod auth_id_token;
mod auth_identity_map;
mod auth_login;
mod auth_relogin;
mod auth_renewal;
mod auth_requirements;
mod auth_secrets;
#[cfg(all(feature = "blocking", feature = "transfer"))]
mod blocking;
mod calls;
mod cancellation;
mod consents;
mod diff;
mod error_shapes;
mod errors;
mod globus_connect;
mod groups;
mod lab;
mod narrowing;
mod operations_page;
mod pagination;
mod paths;
mod proxies;
mod retries;
#[cfg(all(
    feature = "schemars",
    feature = "groups",
    feature = "search",
    feature = "transfer"
))]
mod schemas;
mod search;
mod search_drop;
mod search_ingest;
mod search_queries;
mod submission_queue;
mod submissions;
mod tls;
mod token_storage;
mod token_validation;
mod transfer;
mod wait;
mod walk;
mod walk_names;
