//! Cutting entries into batches that fit into a request.

use crate::error::{Error, Result};
use crate::generated::search::types::{FieldMappingType, IngestList, MetaEntry, MetaList};
use crate::types::Nullable;
use bytes::Bytes;
use std::collections::BTreeMap;

/// The service's limit for a subject, in bytes.
const SUBJECT_LIMIT: usize = 500;
/// The position of the entries in the request document.
const ENTRIES: &str = r#""gmeta":[]"#;

/// The identity of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Its position in the source, from 0.
    pub(super) position: u64,
    pub(super) subject: String,
    pub(super) entry_id: Option<String>,
}

/// A request body, and the entries in it.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) names: Vec<Name>,
    pub(super) body: Bytes,
}

/// Collects encoded entries until a batch is full. Each entry is encoded once, straight into the
/// body.
pub(super) struct Batcher {
    before: Vec<u8>,
    after: Vec<u8>,
    max_bytes: usize,
    max_entries: usize,
    body: Vec<u8>,
    names: Vec<Name>,
    taken: u64,
}

impl Batcher {
    pub(super) fn new(
        field_mapping: BTreeMap<String, FieldMappingType>,
        max_bytes: usize,
        max_entries: usize,
    ) -> Result<Self> {
        // the document without entries, split where they belong: entries are then written between
        // the halves, and no batch is ever encoded as a whole
        let mut around = IngestList::new(MetaList::new());
        if !field_mapping.is_empty() {
            around = around.field_mapping(field_mapping);
        }
        let encoded = serde_json::to_string(&around).map_err(|e| unencodable(&e))?;
        let (before, after) = encoded.split_once(ENTRIES).ok_or_else(|| {
            Error::usage("the ingest document has no place for entries; please report this")
        })?;
        let before = format!("{before}{}", &ENTRIES[..ENTRIES.len() - 1]);
        Ok(Self {
            body: before.clone().into(),
            before: before.into(),
            after: format!("]{after}").into(),
            max_bytes,
            max_entries,
            names: Vec::new(),
            taken: 0,
        })
    }

    /// How many entries were pushed.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Adds an entry. If it does not fit, returns the full batch before it and starts a new one.
    ///
    /// An entry that fits into no batch is rejected with the reason, and nothing else changes.
    pub(super) fn push(&mut self, entry: &MetaEntry) -> Result<Option<Batch>, (Name, String)> {
        let name = Name {
            position: self.taken,
            subject: entry.subject.clone(),
            entry_id: match &entry.id {
                Nullable::Value(id) => Some(id.clone()),
                _ => None,
            },
        };
        self.taken += 1;
        // checked here, since the service would reject the whole batch for one entry
        if let Err(why) = check(entry) {
            return Err((name, why));
        }
        let end = self.body.len();
        if !self.names.is_empty() {
            self.body.push(b',');
        }
        let start = self.body.len();
        if let Err(e) = serde_json::to_writer(&mut self.body, entry) {
            self.body.truncate(end);
            return Err((name, format!("cannot be encoded: {e}")));
        }
        let bytes = self.body.len() - start;
        // too large even for a request of its own
        if self.before.len() + bytes + self.after.len() > self.max_bytes {
            self.body.truncate(end);
            let why = format!(
                "has {bytes} bytes, more than fit into a request of {}; split it or raise batch_bytes",
                self.max_bytes
            );
            return Err((name, why));
        }
        let full = !self.names.is_empty()
            && (self.body.len() + self.after.len() > self.max_bytes
                || self.names.len() >= self.max_entries);
        let batch = full.then(|| {
            // the new entry is already encoded at the end of the full batch: move it into the next
            // one
            let alone = self.body.split_off(start);
            self.body.truncate(end);
            let batch = self.cut();
            self.body.extend_from_slice(&alone);
            batch
        });
        self.names.push(name);
        Ok(batch)
    }

    /// The last batch.
    pub(super) fn rest(&mut self) -> Option<Batch> {
        (!self.names.is_empty()).then(|| self.cut())
    }

    /// The position of the first entry that is in no batch yet.
    pub(super) fn first(&self) -> Option<u64> {
        self.names.first().map(|name| name.position)
    }

