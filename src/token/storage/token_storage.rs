//! Where tokens are stored between calls and between runs.
//!
//! By default, apps keep tokens in memory: a program has to decide whether secrets are written to a
//! disk.
//!
//! | storage | where | for |
//! | --- | --- | --- |
//! | [`MemoryTokenStorage`] | this process | the default; unattended programs, and portals with their own sessions |
//! | [`JsonTokenStorage`] | a file | a single user's program; shared with other programs and the Python SDK |
//! | `SqliteTokenStorage` (feature `sqlite`) | a database | the same, with many namespaces, and configuration values |
//! | `KeyringTokenStorage` (feature `keyring`) | the operating system's keyring | users' machines where files must not contain secrets |
//! | [`ValidatingTokenStorage`] | another storage | rejecting tokens that violate a rule |

use crate::error::Result;
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

/// A place for tokens, by resource server.
///
/// A storage belongs to one namespace, so that different profiles can use the same file. Once
/// [`store`](Self::store) has returned, the tokens must be found again.
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
    /// Stores tokens and replaces those of the same resource servers: all of them, or none if it
    /// fails.
    ///
    /// # Errors
    ///
    /// Kind `Storage`; the earlier tokens are still there.
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>>;

    /// The tokens for a resource server.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>>;

    /// All tokens of this namespace, by resource server.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>>;

    /// Removes the tokens for a resource server; `false` when there were none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>>;

    /// Keeps other users of this storage from renewing the same tokens until the lock is dropped.
    /// Not needed for a storage that nobody else can access.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::noop()) })
    }

    /// The underlying storage, for one that rejects some tokens: a logout revokes those, too.
    fn without_validation(&self) -> Option<&dyn TokenStorage> {
        None
    }
}

/// A lock that is held while tokens are renewed.
pub struct StorageLock(
    #[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any + Send>>,
);

impl StorageLock {
    /// No lock.
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
