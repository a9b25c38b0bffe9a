//! Copying a file or a link.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use cap_std::fs::Metadata;

use super::checksum::{self, Algorithm};
use super::interrupt::{Fault, FaultAt, Interrupt, Side};
use super::job::Job;
use super::sync::{Facts, Verdict, decide};
use super::transfer::{TransferEnds, WorkItem};
use super::{CHUNK, delete};
use crate::task_control::Stage;
use crate::transfer::files::{CollectionPath, Entry, FileId, Found, links, path};
use crate::transfer::submit::TransferOptions;
use crate::transfer::tasks::Success;
use crate::transfer::tasks::events::Code;

/// A file of the source, which is opened once and only if its contents are needed.
struct Source<'a> {
    entry: &'a Entry,
    path: &'a CollectionPath,
    /// Once it is open, the metadata of the handle.
    metadata: Metadata,
    file: Option<File>,
}

impl Source<'_> {
    fn open(&mut self) -> Result<&mut File, Interrupt> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let (file, metadata) = open(self.entry, Side::Source, self.path)?;
                self.metadata = metadata;
                file
            }
        };
        Ok(self.file.insert(file))
    }
}

/// Opens what was a file when it was listed, and checks that it still is.
fn open(entry: &Entry, side: Side, path: &CollectionPath) -> Result<(File, Metadata), Interrupt> {
    let (file, metadata) = entry.open_file().fault_at(side, path)?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    let message = "The file was replaced by something else";
    Err(Fault::new(Code::EndpointError, side, path, message).into())
}

/// Copies a file, unless it is up to date.
pub(super) fn copy_file(
    job: &mut Job,
    options: &TransferOptions,
    ends: &TransferEnds,
    item: &WorkItem,
    entry: &Entry,
    metadata: Metadata,
) -> Result<(), Interrupt> {
    let shown = item.destination.to_string();
    // Copied before a crash: counted again, since the counters start from zero, but not read again.
    if let Some(size) = job.previously_copied(&shown) {
        job.counters.files_transferred += 1;
        job.counters.subtasks_succeeded += 1;
        job.counters.bytes_transferred += size;
        return job.finish_file();
    }
    job.check_faults(item.target(false), Stage::Begin)?;
    // Also for files that turn out to be up to date, so that missing directories are reported in either
    // case.
    let target = prepare_target(job, options, ends, item)?;
    let algorithm = item.algorithm.unwrap_or_default();
    let existing = find_existing(ends, item);
    let there = existing.as_ref().map(|(_, metadata)| Facts::from(metadata));
    let verdict = decide(options.sync_level, Facts::from(&metadata), there);
    let mut source = Source {
        entry,
        path: &item.source,
        metadata,
        file: None,
    };
    let skip = match (verdict, &existing) {
        (Verdict::Transfer, _) | (_, None) => false,
        (Verdict::Skip, Some(_)) => true,
        (Verdict::CompareChecksums, Some((existing, metadata))) => {
            let (mut existing, _) = open(existing, Side::Destination, &item.destination)?;
            let ours =
                compute_checksum(job, algorithm, source.open()?, Side::Source, &item.source)?;
            let theirs = compute_checksum(
                job,
                algorithm,
                &mut existing,
                Side::Destination,
                &item.destination,
            )?;
            job.counters.bytes_checksummed += metadata.len();
            ours == theirs
        }
    };
    if skip {
        job.counters.files_skipped += 1;
        job.counters.subtasks_succeeded += 1;
        return job.finish_file();
    }

    // Opened before the size is taken: the file may have grown since it was listed, and the quota must
    // count what is copied.
    source.open()?;
    let size = source.metadata.len();
    let reserved = job.reserve_space(size, &target, &item.destination)?;
    // Under a temporary name, so that readers of the destination never see an incomplete file. The rename
    // at the end is atomic.
    let part = job.reserve_part(ends, &target)?;
    let copied =
        write_part(job, options, item, &mut source, &part).and_then(|(written, checksum)| {
            // The name is visible to all processes, one of which may have replaced the file.
            if part.id().fault_at(Side::Destination, &item.destination)? != written {
                let message = "The incomplete file was replaced by something else";
                return Err(Fault::new(
                    Code::EndpointError,
                    Side::Destination,
                    &item.destination,
                    message,
                )
                .into());
            }
            reserved
                .complete(&target, || part.rename(&target))
                .fault_at(Side::Destination, &item.destination)?;
            Ok(checksum)
        });
    let checksum = match copied {
        Ok(checksum) => checksum,
        Err(interrupt) => {
            job.discard(&part);
            return Err(interrupt);
        }
    };
    job.add_success(Success {
        source_path: item.source.to_string(),
        destination_path: shown,
        size,
        checksum: checksum.map(|checksum| (algorithm.name(), checksum)),
    })
}

