//! What file storages share: where the file may be, who may read it, and a lock, so that one
//! process at a time renews the tokens in it.
//!
//! The lock is on a sibling file, `tokens.json.lock`, because replacing the token file by a rename
//! would also replace the file that the lock is on. The system releases the lock when its process
//! ends, however that happens; the sibling file is left in place.

use crate::error::{Error, ErrorKind, Result};
use crate::regular_file;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long to wait for the lock: longer than a slow renewal takes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);
/// The interval between two attempts to lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A token file. Clones share the lock.
#[derive(Clone)]
pub(super) struct TokenFile {
    path: PathBuf,
    lock_timeout: Duration,
    /// The lock that this process holds, if any: storing a token that was renewed under the lock
    /// must not wait for it.
    held: Arc<Mutex<Weak<File>>>,
    /// Serializes writers that share that lock.
    writing: Arc<Mutex<()>>,
}

/// Runs disk access on a thread where nothing else waits for it. It finishes even if the caller
/// does not wait.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
        Error::usage("token storage needs a tokio runtime; call this inside one").with_source(e)
    })?;
    runtime.spawn_blocking(work).await.map_err(|e| {
        Error::new(
            ErrorKind::Storage,
            "the tokio runtime shut down while tokens were stored; keep it until calls are done",
        )
        .with_source(e)
    })?
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            lock_timeout: LOCK_TIMEOUT,
            held: Arc::default(),
            writing: Arc::default(),
        }
    }

    pub(super) fn with_lock_timeout(self, lock_timeout: Duration) -> Self {
        Self {
            lock_timeout,
            ..self
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content of the file; `None` when it does not exist.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>> {
        self.check()?;
        let read = regular_file::open_unlinked(OpenOptions::new().read(true), &self.path).and_then(
            |mut file| {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).map(|_| bytes)
            },
        );
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.failed("read", e)),
        }
    }

    /// Replaces the content of the file: completely, or not at all.
    pub(super) fn replace(&self, content: &[u8]) -> Result<()> {
        self.check()?;
        let new = self.sibling(".new");
        // a folder at that path could not be removed as an old file is
        if kind_if_not_file(&new) == Some(FOLDER) {
            self.check_sibling(&new)?;
        }
        let replaced = write(&new, content).and_then(|()| fs::rename(&new, &self.path));
        if let Err(e) = replaced {
            // it would be useless, and contains tokens
            let _ = fs::remove_file(&new);
            return Err(self.failed("written", e));
        }
        // the content is on the disk already; this makes the rename durable, so that a power
        // failure does not bring back a spent refresh token. Not every file system supports it
        #[cfg(unix)]
        if let Err(error) = File::open(self.folder()).and_then(|folder| folder.sync_all()) {
            tracing::debug!(%error, "the folder of the token file cannot be synchronized");
        }
        Ok(())
    }

    /// Creates an empty file for this user alone, unless it exists.
    #[cfg(feature = "sqlite")]
    pub(super) fn create(&self) -> Result<()> {
        self.check()?;
        self.make_folder()?;
        match private().create_new(true).open(&self.path) {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(e) => Err(self.failed("created", e)),
        }
    }

    /// Changes the file under the lock, acquiring it if this process does not hold it.
    pub(super) async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        // the weak reference succeeds while a renewal holds the lock: locking again would wait for
        // itself, since the system's lock is per open file
        let held = locked(&self.held).upgrade();
        let lock = match held {
            Some(lock) => lock,
            None => self.lock().await?,
        };
        let file = self.clone();
        blocking(move || {
            let _writing = locked(&file.writing);
            let changed = change(&file);
            drop(lock);
            changed
        })
        .await
    }

    /// Waits for the lock and holds it until the value is dropped.
    pub(super) async fn lock(&self) -> Result<Arc<File>> {
        let began = Instant::now();
        loop {
            let file = self.clone();
            if let Some(lock) = blocking(move || file.try_lock()).await? {
                return Ok(lock);
            }
            if began.elapsed() >= self.lock_timeout {
                return Err(Error::new(
                    ErrorKind::Storage,
                    format!(
                        "another program has held {} for {} s; end it if it hangs, and try again",
                        self.sibling(".lock").display(),
                        self.lock_timeout.as_secs_f32()
                    ),
                ));
            }
        }
    }

    /// Tries once to lock, then sleeps briefly. Blocking until the lock is free would keep the
    /// thread, and so the program, from ending.
    fn try_lock(&self) -> Result<Option<Arc<File>>> {
        self.check()?;
        self.make_folder()?;
        let sibling = self.sibling(".lock");
        self.check_sibling(&sibling)?;
        let mut options = private();
        let file = regular_file::open_unlinked(options.create(true).truncate(false), &sibling)
            .map_err(|e| self.failed("locked", e))?;
        match file.try_lock() {
            Ok(()) => {
                let lock = Arc::new(file);
                *locked(&self.held) = Arc::downgrade(&lock);
                Ok(Some(lock))
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(PAUSE);
                Ok(None)
            }
            Err(TryLockError::Error(e)) => Err(self.failed("locked", e)),
        }
    }

    /// Refuses anything other than a regular file. A link is not followed: the rename would replace
    /// it, and an attacker who can plant one could choose where tokens are written.
    pub(super) fn check(&self) -> Result<()> {
        let path = self.path.display();
        let refused = |why: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::Storage,
                format!("tokens cannot be stored in {path}: {why}"),
            )
        };
        if let Some(wrong) = regular_file::unexpanded_tilde(&self.path) {
            return Err(refused(&wrong));
        }
        match kind_if_not_file(&self.path) {
            None => Ok(()),
            Some(link @ LINK) => Err(refused(&format_args!(
                "it is {link}; use the file that it points to"
            ))),
            Some(folder @ FOLDER) => {
                Err(refused(&format_args!("it is {folder}; use a file in it")))
            }
            Some(other) => Err(refused(&format_args!("it is {other}; use a regular file"))),
        }
    }

    /// Refuses anything other than a regular file at the path of a lock file or an SQLite file.
    pub(super) fn check_sibling(&self, sibling: &Path) -> Result<()> {
        match kind_if_not_file(sibling) {
            None => Ok(()),
            Some(what) => Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "the token file {} cannot be used: {} is {what} instead of a file; remove it",
                    self.path.display(),
                    sibling.display()
                ),
            )),
        }
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }

    fn make_folder(&self) -> Result<()> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.recursive(true).create(self.folder());
        made.map_err(|e| self.failed("created", e))
    }

    pub(super) fn sibling(&self, suffix: &str) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(suffix);
        path.into()
    }

    /// A file system error, with the next step.
    pub(super) fn failed(&self, done: &str, cause: io::Error) -> Error {
        use io::ErrorKind as Kind;
        let advice = match cause.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => {
                "free disk space, and try again"
            }
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
                "let this user write to its folder, or use another file"
            }
            Kind::NotADirectory | Kind::NotFound | Kind::AlreadyExists => {
                "use a file in a folder that can be created"
            }
            _ => "use another file if this one stays inaccessible",
        };
        let path = self.path.display();
        Error::new(
            ErrorKind::Storage,
            format!("the token file {path} cannot be {done}; {advice}"),
        )
        .with_source(cause)
    }
}

const LINK: &str = "a symbolic link";
const FOLDER: &str = "a folder";

/// The kind of anything other than a regular file. Also `None` when nothing is there or it cannot
/// be examined: the next step reports that.
fn kind_if_not_file(path: &Path) -> Option<&'static str> {
    match fs::symlink_metadata(path) {
        Ok(known) if known.is_symlink() => Some(LINK),
        Ok(known) if known.is_dir() => Some(FOLDER),
        Ok(known) if !known.is_file() => Some("a device or a pipe"),
        _ => None,
    }
}

/// Options for a new file that only its owner can access, from its first byte.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut create = private();
    create.create_new(true);
    let mut file = match create.open(path) {
        // left by a writer that was killed; it cannot be in use, since this process holds the lock
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create.open(path)?
        }
        opened => opened?,
    };
    // the umask may remove more than it should
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()
}
