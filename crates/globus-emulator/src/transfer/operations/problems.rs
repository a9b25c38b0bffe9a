//! Errors of operations on paths, with the codes of the service.

use std::io;

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use crate::auth::requirements;
use crate::problem::Problem;
use crate::transfer::collections::{Collection, Unreachable};
use crate::transfer::files::PathError;
use crate::transfer::files::listing::{self, ListingError, MAX_ENTRIES};
use crate::transfer::request::shortened;

/// The 409 of most operations on an unreachable collection.
pub(in crate::transfer) fn disconnected(collection: &Collection) -> Problem {
    Problem::transfer(
        StatusCode::CONFLICT,
        "GCDisconnectedException",
        not_connected(collection),
    )
}

/// The error of most operations on a collection without a folder.
pub(super) fn unreachable_problem(
    collection: &Collection,
    path: &str,
    why: Unreachable,
) -> Problem {
    match why {
        Unreachable::Disconnected => disconnected(collection),
        Unreachable::NoDirectory => path_problem(collection, path, &PathError::NotFound),
    }
}

/// The error of those operations that have codes of their own for everything.
pub(super) fn unreachable_problem_for(
    operation: &str,
    collection: &Collection,
    path: &str,
    why: Unreachable,
) -> Problem {
    match why {
        Unreachable::Disconnected => Problem::transfer(
            StatusCode::BAD_GATEWAY,
            &format!("ExternalError.{operation}.GCDisconnected"),
            not_connected(collection),
        ),
        Unreachable::NoDirectory => directory_not_found(path),
    }
}

/// The storage rejects the login of the caller. Operations with codes of their own have one for it; the
/// others have `EndpointError`, which the documentation of rename gives for failed authentication.
pub(in crate::transfer) fn login_failed(
    operation: &str,
    collection: &Collection,
    parameters: &Json,
) -> Problem {
    let code = match operation {
        "ls" => "ExternalError.DirListingFailed.LoginFailed",
        "mkdir" => "ExternalError.MkdirFailed.LoginFailed",
        "symlink" => "ExternalError.SymlinkFailed.LoginFailed",
        _ => "EndpointError",
    };
    let why = requirements::LOGIN_REQUIRED;
    let result = json!({
        "DATA_TYPE": "result#1.1.0",
        "authorization_parameters": parameters,
        "code": "permission_denied",
        "detail": null,
        "has_next_page": false,
        "http_response_code": 403,
        "message": why,
    });
    let (name, id) = (collection.display_name(), collection.id);
    // The message of the storage has escaped line breaks.
    let message = format!(
        "Command Failed: Error (login)\nEndpoint: {name} ({id})\nServer: 127.0.0.1:443\n\
         Message: Login Failed\n---\nDetails: 530-Login incorrect. : \
         GlobusError: v=1 c=LOGIN_DENIED\\r\\n530-GridFTP-Message: {why}\\r\\n\
         530-GridFTP-JSON-Result: {result}\\r\\n530 End.\\r\\n\n"
    );
    Problem::transfer(StatusCode::BAD_GATEWAY, code, message)
        .with("authorization_parameters", parameters.clone())
}

fn not_connected(collection: &Collection) -> String {
    format!(
        "Globus Connect Personal is not connected: {}",
        collection.display_name()
    )
}

pub(super) fn listing_problem(
    collection: &Collection,
    path: &str,
    error: &ListingError,
) -> Problem {
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
        ListingError::Path(PathError::Io(cause))
            if cause.kind() == io::ErrorKind::PermissionDenied =>
        {
            Problem::transfer(
                StatusCode::FORBIDDEN,
                "ExternalError.DirListingFailed.PermissionDenied",
                server_message(collection, path, "Permission denied"),
            )
        }
        ListingError::Path(error) => path_problem(collection, path, error),
        ListingError::TooLarge => {
            let message = format!(
                "Directory '{}' has more than {MAX_ENTRIES} entries",
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

pub(in crate::transfer) fn directory_not_found(path: &str) -> Problem {
    let message = format!("Directory Not Found, path '{}' not found", shortened(path));
    Problem::transfer(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
}

pub(super) fn already_exists(operation: &str, path: &str) -> Problem {
    let message = format!("Path '{}' already exists", shortened(path));
    Problem::transfer(
        StatusCode::BAD_GATEWAY,
        &format!("ExternalError.{operation}.Exists"),
        message,
    )
}

pub(super) fn mkdir_problem(collection: &Collection, path: &str, error: &PathError) -> Problem {
    match error {
        PathError::NotFound | PathError::NotADirectory => {
            let message = format!(
                "Directory Not Found, {}",
                server_message(collection, path, &error.to_string())
            );
            Problem::transfer(StatusCode::NOT_FOUND, "ClientError.NotFound", message)
        }
        PathError::Io(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            already_exists("MkdirFailed", path)
        }
        PathError::Io(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            Problem::transfer(
                StatusCode::FORBIDDEN,
                "ExternalError.MkdirFailed.PermissionDenied",
                server_message(collection, path, "Permission denied"),
            )
        }
        PathError::Outside | PathError::Loop | PathError::Io(_) => {
            path_problem(collection, path, error)
        }
    }
}

/// The error of most operations for an invalid path.
pub(super) fn path_problem(collection: &Collection, path: &str, error: &PathError) -> Problem {
    match error {
        PathError::NotFound | PathError::NotADirectory => {
            let message = format!(
                "Path not found, {}",
                server_message(collection, path, &error.to_string())
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

/// The endpoint's server does not allow the path. All operations have the same code for this, unlike for
/// errors of the file system.
pub(super) fn denied(collection: &Collection, path: &str) -> Problem {
    let message = format!(
        "Denied by endpoint, {}",
        server_message(collection, path, "Path not allowed")
    );
    Problem::transfer(StatusCode::FORBIDDEN, "EndpointPermissionDenied", message)
}

pub(super) fn endpoint_error(collection: &Collection, path: &str, error: &PathError) -> Problem {
    Problem::transfer(
        StatusCode::BAD_GATEWAY,
        "EndpointError",
        server_message(collection, path, &error.to_string()),
    )
}

/// The message of the endpoint's server, in the lines that the service returns.
fn server_message(collection: &Collection, path: &str, what: &str) -> String {
    let (name, id) = (collection.display_name(), collection.id);
    format!(
        "Endpoint: {name} ({id})\nPath: {}\nMessage: {what}",
        shortened(path)
    )
}
