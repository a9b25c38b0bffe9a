//! `/v0.10/operation/endpoint/…`: what is done to a folder at once, without a task.

use std::io;
use std::path::PathBuf;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value as Json, json};

use super::collections::{Collection, Usable};
use super::files::listing::{self, FileEntry, LARGEST_DIRECTORY, ListingError};
use super::files::{CollectionPath, PathError, Root, links};
use super::filter::Filter;
use super::orderby::OrderBy;
use super::request::{Body, Members, Query, invalid_path, shortened};
use super::respond::{answer, blocking, done, result};
use crate::problem::Problem;
use crate::state::App;

/// Where a listing starts when no path is given.
const DEFAULT_DIRECTORY: &str = "/~/";

pub(super) fn router() -> Router<App> {
    let operation = |name: &str| format!("/v0.10/operation/endpoint/{{endpoint_id}}/{name}");
    Router::new()
        .route(&operation("ls"), get(ls))
        .route(&operation("stat"), get(stat))
        .route(&operation("mkdir"), post(mkdir))
        .route(&operation("rename"), post(rename))
        .route(&operation("symlink"), post(symlink))
}

async fn ls(Usable(collection): Usable, query: Query) -> Result<Response, Problem> {
    let (text, path) = asked_path(&query)?;
    let show_hidden = query.flag("show_hidden")?.unwrap_or(true);
    let filter = Filter::parse::<FileEntry>(&query.all("filter"))?;
    let order = OrderBy::parse::<FileEntry>(query.filled("orderby").unwrap_or("type,name"))?;
    let page = query.page(LARGEST_DIRECTORY, LARGEST_DIRECTORY)?;
    let fields = query.fields();

    let endpoint = collection.id;
    let (absolute, entries) = blocking(move || {
        let refused = |error: &ListingError| listing_problem(&collection, &text, error);
        let root = collection
            .root()
            .ok_or_else(|| disconnected("DirListingFailed", &collection))?;
        let mut entries = listing::list(&root, &path).map_err(|error| refused(&error))?;
        entries.retain(|entry| (show_hidden || !entry.is_hidden()) && filter.accepts(entry));
        order.sort(&mut entries);
        Ok((path.to_string(), entries))
    })
    .await?;
    let absolute = if absolute.ends_with('/') {
        absolute
    } else {
        absolute + "/"
    };

    let shown: Vec<Json> = entries
        .iter()
        .skip(page.offset)
        .take(page.limit)
        .map(|entry| fields.pick(entry.document()))
        .collect();
    let list = json!({
        "DATA_TYPE": "file_list",
        "endpoint": endpoint,
        "path": query.filled("path").map_or_else(|| DEFAULT_DIRECTORY.to_owned(), with_slash),
        "absolute_path": absolute,
        "rename_supported": true,
        "symlink_supported": true,
        "length": shown.len(),
        "total": entries.len(),
        "limit": page.limit,
        "offset": page.offset,
        "DATA": shown,
    });
    Ok(answer(StatusCode::OK, list))
}

/// The path of a directory, as the service repeats it.
fn with_slash(path: &str) -> String {
    if path.ends_with('/') {
        path.to_owned()
    } else {
        format!("{path}/")
    }
}

async fn stat(Usable(collection): Usable, query: Query) -> Result<Response, Problem> {
    let (text, path) = asked_path(&query)?;
    let entry = blocking(move || {
        let root = root_of(&collection)?;
        listing::stat(&root, &path).map_err(|error| path_problem(&collection, &text, &error))
    })
    .await?;
    Ok(answer(
        StatusCode::OK,
        query.fields().pick(entry.document()),
    ))
}

async fn mkdir(Usable(collection): Usable, Body(body): Body) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["mkdir"])?;
    let text = members.required_text("path")?.to_owned();
    let path = parse(&text)?;
    blocking(move || {
        let root = collection
            .root()
            .ok_or_else(|| disconnected("MkdirFailed", &collection))?;
        let made = root
            .locate(&path)
            .and_then(|real| Ok(std::fs::create_dir(real)?));
        made.map_err(|error| mkdir_problem(&collection, &text, &error))
    })
    .await?;
    let message = "The directory was created successfully";
    Ok(answer(
        StatusCode::ACCEPTED,
        result("mkdir_result", "DirectoryCreated", message, json!({})),
    ))
}

