//! Finding what the service would refuse in a submission, before anything is sent.
//!
//! Checked is only what is invalid for every collection, and errors name the item by its index and
//! path. Whether a path exists and is readable is up to the service.

use crate::error::{Error, Result};
use crate::generated::transfer::types::{DeleteData, TransferData, TransferDataItem, TransferItem};

/// The maximum length of a label in characters.
const LABEL: usize = 128;

impl TransferData {
    pub(super) fn check(&self) -> Result<()> {
        nonempty(self.data.len())?;
        label(self.label.as_deref())?;
        for (i, item) in self.data.iter().enumerate() {
            match item {
                TransferDataItem::TransferItem(item) => {
                    path(i, "source_path", &item.source_path)?;
                    path(i, "destination_path", &item.destination_path)?;
                    checksum(i, item)?;
                }
                TransferDataItem::TransferSymlinkItem(item) => {
                    path(i, "source_path", &item.source_path)?;
                    path(i, "destination_path", &item.destination_path)?;
                }
                TransferDataItem::Other(_) => {}
            }
        }
        Ok(())
    }
}

impl DeleteData {
    pub(super) fn check(&self) -> Result<()> {
        nonempty(self.data.len())?;
        label(self.label.as_deref())?;
        self.data
            .iter()
            .enumerate()
            .try_for_each(|(i, item)| path(i, "path", &item.path))
    }
}

fn nonempty(items: usize) -> Result<()> {
    if items == 0 {
        return Err(Error::usage(
            "the document has no items; add one with `.item(...)`",
        ));
    }
    Ok(())
}

fn label(label: Option<&str>) -> Result<()> {
    let Some(label) = label else { return Ok(()) };
    let fault = if label.contains(['\r', '\n']) {
        "has a line break; write it on one line"
    } else if label.trim() != label {
        "starts or ends with white space; trim it"
    } else if label.chars().count() > LABEL {
        "has more than 128 characters; shorten it"
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("label {label:?} {fault}")))
}

fn path(item: usize, field: &str, path: &str) -> Result<()> {
    let fault = if path.is_empty() {
        "is empty; pass the path of a file or folder"
    } else if !path.starts_with(['/', '~']) {
        "is relative; start it with / or /~/"
    // the byte search first: it is much faster and nearly always settles it
    } else if path.as_bytes().contains(&b'\r') && path.contains("\r\n") {
        r"contains \r\n, which Globus allows in no name; rename the file"
    } else {
        return Ok(());
    };
    Err(refused(item, field, path, fault))
}

fn checksum(item: usize, document: &TransferItem) -> Result<()> {
    if document.recursive == Some(true) && document.external_checksum.is_some() {
        let fault = "is a folder, which cannot have an external_checksum; set it on files";
        return Err(refused(item, "source_path", &document.source_path, fault));
    }
    Ok(())
}

fn refused(item: usize, field: &str, path: &str, fault: &str) -> Error {
    Error::usage(format!("item {item}: {field} {path:?} {fault}"))
}