/// Writes and verifies the copy under its temporary name. Returns the file's identity and checksum.
fn write_part(
    job: &mut Job,
    options: &TransferOptions,
    item: &WorkItem,
    source: &mut Source<'_>,
    part: &Entry,
) -> Result<(FileId, Option<String>), Interrupt> {
    let algorithm = item.algorithm.unwrap_or_default();
    let mut hasher =
        (options.verify_checksum || item.external_checksum.is_some()).then(|| algorithm.hasher());
    let expected = source.metadata.len();
    let from = source.open()?;
    let mut to = part
        .create_file()
        .fault_at(Side::Destination, &item.destination)?;
    let id = FileId::from_file(&to).fault_at(Side::Destination, &item.destination)?;
    let size = copy_bytes(job, item, from, &mut to, expected, hasher.as_mut())?;
    // A file that changed while it was read is retried: its checksum would be valid, but for contents that
    // never existed at once.
    if size != expected {
        let message = match size < expected {
            true => format!("{expected} bytes were expected, {size} were there"),
            false => format!("{expected} bytes were expected, more were there"),
        };
        return Err(Fault::new(Code::FileSizeChanged, Side::Source, &item.source, message).into());
    }
    if options.preserve_timestamp {
        let modified = source
            .metadata
            .modified()
            .fault_at(Side::Source, &item.source)?;
        to.set_modified(modified.into_std())
            .fault_at(Side::Destination, &item.destination)?;
    }

    let Some(checksum) = hasher.map(checksum::Hasher::finish) else {
        return Ok((id, None));
    };
    job.counters.bytes_checksummed += size;
    if let Some(expected) = &item.external_checksum
        && *expected != checksum
    {
        let message = format!(
            "{} is {checksum}, {expected} was expected",
            algorithm.name()
        );
        return Err(Fault::new(
            Code::ExternalChecksumMismatch,
            Side::Source,
            &item.source,
            message,
        )
        .into());
    }
    if options.verify_checksum {
        job.check_faults(item.target(false), Stage::Verify)?;
        // Read back from the disk, since that is what a user trusts when `verify_checksum` succeeds.
        let written = compute_checksum(
            job,
            algorithm,
            &mut to,
            Side::Destination,
            &item.destination,
        )?;
        if written != checksum {
            let message = format!("{} is {written}, {checksum} was expected", algorithm.name());
            return Err(Fault::new(
                Code::VerifyChecksum,
                Side::Destination,
                &item.destination,
                message,
            )
            .into());
        }
    }
    Ok((id, Some(checksum)))
}

/// Copies what there is, at the rate that is allowed, and no more than one byte over what is expected; tells
/// how much it was.
fn copy_bytes(
    job: &mut Job,
    item: &WorkItem,
    from: &mut File,
    to: &mut File,
    expected: u64,
    mut hasher: Option<&mut checksum::Hasher>,
) -> Result<u64, Interrupt> {
    let mut buffer = vec![0; CHUNK];
    let mut size: u64 = 0;
    loop {
        let mut left = expected.saturating_sub(size).saturating_add(1);
        // What is due after the last byte of a file is for the next one.
        if size < expected
            && let Some(bytes) = job.check_faults(item.target(false), Stage::Data)?
        {
            left = left.min(bytes);
        }
        // Asked for last: the rate may have been changed during a stall.
        let most = usize::try_from(left).map_or(CHUNK, |left| left.min(job.chunk_size()));
        let read = from
            .read(&mut buffer[..most])
            .fault_at(Side::Source, &item.source)?;
        if read == 0 {
            return Ok(size);
        }
        to.write_all(&buffer[..read])
            .fault_at(Side::Destination, &item.destination)?;
        if let Some(hasher) = &mut hasher {
            hasher.update(&buffer[..read]);
        }
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        size = size.saturating_add(read);
        job.add_copied_bytes(read)?;
        if size > expected {
            return Ok(size);
        }
    }
}

