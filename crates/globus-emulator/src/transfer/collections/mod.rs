//! Collections: their properties, their visibility, and the folder behind each.
//!
//! A mapped collection is a folder of this machine. A guest collection is a directory of a mapped
//! collection, shared by access rules; without its host, it is unusable.

mod activation;
mod collection_document;
pub(super) mod guests;
mod routes;
mod search;
mod servers;
mod settings;
mod subscription;

use std::path::PathBuf;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub(super) use collection_document::document;

use super::authz::{self, Access, EffectiveRoles, Grants};
use super::files::{CollectionPath, Root, host};
use super::operations::problems::login_failed;
use super::request::{Target, User, shortened};
use crate::app_state::{AppState, CollectionSetup};
use crate::auth::{Caller, requirements};
use crate::columns::uuid_at;
use crate::problem::Problem;

pub(super) fn router() -> Router<AppState> {
    routes::router()
        .merge(guests::router())
        .merge(servers::router())
        .merge(activation::router())
        .merge(subscription::router())
}

/// A stored collection.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) owner_string: String,
    /// The folder on this machine; for a guest collection, the host's folder.
    folder: Option<PathBuf>,
    pub(super) host: Option<Host>,
    /// Whether it was configured on the command line or in the builder, and is administered by all
    /// configured clients.
    pub(super) configured: bool,
    setup_key: Option<String>,
    /// Quota of the folder, in bytes.
    quota: Option<u64>,
    /// The fields that administrators can set.
    settings: Map<String, Json>,
}

/// The host of a guest collection.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) id: Uuid,
    /// The shared directory, as the API writes it.
    pub(super) path: String,
    /// `None` if the host was deleted.
    pub(super) owner: Option<Uuid>,
    pub(super) display_name: Option<String>,
}

/// Why a collection has no accessible folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// There never was one, or it was deleted.
    Disconnected,
    /// The shared directory was deleted.
    NoDirectory,
}

const SELECT: &str =
    "SELECT c.id, c.owner_id, c.owner_string, coalesce(h.root, c.root), c.configured, c.setup_key,
     c.settings, c.host_id, c.host_path, h.owner_id, h.settings, coalesce(h.quota, c.quota)
     FROM transfer_collections AS c LEFT JOIN transfer_collections AS h ON h.id = c.host_id";

