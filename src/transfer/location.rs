//! A path on a collection, written as `COLLECTION_ID:PATH`.

use super::names::{join_name, names_below};
use super::walk::Walk;
use crate::error::{Error, Result};
use crate::generated::transfer::Client;
use crate::types::Uuid;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A path on a collection, written as `COLLECTION_ID:PATH` like in the Globus CLI.
///
/// Everything after the first colon is the path, including colons and line breaks. It starts with
/// `/` or `~`. Printing and parsing are inverse; serde uses the same text.
///
/// ```
/// use globus_sdk::transfer::Location;
///
/// let run: Location = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/run7/".parse()?;
/// assert_eq!(run.path(), "/data/run7/");
/// assert_eq!(run.to_string(), "6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/run7/");
///
/// let error = "/data/run7/".parse::<Location>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`/data/run7/` has no collection; write COLLECTION_ID:PATH"
/// );
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    collection: Uuid,
    path: String,
}

impl Location {
    /// Creates a location.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the path is empty or relative.
    ///
    /// ```
    /// use globus_sdk::{transfer::Location, types::Uuid};
    ///
    /// assert!(Location::new(Uuid::nil(), "/~/data/").is_ok());
    /// assert!(Location::new(Uuid::nil(), "data/").is_err());
    /// ```
    pub fn new(collection: Uuid, path: impl Into<String>) -> Result<Self> {
        let path = path.into();
        if path.is_empty() {
            return Err(Error::usage(format!(
                "`{collection}:` has no path; write {collection}:/ for the collection's root, or {collection}:/~/ for its home folder"
            )));
        }
        if !path.starts_with(['/', '~']) {
            return Err(Error::usage(format!(
                "the path `{path}` is relative; start it with / or /~/"
            )));
        }
        Ok(Self { collection, path })
    }

    /// The collection.
    ///
    /// ```
    /// # use globus_sdk::{transfer::{Location, TransferData, TransferItem}};
    /// # fn plan(from: Location, to: Location) -> TransferData {
    /// TransferData::new(from.collection(), to.collection())
    ///     .item(TransferItem::folder(from.path(), to.path()))
    /// # }
    /// ```
    pub fn collection(&self) -> Uuid {
        self.collection
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Appends a path. The result is always below this one: leading slashes are ignored, `..`
    /// removes names of `below` and no more, and a `~` is an ordinary name. Empty names and `.` are
    /// skipped.
    ///
    /// ```
    /// # use globus_sdk::{transfer::Location, types::Uuid};
    /// let data = Location::new(Uuid::nil(), "/data")?;
    /// assert_eq!(data.join("run7/a.h5").path(), "/data/run7/a.h5");
    /// assert_eq!(data.join("/run7/").join("/a.h5").path(), "/data/run7/a.h5");
    /// assert_eq!(data.join("run7/../../../etc").path(), "/data/etc");
    /// assert_eq!(Location::new(Uuid::nil(), "/")?.join("~").path(), "/./~");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        let names = names_below(below);
        let mut path = join_name(&self.path, &names.join("/"));
        let last = below.rsplit('/').next();
        // keep a trailing slash, which marks a folder
        if !names.is_empty() && last != names.last().copied() {
            path.push('/');
        }
        Self {
            collection: self.collection,
            path,
        }
    }
}

impl Client {
    /// [`ls`](Self::ls) for a location.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
    /// let data = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/".parse()?;
    /// let entries = transfer.ls_at(&data).recursive().stream().collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn ls_at(&self, location: &Location) -> Walk {
        self.ls(location.collection, location.path())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.collection, self.path)
    }
}

