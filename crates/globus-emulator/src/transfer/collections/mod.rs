//! Collections: which there are, whose they are, and the folder behind each.

mod document;
mod routes;
mod search;
mod settings;

use std::path::PathBuf;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub(super) use routes::router;

use super::files::{Root, host};
use super::request::{Target, User, shortened};
use crate::auth::{Caller, requirements};
use crate::columns::uuid_at;
use crate::problem::Problem;
use crate::state::{App, CollectionSetup};

/// A collection as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) owner_string: String,
    folder: Option<PathBuf>,
    configured: bool,
    setup_key: Option<String>,
    /// What its administrators can change.
    settings: Map<String, Json>,
}

const COLUMNS: &str = "id, owner_id, owner_string, root, configured, setup_key, settings";

impl Collection {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let folder: Option<Vec<u8>> = row.get(3)?;
        let settings: String = row.get(6)?;
        Ok(Self {
            id: uuid_at(row, 0)?,
            owner: uuid_at(row, 1)?,
            owner_string: row.get(2)?,
            folder: folder.and_then(host::name_from_bytes).map(PathBuf::from),
            configured: row.get(4)?,
            setup_key: row.get(5)?,
            settings: serde_json::from_str(&settings).unwrap_or_default(),
        })
    }

    fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(
            "INSERT INTO transfer_collections (id, owner_id, owner_string, root, configured, setup_key, settings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
        )?
        .execute(params![
            self.id.to_string(),
            self.owner.to_string(),
            self.owner_string,
            self.folder.as_ref().map(|folder| host::name_bytes(folder.as_os_str())),
            self.configured,
            self.setup_key,
            Json::Object(self.settings.clone()).to_string(),
        ])?;
        Ok(())
    }

    /// The name people know it by.
    pub(super) fn display_name(&self) -> &str {
        self.settings
            .get("display_name")
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    fn is_public(&self) -> bool {
        self.settings
            .get("public")
            .and_then(Json::as_bool)
            .unwrap_or(false)
    }

    /// Whether an identity may change it and use its files.
    pub(super) fn is_administered_by(&self, app: &App, identity: Uuid) -> bool {
        self.owner == identity || (self.configured && app.is_administrator(identity))
    }

    fn is_visible_to(&self, app: &App, identity: Uuid) -> bool {
        self.is_public() || self.is_administered_by(app, identity)
    }

    /// The folder behind it, if there is one that can be reached.
    pub(super) fn root(&self) -> Option<Root> {
        Root::open(self.folder.as_ref()?).ok()
    }
}

/// Adds a collection of the command line or the builder. What its administrators have changed
/// since it was first added stays as they left it.
pub(super) fn add(app: &App, setup: CollectionSetup) -> rusqlite::Result<()> {
    let local_user = app.local_user();
    let owner_string = if setup.owner == local_user.id {
        local_user.username.clone()
    } else {
        format!("{}@clients.auth.globus.org", setup.owner)
    };
    let conn = app.store().lock();
    let known = find(&conn, setup.id)?;
    let settings = known.map_or_else(
        || settings::for_folder(&setup.display_name),
        |known| known.settings,
    );
    let collection = Collection {
        id: setup.id,
        owner: setup.owner,
        owner_string,
        folder: Some(setup.root),
        configured: true,
        setup_key: None,
        settings,
    };
    conn.execute(
        "DELETE FROM transfer_collections WHERE id = ?1",
        [setup.id.to_string()],
    )?;
    collection.store(&conn)
}

/// The collection with an id.
pub(super) fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Collection>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_collections WHERE id = ?1"
    ))?
    .query_row([id.to_string()], Collection::read)
    .optional()
}

fn all(conn: &Connection) -> rusqlite::Result<Vec<Collection>> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM transfer_collections"))?;
    statement.query_map([], Collection::read)?.collect()
}

/// The collection a request names, if the caller may know of it.
pub(super) fn visible(
    app: &App,
    caller: &Caller,
    endpoint_id: &str,
) -> Result<Collection, Problem> {
    let found = match Uuid::parse_str(endpoint_id) {
        Ok(id) => find(&app.store().lock(), id)?,
        Err(_) => None,
    };
    found
        .filter(|collection| collection.is_visible_to(app, caller.identity_id))
        .ok_or_else(|| not_found(endpoint_id))
}

/// The collection a request names, if the caller may use its files.
pub(super) fn usable(app: &App, caller: &Caller, endpoint_id: &str) -> Result<Collection, Problem> {
    let collection = administered(app, caller, endpoint_id)?;
    requirements::check_collection(app, caller, collection.id)?;
    Ok(collection)
}

/// The collection of the path, as [`usable`] has it.
pub(super) struct Usable(pub(super) Collection);

impl FromRequestParts<App> for Usable {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let User(caller) = User::from_request_parts(parts, app).await?;
        let Target(id) = Target::from_request_parts(parts, app).await?;
        usable(app, &caller, &id).map(Self)
    }
}

/// The collection of the path, as [`administered`] has it.
struct Administered(Collection);

impl FromRequestParts<App> for Administered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let User(caller) = User::from_request_parts(parts, app).await?;
        let Target(id) = Target::from_request_parts(parts, app).await?;
        administered(app, &caller, &id).map(Self)
    }
}

/// The collection a request names, if the caller may change it.
fn administered(app: &App, caller: &Caller, endpoint_id: &str) -> Result<Collection, Problem> {
    let collection = visible(app, caller, endpoint_id)?;
    if collection.is_administered_by(app, caller.identity_id) {
        Ok(collection)
    } else {
        let message = format!(
            "{} has no permission on the endpoint '{}'",
            caller.username, collection.id
        );
        Err(Problem::transfer(
            StatusCode::FORBIDDEN,
            "PermissionDenied",
            message,
        ))
    }
}

fn not_found(endpoint_id: &str) -> Problem {
    let message = format!("No such endpoint '{}'", shortened(endpoint_id));
    Problem::transfer(StatusCode::NOT_FOUND, "EndpointNotFound", message)
}
