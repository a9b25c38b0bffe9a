//! Tokens in an SQLite database, in the Python SDK's format.

mod tables;

use super::default_path::default_path;
use super::file::{TokenFile, blocking};
use super::token_storage::{StorageLock, TokenStorage};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result, redact};
use crate::token::data::TokenData;
use crate::transport::BoxFuture;
use crate::types::Id;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tables::{CONFIG_TABLE, column, has_table};

/// How long to wait while another program writes, which takes milliseconds.
const BUSY: Duration = Duration::from_secs(10);

/// Stores tokens in an SQLite database that can be shared with other programs and threads, and with
/// the Python SDK's `SQLiteTokenStorage`. It also has the methods for configuration values of the
/// predecessor, `SQLiteAdapter`.
///
/// Only its owner can access the database and SQLite's files next to it, from their first byte.
/// Programs that share it renew one after the other, by a lock on a sibling `.lock` file, which is
/// left in place. A file that is not a database, or is one of another program, is an error of kind
/// `Storage` and is not changed. So are a folder, a pipe or a symbolic link at the path or that of
/// a file next to it, and a disk that is full or read-only. A path that starts with `~` is refused:
/// only shells expand it.
///
/// ```no_run
/// use globus_sdk::{Globus, auth::UserApp, token_storage::SqliteTokenStorage};
///
/// let client_id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
/// let storage = SqliteTokenStorage::for_app(client_id, "my app")?;
/// let app = UserApp::native(client_id).refresh_tokens(true).storage(storage);
/// let globus = Globus::builder(app).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct SqliteTokenStorage {
    file: TokenFile,
    namespace: String,
    legacy: bool,
}

