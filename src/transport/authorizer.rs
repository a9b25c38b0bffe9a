//! Where the `Authorization` header comes from.

use crate::error::{AuthorizationRequirements, Result};
use crate::types::Secret;
use std::future::Future;
use std::pin::Pin;

/// A boxed future: the return type of this crate's object-safe async trait methods.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Provides the `Authorization` header of each request, and replaces it when a service refuses it.
///
/// ```
/// use globus_sdk::{Result, auth::Authorizer, types::Secret};
/// use std::{future::Future, pin::Pin};
///
/// /// Reads the token from a file that something else keeps fresh.
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// impl Authorizer for TokenFile {
///     fn authorization(&self) -> Pin<Box<dyn Future<Output = Result<Option<Secret>>> + Send + '_>> {
///         Box::pin(async {
///             let token = std::fs::read_to_string(&self.0).unwrap_or_default();
///             Ok(Some(format!("Bearer {}", token.trim()).into()))
///         })
///     }
/// }
/// ```
pub trait Authorizer: Send + Sync + std::fmt::Debug + 'static {
    /// The whole header value, such as `Bearer abc`; `None` sends no header. Called for every
    /// attempt.
    ///
    /// # Errors
    ///
    /// An error ends the call.
    fn authorization(&self) -> Pin<Box<dyn Future<Output = Result<Option<Secret>>> + Send + '_>>;

    /// Called when a service answered 401 to this value. Return `true` if there is a new value: the
    /// call is then repeated once.
    ///
    /// # Errors
    ///
    /// An error ends the call.
    fn on_unauthorized(
        &self,
        authorization: &Secret,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + '_>> {
        let _ = authorization;
        Box::pin(async { Ok(false) })
    }

    /// Called when a service requires a different login than the one behind this value. Return
    /// `true` if there has been one: the call is then repeated once.
    ///
    /// # Errors
    ///
    /// An error ends the call.
    fn on_auth_requirements<'a>(
        &'a self,
        authorization: &'a Secret,
        requirements: &'a AuthorizationRequirements,
    ) -> BoxFuture<'a, Result<bool>> {
        let _ = (authorization, requirements);
        Box::pin(async { Ok(false) })
    }
}

impl<A: Authorizer + ?Sized> Authorizer for std::sync::Arc<A> {
    fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
        (**self).authorization()
    }

    fn on_unauthorized(&self, authorization: &Secret) -> BoxFuture<'_, Result<bool>> {
        (**self).on_unauthorized(authorization)
    }

    fn on_auth_requirements<'a>(
        &'a self,
        authorization: &'a Secret,
        requirements: &'a AuthorizationRequirements,
    ) -> BoxFuture<'a, Result<bool>> {
        (**self).on_auth_requirements(authorization, requirements)
    }
}
