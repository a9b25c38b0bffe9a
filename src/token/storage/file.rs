//! What storages in a file have in common: where the file may be, who may read it, and that one
//! program at a time renews what is in it.
//!
//! The lock is on a sibling, `tokens.json.lock`, since replacing the file by a rename replaces what
//! a lock on the file itself would hold. The system releases it when its holder ends, however that
//! happens; the sibling stays where it is.

use crate::error::{Error, ErrorKind, Result};
use crate::regular_file;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long to wait for a lock: longer than a renewal takes that the service makes wait.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);
/// How long between two tries for a lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A file with tokens. A clone is the same file, and knows of the same lock.
#[derive(Clone)]
pub(super) struct TokenFile {
    path: PathBuf,
    lock_timeout: Duration,
    /// The lock that this process holds through this value, if any: who stores a token that was
    /// renewed under the lock must not wait for it.
    held: Arc<Mutex<Weak<File>>>,
    /// One writer at a time among those who share that lock.
    writing: Arc<Mutex<()>>,
}

/// Runs what touches a disk where nothing else waits for it. It runs to its end even if the caller
/// does not wait.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
        Error::usage("tokens are stored by a tokio runtime, and this is outside of one")
            .with_source(e)
    })?;
    runtime.spawn_blocking(work).await.map_err(|e| {
        Error::new(
            ErrorKind::Storage,
            "the runtime ended while tokens were stored",
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

    /// What is in the file; `None` when there is none.
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

    /// Puts other content in the file's place: all of it or, when that fails, none.
    pub(super) fn replace(&self, content: &[u8]) -> Result<()> {
        self.check()?;
        let new = self.sibling(".new");
        if kind_if_not_file(&new) == Some(FOLDER) {
            self.check_sibling(&new)?;
        }
        let replaced = write(&new, content).and_then(|()| fs::rename(&new, &self.path));
        if let Err(e) = replaced {
            // of no use to anybody, and with tokens in it
            let _ = fs::remove_file(&new);
            return Err(self.failed("written", e));
        }
        // the content is on the disk, and its name soon: a power cut must not bring back a refresh
        // token that is spent. Not every file system can be asked for it
        #[cfg(unix)]
        if let Err(error) = File::open(self.folder()).and_then(|folder| folder.sync_all()) {
            tracing::debug!(%error, "the folder of the token file cannot be synchronized");
        }
        Ok(())
    }

    /// Makes an empty file for this user alone, unless there is one.
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

    /// Changes the file under the lock: the one that is held, or else one of its own.
    pub(super) async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
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

    /// Waits until nobody else holds the lock, and holds it until the value is dropped.
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

    /// The lock, or after a short while nothing. A thread that waited for the lock itself could not
    /// be called back when the program wants to end.
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

    /// Refuses what is there and no file. A link is refused rather than followed: the rename would
    /// put a file in its place, and who can plant one could have tokens written where they like.
    pub(super) fn check(&self) -> Result<()> {
        let path = self.path.display();
        let refused = |why: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::Storage,
                format!("tokens are not kept in {path}: {why}"),
            )
        };
        if let Some(wrong) = regular_file::unexpanded_tilde(&self.path) {
            return Err(refused(&wrong));
        }
        match kind_if_not_file(&self.path) {
            None => Ok(()),
            Some(link @ LINK) => Err(refused(&format_args!(
                "it is {link}; name the file that it points to"
            ))),
            Some(folder @ FOLDER) => {
                Err(refused(&format_args!("it is {folder}; name a file in it")))
            }
            Some(other) => Err(refused(&format_args!("it is {other}; name a file"))),
        }
    }

    /// Refuses what stands beside the token file, in the place of a file of ours or of SQLite's.
    pub(super) fn check_sibling(&self, sibling: &Path) -> Result<()> {
        match kind_if_not_file(sibling) {
            None => Ok(()),
            Some(what) => Err(Error::new(
                ErrorKind::Storage,
                format!(
                    "the token file {} is not used: {} is {what}, where a file belongs; remove it",
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

    /// An error of the file system, with what to do about it.
    pub(super) fn failed(&self, done: &str, cause: io::Error) -> Error {
        use io::ErrorKind as Kind;
        let advice = match cause.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => {
                "make room on its disk, and try again"
            }
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
                "let this user write to its folder, or name another file"
            }
            Kind::NotADirectory | Kind::NotFound | Kind::AlreadyExists => {
                "name a file in a folder that can be made"
            }
            _ => "name another file if this one stays out of reach",
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

/// What is at a path that is no file. `None` also where nothing is, or nobody may look: the next step
/// finds out why.
fn kind_if_not_file(path: &Path) -> Option<&'static str> {
    match fs::symlink_metadata(path) {
        Ok(known) if known.is_symlink() => Some(LINK),
        Ok(known) if known.is_dir() => Some(FOLDER),
        Ok(known) if !known.is_file() => Some("a device or a pipe"),
        _ => None,
    }
}

/// A new file, for its owner alone from its first byte.
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
        // of a writer that was killed: whoever writes holds the lock
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            create.open(path)?
        }
        opened => opened?,
    };
    // a umask can take away more than it should
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()
}
