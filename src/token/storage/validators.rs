//! Common rules for tokens.

use super::validating::{TokenValidator, ValidationContext};
use crate::error::{Error, ErrorKind, Result, redact};
use crate::scope::ScopeString;
use crate::token::data::{TokenData, now};
use crate::transport::{BoxFuture, Clock, SystemClock};
use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

fn login(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Login, message)
}

/// The first error of a token.
fn first<'a>(
    tokens: &[TokenData],
    wrong: impl FnMut(&TokenData) -> Option<Error>,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(ready(tokens.iter().find_map(wrong).map_or(Ok(()), Err)))
}

/// Tokens must belong to the same identity as those in the storage. The identity comes from an ID
/// token: the login must request the scope `openid`, as apps do.
///
/// ```
/// use globus_sdk::token_storage::{MemoryTokenStorage, UnchangingIdentityIdValidator, ValidatingTokenStorage};
///
/// let storage = ValidatingTokenStorage::new(MemoryTokenStorage::new())
///     .validator(UnchangingIdentityIdValidator::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct UnchangingIdentityIdValidator(());

impl UnchangingIdentityIdValidator {
    /// Validates before tokens are stored.
    pub fn new() -> Self {
        Self(())
    }
}

impl TokenValidator for UnchangingIdentityIdValidator {
    fn before_store<'a>(
        &'a self,
        _: &'a [TokenData],
        context: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        let outcome = match (context.identity_id, context.stored_identity_id) {
            (None, _) => Err(login(
                "the tokens have no identity; log in with the additional scope `openid`",
            )),
            (Some(new), Some(stored)) if new != stored => Err(login(format!(
                "the tokens belong to identity {new}, but the stored ones to {stored}; log in as that identity, or log out first"
            ))),
            _ => Ok(()),
        };
        Box::pin(ready(outcome))
    }
}

/// Tokens must not have expired. Not for an app with refresh tokens, which renews expired ones.
///
/// ```
/// use globus_sdk::token_storage::{MemoryTokenStorage, NotExpiredValidator, ValidatingTokenStorage};
///
/// let storage = ValidatingTokenStorage::new(MemoryTokenStorage::new())
///     .validator(NotExpiredValidator::new());
/// ```
#[derive(Clone)]
pub struct NotExpiredValidator(Arc<dyn Clock>);

impl NotExpiredValidator {
    /// Validates after tokens are loaded, by the clock of this machine.
    pub fn new() -> Self {
        Self(Arc::new(SystemClock))
    }

    /// Uses another clock.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self(Arc::new(clock))
    }
}

impl Default for NotExpiredValidator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NotExpiredValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotExpiredValidator")
    }
}

impl TokenValidator for NotExpiredValidator {
    fn after_load<'a>(
        &'a self,
        tokens: &'a [TokenData],
        _: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        let now = now(&*self.0);
        first(tokens, |data| {
            let (name, expiry) = (redact::name(&data.resource_server), data.expires_at);
            (!data.lasts(Duration::ZERO, now)).then(|| {
                login(format!(
                    "the token for {name} expired at {expiry}; log in again"
                ))
            })
        })
    }
}

/// Tokens must include refresh tokens.
///
/// ```
/// use globus_sdk::token_storage::{HasRefreshTokensValidator, MemoryTokenStorage, ValidatingTokenStorage};
///
/// let storage = ValidatingTokenStorage::new(MemoryTokenStorage::new())
///     .validator(HasRefreshTokensValidator::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct HasRefreshTokensValidator(());

impl HasRefreshTokensValidator {
    /// Validates after tokens are loaded.
    pub fn new() -> Self {
        Self(())
    }
}

impl TokenValidator for HasRefreshTokensValidator {
    fn after_load<'a>(
        &'a self,
        tokens: &'a [TokenData],
        _: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        first(tokens, |data| {
            data.refresh_token.is_none().then(|| {
                login(format!(
                    "there is no refresh token for {}; log in again and request refresh tokens",
                    redact::name(&data.resource_server)
                ))
            })
        })
    }
}

/// Tokens must have scopes. Dependent scopes cannot be checked, since a token does not list them;
/// services report a missing consent.
///
/// ```
/// use globus_sdk::token_storage::{MemoryTokenStorage, ScopeRequirementsValidator, ValidatingTokenStorage};
/// use globus_sdk::transfer;
///
/// let needed = ScopeRequirementsValidator::new()
///     .scopes("transfer.api.globus.org", transfer::scopes::ALL)?;
/// let storage = ValidatingTokenStorage::new(MemoryTokenStorage::new()).validator(needed);
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScopeRequirementsValidator(BTreeMap<String, Vec<String>>);

impl ScopeRequirementsValidator {
    /// Requires no scopes yet. Validates before tokens are stored and after they are loaded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires scopes of a resource server; optional ones are ignored.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the scopes are malformed.
    pub fn scopes(
        mut self,
        resource_server: impl Into<String>,
        scopes: impl Into<ScopeString>,
    ) -> Result<Self> {
        let known = self.0.entry(resource_server.into()).or_default();
        for scope in scopes.into().scopes()? {
            if !scope.is_optional() {
                known.push(scope.name().to_owned());
            }
        }
        Ok(self)
    }

    fn met(&self, tokens: &[TokenData]) -> BoxFuture<'static, Result<()>> {
        first(tokens, |data| {
            let needed = self.0.get(&data.resource_server)?;
            let missing: Vec<&str> = needed
                .iter()
                .filter(|scope| !data.scopes.contains(scope))
                .map(String::as_str)
                .collect();
            (!missing.is_empty()).then(|| {
                login(format!(
                    "the token for {} lacks {}; log in again and request that scope",
                    redact::name(&data.resource_server),
                    missing.join(" ")
                ))
            })
        })
    }
}

impl TokenValidator for ScopeRequirementsValidator {
    fn before_store<'a>(
        &'a self,
        tokens: &'a [TokenData],
        _: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        self.met(tokens)
    }

    fn after_load<'a>(
        &'a self,
        tokens: &'a [TokenData],
        _: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        self.met(tokens)
    }
}
