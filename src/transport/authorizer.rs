//! Where the `Authorization` header comes from.

use crate::error::{AuthorizationRequirements, Result};
use crate::types::Secret;
use std::future::Future;
use std::pin::Pin;

/// A future in a box: what the methods of traits here return.
///
/// ```
/// use globus_sdk::auth::BoxFuture;
///
/// let three: BoxFuture<'static, i32> = Box::pin(async { 3 });
/// ```
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Gives each request its `Authorization` header, and repairs it when a service refuses it.
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
    /// The header's whole value, such as `Bearer abc`; `None` sends none. Called for every attempt.
    ///
    /// # Errors
    ///
    /// Ends the call.
    fn authorization(&self) -> Pin<Box<dyn Future<Output = Result<Option<Secret>>> + Send + '_>>;

    /// Told that a service answered 401 to this value. `true`: there is another by now, and the
    /// call is made once more.
    ///
    /// # Errors
    ///
    /// Ends the call.
    fn on_unauthorized(
        &self,
        authorization: &Secret,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + '_>> {
        let _ = authorization;
        Box::pin(async { Ok(false) })
    }

    /// Told that a service wants another login than the one behind this value. `true`: there is one
    /// by now, and the call is made once more.
    ///
    /// # Errors
    ///
    /// Ends the call.
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
