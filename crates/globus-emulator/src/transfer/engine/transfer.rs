//! Transfer tasks: walks the sources and copies path by path.

use std::ffi::OsStr;
use std::sync::Arc;

use cap_std::fs::Metadata;
use uuid::Uuid;

use super::checksum::Algorithm;
use super::interrupt::{Fault, FaultAt, Interrupt, Side};
use super::job::Job;
use super::task_faults::Target;
use super::{copy, extra, rules};
use crate::task_control::Stage;
use crate::transfer::authz::Access;
use crate::transfer::files::{
    CollectionPath, Entry as Place, FileId, Folder, Found, PathError, Root, path, temporary,
};
use crate::transfer::submit::{Item, RecursiveSymlinks, TransferOptions};
use crate::transfer::tasks::events::Code;
use crate::transfer::tasks::{SkippedError, Task};

/// A transfer task with its remaining paths.
pub(super) struct Transfer {
    source: Option<Uuid>,
    destination: Option<Uuid>,
    options: TransferOptions,
    pending: Vec<WorkItem>,
}

/// The roots at both ends.
pub(super) struct TransferEnds {
    pub(super) source: Root,
    pub(super) destination: Root,
}

/// A path to transfer.
#[derive(Clone, Debug)]
pub(super) struct WorkItem {
    pub(super) source: CollectionPath,
    pub(super) destination: CollectionPath,
    pub(super) external_checksum: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    expected: ExpectedType,
    /// As what it was counted in the task's counters.
    counted: Option<EntryType>,
    /// Whether it was found in a directory, not submitted directly.
    in_directory: bool,
    /// The directory in which it was found. Dropped after the attempt, since the next one checks
    /// permissions again.
    parent: Option<Arc<ParentDirectory>>,
}

/// The type that a path must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ExpectedType {
    Anything,
    Directory,
    File,
    Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryType {
    File,
    Directory,
    Link,
}

/// A directory that is being transferred, open at both ends, with its ancestors, to detect cycles of links.
#[derive(Debug)]
struct ParentDirectory {
    source: Arc<Folder>,
    id: FileId,
    destination: Arc<Folder>,
    parent: Option<Arc<ParentDirectory>>,
}

impl Transfer {
    pub(super) fn new(task: &Task, options: TransferOptions, items: Vec<Item>) -> Self {
        let pending = items
            .into_iter()
            .filter_map(WorkItem::from_submitted)
            .collect();
        Self {
            source: task.source,
            destination: task.destination,
            options,
            pending,
        }
    }

    /// Processes the remaining paths; failed ones remain for the next attempt.
    pub(super) fn attempt(&mut self, job: &mut Job) -> Result<(), Interrupt> {
        let ends = match self.ends(job) {
            Ok(ends) => ends,
            Err(Interrupt::Fault(fault)) => return Err(self.fail_or_retry(job, fault)),
            Err(interrupt) => return Err(interrupt),
        };
        let mut stack = std::mem::take(&mut self.pending);
        // A stack with the first item on top, which makes the walk depth first and in the order of
        // submission.
        stack.reverse();
        let mut last = None;
        while let Some(mut item) = stack.pop() {
            job.checkpoint()?;
            match self.process(job, &ends, &mut item) {
                Ok(children) => stack.extend(children.into_iter().rev()),
                Err(Interrupt::Fault(fault)) => {
                    item.undo_count(job);
                    if self.options.skip_source_errors && fault.is_skippable() {
                        self.skip(job, &ends, &item, &fault);
                        continue;
                    }
                    let interrupt = self.fail_or_retry(job, fault);
                    if matches!(interrupt, Interrupt::Failed(_)) {
                        return Err(interrupt);
                    }
                    // Dropping the handles forces the next attempt to resolve the path again, with the
                    // permissions of that time.
                    item.parent = None;
                    self.pending.push(item);
                    last = Some(interrupt);
                }
                Err(interrupt) => return Err(interrupt),
            }
        }
        job.set_retrying(self.pending.len());
        last.map_or(Ok(()), Err)
    }