impl Collection {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let folder: Option<Vec<u8>> = row.get(3)?;
        let settings = |column| -> rusqlite::Result<Map<String, Json>> {
            let text: Option<String> = row.get(column)?;
            let read = |text: String| serde_json::from_str(&text).unwrap_or_default();
            Ok(text.map(read).unwrap_or_default())
        };
        let host_path: Option<String> = row.get(8)?;
        let host = match host_path {
            None => None,
            Some(path) => Some(Host {
                id: uuid_at(row, 7)?,
                path,
                owner: match row.get::<_, Option<String>>(9)? {
                    Some(_) => Some(uuid_at(row, 9)?),
                    None => None,
                },
                display_name: name_in(&settings(10)?).map(str::to_owned),
            }),
        };
        Ok(Self {
            id: uuid_at(row, 0)?,
            owner: uuid_at(row, 1)?,
            owner_string: row.get(2)?,
            folder: folder.and_then(host::name_from_bytes).map(PathBuf::from),
            host,
            configured: row.get(4)?,
            setup_key: row.get(5)?,
            quota: row
                .get::<_, Option<i64>>(11)?
                .and_then(|quota| quota.try_into().ok()),
            settings: settings(6)?,
        })
    }

    fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        // The folder of a guest collection follows its host's, if that is moved.
        let root = self.folder.as_ref().filter(|_| self.host.is_none());
        conn.prepare_cached(
            "INSERT INTO transfer_collections (id, owner_id, owner_string, root, configured, setup_key, settings,
                 host_id, host_path, quota)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET settings = excluded.settings",
        )?
        .execute(params![
            self.id.to_string(),
            self.owner.to_string(),
            self.owner_string,
            root.map(|folder| host::name_bytes(folder.as_os_str())),
            self.configured,
            self.setup_key,
            Json::Object(self.settings.clone()).to_string(),
            self.host.as_ref().map(|host| host.id.to_string()),
            self.host.as_ref().map(|host| host.path.as_str()),
            self.quota.map(|quota| i64::try_from(quota).unwrap_or(i64::MAX)),
        ])?;
        Ok(())
    }

    /// The display name.
    pub(super) fn display_name(&self) -> &str {
        name_in(&self.settings).unwrap_or_default()
    }

    /// The directory that is listed by default.
    pub(super) fn default_directory(&self) -> &str {
        let set = self.settings.get("default_directory");
        set.and_then(Json::as_str).unwrap_or("/~/")
    }

    fn is_public(&self) -> bool {
        self.is_set("public")
    }

    pub(super) fn is_guest(&self) -> bool {
        self.host.is_some()
    }

    fn entity_type(&self) -> &'static str {
        if self.is_guest() {
            "GCP_guest_collection"
        } else {
            "GCP_mapped_collection"
        }
    }

    /// The number of the only server.
    fn server_id(&self) -> u64 {
        // Any 64 of the 128 bits identify it equally well.
        (self.id.as_u128() % 1_000_000) as u64
    }

    /// The maximum duration of a permission on it, in minutes.
    pub(super) fn longest_permission(&self) -> Option<i64> {
        let set = self.settings.get("acl_max_expiration_period_mins");
        set.and_then(Json::as_i64)
    }

    /// Whether the collection is visible: public ones to everybody, others to those with a role or a rule.
    fn is_visible_to(
        &self,
        app: &AppState,
        conn: &Connection,
        identity: Uuid,
    ) -> rusqlite::Result<bool> {
        Ok(self.is_public()
            || !EffectiveRoles::load(app, conn, self, identity)?.is_empty()
            || !Grants::load(app, conn, self, identity)?.is_empty())
    }

    /// Whether its folder is accessible.
    pub(super) fn is_connected(&self) -> bool {
        let folder = self.folder.as_ref();
        folder.is_some_and(|folder| Root::open(folder).is_ok())
    }

    /// How many bytes its folder may hold, guest collections and all, by its quota or the one of those
    /// without; as many as the disk has when there is none.
    pub(super) fn quota_or(&self, default: Option<u64>) -> Option<u64> {
        self.quota.or(default)
    }

    /// How many bytes it holds. All of the folder is looked through, as long as `check` lets it.
    pub(super) fn used_space<E>(&self, check: impl FnMut() -> Result<(), E>) -> Result<u64, E> {
        let folder = self.folder.as_ref();
        match folder.and_then(|folder| Root::open(folder).ok()) {
            Some(root) => root.size(check),
            None => Ok(0),
        }
    }

    /// The mapped collection that its folder is in: itself, unless it is a guest collection.
    pub(super) fn mapped_collection(&self) -> Uuid {
        self.host.as_ref().map_or(self.id, |host| host.id)
    }

    /// Whether transfers have to be encrypted.
    pub(super) fn forces_encryption(&self) -> bool {
        self.is_set("force_encryption")
    }

    /// Whether checksums are never verified, even if a transfer requests it.
    pub(super) fn disables_verification(&self) -> bool {
        self.is_set("disable_verify")
    }

    fn is_set(&self, flag: &str) -> bool {
        let value = self.settings.get(flag).and_then(Json::as_bool);
        value.unwrap_or(false)
    }

    /// The whole folder.
    pub(super) fn root(&self) -> Result<Root, Unreachable> {
        let folder = self.folder.as_ref().ok_or(Unreachable::Disconnected)?;
        let root = Root::open(folder).map_err(|_| Unreachable::Disconnected)?;
        let Some(host) = &self.host else {
            return Ok(root);
        };
        let path = CollectionPath::parse(&host.path).map_err(|_| Unreachable::NoDirectory)?;
        root.beginning_at(&path)
            .map_err(|_| Unreachable::NoDirectory)
    }
}

