//! What a storage of tokens does.

use crate::error::Result;
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

/// A place for tokens, by resource server.
///
/// A storage belongs to one namespace: an app keeps its tokens apart from those of another profile
/// in the same place. What [`store`](Self::store) returned from must be found again.
///
/// ```
/// use globus_sdk::auth::TokenData;
/// use globus_sdk::token_storage::{MemoryTokenStorage, TokenStorage};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
/// let storage = MemoryTokenStorage::new();
/// let data = TokenData::new("transfer.api.globus.org", "a-token", jiff::Timestamp::MAX);
/// storage.store(std::slice::from_ref(&data)).await?;
/// assert_eq!(storage.get("transfer.api.globus.org").await?, Some(data));
/// # Ok(()) }
/// ```
pub trait TokenStorage: fmt::Debug + Send + Sync + 'static {
    /// Keeps tokens, in place of those of the same resource servers: all of them or, when it fails,
    /// none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`; what was stored before is still there.
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>>;

    /// The tokens for one resource server.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>>;

    /// The tokens of this namespace, by resource server.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>>;

    /// Forgets the tokens for one resource server; `false` when there were none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>>;

    /// Keeps others who share the storage from renewing the same tokens, until the lock is dropped.
    /// A storage that nobody else can reach needs none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::noop()) })
    }

    /// The storage underneath, of one that refuses to show some tokens: a logout revokes those, too.
    fn without_validation(&self) -> Option<&dyn TokenStorage> {
        None
    }
}

/// Held while tokens are renewed.
///
/// ```
/// let lock = globus_sdk::token_storage::StorageLock::noop();
/// ```
pub struct StorageLock(
    #[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any + Send>>,
);

impl StorageLock {
    /// No lock at all.
    ///
    /// ```
    /// let lock = globus_sdk::token_storage::StorageLock::noop();
    /// ```
    pub fn noop() -> Self {
        Self(None)
    }

    /// A lock that is released when `guard` is dropped.
    ///
    /// ```
    /// let lock = globus_sdk::token_storage::StorageLock::new(tempfile::tempfile()?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(guard: impl Any + Send) -> Self {
        Self(Some(Box::new(guard)))
    }
}

impl fmt::Debug for StorageLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorageLock")
    }
}
