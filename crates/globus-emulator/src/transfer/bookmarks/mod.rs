//! Bookmarks: names that users give to directories, visible to themselves only.
//!
//! Both generations of operations work on the same bookmarks.

mod v1;
mod v2;

use axum::Router;
use axum::http::StatusCode;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::files::CollectionPath;
use super::request::{bad_request, invalid_path, shortened};
use crate::app_state::AppState;
use crate::columns::uuid_at;
use crate::problem::Problem;

const MAX_NAME_LENGTH: usize = 128;

pub(super) fn router() -> Router<AppState> {
    v1::router().merge(v2::router())
}

#[derive(Clone, Debug)]
struct Bookmark {
    id: Uuid,
    name: String,
    collection: Uuid,
    path: String,
    pinned: bool,
}

impl Bookmark {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: uuid_at(row, 0)?,
            name: row.get(1)?,
            collection: uuid_at(row, 2)?,
            path: row.get(3)?,
            pinned: row.get(4)?,
        })
    }

    /// Stores a bookmark, unless another one of the owner has its name.
    fn store(&self, conn: &Connection, owner: Uuid) -> Result<(), Problem> {
        let taken: bool = conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM transfer_bookmarks WHERE owner_id = ?1 AND name = ?2 AND id != ?3)",
            )?
            .query_row(
                params![owner.to_string(), self.name, self.id.to_string()],
                |row| row.get(0),
            )?;
        if taken {
            let message = format!("There is a bookmark '{}' already", shortened(&self.name));
            return Err(Problem::transfer(StatusCode::CONFLICT, "Conflict", message));
        }
        conn.prepare_cached(
            "INSERT INTO transfer_bookmarks (id, owner_id, name, collection_id, path, pinned)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, path = excluded.path, pinned = excluded.pinned",
        )?
        .execute(params![
            self.id.to_string(),
            owner.to_string(),
            self.name,
            self.collection.to_string(),
            self.path,
            self.pinned,
        ])?;
        Ok(())
    }
}

/// The bookmarks of a user, in the order of their creation.
fn of_owner(conn: &Connection, owner: Uuid) -> rusqlite::Result<Vec<Bookmark>> {
    conn.prepare_cached(
        "SELECT id, name, collection_id, path, pinned FROM transfer_bookmarks
         WHERE owner_id = ?1 ORDER BY seq",
    )?
    .query_map([owner.to_string()], Bookmark::read)?
    .collect()
}

/// A bookmark of the user. Bookmarks of others do not exist for them.
fn find(conn: &Connection, owner: Uuid, id: &str) -> Result<Bookmark, Problem> {
    let id = id.to_ascii_lowercase();
    conn.prepare_cached(
        "SELECT id, name, collection_id, path, pinned FROM transfer_bookmarks
         WHERE id = ?1 AND owner_id = ?2",
    )?
    .query_row([&id, &owner.to_string()], Bookmark::read)
    .optional()?
    .ok_or_else(|| {
        let message = format!("No such bookmark '{}'", shortened(&id));
        Problem::transfer(StatusCode::NOT_FOUND, "BookmarkNotFound", message)
    })
}

fn remove(conn: &Connection, owner: Uuid, id: &str) -> Result<(), Problem> {
    let bookmark = find(conn, owner, id)?;
    conn.prepare_cached("DELETE FROM transfer_bookmarks WHERE id = ?1")?
        .execute([bookmark.id.to_string()])?;
    Ok(())
}

fn name(text: &str) -> Result<String, Problem> {
    let wrong = |why: &str| Err(bad_request(format!("The name of a bookmark {why}")));
    if text.trim().is_empty() {
        return wrong("must not be empty");
    }
    if text.chars().count() > MAX_NAME_LENGTH {
        return wrong("must not be longer than 128 characters");
    }
    if text.contains(['\r', '\n', '\0']) {
        return wrong("must be one line");
    }
    Ok(text.to_owned())
}

/// Validates a path, which is stored as it was sent and need not exist.
fn path(text: &str) -> Result<String, Problem> {
    CollectionPath::parse_absolute(text).map_err(|why| invalid_path(text, &why))?;
    Ok(text.to_owned())
}
