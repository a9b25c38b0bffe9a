//! What a person fills in before a task is submitted.

use super::types::{
    DeleteData, DeleteItem, TransferData, TransferDataItem, TransferItem, TransferSymlinkItem,
};
use crate::error::{Error, Result};

impl TransferData {
    /// Adds a file, folder or symlink to transfer.
    ///
    /// ```
    /// use globus_sdk::{transfer::{TransferData, TransferItem}, types::Uuid};
    ///
    /// let data = TransferData::new(Uuid::nil(), Uuid::max())
    ///     .label("nightly")
    ///     .item(TransferItem::file("/a.txt", "/b.txt"))
    ///     .item(TransferItem::folder("/run7/", "/in/run7/"));
    /// assert_eq!(data.data.len(), 2);
    /// ```
    #[must_use]
    pub fn item(mut self, item: impl Into<TransferDataItem>) -> Self {
        self.data.push(item.into());
        self
    }

    /// What the service would refuse, found before anything is sent.
    pub(super) fn check(&self) -> Result<()> {
        nonempty(self.data.len())?;
        for (i, item) in self.data.iter().enumerate() {
            match item {
                TransferDataItem::TransferItem(item) => {
                    path(i, "source_path", &item.source_path)?;
                    path(i, "destination_path", &item.destination_path)?;
                    if item.recursive == Some(true) && item.external_checksum.is_some() {
                        return Err(refused(
                            i,
                            "external_checksum",
                            "is set on a folder; only a file has one",
                        ));
                    }
                }
                TransferDataItem::TransferSymlinkItem(TransferSymlinkItem {
                    source_path,
                    destination_path,
                    ..
                }) => {
                    path(i, "source_path", source_path)?;
                    path(i, "destination_path", destination_path)?;
                }
                TransferDataItem::Other(_) => {}
            }
        }
        Ok(())
    }
}

impl TransferItem {
    /// One file.
    ///
    /// ```
    /// let item = globus_sdk::transfer::TransferItem::file("/a.txt", "/b.txt");
    /// ```
    pub fn file(source_path: impl Into<String>, destination_path: impl Into<String>) -> Self {
        Self::new(source_path, destination_path)
    }

    /// A folder and all that is in it.
    ///
    /// ```
    /// let item = globus_sdk::transfer::TransferItem::folder("/run7/", "/in/run7/");
    /// assert_eq!(item.recursive, Some(true));
    /// ```
    pub fn folder(source_path: impl Into<String>, destination_path: impl Into<String>) -> Self {
        Self::new(source_path, destination_path).recursive(true)
    }
}

impl DeleteData {
    /// Adds a path to delete.
    ///
    /// ```
    /// use globus_sdk::{transfer::DeleteData, types::Uuid};
    ///
    /// let data = DeleteData::new(Uuid::nil()).recursive(true).item("/old/");
    /// assert_eq!(data.data.len(), 1);
    /// ```
    #[must_use]
    pub fn item(mut self, path: impl Into<String>) -> Self {
        self.data.push(DeleteItem::new(path));
        self
    }

    /// What the service would refuse, found before anything is sent.
    pub(super) fn check(&self) -> Result<()> {
        nonempty(self.data.len())?;
        for (i, item) in self.data.iter().enumerate() {
            path(i, "path", &item.path)?;
        }
        Ok(())
    }
}

fn nonempty(items: usize) -> Result<()> {
    if items == 0 {
        return Err(Error::usage(
            "the document has no items; add one by .item(...)",
        ));
    }
    Ok(())
}

fn path(item: usize, field: &str, path: &str) -> Result<()> {
    if !path.starts_with(['/', '~']) {
        return Err(refused(
            item,
            field,
            &format!("is `{path}`, which is relative; begin it with / or /~/"),
        ));
    }
    if path.contains("\r\n") {
        return Err(refused(
            item,
            field,
            "holds \\r\\n, which Globus allows in no name; rename the file",
        ));
    }
    Ok(())
}

fn refused(item: usize, field: &str, what: &str) -> Error {
    Error::usage(format!("item {item}: {field} {what}"))
}
