//! `delete_destination_extra`: removes what does not exist at the source.

use std::collections::HashSet;
use std::ffi::OsString;
use std::sync::Arc;

use super::delete;
use super::interrupt::{Fault, FaultAt, Interrupt, Side};
use super::job::Job;
use super::transfer::{TransferEnds, WorkItem};
use crate::transfer::files::{CollectionPath, Folder, temporary};
use crate::transfer::submit::TransferOptions;
use crate::transfer::tasks::events::Code;

/// Removes a file at the path of a directory.
pub(super) fn clear_target(
    job: &mut Job,
    options: &TransferOptions,
    ends: &TransferEnds,
    item: &WorkItem,
) -> Result<(), Interrupt> {
    let Ok(target) = item.locate_destination(ends) else {
        return Ok(());
    };
    if !target.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(());
    }
    if options.delete_destination_extra {
        return delete::remove(
            job,
            &target,
            Side::Destination,
            &item.destination,
            |_, _| {},
        );
    }
    let message = "The destination is a file";
    Err(Fault::new(
        Code::NotADirectory,
        Side::Destination,
        &item.destination,
        message,
    )
    .into())
}

/// Removes all entries of a directory except these names.
pub(super) fn delete(
    job: &mut Job,
    directory: &Arc<Folder>,
    path: &CollectionPath,
    names: &[OsString],
) -> Result<(), Interrupt> {
    let wanted: HashSet<&OsString> = names.iter().collect();
    for name in directory.names().fault_at(Side::Destination, path)? {
        if wanted.contains(&name) || temporary::is(&name) {
            continue;
        }
        delete::remove(
            job,
            &directory.entry(&name),
            Side::Destination,
            &path.join(&name),
            |_, _| {},
        )?;
    }
    Ok(())
}