impl FromStr for Location {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let (id, path) = text.split_once(':').unwrap_or((text, ""));
        let Ok(collection) = Uuid::try_parse(id) else {
            return Err(match id.is_empty() || id.contains('/') {
                true => Error::usage(format!(
                    "`{text}` has no collection; write COLLECTION_ID:PATH"
                )),
                false => Error::invalid_uuid("COLLECTION_ID", id),
            });
        };
        Self::new(collection, path)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_what_is_parsed(id: u128, start in "[/~]", rest in "(?s).*") {
            let location = Location::new(Uuid::from_u128(id), start + &rest)?;
            prop_assert_eq!(location.to_string().parse::<Location>()?, location.clone());
            let json = serde_json::to_string(&location)?;
            prop_assert_eq!(serde_json::from_str::<Location>(&json)?, location);
        }

        #[test]
        fn any_text_is_parsed_or_refused_as_usage(text in "(?s).*") {
            if let Err(error) = text.parse::<Location>() {
                prop_assert_eq!(error.kind(), crate::error::ErrorKind::Usage);
            }
        }

        #[test]
        fn a_join_stays_below(
            path in "(/|~|/~/|~/)[a~/]{0,6}",
            below in prop_oneof!["(?s).*", "([.~a/]|\\.\\.|\u{fffd}){0,12}"],
        ) {
            let top = Location::new(Uuid::nil(), path)?;
            let joined = top.join(&below);
            let (start, names) = read(top.path());
            let (joined_start, joined_names) = read(joined.path());
            prop_assert_eq!(start, joined_start);
            prop_assert_eq!(joined_names.get(..names.len()), Some(&names[..]), "{}", joined);
            prop_assert_eq!(joined.to_string().parse::<Location>()?, joined);
        }
    }

    /// A path as the service reads it: whose home or the root it starts from, and the names from
    /// there; the path it would be if it led out.
    fn read(path: &str) -> (String, Vec<Vec<u8>>) {
        let rest = path
            .strip_prefix('/')
            .unwrap_or(path)
            .trim_start_matches('/');
        let (start, rest) = match rest.split_once('/').unwrap_or((rest, "")) {
            (first, after) if first.starts_with('~') => (first, after),
            _ => ("", rest),
        };
        let mut names = Vec::new();
        for name in rest.split('/') {
            match &*crate::transfer::listing::name_to_bytes(name) {
                b"" | b"." => {}
                b".." if names.pop().is_none() => return (format!("out of {start}"), names),
                b".." => {}
                name => names.push(name.to_vec()),
            }
        }
        (start.to_owned(), names)
    }

    #[test]
    fn a_join_keeps_the_slash_of_a_folder() {
        let data = Location::new(Uuid::nil(), "/data").expect("a path");
        let joined = ["a", "a/", "a/.", "a/b/..", "", "/", "..", "./a//b"];
        assert_eq!(
            joined.map(|below| data.join(below).path().to_owned()),
            [
                "/data/a",
                "/data/a/",
                "/data/a/",
                "/data/a/",
                "/data/",
                "/data/",
                "/data/",
                "/data/a/b"
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let id = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc";
        let wrong = [
            "",
            "/data/",
            ":/data/",
            "laptop:/data/",
            "C:\\data",
            id,
            &format!("{id}:"),
            &format!("{id}:data/"),
        ];
        let said: Vec<_> = wrong
            .map(|text| {
                text.parse::<Location>()
                    .map_or_else(|e| e.to_string(), |l| l.to_string())
            })
            .into();
        insta::assert_snapshot!(said.join("\n"), @r"
        `` has no collection; write COLLECTION_ID:PATH
        `/data/` has no collection; write COLLECTION_ID:PATH
        `:/data/` has no collection; write COLLECTION_ID:PATH
        invalid UUID for `COLLECTION_ID`: `laptop`; write COLLECTION_ID:PATH, such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/
        invalid UUID for `COLLECTION_ID`: `C`; write COLLECTION_ID:PATH, such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/
        `6c54cade-bde5-45c1-bdea-f4bd71dba2cc:` has no path; write 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/ for the collection's root, or 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/~/ for its home folder
        `6c54cade-bde5-45c1-bdea-f4bd71dba2cc:` has no path; write 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/ for the collection's root, or 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/~/ for its home folder
        the path `data/` is relative; start it with / or /~/
        ");
    }
}
