//! Parsing of submissions.
//!
//! Everything is validated here, before the task exists, since a task could only report it by failing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::problem::Problem;
use crate::transfer::engine::Algorithm;
use crate::transfer::files::CollectionPath;
use crate::transfer::request::{
    Members, bad_request, invalid_path, missing, shortened, wrong_type,
};

const MAX_LABEL_LENGTH: usize = 128;

/// The options of a task, as stored with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "UPPERCASE")]
pub(in crate::transfer) enum Options {
    Transfer(TransferOptions),
    Delete(DeleteOptions),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::transfer) struct TransferOptions {
    pub(in crate::transfer) sync_level: Option<SyncLevel>,
    pub(in crate::transfer) verify_checksum: bool,
    pub(in crate::transfer) preserve_timestamp: bool,
    pub(in crate::transfer) encrypt_data: bool,
    pub(in crate::transfer) delete_destination_extra: bool,
    pub(in crate::transfer) skip_source_errors: bool,
    pub(in crate::transfer) fail_on_quota_errors: bool,
    pub(in crate::transfer) recursive_symlinks: RecursiveSymlinks,
    pub(in crate::transfer) filter_rules: Option<Vec<FilterRule>>,
    pub(in crate::transfer) source_local_user: Option<String>,
    pub(in crate::transfer) destination_local_user: Option<String>,
    /// Set if the client requested them with `store_base_path_info`.
    pub(in crate::transfer) base_paths: Option<(String, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::transfer) struct DeleteOptions {
    pub(in crate::transfer) recursive: bool,
    pub(in crate::transfer) ignore_missing: bool,
    pub(in crate::transfer) interpret_globs: bool,
    pub(in crate::transfer) local_user: Option<String>,
}

/// When existing files are transferred again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub(in crate::transfer) enum SyncLevel {
    Exists,
    Size,
    Modified,
    Checksum,
}

impl From<SyncLevel> for u8 {
    fn from(level: SyncLevel) -> Self {
        match level {
            SyncLevel::Exists => 0,
            SyncLevel::Size => 1,
            SyncLevel::Modified => 2,
            SyncLevel::Checksum => 3,
        }
    }
}

impl TryFrom<u8> for SyncLevel {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            0 => Ok(Self::Exists),
            1 => Ok(Self::Size),
            2 => Ok(Self::Modified),
            3 => Ok(Self::Checksum),
            _ => Err(format!("{number} is not a sync level")),
        }
    }
}

/// What happens to links in a transferred directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::transfer) enum RecursiveSymlinks {
    Ignore,
    Keep,
    Copy,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::transfer) struct FilterRule {
    #[serde(rename = "DATA_TYPE")]
    data_type: String,
    pub(in crate::transfer) method: Method,
    pub(in crate::transfer) name: String,
    #[serde(rename = "type")]
    pub(in crate::transfer) applies_to: Option<AppliesTo>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::transfer) enum Method {
    Include,
    Exclude,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::transfer) enum AppliesTo {
    File,
    Dir,
}

/// An item of a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::transfer) enum Item {
    Transfer {
        source: String,
        destination: String,
        /// Whether it must be a directory; `None` if it may be either.
        recursive: Option<bool>,
        external_checksum: Option<String>,
        algorithm: Option<Algorithm>,
    },
    /// A link itself, without following it.
    Symlink {
        source: String,
        destination: String,
    },
    Delete {
        path: String,
    },
}

/// A valid submission.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) label: Option<String>,
    pub(super) deadline: Option<jiff::Timestamp>,
    pub(super) options: Options,
    pub(super) items: Vec<Item>,
}

