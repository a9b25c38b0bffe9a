//! The contents of a token file. Everything that belongs to others is preserved.
//!
//! ```json
//! {"format_version": "2.0", "globus-sdk.version": "…", "data": {"NAMESPACE": {"RESOURCE SERVER": {…}}}}
//! {"format_version": "1.0", "globus-sdk.version": "…", "by_rs": {"RESOURCE SERVER": {…}}}
//! ```

use crate::error::{Error, ErrorKind, Result, redact};
use crate::token::data::TokenData;
use crate::token::storage::file::TokenFile;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const DEFAULT: &str = "DEFAULT";
/// The program that wrote the file last. The Python SDK expects a text here.
const WRITER: &str = concat!("rust-", env!("CARGO_PKG_VERSION"));

/// The format to write.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Format {
    /// 2.0; 1.0 is read, too.
    Current,
    /// 1.0 only.
    Legacy,
}

pub(super) struct Document {
    path: PathBuf,
    format: Format,
    content: Map<String, Value>,
}

impl Document {
    pub(super) fn read(file: &TokenFile, format: Format) -> Result<Self> {
        let mut document = Self {
            path: file.path().to_owned(),
            format,
            content: Map::new(),
        };
        match parse(file)? {
            Some(content) => document.content = content,
            None => {
                document
                    .content
                    .insert(format.section().into(), Map::new().into());
                return Ok(document);
            }
        }
        let version = document.content.get("format_version").cloned();
        match (format, version.as_ref().and_then(Value::as_str)) {
            (Format::Current, Some("2.0")) | (Format::Legacy, Some("1.0")) => {}
            (Format::Current, Some("1.0")) => document.upgrade()?,
            (Format::Legacy, Some("2.0")) => {
                return Err(document.wrong("has format 2.0, which needs JsonTokenStorage::new"));
            }
            (_, Some(other)) if is_version(other) => {
                return Err(document.wrong(format!("has the unsupported format {other}")));
            }
            // the value is not shown, since it may be a token
            (_, Some(_)) => return Err(document.wrong("has an unsupported format")),
            (_, None) => return Err(document.wrong("does not say which format it has")),
        }
        if !document
            .content
            .get(format.section())
            .is_some_and(Value::is_object)
        {
            return Err(document.wrong(format!("has no object `{}`", format.section())));
        }
        Ok(document)
    }

    pub(super) fn write(mut self, file: &TokenFile) -> Result<()> {
        let version = match self.format {
            Format::Current => "2.0",
            Format::Legacy => "1.0",
        };
        self.content.insert("format_version".into(), version.into());
        self.content
            .insert("globus-sdk.version".into(), WRITER.into());
        let bytes = serde_json::to_vec(&self.content).map_err(unwritable)?;
        file.replace(&bytes)
    }

    /// Format 1.0 has no namespaces: its tokens become those of the default one.
    fn upgrade(&mut self) -> Result<()> {
        let known = self.content.remove("by_rs");
        let known = known.ok_or_else(|| self.wrong("has no object `by_rs`"))?;
        let data = Map::from_iter([(DEFAULT.to_owned(), known)]);
        self.content.insert("data".into(), data.into());
        Ok(())
    }

    pub(super) fn get(&self, namespace: &str, resource_server: &str) -> Result<Option<TokenData>> {
        let entry = self
            .entries(namespace)?
            .and_then(|known| known.get(resource_server));
        entry
            .map(|entry| self.decode(resource_server, entry))
            .transpose()
    }

    pub(super) fn all(&self, namespace: &str) -> Result<BTreeMap<String, TokenData>> {
        let entries = self.entries(namespace)?.into_iter().flatten();
        entries
            .map(|(name, entry)| Ok((name.clone(), self.decode(name, entry)?)))
            .collect()
    }

    pub(super) fn insert(&mut self, namespace: &str, tokens: &[TokenData]) -> Result<()> {
        let mut new = Map::new();
        for data in tokens {
            let entry = serde_json::to_value(data).map_err(unwritable)?;
            new.insert(data.resource_server.clone(), entry);
        }
        // fails for a namespace that is not an object, so that nothing of another program is
        // overwritten
        self.entries(namespace)?;
        let section = self.content.get_mut(self.format.section());
        let entries = match (self.format, section) {
            (Format::Legacy, section) => section,
            (Format::Current, Some(Value::Object(data))) => {
                Some(data.entry(namespace).or_insert_with(|| Map::new().into()))
            }
            (Format::Current, _) => None,
        };
        if let Some(Value::Object(known)) = entries {
            known.extend(new);
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, namespace: &str, resource_server: &str) -> Result<bool> {
        self.entries(namespace)?;
        let section = self.content.get_mut(self.format.section());
        let entries = match self.format {
            Format::Legacy => section,
            Format::Current => section.and_then(|data| data.get_mut(namespace)),
        };
        let known = entries.and_then(Value::as_object_mut);
        Ok(known.is_some_and(|known| known.remove(resource_server).is_some()))
    }

    /// The tokens of a namespace by resource server.
    fn entries(&self, namespace: &str) -> Result<Option<&Map<String, Value>>> {
        let section = self.content.get(self.format.section());
        let entries = match self.format {
            Format::Legacy if namespace != DEFAULT => {
                return Err(Error::usage(
                    "a token file of format 1.0 has no namespaces; use JsonTokenStorage::new",
                ));
            }
            Format::Legacy => section,
            Format::Current => section.and_then(|data| data.get(namespace)),
        };
        match entries {
            None => Ok(None),
            Some(Value::Object(known)) => Ok(Some(known)),
            Some(_) => Err(self.wrong(format!(
                "has something other than an object for the namespace `{namespace}`"
            ))),
        }
    }

    /// Without serde's message as the source: it would show values.
    fn decode(&self, resource_server: &str, entry: &Value) -> Result<TokenData> {
        TokenData::deserialize(entry).map_err(|_| {
            self.wrong(format!(
                "has invalid token data for {}",
                redact::name(resource_server)
            ))
        })
    }

    fn wrong(&self, why: impl Display) -> Error {
        wrong(&self.path, why)
    }
}

impl Format {
    /// The field with the tokens.
    fn section(self) -> &'static str {
        match self {
            Self::Current => "data",
            Self::Legacy => "by_rs",
        }
    }
}

/// Whether a text consists of a few small numbers separated by dots.
fn is_version(text: &str) -> bool {
    let number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    text.len() <= 11 && text.split('.').all(number)
}

fn unwritable(e: serde_json::Error) -> Error {
    Error::new(
        ErrorKind::Storage,
        "the tokens cannot be written as JSON; please report this",
    )
    .with_source(e)
}

fn wrong(path: &Path, why: impl Display) -> Error {
    let path = path.display();
    Error::new(
        ErrorKind::Storage,
        format!("the token file {path} {why}; move it away and log in again, or use another file"),
    )
}

/// Reads a file. Retries when it is malformed, since the Python SDK writes in place and may be in
/// the middle of writing.
fn parse(file: &TokenFile) -> Result<Option<Map<String, Value>>> {
    let mut pauses = [10, 50, 100].into_iter();
    loop {
        let Some(bytes) = file.read()? else {
            return Ok(None);
        };
        let error = match serde_json::from_slice(&bytes) {
            Ok(Value::Object(content)) => return Ok(Some(content)),
            Ok(_) => wrong(file.path(), "is not a JSON object"),
            Err(e) => wrong(file.path(), "is not valid JSON").with_source(e),
        };
        match pauses.next() {
            Some(pause) => std::thread::sleep(Duration::from_millis(pause)),
            None => return Err(error),
        }
    }
}
