//! Transfer tasks: walking the sources, one path at a time.

use std::ffi::OsStr;
use std::sync::Arc;

use cap_std::fs::Metadata;
use uuid::Uuid;

use super::checksum::Algorithm;
use super::interrupt::{At, Fault, Interrupt, Side};
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

/// A transfer task, and what is left of it.
pub(super) struct Transfer {
    source: Option<Uuid>,
    destination: Option<Uuid>,
    options: TransferOptions,
    pending: Vec<Unit>,
}

/// The folders at both ends.
pub(super) struct Ends {
    pub(super) source: Root,
    pub(super) destination: Root,
}

/// A path to be transferred.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) source: CollectionPath,
    pub(super) destination: CollectionPath,
    pub(super) external_checksum: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    wanted: Wanted,
    /// Whether it is among the files, directories or links of the task already.
    counted: Option<Entry>,
    /// Whether it was found in a directory, not submitted by itself.
    in_directory: bool,
    /// The directory it was found in, as long as the attempt lasts: the next one asks anew what may be used.
    above: Option<Arc<Above>>,
}

/// What a path has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Anything,
    Directory,
    File,
    Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    File,
    Directory,
    Link,
}

/// A directory that is being transferred, open at both ends, and those it was reached through, so that links
/// cannot lead round in circles.
#[derive(Debug)]
struct Above {
    source: Arc<Folder>,
    id: FileId,
    destination: Arc<Folder>,
    above: Option<Arc<Above>>,
}

impl Transfer {
    pub(super) fn new(task: &Task, options: TransferOptions, items: Vec<Item>) -> Self {
        let pending = items.into_iter().filter_map(Unit::of_item).collect();
        Self {
            source: task.source,
            destination: task.destination,
            options,
            pending,
        }
    }

    /// Goes through what is left; what fails is left for the next attempt.
    pub(super) fn attempt(&mut self, job: &mut Job) -> Result<(), Interrupt> {
        let ends = match self.ends(job) {
            Ok(ends) => ends,
            Err(Interrupt::Fault(fault)) => return Err(self.fail_or_retry(job, fault)),
            Err(interrupt) => return Err(interrupt),
        };
        let mut stack = std::mem::take(&mut self.pending);
        stack.reverse();
        let mut last = None;
        while let Some(mut unit) = stack.pop() {
            job.check()?;
            match self.step(job, &ends, &mut unit) {
                Ok(children) => stack.extend(children.into_iter().rev()),
                Err(Interrupt::Fault(fault)) => {
                    unit.uncount(job);
                    if self.options.skip_source_errors && fault.is_skippable() {
                        self.skip(job, &ends, &unit, &fault);
                        continue;
                    }
                    let interrupt = self.fail_or_retry(job, fault);
                    if matches!(interrupt, Interrupt::Failed(_)) {
                        return Err(interrupt);
                    }
                    unit.above = None;
                    self.pending.push(unit);
                    last = Some(interrupt);
                }
                Err(interrupt) => return Err(interrupt),
            }
        }
        job.retrying(self.pending.len());
        last.map_or(Ok(()), Err)
    }

    fn ends(&self, job: &mut Job) -> Result<Ends, Interrupt> {
        Ok(Ends {
            source: job.root(self.source, Side::Source, Access::Read)?,
            destination: job.root(self.destination, Side::Destination, Access::Write)?,
        })
    }

    fn fail_or_retry(&self, job: &mut Job, fault: Box<Fault>) -> Interrupt {
        let no_room = matches!(fault.code, Code::QuotaExceeded | Code::NoSpaceLeft);
        if fault.is_fatal() || (no_room && self.options.fail_on_quota_errors) {
            return Interrupt::Failed(fault);
        }
        job.fault(&fault);
        Interrupt::Fault(fault)
    }

    fn skip(&self, job: &mut Job, ends: &Ends, unit: &Unit, fault: &Fault) {
        let metadata = unit
            .locate_source(ends)
            .ok()
            .and_then(|entry| entry.metadata().ok());
        let is_directory =
            unit.wanted == Wanted::Directory || metadata.as_ref().is_some_and(Metadata::is_dir);
        if is_directory && self.options.delete_destination_extra {
            job.event(Code::DeleteDestinationExtraSkipped, fault.details());
        }
        job.skip(SkippedError {
            code: fault.code,
            details: fault.message.clone(),
            time: job.now(),
            source_path: unit.source.to_string(),
            destination_path: unit.destination.to_string(),
            is_directory,
            is_symlink: metadata.is_some_and(|metadata| metadata.is_symlink()),
            external_checksum: unit.external_checksum.clone(),
            checksum_algorithm: unit.algorithm.map(Algorithm::name),
        });
    }

