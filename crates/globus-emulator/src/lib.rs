//! Empty for now.

mod auth;
mod problem;
mod search;
mod server;
mod service;
mod state;
mod transfer;

pub use server::RecordedRequest;
pub use service::Service;
pub use state::Identity;