fn name_in(settings: &Map<String, Json>) -> Option<&str> {
    settings.get("display_name").and_then(Json::as_str)
}

/// Adds a configured collection. If it exists, changes made by administrators are kept.
pub(super) fn add(app: &AppState, setup: CollectionSetup) -> rusqlite::Result<()> {
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
        host: None,
        configured: true,
        setup_key: None,
        quota: setup.quota,
        settings,
    };
    conn.execute(
        "DELETE FROM transfer_collections WHERE id = ?1",
        [setup.id.to_string()],
    )?;
    collection.store(&conn)
}

/// Sets the quota of a mapped collection, or `None` for the default one. Returns whether the collection
/// exists.
pub(crate) fn set_quota(conn: &Connection, id: Uuid, quota: Option<u64>) -> rusqlite::Result<bool> {
    let quota = quota.map(|quota| i64::try_from(quota).unwrap_or(i64::MAX));
    let changed = conn
        .prepare_cached(
            "UPDATE transfer_collections SET quota = ?2 WHERE id = ?1 AND host_id IS NULL",
        )?
        .execute(params![id.to_string(), quota])?;
    Ok(changed > 0)
}

/// Returns the collection with this id.
pub(super) fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Collection>> {
    conn.prepare_cached(&format!("{SELECT} WHERE c.id = ?1"))?
        .query_row([id.to_string()], Collection::read)
        .optional()
}

pub(super) fn all(conn: &Connection) -> rusqlite::Result<Vec<Collection>> {
    let mut statement = conn.prepare_cached(SELECT)?;
    statement.query_map([], Collection::read)?.collect()
}

/// The guest collections on a host, by name.
pub(super) fn guests_on(conn: &Connection, host: Uuid) -> rusqlite::Result<Vec<Collection>> {
    let mut guests: Vec<Collection> = conn
        .prepare_cached(&format!("{SELECT} WHERE c.host_id = ?1"))?
        .query_map([host.to_string()], Collection::read)?
        .collect::<rusqlite::Result<_>>()?;
    guests.sort_by(|left, right| {
        // The id makes the order of equal names stable, so that pages do not overlap.
        (left.display_name(), left.id).cmp(&(right.display_name(), right.id))
    });
    Ok(guests)
}

/// The collection with the id in a request path, visible or not.
pub(super) fn existing(conn: &Connection, endpoint_id: &str) -> Result<Collection, Problem> {
    let Ok(id) = Uuid::parse_str(endpoint_id) else {
        return Err(not_found(endpoint_id));
    };
    if let Some(collection) = find(conn, id)? {
        return Ok(collection);
    }
    // Deleted collections have an error of their own, so their ids are remembered.
    let deleted: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM transfer_deleted_collections WHERE id = ?1)")?
        .query_row([id.to_string()], |row| row.get(0))?;
    if deleted {
        let message = format!("The endpoint '{id}' has been deleted");
        return Err(Problem::transfer(
            StatusCode::NOT_FOUND,
            "EndpointDeleted",
            message,
        ));
    }
    Err(not_found(endpoint_id))
}

/// The collection in a request, if it is visible to the caller.
pub(super) fn visible(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    endpoint_id: &str,
) -> Result<Collection, Problem> {
    let collection = existing(conn, endpoint_id)?;
    // The same error as for an unknown id, so that the existence of a private collection is not revealed.
    if collection.is_visible_to(app, conn, caller.identity_id)? {
        Ok(collection)
    } else {
        Err(not_found(endpoint_id))
    }
}

/// A collection, with the caller's grants on its files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) collection: Collection,
    pub(super) user: Uuid,
    grants: Grants,
}

