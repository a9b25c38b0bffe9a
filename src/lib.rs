//! The Globus SDK for Rust.

pub mod auth;
mod call;
mod client;
mod environment;
mod error;
mod generated;
pub mod operation;
mod paging;
#[cfg(feature = "search")]
pub mod search;
#[cfg(feature = "transfer")]
pub mod transfer;
pub mod transport;
pub mod types;
mod wait;

pub use client::{ClientBuilder, ServiceClient};
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use paging::Items;
pub use wait::Wait;
