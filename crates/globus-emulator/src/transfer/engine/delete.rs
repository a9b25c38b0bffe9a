//! Delete tasks.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use uuid::Uuid;

use super::interrupt::{Fault, FaultAt, Interrupt, Side};
use super::job::Job;
use super::task_faults::Target;
use crate::task_control::{Stage, TaskType};
use crate::transfer::authz::Access;
use crate::transfer::files::{
    CollectionPath, Entry, Folder, Found, PathError, Root, path, temporary,
};
use crate::transfer::glob;
use crate::transfer::submit::{DeleteOptions, Item};
use crate::transfer::tasks::Task;
use crate::transfer::tasks::events::Code;

/// Maximum number of attempts for an entry that other processes keep replacing.
const MAX_TRIES: usize = 10;

/// A delete task with its remaining paths.
pub(super) struct Delete {
    collection: Option<Uuid>,
    options: DeleteOptions,
    pending: Vec<PendingPath>,
}

/// A path that is still to be deleted.
struct PendingPath {
    /// With wildcards, if they are to be interpreted.
    path: CollectionPath,
    /// Whether some of what it stands for may have been deleted, so that it may be missing now.
    begun: bool,
}

/// The type of a removed entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemovedType {
    File,
    Directory,
    Link,
}

impl Delete {
    pub(super) fn new(
        task: &Task,
        options: DeleteOptions,
        items: Vec<Item>,
        resumed: bool,
    ) -> Self {
        // A former process may have deleted any of them.
        let begun = resumed;
        let paths = items.into_iter().filter_map(|item| match item {
            Item::Delete { path } => CollectionPath::parse(&path).ok(),
            Item::Transfer { .. } | Item::Symlink { .. } => None,
        });
        let paths = paths.map(|path| PendingPath { path, begun });
        Self {
            collection: task.source,
            options,
            pending: paths.collect(),
        }
    }

    /// Processes the remaining paths; failed ones remain for the next attempt.
    pub(super) fn attempt(&mut self, job: &mut Job) -> Result<(), Interrupt> {
        let root = match job.open_root(self.collection, Side::Source, Access::Write) {
            Ok(root) => root,
            Err(Interrupt::Fault(fault)) => return Err(fail_or_retry(job, fault)),
            Err(interrupt) => return Err(interrupt),
        };
        let mut last = None;
        let mut items = std::mem::take(&mut self.pending).into_iter();
        while let Some(mut item) = items.next() {
            let before = job.counters.subtasks_succeeded;
            let deleted = job
                .checkpoint()
                .and_then(|()| self.delete_item(job, &root, &item));
            item.begun |= job.counters.subtasks_succeeded > before;
            match deleted {
                Ok(()) => {}
                Err(Interrupt::Fault(fault)) => {
                    let interrupt = fail_or_retry(job, fault);
                    if matches!(interrupt, Interrupt::Failed(_)) {
                        return Err(interrupt);
                    }
                    self.pending.push(item);
                    last = Some(interrupt);
                }
                Err(interrupt) => {
                    self.pending.push(item);
                    self.pending.extend(items);
                    return Err(interrupt);
                }
            }
        }
        job.set_retrying(self.pending.len());
        last.map_or(Ok(()), Err)
    }

    fn delete_item(&self, job: &mut Job, root: &Root, item: &PendingPath) -> Result<(), Interrupt> {
        let paths = if self.options.interpret_globs {
            expand_wildcards(job, root, &item.path)?
        } else {
            vec![item.path.clone()]
        };
        let ignore_missing = self.options.ignore_missing;
        if paths.is_empty() && !ignore_missing && !item.begun {
            return Err(PathError::NotFound).fault_at(Side::Source, &item.path);
        }
        for path in paths {
            match self.delete_path(job, root, &path) {
                Err(Interrupt::Fault(fault))
                    if fault.code == Code::FileNotFound
                        && (ignore_missing || item.begun && !exists(root, &path)) => {}
                result => result?,
            }
        }
        Ok(())
    }

