//! Collections: which there are, whose they are, and the folder behind each.
//!
//! A mapped collection is a folder of this machine. A guest collection is a directory of a mapped
//! one, shared with others by access rules; it has no folder of its own, and stops working with its
//! host.

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

/// A collection as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) owner_string: String,
    /// The folder of this machine; for a guest collection that of its host.
    folder: Option<PathBuf>,
    pub(super) host: Option<Host>,
    /// Named on the command line or by the builder, and so administered by all its clients.
    pub(super) configured: bool,
    setup_key: Option<String>,
    /// How many bytes the folder may hold.
    quota: Option<u64>,
    /// What its administrators can change.
    settings: Map<String, Json>,
}

/// What a guest collection stands on.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) id: Uuid,
    /// The directory there, as the API writes it.
    pub(super) path: String,
    /// Nothing when the host has been deleted.
    pub(super) owner: Option<Uuid>,
    pub(super) display_name: Option<String>,
}

/// Why there is no folder behind a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// It was never connected, or its folder is gone.
    Disconnected,
    /// The shared directory of the host is gone.
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
        // The folder of a guest collection is its host's, wherever that goes.
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

    /// The name people know it by.
    pub(super) fn display_name(&self) -> &str {
        name_in(&self.settings).unwrap_or_default()
    }

    /// Where a listing starts when no path is given.
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

    /// The number of its only server.
    fn server_id(&self) -> u64 {
        // Of 128 bits the lower ones are as good as any.
        (self.id.as_u128() % 1_000_000) as u64
    }

    /// For how many minutes a permission on it may be granted at most.
    pub(super) fn longest_permission(&self) -> Option<i64> {
        let set = self.settings.get("acl_max_expiration_period_mins");
        set.and_then(Json::as_i64)
    }

    /// Whether somebody may know of it: anyone of a public one, of others who has to do with it.
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

    /// Whether its folder can be reached.
    pub(super) fn is_connected(&self) -> bool {
        let folder = self.folder.as_ref();
        folder.is_some_and(|folder| Root::open(folder).is_ok())
    }

    /// How many bytes more its folder may hold, guest collections and all, by its quota or the one
    /// of those without; as many as the disk has when there is none. All of the folder is looked
    /// through, as long as `check` lets it.
    pub(super) fn free_space<E>(
        &self,
        default_quota: Option<u64>,
        check: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<u64>, E> {
        let Some(quota) = self.quota.or(default_quota) else {
            return Ok(None);
        };
        let root = self
            .folder
            .as_ref()
            .and_then(|folder| Root::open(folder).ok());
        let used = root.map(|root| root.size(check)).transpose()?;
        Ok(Some(quota.saturating_sub(used.unwrap_or_default())))
    }

    /// Whether data from or to it has to be encrypted on its way.
    pub(super) fn forces_encryption(&self) -> bool {
        self.is_set("force_encryption")
    }

    /// Whether checksums are not verified after a transfer, whatever it asks for.
    pub(super) fn disables_verification(&self) -> bool {
        self.is_set("disable_verify")
    }

    fn is_set(&self, flag: &str) -> bool {
        let value = self.settings.get(flag).and_then(Json::as_bool);
        value.unwrap_or(false)
    }

    /// The folder behind it, whole.
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

/// Adds a collection of the command line or the builder. What its administrators have changed
/// since it was first added stays as they left it.
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

/// Gives a mapped collection another quota, or the one of those without; tells whether there is
/// such a collection.
pub(crate) fn set_quota(conn: &Connection, id: Uuid, quota: Option<u64>) -> rusqlite::Result<bool> {
    let quota = quota.map(|quota| i64::try_from(quota).unwrap_or(i64::MAX));
    let changed = conn
        .prepare_cached(
            "UPDATE transfer_collections SET quota = ?2 WHERE id = ?1 AND host_id IS NULL",
        )?
        .execute(params![id.to_string(), quota])?;
    Ok(changed > 0)
}

/// The collection with an id.
pub(super) fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Collection>> {
    conn.prepare_cached(&format!("{SELECT} WHERE c.id = ?1"))?
        .query_row([id.to_string()], Collection::read)
        .optional()
}

pub(super) fn all(conn: &Connection) -> rusqlite::Result<Vec<Collection>> {
    let mut statement = conn.prepare_cached(SELECT)?;
    statement.query_map([], Collection::read)?.collect()
}

/// The guest collections on a collection, by name.
pub(super) fn guests_on(conn: &Connection, host: Uuid) -> rusqlite::Result<Vec<Collection>> {
    let mut guests: Vec<Collection> = conn
        .prepare_cached(&format!("{SELECT} WHERE c.host_id = ?1"))?
        .query_map([host.to_string()], Collection::read)?
        .collect::<rusqlite::Result<_>>()?;
    guests.sort_by(|left, right| {
        (left.display_name(), left.id).cmp(&(right.display_name(), right.id))
    });
    Ok(guests)
}

/// The collection with an id as a path has it, whoever asks.
pub(super) fn existing(conn: &Connection, endpoint_id: &str) -> Result<Collection, Problem> {
    let Ok(id) = Uuid::parse_str(endpoint_id) else {
        return Err(not_found(endpoint_id));
    };
    if let Some(collection) = find(conn, id)? {
        return Ok(collection);
    }
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

/// The collection a request names, if the caller may know of it.
pub(super) fn visible(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    endpoint_id: &str,
) -> Result<Collection, Problem> {
    let collection = existing(conn, endpoint_id)?;
    if collection.is_visible_to(app, conn, caller.identity_id)? {
        Ok(collection)
    } else {
        Err(not_found(endpoint_id))
    }
}

/// A collection, and what of its files a user may use.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) collection: Collection,
    pub(super) user: Uuid,
    grants: Grants,
}

impl Files {
    /// The folder, as far as the user may read or write there.
    pub(super) fn root(&self, access: Access) -> Result<Root, Unreachable> {
        Ok(self.grants.limit(self.collection.root()?, access))
    }

    pub(super) fn allows(&self, path: &CollectionPath, access: Access) -> bool {
        self.grants.allow(path, access)
    }
}

/// The collection a request names, if the caller may use any of its files. Its storage is not asked:
/// what it asks of logins, the service says itself.
pub(super) fn usable(app: &AppState, caller: &Caller, endpoint_id: &str) -> Result<Files, Problem> {
    usable_or(app, caller, endpoint_id, |_, parameters| {
        let message = requirements::LOGIN_REQUIRED;
        Problem::transfer(StatusCode::FORBIDDEN, "PermissionDenied", message)
            .with("authorization_parameters", parameters)
    })
}

/// The same, with what is said when the caller's login does not do.
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

/// The collection of the path, as [`usable`] has it, for an operation on its storage: the storage
/// refuses who is logged in otherwise than it asks.
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

/// The collection of the path, if the caller may know of it, and what the caller is on it.
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

/// The collection of the path, if the caller may change it.
pub(super) struct Administered(pub(super) Collection);

impl FromRequestParts<AppState> for Administered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let known = Known::from_request_parts(parts, app).await?;
        known.administrator().map(Self)
    }
}

impl Known {
    /// The collection, if the caller may change it.
    pub(super) fn administrator(self) -> Result<Collection, Problem> {
        if self.roles.administers() {
            Ok(self.collection)
        } else {
            Err(authz::denied(&self.caller, &self.collection))
        }
    }

    /// The collection, if the caller may say who uses it.
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
