//! Filling in task documents before they are submitted.
//!
//! [`TransferData`] and [`DeleteData`] are generated with a setter for each option; the methods
//! here make them easy to fill and to read. They are plain documents: to read the items, use the
//! field `data`.

use crate::generated::transfer::types::{
    DeleteData, DeleteItem, FilterMethod, FilterRule, TransferData, TransferDataItem, TransferItem,
    TransferSymlinkItem,
};
use crate::types::Json;

impl TransferData {
    /// Adds a file, a folder or a link.
    ///
    /// ```
    /// use globus_sdk::transfer::{TransferData, TransferItem, TransferSymlinkItem};
    /// use globus_sdk::types::{SyncLevel, Uuid};
    /// use std::time::Duration;
    ///
    /// let data = TransferData::new(Uuid::nil(), Uuid::max())
    ///     .label("nightly")
    ///     .sync_level(SyncLevel::Checksum)
    ///     .deadline(Duration::from_secs(6 * 3600))
    ///     .item(TransferItem::file("/a.txt", "/b.txt").external_checksum("d41d8cd98f00b204e9800998ecf8427e"))
    ///     .item(TransferItem::folder("/run7/", "/in/run7/"))
    ///     .item(TransferSymlinkItem::new("/latest", "/in/latest"));
    /// assert_eq!(data.data.len(), 3);
    /// ```
    #[must_use]
    pub fn item(mut self, item: impl Into<TransferDataItem>) -> Self {
        self.add_item(item);
        self
    }

    /// Adds a file, a folder or a link in place; for many, `extend` does the same.
    pub fn add_item(&mut self, item: impl Into<TransferDataItem>) {
        self.data.push(item.into());
    }

    /// Adds a filter rule. The first rule that matches a name decides; what no rule matches is
    /// transferred.
    ///
    /// ```
    /// use globus_sdk::transfer::types::FilterRuleType;
    /// use globus_sdk::transfer::{FilterRule, TransferData, TransferItem};
    /// use globus_sdk::types::Uuid;
    ///
    /// // all text files, and nothing else
    /// let data = TransferData::new(Uuid::nil(), Uuid::max())
    ///     .filter_rule(FilterRule::include("*.txt"))
    ///     .filter_rule(FilterRule::exclude("*").r#type(FilterRuleType::File))
    ///     .item(TransferItem::folder("/run7/", "/in/run7/"));
    /// ```
    #[must_use]
    pub fn filter_rule(mut self, rule: FilterRule) -> Self {
        self.filter_rules.get_or_insert_default().push(rule);
        self
    }

    /// Sets a field that this version does not have.
    #[must_use]
    pub fn additional_field(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.extra.insert(name, value);
        self
    }
}

impl<I: Into<TransferDataItem>> Extend<I> for TransferData {
    fn extend<T: IntoIterator<Item = I>>(&mut self, items: T) {
        self.data.extend(items.into_iter().map(Into::into));
    }
}

impl TransferItem {
    /// One file.
    ///
    /// ```
    /// use globus_sdk::transfer::TransferItem;
    ///
    /// let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    /// let item = TransferItem::file("/a.txt", "/b.txt")
    ///     .external_checksum(sum)
    ///     .checksum_algorithm("SHA256");
    /// assert_eq!(item.recursive, None); // the service looks
    /// ```
    pub fn file(source_path: impl Into<String>, destination_path: impl Into<String>) -> Self {
        Self::new(source_path, destination_path)
    }

    /// A folder and everything in it.
    pub fn folder(source_path: impl Into<String>, destination_path: impl Into<String>) -> Self {
        Self::new(source_path, destination_path).recursive(true)
    }
}

impl TransferDataItem {
    /// The source and destination paths; `None` for a kind of item that this version does not know.
    pub fn paths(&self) -> Option<(&str, &str)> {
        match self {
            Self::TransferItem(TransferItem {
                source_path,
                destination_path,
                ..
            })
            | Self::TransferSymlinkItem(TransferSymlinkItem {
                source_path,
                destination_path,
                ..
            }) => Some((source_path, destination_path)),
            Self::Other(_) => None,
        }
    }
}

impl FilterRule {
    /// Transfers what matches the name, whatever later rules say.
    pub fn include(name: impl Into<String>) -> Self {
        Self::new(FilterMethod::Include, name)
    }

    /// Excludes what matches the name.
    pub fn exclude(name: impl Into<String>) -> Self {
        Self::new(FilterMethod::Exclude, name)
    }
}

impl DeleteData {
    /// Adds a path to delete.
    ///
    /// ```
    /// use globus_sdk::{transfer::DeleteData, types::Uuid};
    ///
    /// let data = DeleteData::new(Uuid::nil())
    ///     .recursive(true)
    ///     .ignore_missing(true)
    ///     .item("/old/")
    ///     .item("/older/");
    /// let paths: Vec<_> = data.data.iter().map(|item| item.path.as_str()).collect();
    /// assert_eq!(paths, ["/old/", "/older/"]);
    /// ```
    #[must_use]
    pub fn item(mut self, path: impl Into<String>) -> Self {
        self.add_item(path);
        self
    }

    /// Adds a path in place; for many, `extend` does the same.
    pub fn add_item(&mut self, path: impl Into<String>) {
        self.data.push(DeleteItem::new(path));
    }

    /// Sets a field that this version does not have.
    #[must_use]
    pub fn additional_field(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.extra.insert(name, value);
        self
    }
}

impl<P: Into<String>> Extend<P> for DeleteData {
    fn extend<T: IntoIterator<Item = P>>(&mut self, paths: T) {
        self.data.extend(paths.into_iter().map(DeleteItem::new));
    }
}
