//! Tokens in a JSON file, which the Python SDK reads and writes, too.

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

/// Keeps tokens in a JSON file that can be shared: with other programs and threads, and with the
/// Python SDK's `JSONTokenStorage`, whose format it is (2.0; 1.0 is read, and written as 2.0).
///
/// The file is for its owner alone from its first byte, and is replaced in one step, on the disk
/// before a token is used: a program that is killed leaves the old file or the new one. Programs that
/// share it renew one after the other, by a lock on a sibling `.lock` file, which stays. (The Python
/// SDK takes no lock: let a program of each kind renew tokens of its own.) What others keep in the
/// file is kept. A path that begins with `~` is refused: only shells expand that.
///
/// A file that cannot be read as tokens is an error of kind `Storage`, and is left as it is; so are a
/// folder, a pipe or a symbolic link at the path or at that of the `.lock` file, and a disk that is
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
    /// In a file, with the namespace `DEFAULT`. File and folder are made when tokens are stored.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::JsonTokenStorage::new("/home/me/.config/my-app/tokens.json");
    /// ```
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: TokenFile::new(path.into()),
            namespace: document::DEFAULT.to_owned(),
            format: Format::Current,
        }
    }

    /// In a file of format 1.0, as the Python SDK's `SimpleJSONFileAdapter` reads and writes it. Only
    /// for a file that is shared with such a program: it has no namespaces, and one of format 2.0 is
    /// refused.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::JsonTokenStorage::legacy("/home/me/tokens.json");
    /// ```
    pub fn legacy(path: impl Into<PathBuf>) -> Self {
        Self {
            format: Format::Legacy,
            ..Self::new(path)
        }
    }

    /// In the file where an app of the Python SDK keeps its tokens:
    /// `~/.globus/app/{client_id}/{app_name}/tokens.json`, and on Windows
    /// `%LOCALAPPDATA%\globus\app\…`. Another deployment than production has a file of its own, such
    /// as `preview-tokens.json`.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the client ID is no UUID, the name makes no folder, or the user has no home.
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

    /// As [`for_app`](Self::for_app), with other variables than the process has.
    ///
    /// # Errors
    ///
    /// As [`for_app`](Self::for_app).
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

    /// The same file, another namespace.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::JsonTokenStorage::new("tokens.json");
    /// let theirs = storage.namespace("another profile");
    /// ```
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            ..self.clone()
        }
    }

    /// How long to wait while another program renews tokens of the file; two minutes unless told
    /// otherwise. Then the call fails, with kind `Storage`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let storage = globus_sdk::token_storage::JsonTokenStorage::new("tokens.json")
    ///     .lock_timeout(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn lock_timeout(self, timeout: Duration) -> Self {
        Self {
            file: self.file.with_lock_timeout(timeout),
            ..self
        }
    }

    /// The file.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::JsonTokenStorage::new("tokens.json");
    /// assert_eq!(storage.path(), std::path::Path::new("tokens.json"));
    /// ```
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

    /// Changes what the file holds, if `change` says that it did.
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
