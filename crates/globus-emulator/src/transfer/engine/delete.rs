//! Delete tasks.

use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::fault::{At, Fault, Interrupt, Side};
use super::job::Job;
use crate::transfer::access::Need;
use crate::transfer::files::{CollectionPath, PathError, Root, path};
use crate::transfer::glob;
use crate::transfer::submit::{DeleteOptions, Item};
use crate::transfer::tasks::Task;
use crate::transfer::tasks::events::Code;

/// A delete task, and what is left of it.
pub(super) struct Delete {
    collection: Option<Uuid>,
    options: DeleteOptions,
    /// With wildcards, if they are to be interpreted.
    pending: Vec<CollectionPath>,
    /// Whether a former process may have deleted some of it.
    resumed: bool,
}

/// What was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
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
        let paths = items.into_iter().filter_map(|item| match item {
            Item::Delete { path } => CollectionPath::parse(&path).ok(),
            Item::Transfer { .. } | Item::Symlink { .. } => None,
        });
        Self {
            collection: task.source,
            options,
            pending: paths.collect(),
            resumed,
        }
    }

    /// Goes through what is left; what fails is left for the next attempt.
    pub(super) fn attempt(&mut self, job: &mut Job) -> Result<(), Interrupt> {
        let root = match job.root(self.collection, Side::Source, Need::Write) {
            Ok(root) => root,
            Err(Interrupt::Fault(fault)) => return Err(fail_or_retry(job, fault)),
            Err(interrupt) => return Err(interrupt),
        };
        let mut last = None;
        for item in std::mem::take(&mut self.pending) {
            job.check()?;
            match self.item(job, &root, &item) {
                Ok(()) => {}
                Err(Interrupt::Fault(fault)) => {
                    let interrupt = fail_or_retry(job, fault);
                    if matches!(interrupt, Interrupt::Failed(_)) {
                        return Err(interrupt);
                    }
                    self.pending.push(item);
                    last = Some(interrupt);
                }
                Err(interrupt) => return Err(interrupt),
            }
        }
        job.retrying(self.pending.len());
        last.map_or(Ok(()), Err)
    }

    fn item(&self, job: &mut Job, root: &Root, item: &CollectionPath) -> Result<(), Interrupt> {
        let paths = if self.options.interpret_globs {
            expand(root, item)
        } else {
            vec![item.clone()]
        };
        let missing_is_fine = self.options.ignore_missing || self.resumed;
        if paths.is_empty() && !missing_is_fine {
            return Err(PathError::NotFound).at(Side::Source, item);
        }
        for path in paths {
            match self.path(job, root, &path) {
                Err(Interrupt::Fault(fault))
                    if fault.code == Code::FileNotFound && missing_is_fine => {}
                result => result?,
            }
        }
        Ok(())
    }

    fn path(&self, job: &mut Job, root: &Root, path: &CollectionPath) -> Result<(), Interrupt> {
        if path.is_root() {
            let message = "The root of a collection cannot be deleted";
            return Err(Fault::new(Code::InvalidPathName, Side::Source, path, message).into());
        }
        let real = root.locate(path).at(Side::Source, path)?;
        let metadata = std::fs::symlink_metadata(&real).at(Side::Source, path)?;
        if metadata.is_dir() && !self.options.recursive {
            let message = "A directory can only be deleted recursively";
            return Err(Fault::new(Code::IsADirectory, Side::Source, path, message).into());
        }
        remove(job, &real, Side::Source, path, |job, removed| {
            match removed {
                Removed::File => job.counters.files += 1,
                Removed::Directory => job.counters.directories += 1,
                Removed::Link => job.counters.symlinks += 1,
            }
            job.counters.subtasks_succeeded += 1;
        })
    }
}

/// A path that is missing stays missing; the rest may change by itself.
fn fail_or_retry(job: &mut Job, fault: Box<Fault>) -> Interrupt {
    if fault.is_fatal() || fault.code == Code::FileNotFound {
        return Interrupt::Failed(fault);
    }
    job.fault(&fault);
    Interrupt::Fault(fault)
}

/// Removes a file, a link, or a directory with everything in it. Links are never followed.
pub(super) fn remove(
    job: &mut Job,
    real: &Path,
    side: Side,
    path: &CollectionPath,
    mut removed: impl FnMut(&mut Job, Removed),
) -> Result<(), Interrupt> {
    enum Step {
        Enter(PathBuf),
        Leave(PathBuf),
    }
    let mut stack = vec![Step::Enter(real.to_path_buf())];
    while let Some(step) = stack.pop() {
        match step {
            Step::Enter(entry) => {
                let Some(metadata) = present(std::fs::symlink_metadata(&entry)).at(side, path)?
                else {
                    continue;
                };
                if metadata.is_dir() {
                    let Some(entries) = present(std::fs::read_dir(&entry)).at(side, path)? else {
                        continue;
                    };
                    stack.push(Step::Leave(entry));
                    for child in entries {
                        stack.push(Step::Enter(child.at(side, path)?.path()));
                    }
                    continue;
                }
                if present(std::fs::remove_file(&entry))
                    .at(side, path)?
                    .is_some()
                {
                    removed(
                        job,
                        if metadata.is_symlink() {
                            Removed::Link
                        } else {
                            Removed::File
                        },
                    );
                }
                job.after_file()?;
            }
            Step::Leave(entry) => {
                if present(std::fs::remove_dir(&entry))
                    .at(side, path)?
                    .is_some()
                {
                    removed(job, Removed::Directory);
                }
                job.check()?;
            }
        }
    }
    Ok(())
}

/// What somebody else has removed meanwhile is as good as removed.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The paths a path with wildcards stands for.
fn expand(root: &Root, pattern: &CollectionPath) -> Vec<CollectionPath> {
    let mut found = vec![CollectionPath::default()];
    for name in pattern.names() {
        let text = path::decode(name);
        if !glob::is_pattern(&text) {
            found = found.into_iter().map(|path| path.join(name)).collect();
            continue;
        }
        found = found
            .into_iter()
            .flat_map(|directory| {
                let real = root.follow(&directory).ok();
                let entries = real
                    .and_then(|real| std::fs::read_dir(real).ok())
                    .into_iter()
                    .flatten()
                    .flatten();
                let mut names: Vec<_> = entries
                    .map(|entry| entry.file_name())
                    .filter(|name| {
                        let shown = path::decode(name);
                        // As in a shell, hidden files have to be meant.
                        (!shown.starts_with('.') || text.starts_with('.'))
                            && glob::matches(&text, &shown)
                    })
                    .collect();
                names.sort();
                names
                    .into_iter()
                    .map(|name| directory.join(&name))
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    // What does not exist is reported as missing, unless it stood behind a wildcard.
    let has_wildcard = pattern
        .names()
        .iter()
        .any(|name| glob::is_pattern(&path::decode(name)));
    if has_wildcard {
        found.retain(|path| {
            root.locate(path)
                .is_ok_and(|real| std::fs::symlink_metadata(real).is_ok())
        });
    }
    found
}