    fn delete_path(
        &self,
        job: &mut Job,
        root: &Root,
        path: &CollectionPath,
    ) -> Result<(), Interrupt> {
        if path.is_root() {
            let message = "The root of a collection cannot be deleted";
            return Err(Fault::new(Code::InvalidPathName, Side::Source, path, message).into());
        }
        let entry = root.locate(path).fault_at(Side::Source, path)?;
        let metadata = entry.metadata().fault_at(Side::Source, path)?;
        if metadata.is_dir() && !self.options.recursive {
            let message = "A directory can only be deleted recursively";
            return Err(Fault::new(Code::IsADirectory, Side::Source, path, message).into());
        }
        remove(job, &entry, Side::Source, path, |job, removed| {
            match removed {
                RemovedType::File => job.counters.files += 1,
                RemovedType::Directory => job.counters.directories += 1,
                RemovedType::Link => job.counters.symlinks += 1,
            }
            job.counters.subtasks_succeeded += 1;
        })
    }
}

/// A missing path cannot appear on its own, so the task fails; other errors are retried.
fn fail_or_retry(job: &mut Job, fault: Box<Fault>) -> Interrupt {
    if fault.is_fatal() || fault.code == Code::FileNotFound {
        return Interrupt::Failed(fault);
    }
    job.add_fault(&fault);
    Interrupt::Fault(fault)
}

/// Removes a file, a link, or a directory with its contents. Links are not followed.
pub(super) fn remove(
    job: &mut Job,
    entry: &Entry,
    side: Side,
    path: &CollectionPath,
    mut removed: impl FnMut(&mut Job, RemovedType),
) -> Result<(), Interrupt> {
    /// A directory that is being emptied, with its remaining entries.
    struct Level {
        entry: Entry,
        /// The name in the directory above; `None` for the first.
        name: Option<OsString>,
        folder: Arc<Folder>,
        names: Vec<OsString>,
    }
    // An explicit stack instead of recursion, since a tree may be deeper than the thread's stack.
    let mut levels: Vec<Level> = Vec::new();
    let mut next = Some((entry.clone(), None));
    loop {
        // One entry per round: either the next of the current level, or the level's own directory once it
        // is empty.
        if let Some((entry, name)) = next.take() {
            // The full path is only assembled if there are rules to compare it with.
            if has_faults(job) {
                let above = levels.iter().filter_map(|level| level.name.as_ref());
                let names = above.chain(name.as_ref());
                let here = names.fold(path.clone(), |here, name| here.join(name));
                check_faults(job, &entry, &here)?;
            }
            match remove_or_open(job, &entry).fault_at(side, path)? {
                OpenOutcome::Folder(folder) => {
                    let names = none_if_missing(folder.names())
                        .fault_at(side, path)?
                        .unwrap_or_default();
                    levels.push(Level {
                        entry,
                        name,
                        folder,
                        names,
                    });
                    job.checkpoint()?;
                }
                OpenOutcome::Removed(what) => {
                    removed(job, what);
                    job.finish_file()?;
                }
                OpenOutcome::Gone => job.checkpoint()?,
            }
        }
        let Some(level) = levels.last_mut() else {
            return Ok(());
        };
        if let Some(name) = level.names.pop() {
            next = Some((level.folder.entry(&name), Some(name)));
            continue;
        }
        if none_if_missing(level.entry.remove_folder())
            .fault_at(side, path)?
            .is_some()
        {
            removed(job, RemovedType::Directory);
        }
        levels.pop();
        job.checkpoint()?;
    }
}

/// Whether task faults may apply: only in delete tasks, since a transfer that removes files is matched by
/// other paths.
fn has_faults(job: &Job) -> bool {
    job.task_type == TaskType::Delete && !job.app.task_control().faults().is_empty()
}