    fn ends(&self, job: &mut Job) -> Result<TransferEnds, Interrupt> {
        Ok(TransferEnds {
            source: job.open_root(self.source, Side::Source, Access::Read)?,
            destination: job.open_root(self.destination, Side::Destination, Access::Write)?,
        })
    }

    fn fail_or_retry(&self, job: &mut Job, fault: Box<Fault>) -> Interrupt {
        let no_room = matches!(fault.code, Code::QuotaExceeded | Code::NoSpaceLeft);
        if fault.is_fatal() || (no_room && self.options.fail_on_quota_errors) {
            return Interrupt::Failed(fault);
        }
        job.add_fault(&fault);
        Interrupt::Fault(fault)
    }

    fn skip(&self, job: &mut Job, ends: &TransferEnds, item: &WorkItem, fault: &Fault) {
        let metadata = item
            .locate_source(ends)
            .ok()
            .and_then(|entry| entry.metadata().ok());
        let is_directory = item.expected == ExpectedType::Directory
            || metadata.as_ref().is_some_and(Metadata::is_dir);
        if is_directory && self.options.delete_destination_extra {
            job.add_event(Code::DeleteDestinationExtraSkipped, fault.details());
        }
        job.add_skipped(SkippedError {
            code: fault.code,
            details: fault.message.clone(),
            time: job.now(),
            source_path: item.source.to_string(),
            destination_path: item.destination.to_string(),
            is_directory,
            is_symlink: metadata.is_some_and(|metadata| metadata.is_symlink()),
            external_checksum: item.external_checksum.clone(),
            checksum_algorithm: item.algorithm.map(Algorithm::name),
        });
    }

    /// Processes one path; returns the entries of a directory.
    fn process(
        &self,
        job: &mut Job,
        ends: &TransferEnds,
        item: &mut WorkItem,
    ) -> Result<Vec<WorkItem>, Interrupt> {
        if item.expected == ExpectedType::Link {
            item.count(job, EntryType::Link);
            copy::copy_link(job, &self.options, ends, item)?;
            return Ok(Vec::new());
        }
        let found = item
            .follow_source(ends)
            .fault_at(Side::Source, &item.source)?;
        let (entry, metadata) = match found {
            Found::Folder(_) if item.expected == ExpectedType::File => {
                let message = "A directory was found where a file was submitted";
                return Err(item.source_fault(Code::IsADirectory, message));
            }
            Found::Folder(folder) => return self.enter_directory(job, ends, item, &folder),
            Found::File(entry, metadata) => (entry, metadata),
        };
        if item.expected == ExpectedType::Directory {
            let message = "A file was found where a directory was submitted";
            return Err(item.source_fault(Code::NotADirectory, message));
        }
        if !metadata.is_file() {
            return Err(item.source_fault(Code::InvalidPathName, "Not a regular file"));
        }
        item.count(job, EntryType::File);
        copy::copy_file(job, &self.options, ends, item, &entry, *metadata)?;
        Ok(Vec::new())
    }

    fn enter_directory(
        &self,
        job: &mut Job,
        ends: &TransferEnds,
        item: &mut WorkItem,
        folder: &Arc<Folder>,
    ) -> Result<Vec<WorkItem>, Interrupt> {
        job.check_faults(item.target(true), Stage::Begin)?;
        let id = folder.id().fault_at(Side::Source, &item.source)?;
        // By identity instead of by path, since links can give a directory any number of paths.
        if item.is_inside_directory(id) {
            let message = "A symbolic link leads to a directory it is in";
            return Err(item.source_fault(Code::InvalidPathName, message));
        }
        if item.external_checksum.is_some() {
            let message = "An external checksum was submitted for a directory";
            return Err(item.source_fault(Code::IsADirectory, message));
        }
        let mut names = folder.names().fault_at(Side::Source, &item.source)?;
        names.retain(|name| !temporary::is(name));
        names.sort();

        // Before the destination is created: a file may be in its place.
        extra::clear_target(job, &self.options, ends, item)?;
        let target = item
            .make_destination(ends)
            .fault_at(Side::Destination, &item.destination)?;
        // Two collections may share a folder, so a tree could be copied into itself without end.
        if ends
            .is_inside(&target, folder, id)
            .fault_at(Side::Destination, &item.destination)?
        {
            let message = "The destination is inside of the source";
            return Err(Fault::new(
                Code::InvalidPathName,
                Side::Destination,
                &item.destination,
                message,
            )
            .into());
        }
        item.count(job, EntryType::Directory);
        // Children keep both ends open. They are located by name in these handles, so a directory that is
        // swapped for a link during the task cannot redirect them.
        let parent = Arc::new(ParentDirectory {
            source: Arc::clone(folder),
            id,
            destination: Arc::clone(&target),
            parent: item.parent.clone(),
        });
        let mut children = Vec::new();
        for name in &names {
            if let Some(mut child) = self.make_child(ends, item, name, &parent)? {
                // Counted when found, not when copied: the task document shows how many files are known so
                // far.
                if child.expected == ExpectedType::File {
                    child.count(job, EntryType::File);
                }
                children.push(child);
            }
        }
        if self.options.delete_destination_extra {
            extra::delete(job, &target, &item.destination, &names)?;
        }
        job.counters.subtasks_succeeded += 1;
        Ok(children)
    }