/// Parses a `transfer` document, except for its endpoints.
pub(super) fn transfer(document: &Map<String, Json>) -> Result<Submission, Problem> {
    let members = Members(document);
    let flag = |name: &str| members.flag(name).map(Option::unwrap_or_default);
    let items = items(
        &members,
        "A transfer requires at least one item",
        transfer_item,
    )?;
    let delete_destination_extra = flag("delete_destination_extra")?;
    let base_paths = if flag("store_base_path_info")? {
        base_paths(&items)
    } else {
        None
    };
    let options = TransferOptions {
        sync_level: sync_level(&members)?,
        verify_checksum: flag("verify_checksum")?,
        preserve_timestamp: flag("preserve_timestamp")?,
        encrypt_data: flag("encrypt_data")?,
        delete_destination_extra,
        skip_source_errors: flag("skip_source_errors")?,
        fail_on_quota_errors: flag("fail_on_quota_errors")?,
        recursive_symlinks: match members.text("recursive_symlinks")? {
            None | Some("ignore") => RecursiveSymlinks::Ignore,
            Some("keep") => RecursiveSymlinks::Keep,
            Some("copy") => RecursiveSymlinks::Copy,
            Some(_) => return Err(wrong_type("recursive_symlinks", "ignore, keep or copy")),
        },
        filter_rules: filter_rules(&members)?,
        source_local_user: members.text("source_local_user")?.map(str::to_owned),
        destination_local_user: members.text("destination_local_user")?.map(str::to_owned),
        base_paths,
    };
    notifications(&members)?;
    Ok(Submission {
        label: label(&members)?,
        deadline: deadline(&members)?,
        options: Options::Transfer(options),
        items,
    })
}

/// Parses a `delete` document.
pub(super) fn delete(document: &Map<String, Json>) -> Result<Submission, Problem> {
    let members = Members(document);
    let flag = |name: &str| members.flag(name).map(Option::unwrap_or_default);
    let items = items(&members, "A delete requires at least one item", delete_item)?;
    let options = DeleteOptions {
        recursive: flag("recursive")?,
        ignore_missing: flag("ignore_missing")?,
        interpret_globs: flag("interpret_globs")?,
        local_user: members.text("local_user")?.map(str::to_owned),
    };
    notifications(&members)?;
    Ok(Submission {
        label: label(&members)?,
        deadline: deadline(&members)?,
        options: Options::Delete(options),
        items,
    })
}

/// Validates a label, also for updates of a task.
pub(in crate::transfer) fn label(members: &Members<'_>) -> Result<Option<String>, Problem> {
    let Some(label) = members.text("label")? else {
        return Ok(None);
    };
    let wrong = |why: &str| Err(bad_request(format!("The label {why}")));
    if label.chars().count() > MAX_LABEL_LENGTH {
        return wrong("must not be longer than 128 characters");
    }
    if label.contains(['\r', '\n', '\0']) {
        return wrong("must not contain line breaks or NUL");
    }
    if label.trim() != label {
        return wrong("must not start or end with a space");
    }
    Ok(Some(label.to_owned()))
}

/// Parses a deadline, also for updates of a task.
pub(in crate::transfer) fn deadline(
    members: &Members<'_>,
) -> Result<Option<jiff::Timestamp>, Problem> {
    members.time("deadline")
}

/// The emulator sends no notifications, but values other than booleans are errors.
fn notifications(members: &Members<'_>) -> Result<(), Problem> {
    for name in [
        "notify_on_succeeded",
        "notify_on_failed",
        "notify_on_inactive",
    ] {
        members.flag(name)?;
    }
    Ok(())
}

