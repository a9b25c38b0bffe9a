//! Tokens in memory.

use super::token_storage::TokenStorage;
use crate::error::Result;
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Namespaces = BTreeMap<String, BTreeMap<String, TokenData>>;

/// Keeps tokens in memory until the program ends. Clones share it.
///
/// ```
/// use globus_sdk::{auth::UserApp, token_storage::MemoryTokenStorage};
///
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").storage(MemoryTokenStorage::new());
/// ```
#[derive(Clone)]
pub struct MemoryTokenStorage {
    namespace: String,
    memory: Arc<Mutex<Namespaces>>,
}

impl MemoryTokenStorage {
    /// Creates an empty storage with the namespace `DEFAULT`.
    pub fn new() -> Self {
        Self {
            namespace: "DEFAULT".to_owned(),
            memory: Arc::default(),
        }
    }

    /// The same storage with another namespace.
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            memory: self.memory.clone(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Namespaces> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryTokenStorage {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryTokenStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStorage")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl TokenStorage for MemoryTokenStorage {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        let mut memory = self.memory();
        let known = memory.entry(self.namespace.clone()).or_default();
        for data in tokens {
            known.insert(data.resource_server.clone(), data.clone());
        }
        Box::pin(async { Ok(()) })
    }

    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        let memory = self.memory();
        let known = memory.get(&self.namespace);
        let found = known.and_then(|known| known.get(resource_server)).cloned();
        Box::pin(async { Ok(found) })
    }

    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        let found = self.memory().get(&self.namespace).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        let mut memory = self.memory();
        let known = memory.get_mut(&self.namespace);
        let removed = known.is_some_and(|known| known.remove(resource_server).is_some());
        Box::pin(async move { Ok(removed) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn namespaces_do_not_see_each_other() {
        let (mine, token) = (
            MemoryTokenStorage::new(),
            TokenData::new("server", "token", jiff::Timestamp::MAX),
        );
        let theirs = mine.namespace("theirs");
        mine.store(std::slice::from_ref(&token)).await.unwrap();
        assert!(theirs.get("server").await.unwrap().is_none());
        assert!(!theirs.remove("server").await.unwrap());
        assert_eq!(mine.all().await.unwrap().len(), 1);
        assert!(mine.remove("server").await.unwrap());
    }
}
