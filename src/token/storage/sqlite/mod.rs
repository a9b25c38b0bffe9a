//! Tokens in an SQLite database, which the Python SDK reads and writes, too.

mod tables;

use super::default_path::default_path;
use super::file::{TokenFile, blocking};
use super::token_storage::{StorageLock, TokenStorage};
use crate::environment::Environment;
use crate::error::redact;
use crate::error::{Error, ErrorKind, Result};
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

/// How long to wait while another program writes: it takes milliseconds.
const BUSY: Duration = Duration::from_secs(10);

/// Keeps tokens in an SQLite database that can be shared: with other programs and threads, and with
/// the Python SDK's `SQLiteTokenStorage`, and its predecessor `SQLiteAdapter`, of whose configuration
/// values it has the methods.
///
/// The database is for its owner alone from its first byte, and so are the files that SQLite puts
/// beside it. Programs that share it renew one after the other, by a lock on a sibling `.lock` file,
/// which stays. A file that is no database, or somebody else's, is an error of kind `Storage`, and is
/// left as it is; so are a folder, a pipe or a symbolic link at the path or at that of a file
/// beside it, and a disk that is full or read-only. A path that begins with `~` is refused: only shells
/// expand that.
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
    /// In a database, with the namespace `DEFAULT`. File and folder are made when something is
    /// stored.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("/home/me/.config/my-app/tokens.db");
    /// ```
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: TokenFile::new(path.into()),
            namespace: "DEFAULT".to_owned(),
            legacy: false,
        }
    }

    /// In a database that is made as the Python SDK's `SQLiteAdapter` makes it, if it is not there
    /// yet. One that is there is read and written in either case.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::legacy("/home/me/tokens.db");
    /// ```
    pub fn legacy(path: impl Into<PathBuf>) -> Self {
        Self {
            legacy: true,
            ..Self::new(path)
        }
    }

    /// In the database where an app of the Python SDK keeps its tokens when it is told to use one:
    /// `~/.globus/app/{client_id}/{app_name}/tokens.db`, and on Windows
    /// `%LOCALAPPDATA%\globus\app\…`. Another deployment than production has one of its own, such as
    /// `preview-tokens.db`.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the client ID is no UUID, the name makes no folder, or the user has no home.
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

    /// As [`for_app`](Self::for_app), with other variables than the process has.
    ///
    /// # Errors
    ///
    /// As [`for_app`](Self::for_app).
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

    /// The same database, another namespace.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("tokens.db");
    /// let theirs = storage.namespace("another profile");
    /// ```
    #[must_use]
    pub fn namespace(&self, namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            ..self.clone()
        }
    }

    /// How long to wait while another program renews tokens of the database; two minutes unless told
    /// otherwise. Then the call fails, with kind `Storage`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("tokens.db")
    ///     .lock_timeout(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn lock_timeout(self, timeout: Duration) -> Self {
        Self {
            file: self.file.with_lock_timeout(timeout),
            ..self
        }
    }

    /// The database.
    ///
    /// ```
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("tokens.db");
    /// assert_eq!(storage.path(), std::path::Path::new("tokens.db"));
    /// ```
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Keeps a value of the program's own beside the tokens of this namespace, in place of that with
    /// the same name. It has to be an object in JSON: a map, or a structure with named fields.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when it is no object, `Storage` when it cannot be stored.
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
                "the configuration value `{name}` is no object in JSON; store a map or a structure"
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

    /// What [`store_config`](Self::store_config) kept; `None` when there is nothing of that name.
    ///
    /// # Errors
    ///
    /// Kind `Storage` when it cannot be read, or is something else than asked for.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("no such folder/tokens.db");
    /// assert_eq!(storage.read_config::<serde_json::Value>("last seen").await?, None);
    /// # Ok(()) }
    /// ```
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
        // without serde's own words as the cause: they show values
        serde_json::from_str(&text).map(Some).map_err(|e| {
            let (path, line, column) = (self.path().display(), e.line(), e.column());
            let message = format!(
                "the configuration value `{name}` in {path} is of another shape (line {line} column {column}); remove it, or read it as what it is"
            );
            Error::new(ErrorKind::Storage, message)
        })
    }

    /// Forgets a configuration value; `false` when there was none.
    ///
    /// # Errors
    ///
    /// Kind `Storage`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("no such folder/tokens.db");
    /// assert!(!storage.remove_config("last seen").await?);
    /// # Ok(()) }
    /// ```
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("no such folder/tokens.db");
    /// assert!(storage.namespaces().await?.is_empty());
    /// # Ok(()) }
    /// ```
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
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
    /// let storage = globus_sdk::token_storage::SqliteTokenStorage::new("no such folder/tokens.db");
    /// assert!(storage.config_namespaces().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub async fn config_namespaces(&self) -> Result<Vec<String>> {
        self.read("config_storage", |database| {
            column(
                database,
                "SELECT DISTINCT namespace FROM config_storage ORDER BY 1",
            )
        })
        .await
    }

    /// Does something to a table that may not be there: then the result is the empty one, and
    /// nothing is made.
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

    /// Changes the database in one transaction, and makes it before if need be.
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
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|e| storage.failed(e))?;
            storage.prepare(&transaction)?;
            work(&transaction)
                .and_then(|done| transaction.commit().map(|()| done))
                .map_err(|e| storage.failed(e))
        })
        .await
    }

    /// Refuses what is no file, in the place of the database or of a file that SQLite keeps beside it:
    /// SQLite would wait for a pipe.
    fn check(&self) -> Result<()> {
        self.file.check()?;
        ["-journal", "-wal", "-shm"]
            .iter()
            .try_for_each(|suffix| self.file.check_sibling(&self.file.sibling(suffix)))
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        // neither URIs nor names with a meaning: a path is a path. SQLite would refuse links in
        // folders, too, which are fine
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

    /// Makes the tables in a database that has none.
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
                    "the database {} is for something else than tokens; name another",
                    self.path().display()
                ),
            )),
        }
    }

    fn decode(&self, resource_server: &str, text: &str) -> Result<TokenData> {
        // without serde's own words as the cause: they show values
        serde_json::from_str(text).map_err(|_| {
            let path = self.path().display();
            let resource_server = redact::name(resource_server);
            Error::new(
                ErrorKind::Storage,
                format!("the database {path} has no token data for {resource_server}; move it away and log in again, or name another"),
            )
        })
    }

    fn failed(&self, cause: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode as Code;
        let advice = match cause.sqlite_error_code() {
            Some(Code::DiskFull | Code::SystemIoFailure) => "make room on its disk, and try again",
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                "let this user write to it and to its folder, or name another file"
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                "another program keeps it locked: end that, and try again"
            }
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => {
                "it is no SQLite database: move it away and log in again, or name another file"
            }
            _ => "name another file if this one stays out of reach",
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
                Error::new(ErrorKind::Storage, "the tokens cannot be written as JSON")
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