    /// The item for an entry of a directory; `None` if it is skipped.
    fn make_child(
        &self,
        ends: &TransferEnds,
        item: &WorkItem,
        name: &OsStr,
        parent: &Arc<ParentDirectory>,
    ) -> Result<Option<WorkItem>, Interrupt> {
        let source = item.source.join(name);
        let shown = path::decode(name);
        if shown.contains("\r\n") {
            return Err(Fault::new(
                Code::InvalidPathName,
                Side::Source,
                source,
                "The name has a line break",
            )
            .into());
        }
        let Ok(own) = parent.source.entry(name).metadata() else {
            // Removed since the directory was read.
            return Ok(None);
        };
        let target = match (own.is_symlink(), self.options.recursive_symlinks) {
            (true, RecursiveSymlinks::Ignore) => return Ok(None),
            (true, RecursiveSymlinks::Copy) => ends.source.follow_in(&parent.source, name).ok(),
            _ => None,
        };
        let (expected, is_directory) =
            match (own.is_symlink(), self.options.recursive_symlinks, target) {
                (true, RecursiveSymlinks::Copy, Some(Found::Folder(_))) => {
                    (ExpectedType::Directory, true)
                }
                (true, RecursiveSymlinks::Copy, Some(_)) => (ExpectedType::File, false),
                // A broken link is reported when it is processed.
                (true, RecursiveSymlinks::Copy, None) => (ExpectedType::Anything, false),
                (true, _, _) => (ExpectedType::Link, false),
                (false, _, _) if own.is_dir() => (ExpectedType::Directory, true),
                (false, _, _) if own.is_file() => (ExpectedType::File, false),
                // Devices, pipes and sockets are skipped.
                (false, _, _) => return Ok(None),
            };
        let rules = self.options.filter_rules.as_deref().unwrap_or_default();
        if !rules::includes(rules, &shown, is_directory) {
            return Ok(None);
        }
        Ok(Some(WorkItem {
            destination: item.destination.join(name),
            source,
            external_checksum: None,
            algorithm: item.algorithm,
            expected,
            counted: None,
            in_directory: true,
            parent: Some(Arc::clone(parent)),
        }))
    }
}

impl TransferEnds {
    /// Whether the destination directory is the source directory, or inside of it.
    fn is_inside(
        &self,
        target: &Arc<Folder>,
        source: &Arc<Folder>,
        id: FileId,
    ) -> std::io::Result<bool> {
        // Handles do not know what is above the root of the destination, but one collection may be inside
        // of another: so paths are compared as well.
        let lies_inside = self.destination.lies_within(&self.source)
            && self
                .destination
                .on_disk(&target.path())
                .starts_with(self.source.on_disk(&source.path()));
        Ok(lies_inside || target.is_within(id)?)
    }
}