impl SqliteTokenStorage {
    /// Uses this database, with the namespace `DEFAULT`. File and folder are created when something
    /// is stored.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: TokenFile::new(path.into()),
            namespace: "DEFAULT".to_owned(),
            legacy: false,
        }
    }

    /// Creates a database in the format of the Python SDK's `SQLiteAdapter` if it does not exist.
    /// An existing one is used in either format.
    pub fn legacy(path: impl Into<PathBuf>) -> Self {
        Self {
            legacy: true,
            ..Self::new(path)
        }
    }

    /// Uses the default database of the Python SDK's apps:
    /// `~/.globus/app/{client_id}/{app_name}/tokens.db`, and on Windows
    /// `%LOCALAPPDATA%\globus\app\…`. Other deployments than production have their own, such as
    /// `preview-tokens.db`.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the client id is not a UUID, the name cannot be a folder name, or the user
    /// has no home folder.
    ///
    /// ```
    /// use globus_sdk::token_storage::SqliteTokenStorage;
    ///
    /// let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    /// let storage = SqliteTokenStorage::for_app(id, "My App")?;
    /// assert!(storage.path().ends_with(format!("app/{id}/my-app/tokens.db")));
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
    /// use globus_sdk::{Environment, token_storage::SqliteTokenStorage};
    ///
    /// let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    /// let storage = SqliteTokenStorage::for_app_in(&Environment::from_name("preview"), id, "My App")?;
    /// assert!(storage.path().ends_with("preview-tokens.db"));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn for_app_in(
        environment: &Environment,
        client_id: impl Into<Id>,
        app_name: &str,
    ) -> Result<Self> {
        default_path(environment, &client_id.into(), app_name, "db").map(Self::new)
    }

    /// The same database with another namespace.
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

    /// The path of the database.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Stores a configuration value in this namespace and replaces the one of the same name. It
    /// must serialize as a JSON object: a map, or a struct with named fields.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when it is not an object, `Storage` when it cannot be stored.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// use std::collections::BTreeMap;
    ///
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new(folder.path().join("tokens.db"));
    /// let seen = BTreeMap::from([("endpoint".to_owned(), "ddb59aef".to_owned())]);
    /// storage.store_config("last seen", &seen).await?;
    /// assert_eq!(storage.read_config("last seen").await?, Some(seen));
    /// assert!(storage.remove_config("last seen").await?);
    /// # Ok(()) }
    /// ```
    pub async fn store_config(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value).unwrap_or_default();
        if !value.is_object() {
            return Err(Error::usage(format!(
                "the configuration value `{name}` is not a JSON object; store a map or a struct"
            )));
        }
        let (namespace, name) = (self.namespace.clone(), name.to_owned());
        self.write(move |database| {
            database.execute_batch(CONFIG_TABLE)?;
            database.execute(
                "REPLACE INTO config_storage(namespace, config_name, config_data_json) VALUES (?, ?, ?)",
                params![namespace, name, value.to_string()],
            )
        })
        .await
        .map(drop)
    }

    /// A value of [`store_config`](Self::store_config); `None` when there is none of that name.
    ///
    /// # Errors
    ///
    /// Kind `Storage` when it cannot be read, or has another type.
    pub async fn read_config<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let (namespace, asked) = (self.namespace.clone(), name.to_owned());
        let found: Option<String> = self
            .read("config_storage", move |database| {
                let sql = "SELECT config_data_json FROM config_storage WHERE namespace = ? AND config_name = ?";
                database.query_row(sql, [namespace, asked], |row| row.get(0)).optional()
            })
            .await?;
        let Some(text) = found else {
            return Ok(None);
        };
        // without serde's message as the source: it would show values
        serde_json::from_str(&text).map(Some).map_err(|e| {
            let (path, line, column) = (self.path().display(), e.line(), e.column());
            let message = format!(
                "the configuration value `{name}` in {path} does not match the type (line {line} column {column}); remove it, or read it as another type"
            );
            Error::new(ErrorKind::Storage, message)
        })
    }

    /// Removes a configuration value; `false` when there was none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    pub async fn remove_config(&self, name: &str) -> Result<bool> {
        let (namespace, name) = (self.namespace.clone(), name.to_owned());
        self.read("config_storage", move |database| {
            let sql = "DELETE FROM config_storage WHERE namespace = ? AND config_name = ?";
            Ok(database.execute(sql, [namespace, name])? > 0)
        })
        .await
    }

    /// The namespaces that have tokens.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    pub async fn namespaces(&self) -> Result<Vec<String>> {
        self.read("token_storage", |database| {
            column(
                database,
                "SELECT DISTINCT namespace FROM token_storage ORDER BY 1",
            )
        })
        .await
    }

    /// The namespaces that have configuration values.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    pub async fn config_namespaces(&self) -> Result<Vec<String>> {
        self.read("config_storage", |database| {
            column(
                database,
                "SELECT DISTINCT namespace FROM config_storage ORDER BY 1",
            )
        })
        .await
    }

    /// Runs a query on a table that may not exist: then the result is empty, and nothing is
    /// created.
    async fn read<T: Default + Send + 'static>(
        &self,
        table: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let storage = self.clone();
        blocking(move || {
            storage.check()?;
            if !storage.path().exists() {
                return Ok(T::default());
            }
            storage
                .open()
                .and_then(|database| match has_table(&database, table)? {
                    true => work(&database),
                    false => Ok(T::default()),
                })
                .map_err(|e| storage.failed(e))
        })
        .await
    }

    /// Changes the database in one transaction, creating it if necessary.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let storage = self.clone();
        blocking(move || {
            storage.check()?;
            storage.file.create()?;
            let mut database = storage.open().map_err(|e| storage.failed(e))?;
            let transaction = database
                // immediate, so that the wait for another writer happens here and not between two
                // statements
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| storage.failed(e))?;
            storage.prepare(&transaction)?;
            work(&transaction)
                .and_then(|done| transaction.commit().map(|()| done))
                .map_err(|e| storage.failed(e))
        })
        .await
    }

    /// Refuses anything other than a regular file at the path of the database or of SQLite's files
    /// next to it: SQLite would block on a pipe.
    fn check(&self) -> Result<()> {
        self.file.check()?;
        ["-journal", "-wal", "-shm"]
            .iter()
            .try_for_each(|suffix| self.file.check_sibling(&self.file.sibling(suffix)))
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        // without `SQLITE_OPEN_URI`, so that a path is always a path. `NOFOLLOW` would also refuse
        // links among its folders, which are harmless, so those are resolved first
        let path = std::path::absolute(self.path()).unwrap_or_else(|_| self.path().to_owned());
        let path = match (path.parent().map(Path::canonicalize), path.file_name()) {
            (Some(Ok(folder)), Some(name)) => folder.join(name),
            _ => path,
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let database = Connection::open_with_flags(path, flags)?;
        database.busy_timeout(BUSY)?;
        Ok(database)
    }

    /// Creates the tables in an empty database.
    fn prepare(&self, database: &Connection) -> Result<()> {
        let known = has_table(database, "token_storage").map_err(|e| self.failed(e))?;
        if known {
            return Ok(());
        }
        match tables::make(database, self.legacy).map_err(|e| self.failed(e))? {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "the database {} belongs to another program; use another file",
                    self.path().display()
                ),
            )),
        }
    }

    fn decode(&self, resource_server: &str, text: &str) -> Result<TokenData> {
        // without serde's message as the source: it would show values
        serde_json::from_str(text).map_err(|_| {
            let path = self.path().display();
            let resource_server = redact::name(resource_server);
            Error::new(
                ErrorKind::Storage,
                format!("the database {path} has invalid token data for {resource_server}; move it away and log in again, or use another file"),
            )
        })
    }

    fn failed(&self, cause: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode as Code;
        let advice = match cause.sqlite_error_code() {
            Some(Code::DiskFull | Code::SystemIoFailure) => "free disk space, and try again",
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                "let this user write to it and to its folder, or use another file"
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                "another program keeps it locked: end that program, and try again"
            }
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => {
                "it is not an SQLite database: move it away and log in again, or use another file"
            }
            _ => "use another file if this one stays inaccessible",
        };
        let path = self.path().display();
        Error::new(
            ErrorKind::Storage,
            format!("the token database {path} cannot be used; {advice}"),
        )
        .with_source(cause)
    }
}