async fn rename(Usable(collection): Usable, Body(body): Body) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["rename"])?;
    let old_text = members.required_text("old_path")?.to_owned();
    let new_text = members.required_text("new_path")?.to_owned();
    let (old, new) = (parse(&old_text)?, parse(&new_text)?);
    blocking(move || {
        let root = root_of(&collection)?;
        if old.is_root() {
            return Err(denied(&collection, &old_text));
        }
        let from =
            existing(&root, &old).map_err(|error| path_problem(&collection, &old_text, &error))?;
        let to = root.locate(&new).map_err(|error| match error {
            // The parent of the new path: the service has no code of its own for it.
            PathError::NotFound | PathError::NotADirectory => {
                endpoint_error(&collection, &new_text, &error)
            }
            error => path_problem(&collection, &new_text, &error),
        })?;
        if std::fs::symlink_metadata(&to).is_ok() {
            let message = format!("The path '{}' already exists", shortened(&new_text));
            return Err(Problem::transfer(StatusCode::CONFLICT, "Exists", message));
        }
        std::fs::rename(from, to)
            .map_err(|error| path_problem(&collection, &new_text, &error.into()))
    })
    .await?;
    Ok(done(
        "FileRenamed",
        "File or directory renamed successfully",
    ))
}

async fn symlink(Usable(collection): Usable, Body(body): Body) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["symlink"])?;
    let text = members.required_text("path")?.to_owned();
    let target = members.required_text("symlink_target")?.to_owned();
    let path = parse(&text)?;
    // A relative target is relative to the link; what is checked is that it stays inside.
    let parent = path.parent();
    let leads_to = if target.starts_with(['/', '~']) {
        target.clone()
    } else {
        format!("{parent}/{target}")
    };
    let leads_to = CollectionPath::parse(&leads_to).map_err(|why| invalid_path(&target, &why))?;
    blocking(move || {
        let root = root_of(&collection)?;
        let made = root
            .locate(&path)
            .and_then(|real| Ok(links::create(&real, &parent, &leads_to)?));
        made.map_err(|error| match &error {
            PathError::Io(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                already_exists("SymlinkFailed", &text)
            }
            error => path_problem(&collection, &text, error),
        })
    })
    .await?;
    let message = "The symbolic link was created successfully";
    Ok(answer(
        StatusCode::ACCEPTED,
        result("symlink_result", "Created", message, json!({})),
    ))
}

/// The path a query names, as it was written and as it is understood.
fn asked_path(query: &Query) -> Result<(String, CollectionPath), Problem> {
    let text = query.filled("path").unwrap_or(DEFAULT_DIRECTORY);
    Ok((text.to_owned(), parse(text)?))
}

fn parse(text: &str) -> Result<CollectionPath, Problem> {
    CollectionPath::parse(text).map_err(|why| invalid_path(text, &why))
}

fn root_of(collection: &Collection) -> Result<Root, Problem> {
    collection.root().ok_or_else(|| {
        let message = format!(
            "Globus Connect Personal is not connected: {}",
            collection.display_name()
        );
        Problem::transfer(StatusCode::CONFLICT, "GCDisconnectedException", message)
    })
}

/// The place of something that is there, be it a broken link.
fn existing(root: &Root, path: &CollectionPath) -> Result<PathBuf, PathError> {
    let real = root.locate(path)?;
    std::fs::symlink_metadata(&real)?;
    Ok(real)
}

