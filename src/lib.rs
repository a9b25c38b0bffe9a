//! The Globus SDK for Rust.

pub mod auth;
mod call;
mod client;
mod environment;
mod error;
mod generated;
mod globus;
pub mod operation;
mod paging;
mod scope;
#[cfg(feature = "search")]
pub mod search;
pub mod store;
#[cfg(feature = "transfer")]
pub mod transfer;
pub mod transport;
pub mod types;
mod wait;

pub use client::{ClientBuilder, ServiceClient};
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use globus::{Globus, GlobusBuilder};
pub use paging::Items;
pub use scope::{Scope, ScopeString};
pub use wait::Wait;
