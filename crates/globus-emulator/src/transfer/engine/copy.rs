//! Copying one file, or one link.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::checksum::{self, Algorithm};
use super::fault::{At, Fault, Interrupt, Side};
use super::job::Job;
use super::sync::{Facts, Verdict, decide};
use super::transfer::{Ends, Unit};
use super::{CHUNK, delete};
use crate::transfer::files::{CollectionPath, PathError, Root, links, path, temporary};
use crate::transfer::submit::TransferOptions;
use crate::transfer::tasks::Success;
use crate::transfer::tasks::events::Code;

/// Copies a file, unless it is there already.
pub(super) fn file(
    job: &mut Job,
    options: &TransferOptions,
    ends: &Ends,
    unit: &Unit,
    source: &Path,
    metadata: &Metadata,
) -> Result<(), Interrupt> {
    let shown = unit.destination.to_string();
    if let Some(size) = job.done_before(&shown) {
        job.counters.files_transferred += 1;
        job.counters.subtasks_succeeded += 1;
        job.counters.bytes_transferred += size;
        return job.after_file();
    }
    let target = place(job, options, &ends.destination, unit)?;
    let algorithm = unit.algorithm.unwrap_or_default();
    let existing = existing(&ends.destination, &unit.destination);
    let there = existing.as_ref().map(|(_, metadata)| Facts::from(metadata));
    let skip = match (
        decide(options.sync_level, Facts::from(metadata), there),
        &existing,
    ) {
        (Verdict::Transfer, _) | (_, None) => false,
        (Verdict::Skip, Some(_)) => true,
        (Verdict::CompareChecksums, Some((existing, metadata))) => {
            let ours = sum(job, algorithm, source, Side::Source, &unit.source)?;
            let theirs = sum(
                job,
                algorithm,
                existing,
                Side::Destination,
                &unit.destination,
            )?;
            job.counters.bytes_checksummed += metadata.len();
            ours == theirs
        }
    };
    if skip {
        job.counters.files_skipped += 1;
        job.counters.subtasks_succeeded += 1;
        return job.after_file();
    }

    let there = there.map_or(0, |there| there.size);
    if !job.take_room(metadata.len(), there) {
        let message = "The quota of the collection is used up";
        return Err(Fault::new(
            Code::QuotaExceeded,
            Side::Destination,
            &unit.destination,
            message,
        )
        .into());
    }
    let part = target.with_file_name(temporary::name(job.task()));
    let copied = write(job, options, unit, source, metadata, &part);
    let checksum = match copied {
        Ok(checksum) => checksum,
        Err(interrupt) => {
            // Best effort: whatever stays is overwritten by the next attempt, and never listed.
            let _ = std::fs::remove_file(&part);
            // The other way round: what is there is what was there.
            job.take_room(there, metadata.len());
            return Err(interrupt);
        }
    };
    std::fs::rename(&part, &target).at(Side::Destination, &unit.destination)?;
    job.success(Success {
        source_path: unit.source.to_string(),
        destination_path: shown,
        size: metadata.len(),
        checksum: checksum.map(|checksum| (algorithm.name(), checksum)),
    })
}

/// Writes the copy under its temporary name, and makes sure that it is one.
fn write(
    job: &mut Job,
    options: &TransferOptions,
    unit: &Unit,
    source: &Path,
    metadata: &Metadata,
    part: &Path,
) -> Result<Option<String>, Interrupt> {
    let algorithm = unit.algorithm.unwrap_or_default();
    let mut hasher =
        (options.verify_checksum || unit.external_checksum.is_some()).then(|| algorithm.hasher());
    let mut from = File::open(source).at(Side::Source, &unit.source)?;
    let mut to = File::create(part).at(Side::Destination, &unit.destination)?;
    let mut buffer = vec![0; CHUNK];
    let mut size: u64 = 0;
    loop {
        let read = from.read(&mut buffer).at(Side::Source, &unit.source)?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read])
            .at(Side::Destination, &unit.destination)?;
        if let Some(hasher) = &mut hasher {
            hasher.update(&buffer[..read]);
        }
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        size = size.saturating_add(read);
        job.copied(read)?;
    }
    if size != metadata.len() {
        let message = format!("{} bytes were expected, {size} were there", metadata.len());
        return Err(Fault::new(Code::FileSizeChanged, Side::Source, &unit.source, message).into());
    }
    if options.preserve_timestamp {
        let modified = metadata.modified().at(Side::Source, &unit.source)?;
        to.set_modified(modified)
            .at(Side::Destination, &unit.destination)?;
    }
    drop(to);

    let Some(checksum) = hasher.map(checksum::Hasher::finish) else {
        return Ok(None);
    };
    job.counters.bytes_checksummed += size;
    if let Some(expected) = &unit.external_checksum
        && *expected != checksum
    {
        let message = format!(
            "{} is {checksum}, {expected} was expected",
            algorithm.name()
        );
        return Err(Fault::new(
            Code::ExternalChecksumMismatch,
            Side::Source,
            &unit.source,
            message,
        )
        .into());
    }
    if options.verify_checksum {
        let written = sum(job, algorithm, part, Side::Destination, &unit.destination)?;
        if written != checksum {
            let message = format!("{} is {written}, {checksum} was expected", algorithm.name());
            return Err(Fault::new(
                Code::VerifyChecksum,
                Side::Destination,
                &unit.destination,
                message,
            )
            .into());
        }
    }
    Ok(Some(checksum))
}