fn check_faults(job: &mut Job, entry: &Entry, path: &CollectionPath) -> Result<(), Interrupt> {
    let target = Target {
        source: path,
        destination: None,
        is_directory: entry.metadata().is_ok_and(|metadata| metadata.is_dir()),
    };
    job.check_faults(target, Stage::Begin).map(|_| ())
}

enum OpenOutcome {
    Folder(Arc<Folder>),
    Removed(RemovedType),
    Gone,
}

/// Opens a directory, and removes everything else. What turns from one into the other meanwhile is looked at
/// again, but not for ever.
fn remove_or_open(job: &Job, entry: &Entry) -> io::Result<OpenOutcome> {
    let mut tries = 0;
    loop {
        let Some(metadata) = none_if_missing(entry.metadata())? else {
            return Ok(OpenOutcome::Gone);
        };
        let done = if metadata.is_dir() {
            entry.open_folder().map(OpenOutcome::Folder)
        } else {
            let what = if metadata.is_symlink() {
                RemovedType::Link
            } else {
                RemovedType::File
            };
            let removed = job.space.remove(metadata.len(), || entry.remove_file());
            removed.map(|()| OpenOutcome::Removed(what))
        };
        tries += 1;
        match none_if_missing(done) {
            Ok(opened) => return Ok(opened.unwrap_or(OpenOutcome::Gone)),
            // A process that keeps swapping a file for a directory must not occupy a thread for ever.
            Err(error) if tries == MAX_TRIES => return Err(error),
            Err(error) => {
                // Only a change of type explains the error; everything else is a real one.
                let now = none_if_missing(entry.metadata())?;
                if now.is_some_and(|now| now.is_dir() == metadata.is_dir()) {
                    return Err(error);
                }
            }
        }
    }
}

/// Treats an entry that another process has removed as removed.
fn none_if_missing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Maximum number of paths that match a path with wildcards.
const MAX_MATCHES: usize = 100_000;

/// Expands wildcards to existing paths.
fn expand_wildcards(
    job: &mut Job,
    root: &Root,
    pattern: &CollectionPath,
) -> Result<Vec<CollectionPath>, Interrupt> {
    let mut found = vec![CollectionPath::default()];
    for name in pattern.names() {
        let text = path::decode(name);
        if !glob::is_pattern(&text) {
            found = found.into_iter().map(|path| path.join(name)).collect();
            continue;
        }
        let mut matches = Vec::new();
        for directory in found {
            // Links to parent directories could otherwise multiply the paths without bound.
            job.checkpoint()?;
            let folder = root.follow(&directory).and_then(Found::folder);
            let names = folder.and_then(|folder| Ok(folder.names()?));
            let mut names: Vec<_> = names
                .unwrap_or_default()
                .into_iter()
                .filter(|name| {
                    let shown = path::decode(name);
                    if temporary::is(name) {
                        return false;
                    }
                    // As in a shell, hidden files only match patterns that start with a dot.
                    (!shown.starts_with('.') || text.starts_with('.'))
                        && glob::matches(&text, &shown)
                })
                .collect();
            names.sort();
            matches.extend(names.into_iter().map(|name| directory.join(&name)));
            if matches.len() > MAX_MATCHES {
                let message = "The wildcards match too many paths; delete the folders themselves";
                let fault = Fault::new(Code::InvalidPathName, Side::Source, pattern, message);
                return Err(Interrupt::Failed(Box::new(fault)));
            }
        }
        found = matches;
    }
    // A missing path without wildcards is kept, to be reported as missing.
    let has_wildcard = pattern
        .names()
        .iter()
        .any(|name| glob::is_pattern(&path::decode(name)));
    if has_wildcard {
        found.retain(|path| exists(root, path));
    }
    Ok(found)
}

fn exists(root: &Root, path: &CollectionPath) -> bool {
    let entry = root.locate(path);
    entry.is_ok_and(|entry| entry.metadata().is_ok())
}