    fn cut(&mut self) -> Batch {
        let mut body = std::mem::replace(&mut self.body, self.before.clone());
        body.extend_from_slice(&self.after);
        Batch {
            names: std::mem::take(&mut self.names),
            body: body.into(),
        }
    }
}

/// Finds what would make the service reject the whole request because of one entry.
fn check(entry: &MetaEntry) -> Result<(), String> {
    if entry.subject.is_empty() {
        return Err("has no subject".to_owned());
    }
    if entry.subject.len() > SUBJECT_LIMIT {
        return Err(format!(
            "has a subject of {} bytes; the service allows {SUBJECT_LIMIT}",
            entry.subject.len()
        ));
    }
    if !entry.content.is_object() {
        return Err("has a content that is not a JSON object".to_owned());
    }
    Ok(())
}

fn unencodable(error: &serde_json::Error) -> Error {
    Error::usage(format!(
        "the ingest document cannot be encoded: {error}; check the field mapping"
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn entry(subject: &str, letters: usize) -> MetaEntry {
        MetaEntry::new(subject, json!({"x": "x".repeat(letters)}))
    }

    proptest! {
        #[test]
        fn each_entry_is_in_one_batch_in_order_and_within_limits(
            letters in proptest::collection::vec(0usize..400, 0..60),
            max_bytes in 150usize..900,
            max_entries in 1usize..20,
        ) {
            let mut batcher = Batcher::new(BTreeMap::new(), max_bytes, max_entries).unwrap();
            let (mut batches, mut refused) = (Vec::new(), Vec::new());
            for (n, letters) in letters.iter().enumerate() {
                match batcher.push(&entry(&format!("s{n}"), *letters)) {
                    Ok(batch) => batches.extend(batch),
                    Err((name, _)) => refused.push(name),
                }
            }
            batches.extend(batcher.rest());
            let mut positions: Vec<u64> = Vec::new();
            for batch in &batches {
                prop_assert!(batch.body.len() <= max_bytes && batch.names.len() <= max_entries);
                let list: IngestList = serde_json::from_slice(&batch.body).unwrap();
                let sent = list.ingest_data.gmeta.iter().map(|e| &e.subject);
                prop_assert!(sent.eq(batch.names.iter().map(|n| &n.subject)));
                positions.extend(batch.names.iter().map(|n| n.position));
            }
            prop_assert!(positions.is_sorted());
            positions.extend(refused.iter().map(|n| n.position));
            positions.sort_unstable();
            prop_assert!(positions.into_iter().eq(0..letters.len() as u64));
        }
    }

    #[test]
    fn entry_too_large_for_any_request_is_refused_by_name() {
        let mut batcher = Batcher::new(BTreeMap::new(), 300, 10).unwrap();
        assert!(batcher.push(&entry("good", 10)).unwrap().is_none());
        let too_long = "s".repeat(501);
        for (bad, part) in [
            (
                entry("large", 500),
                "bytes, more than fit into a request of 300",
            ),
            (entry(&too_long, 1), "has a subject of 501 bytes"),
            (entry("", 1), "has no subject"),
            (MetaEntry::new("text", "text"), "not a JSON object"),
        ] {
            let (name, why) = batcher.push(&bad).unwrap_err();
            assert_eq!(name.subject, bad.subject);
            assert!(why.contains(part), "{why}");
        }
        let batch = batcher.rest().unwrap();
        assert_eq!(batch.names.len(), 1);
        assert_eq!((batch.names[0].position, batcher.taken()), (0, 5));
    }

    #[test]
    fn the_types_of_fields_stand_in_every_request() {
        let mapping = BTreeMap::from([(r#""gmeta":[]"#.to_owned(), FieldMappingType::GeoPoint)]);
        let mut batcher = Batcher::new(mapping.clone(), 1000, 1).unwrap();
        assert!(batcher.push(&entry("a", 1)).unwrap().is_none());
        let first = batcher.push(&entry("b", 1)).unwrap().unwrap();
        for batch in [first, batcher.rest().unwrap()] {
            let list: IngestList = serde_json::from_slice(&batch.body).unwrap();
            assert_eq!(list.field_mapping, Some(mapping.clone()));
        }
    }
}