fn listing_problem(collection: &Collection, path: &str, error: &ListingError) -> Problem {
    match error {
        ListingError::Path(PathError::NotFound) => directory_not_found(path),
        ListingError::Path(PathError::NotADirectory) => {
            let message = format!("Path '{}' is not a directory", shortened(path));
            Problem::transfer(
                StatusCode::BAD_GATEWAY,
                "ExternalError.DirListingFailed.NotDirectory",
                message,
            )
        }
        ListingError::Path(PathError::Outside) => listing_denied(collection, path),
        ListingError::Path(PathError::Io(cause))
            if cause.kind() == io::ErrorKind::PermissionDenied =>
        {
            listing_denied(collection, path)
        }
        ListingError::Path(error) => path_problem(collection, path, error),
        ListingError::TooLarge => {
            let message = format!(
                "Directory '{}' has more than {LARGEST_DIRECTORY} entries",
                shortened(path)
            );
            Problem::transfer(
                StatusCode::BAD_GATEWAY,
                "ExternalError.DirListingFailed.SizeLimit",
                message,
            )
        }
    }
}

fn listing_denied(collection: &Collection, path: &str) -> Problem {
    let message = told_by(collection, path, "Path not allowed");
    Problem::transfer(
        StatusCode::FORBIDDEN,
        "ExternalError.DirListingFailed.PermissionDenied",
        message,
    )
}

fn directory_not_found(path: &str) -> Problem {
    let message = format!("Directory Not Found, path '{}' not found", shortened(path));
    Problem::transfer(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
}

fn already_exists(operation: &str, path: &str) -> Problem {
    let message = format!("Path '{}' already exists", shortened(path));
    Problem::transfer(
        StatusCode::BAD_GATEWAY,
        &format!("ExternalError.{operation}.Exists"),
        message,
    )
}

fn mkdir_problem(collection: &Collection, path: &str, error: &PathError) -> Problem {
    let denied = |why: &str| {
        let message = told_by(collection, path, why);
        Problem::transfer(
            StatusCode::FORBIDDEN,
            "ExternalError.MkdirFailed.PermissionDenied",
            message,
        )
    };
    match error {
        PathError::NotFound | PathError::NotADirectory => directory_not_found(path),
        PathError::Outside => denied("Path not allowed"),
        PathError::Io(cause) => match cause.kind() {
            io::ErrorKind::AlreadyExists => already_exists("MkdirFailed", path),
            io::ErrorKind::PermissionDenied => denied("Permission denied"),
            _ => path_problem(collection, path, error),
        },
        PathError::Loop => path_problem(collection, path, error),
    }
}

/// What most operations say about a path that leads nowhere.
fn path_problem(collection: &Collection, path: &str, error: &PathError) -> Problem {
    match error {
        PathError::NotFound | PathError::NotADirectory => {
            let message = format!(
                "Path not found, {}",
                told_by(collection, path, &error.to_string())
            );
            Problem::transfer(StatusCode::NOT_FOUND, "NotFound", message)
        }
        PathError::Outside => denied(collection, path),
        PathError::Io(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            denied(collection, path)
        }
        PathError::Io(cause) if listing::is_bad_name(cause) => {
            let message = format!("The path '{}' is not valid: {cause}", shortened(path));
            Problem::transfer(StatusCode::BAD_REQUEST, "InvalidPath", message)
        }
        PathError::Loop | PathError::Io(_) => endpoint_error(collection, path, error),
    }
}

fn denied(collection: &Collection, path: &str) -> Problem {
    let message = format!(
        "Denied by endpoint, {}",
        told_by(collection, path, "Path not allowed")
    );
    Problem::transfer(StatusCode::FORBIDDEN, "EndpointPermissionDenied", message)
}

fn endpoint_error(collection: &Collection, path: &str, error: &PathError) -> Problem {
    Problem::transfer(
        StatusCode::BAD_GATEWAY,
        "EndpointError",
        told_by(collection, path, &error.to_string()),
    )
}

fn disconnected(operation: &str, collection: &Collection) -> Problem {
    let message = format!(
        "Globus Connect Personal is not connected: {}",
        collection.display_name()
    );
    Problem::transfer(
        StatusCode::BAD_GATEWAY,
        &format!("ExternalError.{operation}.GCDisconnected"),
        message,
    )
}

/// The message of the endpoint's server, which the service repeats line by line.
fn told_by(collection: &Collection, path: &str, what: &str) -> String {
    let (name, id) = (collection.display_name(), collection.id);
    format!(
        "Endpoint: {name} ({id})\nPath: {}\nMessage: {what}",
        shortened(path)
    )
}