impl Files {
    /// The part of the folder that the user may read or write.
    pub(super) fn root(&self, access: Access) -> Result<Root, Unreachable> {
        Ok(self.grants.limit(self.collection.root()?, access))
    }

    pub(super) fn allows(&self, path: &CollectionPath, access: Access) -> bool {
        self.grants.allow(path, access)
    }
}

/// The collection in a request, if the caller may access any of its files. Its requirements are checked by
/// the service, not by its storage.
pub(super) fn usable(app: &AppState, caller: &Caller, endpoint_id: &str) -> Result<Files, Problem> {
    usable_or(app, caller, endpoint_id, |_, parameters| {
        let message = requirements::LOGIN_REQUIRED;
        Problem::transfer(StatusCode::FORBIDDEN, "PermissionDenied", message)
            .with("authorization_parameters", parameters)
    })
}

/// The same, with the error for a login that does not meet the requirements.
fn usable_or(
    app: &AppState,
    caller: &Caller,
    endpoint_id: &str,
    login_required: impl FnOnce(&Collection, Json) -> Problem,
) -> Result<Files, Problem> {
    let (collection, grants) = {
        let conn = app.store().lock();
        let collection = visible(app, &conn, caller, endpoint_id)?;
        let grants = Grants::load(app, &conn, &collection, caller.identity_id)?;
        (collection, grants)
    };
    if grants.is_empty() {
        return Err(authz::denied(caller, &collection));
    }
    if let Some(parameters) = requirements::unmet_by(app, caller, collection.id)? {
        return Err(login_required(&collection, parameters));
    }
    Ok(Files {
        collection,
        user: caller.identity_id,
        grants,
    })
}

/// The collection of the path, like [`usable`], for an operation on the storage, which raises the error if
/// the login does not meet the requirements.
pub(super) struct Usable(pub(super) Files);

impl FromRequestParts<AppState> for Usable {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let User(caller) = User::from_request_parts(parts, app).await?;
        let Target(id) = Target::from_request_parts(parts, app).await?;
        let operation = parts.uri.path().rsplit('/').next().unwrap_or_default();
        usable_or(app, &caller, &id, |collection, parameters| {
            login_failed(operation, collection, &parameters)
        })
        .map(Self)
    }
}

/// The collection of the path if it is visible, with the caller's roles.
pub(super) struct Known {
    pub(super) collection: Collection,
    pub(super) caller: Caller,
    pub(super) roles: EffectiveRoles,
}

impl FromRequestParts<AppState> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let User(caller) = User::from_request_parts(parts, app).await?;
        let Target(id) = Target::from_request_parts(parts, app).await?;
        let conn = app.store().lock();
        let collection = visible(app, &conn, &caller, &id)?;
        let roles = EffectiveRoles::load(app, &conn, &collection, caller.identity_id)?;
        Ok(Self {
            collection,
            caller,
            roles,
        })
    }
}

/// The collection of the path, if the caller administers it.
pub(super) struct Administered(pub(super) Collection);

impl FromRequestParts<AppState> for Administered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let known = Known::from_request_parts(parts, app).await?;
        known.administrator().map(Self)
    }
}

impl Known {
    /// Returns the collection, if the caller administers it.
    pub(super) fn administrator(self) -> Result<Collection, Problem> {
        if self.roles.administers() {
            Ok(self.collection)
        } else {
            Err(authz::denied(&self.caller, &self.collection))
        }
    }

    /// Returns the collection, if the caller manages access to it.
    pub(super) fn access_manager(self) -> Result<Collection, Problem> {
        if self.roles.manages_access() {
            Ok(self.collection)
        } else {
            Err(authz::denied(&self.caller, &self.collection))
        }
    }
}

fn not_found(endpoint_id: &str) -> Problem {
    let message = format!("No such endpoint '{}'", shortened(endpoint_id));
    Problem::transfer(StatusCode::NOT_FOUND, "EndpointNotFound", message)
}
