//! A storage that rejects tokens that violate a rule.

use super::token_storage::{StorageLock, TokenStorage};
use crate::error::{Error, ErrorKind, Result};
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use crate::types::Uuid;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a validator may need to know besides the tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ValidationContext {
    /// The identity of the stored tokens, if known.
    pub stored_identity_id: Option<Uuid>,
    /// The identity of the tokens that are validated, if known.
    pub identity_id: Option<Uuid>,
}

/// A rule for tokens, for a [`ValidatingTokenStorage`].
///
/// ```
/// use globus_sdk::auth::{BoxFuture, TokenData};
/// use globus_sdk::token_storage::{TokenValidator, ValidationContext};
/// use globus_sdk::{Error, ErrorKind, Result};
///
/// /// Only for people of one institution.
/// #[derive(Debug)]
/// struct Employees(Vec<globus_sdk::types::Uuid>);
///
/// impl TokenValidator for Employees {
///     fn before_store<'a>(
///         &'a self,
///         _: &'a [TokenData],
///         context: &'a ValidationContext,
///     ) -> BoxFuture<'a, Result<()>> {
///         let known = context.identity_id.is_some_and(|id| self.0.contains(&id));
///         let refused = "this is for employees; log in with the identity of the institution";
///         Box::pin(async move {
///             if known { Ok(()) } else { Err(Error::custom(ErrorKind::Login, refused)) }
///         })
///     }
/// }
/// ```
pub trait TokenValidator: fmt::Debug + Send + Sync + 'static {
    /// Checks tokens before they are stored. On an error, none of them is.
    ///
    /// # Errors
    ///
    /// Use kind `Login` when a login is the remedy.
    fn before_store<'a>(
        &'a self,
        tokens: &'a [TokenData],
        context: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (tokens, context);
        Box::pin(async { Ok(()) })
    }

    /// Checks tokens after they were loaded. On an error, they are not returned.
    ///
    /// # Errors
    ///
    /// Use kind `Login` when a login is the remedy: an app then treats the tokens as missing.
    fn after_load<'a>(
        &'a self,
        tokens: &'a [TokenData],
        context: &'a ValidationContext,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (tokens, context);
        Box::pin(async { Ok(()) })
    }
}

/// Wraps a storage and validates its tokens: before they are stored, and after they are loaded.
///
/// When loaded tokens are rejected, an app renews them or asks the user to log in. Apps already
/// check expiry and scopes; validators are for what they cannot know, such as whether the same user
/// logs in again.
///
/// ```
/// use globus_sdk::auth::UserApp;
/// use globus_sdk::token_storage::{JsonTokenStorage, UnchangingIdentityIdValidator, ValidatingTokenStorage};
///
/// let storage = ValidatingTokenStorage::new(JsonTokenStorage::new("tokens.json"))
///     .validator(UnchangingIdentityIdValidator::new());
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").storage(storage);
/// ```
#[derive(Clone, Debug)]
pub struct ValidatingTokenStorage<S> {
    inner: S,
    validators: Vec<Arc<dyn TokenValidator>>,
}

impl<S: TokenStorage> ValidatingTokenStorage<S> {
    /// Wraps a storage, without validators.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            validators: Vec::new(),
        }
    }

    /// Adds a validator. They run in the order in which they were added; the first error counts.
    #[must_use]
    pub fn validator(mut self, validator: impl TokenValidator) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    async fn context(&self, tokens: &[TokenData]) -> Result<ValidationContext> {
        // of the inner storage: through this one, validators would be called to build their own
        // context
        let stored = self.inner.all().await?;
        Ok(ValidationContext {
            stored_identity_id: identity("the stored tokens", stored.values())?,
            identity_id: identity("the tokens", tokens)?,
        })
    }

    async fn loaded(&self, tokens: &[TokenData]) -> Result<()> {
        let context = self.context(tokens).await?;
        for validator in &self.validators {
            validator.after_load(tokens, &context).await?;
        }
        Ok(())
    }
}

/// The single identity that tokens belong to.
fn identity<'a>(
    whose: &str,
    tokens: impl IntoIterator<Item = &'a TokenData>,
) -> Result<Option<Uuid>> {
    let mut known = tokens.into_iter().filter_map(|data| data.identity_id);
    let first = known.next();
    match known.find(|id| Some(*id) != first) {
        None => Ok(first),
        Some(_) => Err(Error::new(
            ErrorKind::Login,
            format!("{whose} belong to several identities; log out and log in again"),
        )),
    }
}

impl<S: TokenStorage> TokenStorage for ValidatingTokenStorage<S> {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let context = self.context(tokens).await?;
            for validator in &self.validators {
                validator.before_store(tokens, &context).await?;
            }
            self.inner.store(tokens).await
        })
    }

    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        Box::pin(async move {
            let found = self.inner.get(resource_server).await?;
            if let Some(data) = &found {
                self.loaded(std::slice::from_ref(data)).await?;
            }
            Ok(found)
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        Box::pin(async {
            let found = self.inner.all().await?;
            let tokens: Vec<TokenData> = found.values().cloned().collect();
            self.loaded(&tokens).await?;
            Ok(found)
        })
    }

    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.inner.remove(resource_server)
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        self.inner.lock()
    }

    fn without_validation(&self) -> Option<&dyn TokenStorage> {
        Some(self.inner.without_validation().unwrap_or(&self.inner))
    }
}
