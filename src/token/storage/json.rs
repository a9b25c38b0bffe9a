//! Tokens in a JSON file, in the Python SDK's format.

mod document;

use super::default_path::default_path;
use super::file::{TokenFile, blocking};
use super::token_storage::{StorageLock, TokenStorage};
use crate::environment::Environment;
use crate::error::Result;
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use crate::types::Id;
use document::{Document, Format};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Stores tokens in a JSON file that can be shared with other programs and threads, and with the
/// Python SDK's `JSONTokenStorage`, whose format it has (2.0; 1.0 is read, and written as 2.0).
///
/// Only its owner can access the file, from its first byte. It is replaced atomically and written
/// to the disk before a token is used: a program that is killed leaves the old file or the new one.
/// Programs that share it renew one after the other, by a lock on a sibling `.lock` file, which is
/// left in place. (The Python SDK does not lock: let Rust and Python programs renew tokens of their
/// own.) Other data in the file is preserved. A path that starts with `~` is refused: only shells
/// expand it.
///
/// A file that does not contain tokens is an error of kind `Storage` and is not changed. So are a
/// folder, a pipe or a symbolic link at the path or that of the `.lock` file, and a disk that is
/// full or read-only.
///
/// ```no_run
/// use globus_sdk::{Globus, auth::UserApp, token_storage::JsonTokenStorage};
///
/// let client_id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
/// let storage = JsonTokenStorage::for_app(client_id, "my app")?;
/// let app = UserApp::native(client_id).refresh_tokens(true).storage(storage);
/// let globus = Globus::builder(app).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct JsonTokenStorage {
    file: TokenFile,
    namespace: String,
    format: Format,
}

impl JsonTokenStorage {
    /// Uses this file, with the namespace `DEFAULT`. File and folder are created when tokens are
    /// stored.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: TokenFile::new(path.into()),
            namespace: document::DEFAULT.to_owned(),
            format: Format::Current,
        }
    }

    /// Uses a file of format 1.0, that of the Python SDK's `SimpleJSONFileAdapter`. Only for a file
    /// that is shared with such a program: it has no namespaces, and a file of format 2.0 is
    /// refused.
    pub fn legacy(path: impl Into<PathBuf>) -> Self {
        Self {
            format: Format::Legacy,
            ..Self::new(path)
        }
    }

    /// Uses the default file of the Python SDK's apps:
    /// `~/.globus/app/{client_id}/{app_name}/tokens.json`, and on Windows
    /// `%LOCALAPPDATA%\globus\app\…`. Other deployments than production have their own file, such
    /// as `preview-tokens.json`.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the client id is not a UUID, the name cannot be a folder name, or the user
    /// has no home folder.
    ///
    /// ```
    /// use globus_sdk::token_storage::JsonTokenStorage;
    ///
    /// let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    /// let storage = JsonTokenStorage::for_app(id, "My App")?;
    /// assert!(storage.path().ends_with(format!("app/{id}/my-app/tokens.json")));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn for_app(client_id: impl Into<Id>, app_name: &str) -> Result<Self> {
        Self::for_app_in(&Environment::from_env(), client_id, app_name)
    }

    /// The same as [`for_app`](Self::for_app), with other environment variables than the process
    /// has.
    ///
    /// # Errors
    ///
    /// See [`for_app`](Self::for_app).
    ///
    /// ```
    /// use globus_sdk::{Environment, token_storage::JsonTokenStorage};
    ///
    /// let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    /// let storage = JsonTokenStorage::for_app_in(&Environment::from_name("preview"), id, "My App")?;
    /// assert!(storage.path().ends_with("preview-tokens.json"));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn for_app_in(
        environment: &Environment,
        client_id: impl Into<Id>,
        app_name: &str,
    ) -> Result<Self> {
        default_path(environment, &client_id.into(), app_name, "json").map(Self::new)
    }

    /// The same file with another namespace.
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            ..self.clone()
        }
    }

    /// How long to wait while another program renews tokens; two minutes by default. After that,
    /// the call fails with kind `Storage`.
    #[must_use]
    pub fn lock_timeout(self, timeout: Duration) -> Self {
        Self {
            file: self.file.with_lock_timeout(timeout),
            ..self
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Document, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Self {
            file,
            namespace,
            format,
        } = self.clone();
        blocking(move || look(&Document::read(&file, format)?, &namespace)).await
    }

    /// Changes the file if `change` returns `true`.
    async fn update(
        &self,
        change: impl FnOnce(&mut Document, &str) -> Result<bool> + Send + 'static,
    ) -> Result<bool> {
        let (namespace, format) = (self.namespace.clone(), self.format);
        self.file
            .update(move |file| {
                let mut document = Document::read(file, format)?;
                let changed = change(&mut document, &namespace)?;
                if changed {
                    document.write(file)?;
                }
                Ok(changed)
            })
            .await
    }
}

impl fmt::Debug for JsonTokenStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonTokenStorage")
            .field("path", &self.path())
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl TokenStorage for JsonTokenStorage {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        let tokens = tokens.to_vec();
        Box::pin(async move {
            let change = move |document: &mut Document, namespace: &str| {
                document.insert(namespace, &tokens)?;
                Ok(true)
            };
            self.update(change).await.map(drop)
        })
    }

    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        let resource_server = resource_server.to_owned();
        Box::pin(self.read(move |document, namespace| document.get(namespace, &resource_server)))
    }

    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        Box::pin(self.read(Document::all))
    }

    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        let resource_server = resource_server.to_owned();
        Box::pin(
            self.update(move |document, namespace| document.remove(namespace, &resource_server)),
        )
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::new(self.file.lock().await?)) })
    }
}
