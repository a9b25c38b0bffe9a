//! `/v0.10/operation/endpoint/…`: synchronous operations on folders.

pub(super) mod problems;

use std::io;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use cap_std::fs::Metadata;
use serde_json::{Value as Json, json};

use super::authz::Access;
use super::collections::{Collection, Usable};
use super::files::listing::{self, FileEntry, MAX_ENTRIES};
use super::files::{CollectionPath, Entry, PathError, Root, links};
use super::filter::Filter;
use super::orderby::OrderBy;
use super::pause_rules::{PausableOperation, refuse_if_paused};
use super::request::{Body, Members, Query, invalid_path, shortened};
use super::respond::{answer, blocking, done, result};
use crate::app_state::AppState;
use crate::problem::Problem;
use problems::{
    already_exists, denied, endpoint_error, listing_problem, mkdir_problem, path_problem,
    unreachable_problem, unreachable_problem_for,
};

pub(super) fn router() -> Router<AppState> {
    let operation = |name: &str| format!("/v0.10/operation/endpoint/{{endpoint_id}}/{name}");
    Router::new()
        .route(&operation("ls"), get(ls))
        .route(&operation("stat"), get(stat))
        .route(&operation("mkdir"), post(mkdir))
        .route(&operation("rename"), post(rename))
        .route(&operation("symlink"), post(symlink))
}

async fn ls(
    State(app): State<AppState>,
    Usable(files): Usable,
    query: Query,
) -> Result<Response, Problem> {
    let (text, path) = requested_path(&files.collection, &query)?;
    let show_hidden = query.flag("show_hidden")?.unwrap_or(true);
    let filter = Filter::parse::<FileEntry>(&query.all("filter"))?;
    let order = OrderBy::parse::<FileEntry>(query.filled("orderby").unwrap_or("type,name"))?;
    let page = query.page(MAX_ENTRIES, MAX_ENTRIES)?;
    let fields = query.fields();

    refuse_if_paused(&app, &files, PausableOperation::Ls)?;
    let endpoint = files.collection.id;
    let shown_path = with_slash(&text);
    let (absolute, entries) = blocking(move || {
        let collection = &files.collection;
        let root = files
            .root(Access::Read)
            .map_err(|why| unreachable_problem_for("DirListingFailed", collection, &text, why))?;
        let mut entries = listing::list(&root, &path)
            .map_err(|error| listing_problem(collection, &text, &error))?;
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
        "path": shown_path,
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

/// The path of a directory, as in responses of the service.
fn with_slash(path: &str) -> String {
    if path.ends_with('/') {
        path.to_owned()
    } else {
        format!("{path}/")
    }
}

async fn stat(Usable(files): Usable, query: Query) -> Result<Response, Problem> {
    let (text, path) = requested_path(&files.collection, &query)?;
    let entry = blocking(move || {
        let root = files
            .root(Access::Read)
            .map_err(|why| unreachable_problem(&files.collection, &text, why))?;
        listing::stat(&root, &path).map_err(|error| path_problem(&files.collection, &text, &error))
    })
    .await?;
    Ok(answer(
        StatusCode::OK,
        query.fields().pick(entry.document()),
    ))
}

async fn mkdir(
    State(app): State<AppState>,
    Usable(files): Usable,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["mkdir"])?;
    let text = members.required_text("path")?.to_owned();
    let path = parse(&text)?;
    refuse_if_paused(&app, &files, PausableOperation::Mkdir)?;
    blocking(move || {
        let collection = &files.collection;
        let root = files
            .root(Access::Write)
            .map_err(|why| unreachable_problem_for("MkdirFailed", collection, &text, why))?;
        let made = root
            .locate(&path)
            .and_then(|entry| Ok(entry.create_folder()?));
        made.map_err(|error| mkdir_problem(collection, &text, &error))
    })
    .await?;
    let message = "The directory was created successfully";
    Ok(answer(
        StatusCode::ACCEPTED,
        result("mkdir_result", "DirectoryCreated", message, json!({})),
    ))
}

async fn rename(
    State(app): State<AppState>,
    Usable(files): Usable,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["rename"])?;
    let old_text = members.required_text("old_path")?.to_owned();
    let new_text = members.required_text("new_path")?.to_owned();
    let (old, new) = (parse(&old_text)?, parse(&new_text)?);
    // After parsing, so that an invalid request gets the same error with and without a pause.
    refuse_if_paused(&app, &files, PausableOperation::Rename)?;
    blocking(move || {
        let collection = &files.collection;
        let root = files
            .root(Access::Write)
            .map_err(|why| unreachable_problem(collection, &old_text, why))?;
        if old.is_root() {
            return Err(denied(collection, &old_text));
        }
        let (from, metadata) =
            existing(&root, &old).map_err(|error| path_problem(collection, &old_text, &error))?;
        let to = root.locate(&new).map_err(|error| match error {
            // Errors of the new path's parent have no code of their own.
            PathError::NotFound | PathError::NotADirectory => {
                endpoint_error(collection, &new_text, &error)
            }
            error => path_problem(collection, &new_text, &error),
        })?;
        let exists = || {
            let message = format!("The path '{}' already exists", shortened(&new_text));
            Problem::transfer(StatusCode::CONFLICT, "Exists", message)
        };
        if to.metadata().is_ok() {
            return Err(exists());
        }
        // A relative link would have another target after being moved.
        if metadata.is_symlink() && from.folder().path() != to.folder().path() {
            let target = from
                .read_link()
                .map_err(|error| path_problem(collection, &old_text, &error.into()))?;
            if links::leads_out(&root, &to, &target) {
                return Err(denied(collection, &new_text));
            }
        }
        // Renaming must not replace anything, even if it appeared after the check above.
        from.rename_to_new(&to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(),
            _ => path_problem(collection, &new_text, &error.into()),
        })
    })
    .await?;
    Ok(done(
        "FileRenamed",
        "File or directory renamed successfully",
    ))
}