    /// Deals with one path; a directory's entries come back as further paths.
    fn step(&self, job: &mut Job, ends: &Ends, unit: &mut Unit) -> Result<Vec<Unit>, Interrupt> {
        if unit.wanted == Wanted::Link {
            unit.count(job, Entry::Link);
            copy::link(job, &self.options, ends, unit)?;
            return Ok(Vec::new());
        }
        let found = unit.follow_source(ends).at(Side::Source, &unit.source)?;
        let (entry, metadata) = match found {
            Found::Folder(_) if unit.wanted == Wanted::File => {
                let message = "A directory was found where a file was submitted";
                return Err(
                    Fault::new(Code::IsADirectory, Side::Source, &unit.source, message).into(),
                );
            }
            Found::Folder(folder) => return self.directory(job, ends, unit, &folder),
            Found::File(entry, metadata) => (entry, metadata),
        };
        if unit.wanted == Wanted::Directory {
            let message = "A file was found where a directory was submitted";
            return Err(
                Fault::new(Code::NotADirectory, Side::Source, &unit.source, message).into(),
            );
        }
        if !metadata.is_file() {
            return Err(Fault::new(
                Code::InvalidPathName,
                Side::Source,
                &unit.source,
                "Not a regular file",
            )
            .into());
        }
        unit.count(job, Entry::File);
        copy::file(job, &self.options, ends, unit, &entry, *metadata)?;
        Ok(Vec::new())
    }

    fn directory(
        &self,
        job: &mut Job,
        ends: &Ends,
        unit: &mut Unit,
        folder: &Arc<Folder>,
    ) -> Result<Vec<Unit>, Interrupt> {
        job.check_faults(unit.target(true), Stage::Begin)?;
        let id = folder.id().at(Side::Source, &unit.source)?;
        if unit.is_below(id) {
            let message = "A symbolic link leads to a directory it is in";
            return Err(
                Fault::new(Code::InvalidPathName, Side::Source, &unit.source, message).into(),
            );
        }
        if unit.external_checksum.is_some() {
            let message = "An external checksum was submitted for a directory";
            return Err(Fault::new(Code::IsADirectory, Side::Source, &unit.source, message).into());
        }
        let mut names = folder.names().at(Side::Source, &unit.source)?;
        names.retain(|name| !temporary::is(name));
        names.sort();

        extra::make_room(job, &self.options, ends, unit)?;
        let target = unit
            .make_destination(ends)
            .at(Side::Destination, &unit.destination)?;
        // Two collections may share a folder: a tree must not be copied into itself for ever.
        if ends
            .is_inside(&target, folder, id)
            .at(Side::Destination, &unit.destination)?
        {
            let message = "The destination is inside of the source";
            return Err(Fault::new(
                Code::InvalidPathName,
                Side::Destination,
                &unit.destination,
                message,
            )
            .into());
        }
        unit.count(job, Entry::Directory);
        let above = Arc::new(Above {
            source: Arc::clone(folder),
            id,
            destination: Arc::clone(&target),
            above: unit.above.clone(),
        });
        let mut children = Vec::new();
        for name in &names {
            if let Some(mut child) = self.child(ends, unit, name, &above)? {
                if child.wanted == Wanted::File {
                    child.count(job, Entry::File);
                }
                children.push(child);
            }
        }
        if self.options.delete_destination_extra {
            extra::delete(job, &target, &unit.destination, &names)?;
        }
        job.counters.subtasks_succeeded += 1;
        Ok(children)
    }

    /// An entry of a directory, unless it is to be left out.
    fn child(
        &self,
        ends: &Ends,
        unit: &Unit,
        name: &OsStr,
        above: &Arc<Above>,
    ) -> Result<Option<Unit>, Interrupt> {
        let source = unit.source.join(name);
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
        let Ok(own) = above.source.entry(name).metadata() else {
            // Gone since the directory was read.
            return Ok(None);
        };
        let target = match (own.is_symlink(), self.options.recursive_symlinks) {
            (true, RecursiveSymlinks::Ignore) => return Ok(None),
            (true, RecursiveSymlinks::Copy) => ends.source.follow_in(&above.source, name).ok(),
            _ => None,
        };
        let (wanted, is_directory) =
            match (own.is_symlink(), self.options.recursive_symlinks, target) {
                (true, RecursiveSymlinks::Copy, Some(Found::Folder(_))) => {
                    (Wanted::Directory, true)
                }
                (true, RecursiveSymlinks::Copy, Some(_)) => (Wanted::File, false),
                // What is wrong with the link comes out when it is its turn.
                (true, RecursiveSymlinks::Copy, None) => (Wanted::Anything, false),
                (true, _, _) => (Wanted::Link, false),
                (false, _, _) if own.is_dir() => (Wanted::Directory, true),
                (false, _, _) if own.is_file() => (Wanted::File, false),
                // Devices, pipes and sockets are not data.
                (false, _, _) => return Ok(None),
            };
        let rules = self.options.filter_rules.as_deref().unwrap_or_default();
        if !rules::includes(rules, &shown, is_directory) {
            return Ok(None);
        }
        Ok(Some(Unit {
            destination: unit.destination.join(name),
            source,
            external_checksum: None,
            algorithm: unit.algorithm,
            wanted,
            counted: None,
            in_directory: true,
            above: Some(Arc::clone(above)),
        }))
    }
}