/// Copies a link itself.
pub(super) fn link(
    job: &mut Job,
    options: &TransferOptions,
    ends: &Ends,
    unit: &Unit,
) -> Result<(), Interrupt> {
    let source = ends
        .source
        .locate(&unit.source)
        .at(Side::Source, &unit.source)?;
    let metadata = std::fs::symlink_metadata(&source).at(Side::Source, &unit.source)?;
    if !metadata.is_symlink() {
        return Err(Fault::new(
            Code::InvalidPathName,
            Side::Source,
            &unit.source,
            "Not a symbolic link",
        )
        .into());
    }
    let leads_to = std::fs::read_link(&source).at(Side::Source, &unit.source)?;
    let target = place(job, options, &ends.destination, unit)?;
    let part = target.with_file_name(temporary::name(job.task()));
    // A former attempt may have left one.
    let _ = std::fs::remove_file(&part);
    make_link(ends, &leads_to, &unit.destination, &part)
        .and_then(|()| std::fs::rename(&part, &target))
        .at(Side::Destination, &unit.destination)?;
    job.counters.subtasks_succeeded += 1;
    job.after_file()
}

/// A relative target is kept as it is. An absolute one means a path of the collection, and is the
/// same path of the other collection: nothing here points at the host's own root.
fn make_link(ends: &Ends, leads_to: &Path, at: &CollectionPath, part: &Path) -> io::Result<()> {
    if leads_to.is_relative() {
        return crate::transfer::files::host::link(leads_to, part);
    }
    let target = match ends.source.inside(leads_to) {
        Some(target) => target,
        None => CollectionPath::parse(&path::decode(leads_to.as_os_str()))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidFilename, error))?,
    };
    links::create(part, &at.parent(), &target)
}

fn sum(
    job: &mut Job,
    algorithm: Algorithm,
    file: &Path,
    side: Side,
    path: &CollectionPath,
) -> Result<String, Interrupt> {
    let sum = checksum::of_file(algorithm, file, || job.check().map_err(Halt::Interrupt));
    sum.or_else(|halt| match halt {
        Halt::Interrupt(interrupt) => Err(interrupt),
        Halt::Io(error) => Err(error).at(side, path),
    })
}

enum Halt {
    Io(io::Error),
    Interrupt(Interrupt),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where the copy goes: in a directory that exists, and not where a directory is.
fn place(
    job: &mut Job,
    options: &TransferOptions,
    root: &Root,
    unit: &Unit,
) -> Result<PathBuf, Interrupt> {
    directory(root, &unit.destination.parent())?;
    let target = root
        .locate(&unit.destination)
        .at(Side::Destination, &unit.destination)?;
    if std::fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.is_dir()) {
        if !options.delete_destination_extra || !unit.is_in_directory() {
            let message = "The destination is a directory";
            return Err(Fault::new(
                Code::IsADirectory,
                Side::Destination,
                &unit.destination,
                message,
            )
            .into());
        }
        delete::remove(
            job,
            &target,
            Side::Destination,
            &unit.destination,
            |_, _| {},
        )?;
    }
    Ok(target)
}

/// The regular file that is already there.
fn existing(root: &Root, path: &CollectionPath) -> Option<(PathBuf, Metadata)> {
    let real = root.follow(path).ok()?;
    let metadata = std::fs::metadata(&real).ok()?;
    metadata.is_file().then_some((real, metadata))
}

/// Makes sure that there is a directory, and every one above it.
pub(super) fn directory(root: &Root, path: &CollectionPath) -> Result<PathBuf, Interrupt> {
    match root.follow(path) {
        Ok(real) if real.is_dir() => return Ok(real),
        Ok(_) => return Err(PathError::NotADirectory).at(Side::Destination, path),
        Err(PathError::NotFound) => {}
        Err(error) => return Err(error).at(Side::Destination, path),
    }
    let mut here = CollectionPath::default();
    for name in path.names() {
        here = here.join(name);
        let real = match root.locate(&here) {
            // Above what may be written to. If it is not there, the last line says so.
            Err(PathError::Outside) if here != *path => continue,
            located => located.at(Side::Destination, &here)?,
        };
        match std::fs::create_dir(&real) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).at(Side::Destination, &here);
            }
            _ => {}
        }
    }
    root.follow(path).at(Side::Destination, path)
}