async fn symlink(
    State(app): State<AppState>,
    Usable(files): Usable,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["symlink"])?;
    let text = members.required_text("path")?.to_owned();
    let target = members.required_text("symlink_target")?.to_owned();
    let path = parse(&text)?;
    // Relative targets start at the link; only the check that it stays in the collection is needed.
    let parent = path.parent();
    let leads_to = if target.starts_with(['/', '~']) {
        target.clone()
    } else {
        format!("{parent}/{target}")
    };
    let leads_to = CollectionPath::parse(&leads_to).map_err(|why| invalid_path(&target, &why))?;
    refuse_if_paused(&app, &files, PausableOperation::Symlink)?;
    blocking(move || {
        let collection = &files.collection;
        let root = files
            .root(Access::Write)
            .map_err(|why| unreachable_problem(collection, &text, why))?;
        let made = root
            .locate(&path)
            .and_then(|entry| Ok(links::create(&entry, &leads_to)?));
        made.map_err(|error| match &error {
            PathError::Io(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                already_exists("SymlinkFailed", &text)
            }
            error => path_problem(collection, &text, error),
        })
    })
    .await?;
    let message = "The symbolic link was created successfully";
    Ok(answer(
        StatusCode::ACCEPTED,
        result("symlink_result", "Created", message, json!({})),
    ))
}

/// The path in a query, as written and parsed.
fn requested_path(
    collection: &Collection,
    query: &Query,
) -> Result<(String, CollectionPath), Problem> {
    let text = query
        .filled("path")
        .unwrap_or_else(|| collection.default_directory());
    Ok((text.to_owned(), parse(text)?))
}

fn parse(text: &str) -> Result<CollectionPath, Problem> {
    CollectionPath::parse(text).map_err(|why| invalid_path(text, &why))
}

/// Requires that an entry exists, even if it is a broken link.
fn existing(root: &Root, path: &CollectionPath) -> Result<(Entry, Metadata), PathError> {
    let entry = root.locate(path)?;
    let metadata = entry.metadata()?;
    Ok((entry, metadata))
}