impl Ends {
    /// Whether a directory of the destination is the one of the source, or somewhere in it.
    fn is_inside(
        &self,
        target: &Arc<Folder>,
        source: &Arc<Folder>,
        id: FileId,
    ) -> std::io::Result<bool> {
        // The handles know nothing above the folder of the destination, where one collection may begin inside
        // of another.
        let lies_inside = self.destination.lies_within(&self.source)
            && self
                .destination
                .on_disk(&target.path())
                .starts_with(self.source.on_disk(&source.path()));
        Ok(lies_inside || target.is_within(id)?)
    }
}

impl Unit {
    fn of_item(item: Item) -> Option<Self> {
        // Both paths were read when the task was submitted.
        let read = |text: &str| CollectionPath::parse(text).ok();
        let unit = |source: &str, destination: &str, wanted| {
            Some(Self {
                source: read(source)?,
                destination: read(destination)?,
                external_checksum: None,
                algorithm: None,
                wanted,
                counted: None,
                in_directory: false,
                above: None,
            })
        };
        match item {
            Item::Transfer {
                source,
                destination,
                recursive,
                external_checksum,
                algorithm,
            } => {
                let wanted = match recursive {
                    None => Wanted::Anything,
                    Some(true) => Wanted::Directory,
                    Some(false) => Wanted::File,
                };
                Some(Self {
                    external_checksum,
                    algorithm,
                    ..unit(&source, &destination, wanted)?
                })
            }
            Item::Symlink {
                source,
                destination,
            } => unit(&source, &destination, Wanted::Link),
            Item::Delete { .. } => None,
        }
    }

    /// What a fault on purpose looks at.
    pub(super) fn target(&self, is_directory: bool) -> Target<'_> {
        Target {
            source: &self.source,
            destination: Some(&self.destination),
            is_directory,
        }
    }

    /// Whether it was found in a directory, not submitted by itself.
    pub(super) fn is_in_directory(&self) -> bool {
        self.in_directory
    }

    fn follow_source(&self, ends: &Ends) -> Result<Found, PathError> {
        match self.open_above(&self.source) {
            Some((above, name)) => ends.source.follow_in(&above.source, name),
            None => ends.source.follow(&self.source),
        }
    }

    pub(super) fn locate_source(&self, ends: &Ends) -> Result<Place, PathError> {
        match self.open_above(&self.source) {
            Some((above, name)) => ends.source.locate_in(&above.source, name),
            None => ends.source.locate(&self.source),
        }
    }

    pub(super) fn follow_destination(&self, ends: &Ends) -> Result<Found, PathError> {
        match self.open_above(&self.destination) {
            Some((above, name)) => ends.destination.follow_in(&above.destination, name),
            None => ends.destination.follow(&self.destination),
        }
    }

    pub(super) fn locate_destination(&self, ends: &Ends) -> Result<Place, PathError> {
        match self.open_above(&self.destination) {
            Some((above, name)) => ends.destination.locate_in(&above.destination, name),
            None => ends.destination.locate(&self.destination),
        }
    }

    /// Makes sure that the directory it goes into is there.
    pub(super) fn make_parent(&self, ends: &Ends) -> Result<(), Interrupt> {
        if self.above.is_none() {
            let parent = self.destination.parent();
            let made = ends.destination.make_folder(&parent);
            made.at(Side::Destination, &parent)?;
        }
        Ok(())
    }

    /// Makes sure that there is a directory at the destination, and every one above it.
    fn make_destination(&self, ends: &Ends) -> Result<Arc<Folder>, PathError> {
        match self.open_above(&self.destination) {
            Some((above, name)) => ends.destination.make_folder_in(&above.destination, name),
            None => ends.destination.make_folder(&self.destination),
        }
    }

    fn open_above<'a>(&'a self, path: &'a CollectionPath) -> Option<(&'a Above, &'a OsStr)> {
        Some((self.above.as_deref()?, path.names().last()?))
    }

    fn is_below(&self, directory: FileId) -> bool {
        let mut above = self.above.as_ref();
        while let Some(here) = above {
            if here.id == directory {
                return true;
            }
            above = here.above.as_ref();
        }
        false
    }

    fn count(&mut self, job: &mut Job, entry: Entry) {
        if self.counted.is_none() {
            *counter(job, entry) += 1;
            self.counted = Some(entry);
        }
    }

    /// A path that failed is counted as that, not as what it would have been.
    fn uncount(&mut self, job: &mut Job) {
        if let Some(entry) = self.counted.take() {
            let counter = counter(job, entry);
            *counter = counter.saturating_sub(1);
        }
    }
}

fn counter(job: &mut Job, entry: Entry) -> &mut u64 {
    match entry {
        Entry::File => &mut job.counters.files,
        Entry::Directory => &mut job.counters.directories,
        Entry::Link => &mut job.counters.symlinks,
    }
}
