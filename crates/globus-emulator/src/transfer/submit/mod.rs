//! Task submission, at most once per submission id.

mod admission;
mod submission;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

pub(super) use submission::{
    AppliesTo, DeleteOptions, FilterRule, Item, Method, Options, RecursiveSymlinks, SyncLevel,
    TransferOptions, deadline, label,
};

use submission::Submission;

use super::authz::Access;
use super::collections::{self, Collection, Files};
use super::engine;
use super::files::CollectionPath;
use super::pause_rules;
use super::request::{Body, Members, User, bad_request, missing, shortened};
use super::respond::{answer, result};
use super::tasks::{self, NewTask, queue};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;

impl Options {
    /// Enforces the requirements of the collections on the options.
    fn comply_with(&mut self, collection: &Collection) {
        if let Self::Transfer(options) = self {
            // Stored with the task, so that its document shows what really happens.
            options.encrypt_data |= collection.forces_encryption();
            options.verify_checksum &= !collection.disables_verification();
        }
    }

    /// The `type` of such a task.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Transfer(_) => "TRANSFER",
            Self::Delete(_) => "DELETE",
        }
    }
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/submission_id", get(submission_id))
        .route("/v0.10/transfer", post(transfer))
        .route("/v0.10/delete", post(delete))
}

async fn submission_id(
    State(app): State<AppState>,
    User(caller): User,
) -> Result<Response, Problem> {
    let id = Uuid::new_v4();
    app.store().lock().execute(
        "INSERT INTO transfer_submissions (id, owner_id) VALUES (?1, ?2)",
        (id.to_string(), caller.identity_id.to_string()),
    )?;
    Ok(answer(
        StatusCode::OK,
        json!({ "DATA_TYPE": "submission_id", "value": id }),
    ))
}

async fn transfer(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    submit(
        &app,
        &caller,
        &body,
        &Words {
            data_type: "transfer",
            result: "transfer_result",
        },
        || {
            let source = endpoint(&app, &caller, &body, "source_endpoint")?;
            let destination = endpoint(&app, &caller, &body, "destination_endpoint")?;
            let mut submission = submission::transfer(&body)?;
            for files in [&source, &destination] {
                submission.options.comply_with(&files.collection);
            }
            // Before the permissions: it is a mistake with any permissions.
            refuse_onto_itself(&submission, &source.collection, &destination.collection)?;
            require_access(&caller, &submission, &source, &destination)?;
            Ok((source.collection, Some(destination.collection), submission))
        },
    )
}

async fn delete(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    submit(
        &app,
        &caller,
        &body,
        &Words {
            data_type: "delete",
            result: "delete_result",
        },
        || {
            let files = endpoint(&app, &caller, &body, "endpoint")?;
            let submission = submission::delete(&body)?;
            require_access(&caller, &submission, &files, &files)?;
            Ok((files.collection, None, submission))
        },
    )
}

struct Words {
    data_type: &'static str,
    result: &'static str,
}

/// The common part of both submissions. The submission id is checked first: a repeated submission returns
/// its task, even if the endpoints have changed.
fn submit(
    app: &AppState,
    caller: &Caller,
    body: &Map<String, Json>,
    words: &Words,
    read: impl FnOnce() -> Result<(Collection, Option<Collection>, Submission), Problem>,
) -> Result<Response, Problem> {
    let members = Members(body);
    if members.text("DATA_TYPE")?.is_none() {
        return Err(missing("DATA_TYPE"));
    }
    members.data_type(&[words.data_type])?;
    let submission_id = members.required_text("submission_id")?;
    let submission_id = Uuid::parse_str(submission_id).map_err(|_| {
        let message = format!(
            "The submission_id '{}' is not a UUID",
            shortened(submission_id)
        );
        Problem::transfer(StatusCode::BAD_REQUEST, "ClientError.BadRequest", message)
    })?;
    if let Some(task_id) = submitted_before(&app.store().lock(), caller, submission_id)? {
        return Ok(duplicate(words, submission_id, task_id));
    }
    // Without the lock, since it resolves collections. Hence the second look-up below.
    let (source, destination, submission) = read()?;

    let new = NewTask {
        owner: caller,
        label: submission.label,
        deadline: submission.deadline,
        source: &source,
        destination: destination.as_ref(),
        options: &submission.options,
        items: &submission.items,
    };
    let digest = admission::paths_digest(&new);

    let now = app.now();
    let mut conn = app.store().lock();
    let transaction = conn.transaction()?;
    // Of two concurrent requests with the same id, the second one finds the task of the first here.
    if let Some(task_id) = submitted_before(&transaction, caller, submission_id)? {
        return Ok(duplicate(words, submission_id, task_id));
    }
    admission::refuse_for_now(&transaction, app.limiter().limits(), &new, digest.as_ref())?;
    let task_id = tasks::create(&transaction, new, now)?;
    if let Some(digest) = digest {
        queue::set_paths(&transaction, task_id, &digest)?;
    }
    if let Some(task) = tasks::find(&transaction, task_id)? {
        // In the same transaction, so that a task on a paused endpoint is never claimed first.
        pause_rules::refresh_one(&transaction, &task, now)?;
    }
    transaction.execute(
        "UPDATE transfer_submissions SET task_id = ?2 WHERE id = ?1",
        params![submission_id.to_string(), task_id.to_string()],
    )?;
    transaction.commit()?;
    drop(conn);
    // After the commit: a worker that starts earlier would not find the task.
    engine::dispatch(app);
    let message = format!(
        "The {} has been accepted and a task has been created and queued for execution",
        words.data_type
    );
    Ok(submitted(
        StatusCode::ACCEPTED,
        words,
        "Accepted",
        &message,
        submission_id,
        task_id,
    ))
}

