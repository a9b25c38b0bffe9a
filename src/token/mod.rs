//! Tokens: what they are, how one is kept fresh, and where they are stored.

pub(crate) mod cache;
pub(crate) mod data;
pub(crate) mod single_flight;
pub mod storage;
