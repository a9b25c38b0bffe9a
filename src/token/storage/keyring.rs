//! Tokens in the operating system's keyring.

use super::default_path::{data_folder, folder_name};
use super::file::{TokenFile, blocking};
use super::token_storage::{StorageLock, TokenStorage};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use keyring_core::{CredentialStore, Entry, Error as Cause};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

type TokensByServer = BTreeMap<String, TokenData>;

/// Stores tokens in the operating system's keyring, one entry for each namespace.
///
/// | system | keyring | how long |
/// | --- | --- | --- |
/// | Linux | the kernel's, which every machine has, with or without a desktop | until a restart, or some days (`/proc/sys/kernel/keys/persistent_keyring_expiry`) after the user's last access |
/// | macOS | the login keychain | until a logout |
/// | Windows | the credential manager; 2,560 bytes for an entry, which is tokens for about five services | until a logout |
///
/// To use another keyring, such as the Secret Service of a desktop, call
/// `keyring_core::set_default_store` before the first use. Programs with the same service name
/// share tokens and renew them one after the other, by a lock on a file in `~/.globus/keyring`.
///
/// ```no_run
/// use globus_sdk::{Globus, auth::UserApp, token_storage::KeyringTokenStorage};
///
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2")
///     .refresh_tokens(true)
///     .storage(KeyringTokenStorage::new("my app")?);
/// let globus = Globus::builder(app).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct KeyringTokenStorage {
    service: String,
    namespace: String,
    /// Only used for its lock; the file itself does not exist.
    file: TokenFile,
}

impl KeyringTokenStorage {
    /// Uses the entries of a service name, which distinguishes programs, with the namespace
    /// `DEFAULT`.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the name cannot be a file name, or the user has no home folder.
    pub fn new(service: impl Into<String>) -> Result<Self> {
        Self::new_in(&Environment::from_env(), service)
    }

    /// The same as [`new`](Self::new), with other environment variables than the process has:
    /// `HOME` is where the lock is.
    ///
    /// # Errors
    ///
    /// See [`new`](Self::new).
    pub fn new_in(environment: &Environment, service: impl Into<String>) -> Result<Self> {
        let service = service.into();
        let mut path = data_folder(environment)?;
        path.extend(["keyring", &folder_name(&service)?]);
        Ok(Self {
            service,
            namespace: "DEFAULT".to_owned(),
            file: TokenFile::new(path),
        })
    }

    /// The same service with another namespace.
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            ..self.clone()
        }
    }

    fn entry(&self) -> Result<Entry> {
        let store = keyring_core::get_default_store().map_or_else(platform, Ok);
        let entry = store.and_then(|store| store.build(&self.service, &self.namespace, None));
        entry.map_err(|e| self.failed(e))
    }

    fn load(&self, entry: &Entry) -> Result<TokensByServer> {
        let bytes = match entry.get_secret() {
            Ok(bytes) => bytes,
            Err(Cause::NoEntry) => return Ok(TokensByServer::new()),
            Err(e) => return Err(self.failed(e)),
        };
        // without serde's message as the source: it would show values
        serde_json::from_slice(&bytes).map_err(|_| {
            Error::new(
                ErrorKind::Storage,
                format!(
                    "the keyring entry {} of {} is not token data; remove it and log in again, or use another service name",
                    self.namespace, self.service
                ),
            )
        })
    }

    /// Changes the entry under the lock if `change` returns `true`.
    async fn update(
        &self,
        change: impl FnOnce(&mut TokensByServer) -> bool + Send + 'static,
    ) -> Result<bool> {
        let storage = self.clone();
        self.file
            .update(move |_| {
                let entry = storage.entry()?;
                let mut tokens = storage.load(&entry)?;
                if !change(&mut tokens) {
                    return Ok(false);
                }
                // an entry without tokens is not deleted: the kernel's keyring still finds deleted
                // entries
                let bytes = serde_json::to_vec(&tokens).unwrap_or_default();
                let done = entry.set_secret(&bytes);
                done.map(|()| true).map_err(|e| storage.failed(e))
            })
            .await
    }

    fn failed(&self, cause: Cause) -> Error {
        let advice = match cause {
            Cause::TooLong(..) => "the entry is full; use a file",
            Cause::NoStorageAccess(_) => "unlock it and try again, or use a file",
            _ => "if this system has none, use a file",
        };
        let message = format!("the keyring cannot be used for {}; {advice}", self.service);
        // some causes contain the stored data, so only their text is kept
        let words = match cause {
            // this text is that of a platform's error, which may quote the data
            Cause::BadDataFormat(..) => "the entry is malformed".to_owned(),
            cause => cause.to_string(),
        };
        Error::new(ErrorKind::Storage, message).with_source(words)
    }
}

#[cfg(target_os = "linux")]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    // a service or a cron job has no writable session keyring: this creates one for the thread. The
    // tokens themselves are in the user's persistent keyring, which the store links to it
    let _ = KeyRing::from_special_id(KeyRingIdentifier::Session, true);
    Ok(linux_keyutils_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Cause::NoDefaultStore)
}

impl fmt::Debug for KeyringTokenStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringTokenStorage")
            .field("service", &self.service)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl TokenStorage for KeyringTokenStorage {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        let tokens = tokens.to_vec();
        Box::pin(async move {
            let change = |stored: &mut TokensByServer| {
                let named = tokens
                    .into_iter()
                    .map(|data| (data.resource_server.clone(), data));
                stored.extend(named);
                true
            };
            self.update(change).await.map(drop)
        })
    }

    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        Box::pin(async move { Ok(self.all().await?.remove(resource_server)) })
    }

    fn all(&self) -> BoxFuture<'_, Result<TokensByServer>> {
        let storage = self.clone();
        Box::pin(blocking(move || storage.load(&storage.entry()?)))
    }

    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        let resource_server = resource_server.to_owned();
        Box::pin(self.update(move |tokens| tokens.remove(&resource_server).is_some()))
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::new(self.file.lock().await?)) })
    }
}