fn items(
    members: &Members<'_>,
    none: &str,
    read: impl Fn(&Members<'_>) -> Result<Item, Problem>,
) -> Result<Vec<Item>, Problem> {
    let list = members.list("DATA")?.unwrap_or_default();
    if list.is_empty() {
        let code = "ClientError.BadRequest.NoTransferItems";
        return Err(Problem::transfer(
            axum::http::StatusCode::BAD_REQUEST,
            code,
            none,
        ));
    }
    list.iter()
        .map(|item| match item {
            Json::Object(item) => read(&Members(item)),
            _ => Err(bad_request("Every item of DATA must be an object")),
        })
        .collect()
}

fn transfer_item(item: &Members<'_>) -> Result<Item, Problem> {
    let source = path(item, "source_path")?;
    let destination = path(item, "destination_path")?;
    match item.text("DATA_TYPE")? {
        Some("transfer_symlink_item") => {
            return Ok(Item::Symlink {
                source,
                destination,
            });
        }
        Some("transfer_item") => {}
        None => return Err(missing("DATA_TYPE")),
        Some(other) => {
            return Err(unknown_item(
                other,
                "transfer_item' or 'transfer_symlink_item",
            ));
        }
    }
    let recursive = item.flag("recursive")?;
    let named = item.text("checksum_algorithm")?;
    let algorithm = named
        .map(|name| {
            Algorithm::from_name(name).ok_or_else(|| {
                bad_request(format!(
                    "'{}' is not a known checksum_algorithm",
                    shortened(name)
                ))
            })
        })
        .transpose()?;
    let external_checksum = item.text("external_checksum")?.map(str::to_ascii_lowercase);
    if let Some(checksum) = &external_checksum {
        // Without `recursive`, the item may still be a file, so the engine checks again.
        if recursive == Some(true) {
            return Err(bad_request(
                "An external_checksum cannot be used with a recursive item",
            ));
        }
        let algorithm = algorithm.unwrap_or_default();
        if !algorithm.could_have_made(checksum) {
            return Err(bad_request(format!(
                "The external_checksum is not a {} checksum",
                algorithm.name()
            )));
        }
    }
    Ok(Item::Transfer {
        source,
        destination,
        recursive,
        external_checksum,
        algorithm,
    })
}

fn delete_item(item: &Members<'_>) -> Result<Item, Problem> {
    match item.text("DATA_TYPE")? {
        Some("delete_item") => Ok(Item::Delete {
            path: path(item, "path")?,
        }),
        None => Err(missing("DATA_TYPE")),
        Some(other) => Err(unknown_item(other, "delete_item")),
    }
}

fn unknown_item(data_type: &str, allowed: &str) -> Problem {
    bad_request(format!(
        "The DATA_TYPE of an item must be '{allowed}', not '{}'",
        shortened(data_type)
    ))
}

fn path(item: &Members<'_>, name: &str) -> Result<String, Problem> {
    let text = item.required_text(name)?;
    CollectionPath::parse_absolute(text).map_err(|why| invalid_path(text, &why))?;
    // Stored as it was sent: the task's lists show the client's own spelling.
    Ok(text.to_owned())
}

fn sync_level(members: &Members<'_>) -> Result<Option<SyncLevel>, Problem> {
    let Some(value) = members.get("sync_level") else {
        return Ok(None);
    };
    let level = value.as_u64().and_then(|number| u8::try_from(number).ok());
    level
        .and_then(|number| SyncLevel::try_from(number).ok())
        .map(Some)
        .ok_or_else(|| wrong_type("sync_level", "a number from 0 to 3"))
}

fn filter_rules(members: &Members<'_>) -> Result<Option<Vec<FilterRule>>, Problem> {
    let Some(rules) = members.list("filter_rules")? else {
        return Ok(None);
    };
    let rules = rules.iter().map(|rule| match rule {
        Json::Object(rule) => filter_rule(&Members(rule)),
        _ => Err(bad_request("Every filter rule must be an object")),
    });
    rules.collect::<Result<_, _>>().map(Some)
}

fn filter_rule(rule: &Members<'_>) -> Result<FilterRule, Problem> {
    rule.data_type(&["filter_rule"])?;
    let name = rule.required_text("name")?;
    if name.is_empty() || name.contains('/') {
        return Err(bad_request(
            "The name of a filter rule is a pattern for one name, without '/'",
        ));
    }
    Ok(FilterRule {
        data_type: "filter_rule".to_owned(),
        method: match rule.text("method")? {
            None | Some("exclude") => Method::Exclude,
            Some("include") => Method::Include,
            Some(_) => return Err(wrong_type("method", "include or exclude")),
        },
        name: name.to_owned(),
        applies_to: match rule.text("type")? {
            None => None,
            Some("file") => Some(AppliesTo::File),
            Some("dir") => Some(AppliesTo::Dir),
            Some(_) => return Err(wrong_type("type", "file or dir")),
        },
    })
}

/// The deepest directories that contain all sources and all destinations.
fn base_paths(items: &[Item]) -> Option<(String, String)> {
    let pairs = items.iter().filter_map(|item| match item {
        Item::Transfer {
            source,
            destination,
            ..
        }
        | Item::Symlink {
            source,
            destination,
        } => Some((
            CollectionPath::parse(source).ok()?,
            CollectionPath::parse(destination).ok()?,
        )),
        Item::Delete { .. } => None,
    });
    pairs
        .reduce(|(source, destination), (other_source, other_destination)| {
            (
                source.common(&other_source),
                destination.common(&other_destination),
            )
        })
        .map(|(source, destination)| (source.to_string(), destination.to_string()))
}
