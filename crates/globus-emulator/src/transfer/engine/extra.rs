//! `delete_destination_extra`: what the source does not have goes from the destination.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use super::delete;
use super::fault::{At, Fault, Interrupt, Side};
use super::job::Job;
use super::transfer::Unit;
use crate::transfer::files::{CollectionPath, Root, temporary};
use crate::transfer::submit::TransferOptions;
use crate::transfer::tasks::events::Code;

/// Removes a file that is where a directory has to be.
pub(super) fn make_room(
    job: &mut Job,
    options: &TransferOptions,
    root: &Root,
    unit: &Unit,
) -> Result<(), Interrupt> {
    let Ok(target) = root.locate(&unit.destination) else {
        return Ok(());
    };
    if !std::fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(());
    }
    if options.delete_destination_extra {
        return delete::remove(
            job,
            &target,
            Side::Destination,
            &unit.destination,
            |_, _| {},
        );
    }
    let message = "The destination is a file";
    Err(Fault::new(
        Code::NotADirectory,
        Side::Destination,
        &unit.destination,
        message,
    )
    .into())
}

/// Removes every entry of a directory that is not among the names.
pub(super) fn delete(
    job: &mut Job,
    directory: &Path,
    path: &CollectionPath,
    names: &[OsString],
) -> Result<(), Interrupt> {
    let wanted: HashSet<&OsString> = names.iter().collect();
    for entry in std::fs::read_dir(directory).at(Side::Destination, path)? {
        let name = entry.at(Side::Destination, path)?.file_name();
        if wanted.contains(&name) || temporary::is(&name) {
            continue;
        }
        delete::remove(
            job,
            &directory.join(&name),
            Side::Destination,
            &path.join(&name),
            |_, _| {},
        )?;
    }
    Ok(())
}