impl fmt::Debug for SqliteTokenStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTokenStorage")
            .field("path", &self.path())
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl TokenStorage for SqliteTokenStorage {
    fn store<'a>(&'a self, tokens: &'a [TokenData]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let encode = |data: &TokenData| {
                Some((
                    data.resource_server.clone(),
                    serde_json::to_string(data).ok()?,
                ))
            };
            let rows: Option<Vec<_>> = tokens.iter().map(encode).collect();
            let rows = rows.ok_or_else(|| {
                Error::new(
                    ErrorKind::Storage,
                    "the tokens cannot be written as JSON; please report this",
                )
            })?;
            let namespace = self.namespace.clone();
            self.write(move |database| {
                let sql = "REPLACE INTO token_storage(namespace, resource_server, token_data_json) VALUES (?, ?, ?)";
                for (resource_server, text) in &rows {
                    database.execute(sql, [&namespace, resource_server, text])?;
                }
                Ok(())
            })
            .await
        })
    }

    fn get<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<Option<TokenData>>> {
        Box::pin(async move { Ok(self.all().await?.remove(resource_server)) })
    }

    fn all(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        Box::pin(async {
            let namespace = self.namespace.clone();
            let rows: Vec<(String, String)> = self
                .read("token_storage", move |database| {
                    let sql = "SELECT resource_server, token_data_json FROM token_storage WHERE namespace = ?";
                    let mut found = database.prepare(sql)?;
                    found.query_map([namespace], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                })
                .await?;
            rows.into_iter()
                .map(|(name, text)| Ok((name.clone(), self.decode(&name, &text)?)))
                .collect()
        })
    }

    fn remove<'a>(&'a self, resource_server: &'a str) -> BoxFuture<'a, Result<bool>> {
        let (namespace, resource_server) = (self.namespace.clone(), resource_server.to_owned());
        Box::pin(self.read("token_storage", move |database| {
            let sql = "DELETE FROM token_storage WHERE namespace = ? AND resource_server = ?";
            Ok(database.execute(sql, [namespace, resource_server])? > 0)
        }))
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::new(self.file.lock().await?)) })
    }
}