/// The task that was submitted with an id, which must have been issued to the caller.
fn submitted_before(
    conn: &Connection,
    caller: &Caller,
    submission_id: Uuid,
) -> Result<Option<Uuid>, Problem> {
    let known: Option<Option<String>> = conn
        .query_row(
            "SELECT task_id FROM transfer_submissions WHERE id = ?1 AND owner_id = ?2",
            (submission_id.to_string(), caller.identity_id.to_string()),
            |row| row.get(0),
        )
        .optional()?;
    let task_id = known.ok_or_else(|| not_issued(submission_id))?;
    Ok(task_id.and_then(|id| Uuid::parse_str(&id).ok()))
}

fn not_issued(submission_id: Uuid) -> Problem {
    let message = format!("The submission_id '{submission_id}' was not issued to you");
    Problem::transfer(StatusCode::BAD_REQUEST, "ClientError.BadRequest", message)
}

fn duplicate(words: &Words, submission_id: Uuid, task_id: Uuid) -> Response {
    let message = format!(
        "A {} with this submission id has been accepted before",
        words.data_type
    );
    submitted(
        StatusCode::OK,
        words,
        "Duplicate",
        &message,
        submission_id,
        task_id,
    )
}

fn submitted(
    status: StatusCode,
    words: &Words,
    code: &str,
    message: &str,
    submission_id: Uuid,
    task_id: Uuid,
) -> Response {
    let extra = json!({
        "submission_id": submission_id,
        "task_id": task_id,
        "task_link": {
            "DATA_TYPE": "link",
            "href": format!("/v0.10/task/{task_id}?format=json"),
            "rel": "related",
            "resource": "task",
            "title": "related task",
        },
    });
    answer(status, result(words.result, code, message, extra))
}

fn endpoint(
    app: &AppState,
    caller: &Caller,
    body: &Map<String, Json>,
    name: &str,
) -> Result<Files, Problem> {
    collections::usable(app, caller, Members(body).required_text(name)?)
}

/// Rejects paths without access. Access is checked again when the task runs, since rules and links may
/// change.
fn require_access(
    caller: &Caller,
    submission: &Submission,
    from: &Files,
    to: &Files,
) -> Result<(), Problem> {
    for item in &submission.items {
        let used = match item {
            Item::Transfer {
                source,
                destination,
                ..
            }
            | Item::Symlink {
                source,
                destination,
            } => vec![
                (from, source, Access::Read),
                (to, destination, Access::Write),
            ],
            Item::Delete { path } => vec![(from, path, Access::Write)],
        };
        for (files, text, access) in used {
            let path = CollectionPath::parse(text).unwrap_or_default();
            if !files.allows(&path, access) {
                let message = format!(
                    "{} may not {} '{}' on the endpoint '{}'",
                    caller.username,
                    if access == Access::Read {
                        "read"
                    } else {
                        "write"
                    },
                    shortened(text),
                    files.collection.id
                );
                return Err(Problem::transfer(
                    StatusCode::FORBIDDEN,
                    "PermissionDenied",
                    message,
                ));
            }
        }
    }
    Ok(())
}

/// Rejects copying a file onto itself or a directory into itself, which is always a mistake.
fn refuse_onto_itself(
    submission: &Submission,
    source: &Collection,
    destination: &Collection,
) -> Result<(), Problem> {
    if source.id != destination.id {
        return Ok(());
    }
    for item in &submission.items {
        let (Item::Transfer {
            source,
            destination,
            ..
        }
        | Item::Symlink {
            source,
            destination,
        }) = item
        else {
            continue;
        };
        let recursive = !matches!(
            item,
            Item::Transfer {
                recursive: Some(false),
                ..
            } | Item::Symlink { .. }
        );
        let read = |text: &str| CollectionPath::parse(text).unwrap_or_default();
        let (from, to) = (read(source), read(destination));
        if from == to {
            return Err(bad_request(format!(
                "The source and the destination '{}' are the same",
                shortened(source)
            )));
        }
        if recursive && to.is_within(&from) {
            return Err(bad_request(format!(
                "The destination '{}' is inside of the source '{}'",
                shortened(destination),
                shortened(source)
            )));
        }
    }
    Ok(())
}
