//! Who is calling: authorizers, login flows, apps.

mod authorizer;
mod static_authorizers;

pub use crate::generated::auth::{Client, builders, operations, scopes, types};
pub use authorizer::Authorizer;
pub(crate) use authorizer::BoxFuture;
pub use static_authorizers::{AccessTokenAuthorizer, BasicAuthorizer, NullAuthorizer};