/// Copies a link.
pub(super) fn copy_link(
    job: &mut Job,
    options: &TransferOptions,
    ends: &TransferEnds,
    item: &WorkItem,
) -> Result<(), Interrupt> {
    job.check_faults(item.target(false), Stage::Begin)?;
    let source = item
        .locate_source(ends)
        .fault_at(Side::Source, &item.source)?;
    let metadata = source.metadata().fault_at(Side::Source, &item.source)?;
    if !metadata.is_symlink() {
        return Err(Fault::new(
            Code::InvalidPathName,
            Side::Source,
            &item.source,
            "Not a symbolic link",
        )
        .into());
    }
    let link_target = source.read_link().fault_at(Side::Source, &item.source)?;
    let target = prepare_target(job, options, ends, item)?;
    let size = u64::try_from(link_target.as_os_str().len()).unwrap_or(u64::MAX);
    let reserved = job.reserve_space(size, &target, &item.destination)?;
    let part = job.reserve_part(ends, &target)?;
    let made = make_link(ends, &source, &link_target, &part)
        .and_then(|()| reserved.complete(&target, || part.rename(&target)));
    if let Err(error) = made {
        job.discard(&part);
        return Err(error).fault_at(Side::Destination, &item.destination);
    }
    job.counters.subtasks_succeeded += 1;
    job.finish_file()
}

/// Creates the link at the destination. A relative target is kept. An absolute one is a path of the source
/// collection, and becomes the same path of the destination collection, since links must not point into the
/// host's file system. The same happens to a relative target that would lead out of the destination.
fn make_link(
    ends: &TransferEnds,
    source: &Entry,
    link_target: &Path,
    part: &Entry,
) -> io::Result<()> {
    if link_target.is_relative() {
        let within = links::target(source, link_target);
        return match within {
            Some(target) if links::leads_out(&ends.destination, part, link_target) => {
                links::create(part, &target)
            }
            _ => part.create_link(link_target),
        };
    }
    // An absolute target may be a path of the host (made by a program there) or of the collection (made
    // through the API).
    let target = match ends.source.inside(link_target) {
        Some(target) => target,
        None => CollectionPath::parse(&path::decode(link_target.as_os_str()))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidFilename, error))?,
    };
    links::create(part, &target)
}

fn compute_checksum(
    job: &mut Job,
    algorithm: Algorithm,
    file: &mut File,
    side: Side,
    path: &CollectionPath,
) -> Result<String, Interrupt> {
    let sum = checksum::of_file(algorithm, file, || {
        job.checkpoint().map_err(CopyStop::Interrupt)
    });
    sum.or_else(|stop| match stop {
        CopyStop::Interrupt(interrupt) => Err(interrupt),
        CopyStop::Io(error) => Err(error).fault_at(side, path),
    })
}

enum CopyStop {
    Io(io::Error),
    Interrupt(Interrupt),
}

impl From<io::Error> for CopyStop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The entry to copy to. Creates missing parent directories, and rejects an existing directory.
fn prepare_target(
    job: &mut Job,
    options: &TransferOptions,
    ends: &TransferEnds,
    item: &WorkItem,
) -> Result<Entry, Interrupt> {
    item.make_parent(ends)?;
    let target = item
        .locate_destination(ends)
        .fault_at(Side::Destination, &item.destination)?;
    if target.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        if !options.delete_destination_extra || !item.is_in_directory() {
            let message = "The destination is a directory";
            return Err(Fault::new(
                Code::IsADirectory,
                Side::Destination,
                &item.destination,
                message,
            )
            .into());
        }
        delete::remove(
            job,
            &target,
            Side::Destination,
            &item.destination,
            |_, _| {},
        )?;
    }
    Ok(target)
}

/// The regular file that exists at the destination.
fn find_existing(ends: &TransferEnds, item: &WorkItem) -> Option<(Entry, Metadata)> {
    match item.follow_destination(ends).ok()? {
        Found::File(entry, metadata) if metadata.is_file() => Some((entry, *metadata)),
        _ => None,
    }
}