impl WorkItem {
    fn from_submitted(submitted: Item) -> Option<Self> {
        // Both paths were validated at submission.
        let read = |text: &str| CollectionPath::parse(text).ok();
        let item = |source: &str, destination: &str, expected| {
            Some(Self {
                source: read(source)?,
                destination: read(destination)?,
                external_checksum: None,
                algorithm: None,
                expected,
                counted: None,
                in_directory: false,
                parent: None,
            })
        };
        match submitted {
            Item::Transfer {
                source,
                destination,
                recursive,
                external_checksum,
                algorithm,
            } => {
                let expected = match recursive {
                    None => ExpectedType::Anything,
                    Some(true) => ExpectedType::Directory,
                    Some(false) => ExpectedType::File,
                };
                Some(Self {
                    external_checksum,
                    algorithm,
                    ..item(&source, &destination, expected)?
                })
            }
            Item::Symlink {
                source,
                destination,
            } => item(&source, &destination, ExpectedType::Link),
            Item::Delete { .. } => None,
        }
    }

    /// The input for task faults.
    pub(super) fn target(&self, is_directory: bool) -> Target<'_> {
        Target {
            source: &self.source,
            destination: Some(&self.destination),
            is_directory,
        }
    }

    fn source_fault(&self, code: Code, message: &str) -> Interrupt {
        Fault::new(code, Side::Source, &self.source, message).into()
    }

    /// Whether it was found in a directory, not submitted directly.
    pub(super) fn is_in_directory(&self) -> bool {
        self.in_directory
    }

    fn follow_source(&self, ends: &TransferEnds) -> Result<Found, PathError> {
        match self.open_parent(&self.source) {
            Some((parent, name)) => ends.source.follow_in(&parent.source, name),
            None => ends.source.follow(&self.source),
        }
    }

    pub(super) fn locate_source(&self, ends: &TransferEnds) -> Result<Place, PathError> {
        match self.open_parent(&self.source) {
            Some((parent, name)) => ends.source.locate_in(&parent.source, name),
            None => ends.source.locate(&self.source),
        }
    }

    pub(super) fn follow_destination(&self, ends: &TransferEnds) -> Result<Found, PathError> {
        match self.open_parent(&self.destination) {
            Some((parent, name)) => ends.destination.follow_in(&parent.destination, name),
            None => ends.destination.follow(&self.destination),
        }
    }

    pub(super) fn locate_destination(&self, ends: &TransferEnds) -> Result<Place, PathError> {
        match self.open_parent(&self.destination) {
            Some((parent, name)) => ends.destination.locate_in(&parent.destination, name),
            None => ends.destination.locate(&self.destination),
        }
    }

    /// Creates the parent directory.
    pub(super) fn make_parent(&self, ends: &TransferEnds) -> Result<(), Interrupt> {
        if self.parent.is_none() {
            let parent = self.destination.parent();
            let made = ends.destination.make_folder(&parent);
            made.fault_at(Side::Destination, &parent)?;
        }
        Ok(())
    }

    /// Creates the directory at the destination, with its ancestors.
    fn make_destination(&self, ends: &TransferEnds) -> Result<Arc<Folder>, PathError> {
        match self.open_parent(&self.destination) {
            Some((parent, name)) => ends.destination.make_folder_in(&parent.destination, name),
            None => ends.destination.make_folder(&self.destination),
        }
    }

    fn open_parent<'a>(
        &'a self,
        path: &'a CollectionPath,
    ) -> Option<(&'a ParentDirectory, &'a OsStr)> {
        Some((self.parent.as_deref()?, path.names().last()?))
    }

    fn is_inside_directory(&self, directory: FileId) -> bool {
        let mut parent = self.parent.as_ref();
        while let Some(here) = parent {
            if here.id == directory {
                return true;
            }
            parent = here.parent.as_ref();
        }
        false
    }

    fn count(&mut self, job: &mut Job, entry: EntryType) {
        if self.counted.is_none() {
            *counter(job, entry) += 1;
            self.counted = Some(entry);
        }
    }

    /// A failed path is not counted by its type, only as failed.
    fn undo_count(&mut self, job: &mut Job) {
        if let Some(entry) = self.counted.take() {
            let counter = counter(job, entry);
            *counter = counter.saturating_sub(1);
        }
    }
}

fn counter(job: &mut Job, entry: EntryType) -> &mut u64 {
    match entry {
        EntryType::File => &mut job.counters.files,
        EntryType::Directory => &mut job.counters.directories,
        EntryType::Link => &mut job.counters.symlinks,
    }
}
