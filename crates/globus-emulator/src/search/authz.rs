//! Permissions on indices.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app_state::AppState;
use crate::auth::{self, Caller, identities};
use crate::columns::uuid_at;
use crate::groups;
use crate::problem::Problem;
use crate::service::Service;

const SCOPE_PREFIX: &str = "urn:globus:auth:scope:search.api.globus.org:";

pub(crate) fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Search, error)
}

/// Maximum depth of `error_data`.
const MAX_POINTER_NAMES: usize = 8;

/// The 400 of a validation error. If a message starts with a JSON pointer, `error_data` has it nested by
/// the names in the pointer. For names that the client chose, use [`bad_member`].
pub(crate) fn bad_request(message: impl Into<String>) -> Problem {
    let message = message.into();
    let messages = message.strip_prefix('/').map(|pointed| {
        let end = pointed.find([' ', ':']).unwrap_or(pointed.len());
        let (pointer, what) = pointed.split_at(end);
        let names: Vec<&str> = pointer.splitn(MAX_POINTER_NAMES, '/').collect();
        nest(&names, what.trim_start_matches([' ', ':']))
    });
    validation_error(message, messages)
}

/// The 400 of a member that these names lead to, which may be any text.
pub(crate) fn bad_member(names: &[&str], what: &str) -> Problem {
    let mut message = String::new();
    for name in names {
        message.push('/');
        // as RFC 6901 has it
        message.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    message.push_str(": ");
    message.push_str(what);
    validation_error(message, Some(nest(names, what)))
}

/// What is wrong, below these names.
fn nest(names: &[&str], what: &str) -> Value {
    let names = names.iter().rev();
    names.fold(json!([what]), |inner, name| {
        // `json!` would copy what is inside, each time
        Value::Object(Map::from_iter([((*name).to_owned(), inner)]))
    })
}

fn validation_error(message: String, messages: Option<Value>) -> Problem {
    let status = StatusCode::BAD_REQUEST;
    let problem = Problem::search(status, "BadRequest.ValidationError", message);
    match messages {
        Some(messages) => problem.with("error_data", json!({ "messages": { "json": messages } })),
        None => problem,
    }
}

pub(crate) fn not_found(message: impl Into<String>) -> Problem {
    Problem::search(StatusCode::NOT_FOUND, "NotFound.Generic", message)
}

/// An existing index.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) num: i64,
    pub(crate) id: Uuid,
    pub(crate) open: bool,
    /// Changes whenever an entry is added or removed.
    pub(crate) version: i64,
}

impl Index {
    const COLUMNS: &'static str = "num, id, status, version";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let status: String = row.get(2)?;
        Ok(Self {
            num: row.get(0)?,
            id: uuid_at(row, 1)?,
            open: status == "open",
            version: row.get(3)?,
        })
    }
}

/// Finds an index by its id in the path.
pub(crate) fn index(conn: &Connection, id: &str) -> Result<Index, Problem> {
    let missing = || {
        let message = format!("There is no search index named \"{id}\"");
        Problem::search(StatusCode::NOT_FOUND, "NotFound.NoSuchIndex", message)
    };
    // An index cannot have such an id, so 404 instead of 400.
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    let sql = format!("SELECT {} FROM search_index WHERE id = ?1", Index::COLUMNS);
    conn.prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row([id.to_string()], Index::read)
                .optional()
        })
        .map_err(internal)?
        .ok_or_else(missing)
}

/// The index with this number.
pub(crate) fn index_of(conn: &Connection, num: i64) -> rusqlite::Result<Index> {
    let sql = format!("SELECT {} FROM search_index WHERE num = ?1", Index::COLUMNS);
    conn.prepare_cached(&sql)?.query_row([num], Index::read)
}

/// Like [`index`], but not for one that is being deleted.
pub(crate) fn open_index(conn: &Connection, id: &str) -> Result<Index, Problem> {
    let index = index(conn, id)?;
    if index.open {
        Ok(index)
    } else {
        Err(not_found(format!(
            "the index {} is being deleted",
            index.id
        )))
    }
}

/// Like [`open_index`], if the caller has one of these roles on it.
pub(crate) fn index_for(
    conn: &Connection,
    id: &str,
    caller: &Caller,
    any_of: &[&str],
) -> Result<Index, Problem> {
    let index = open_index(conn, id)?;
    require_role(conn, &index, caller, any_of)?;
    Ok(index)
}

/// Authenticates a caller whose token has one of these scopes. The scope `all` always suffices.
fn caller(app: &AppState, headers: &HeaderMap, scope: &str) -> Result<Caller, Problem> {
    let caller = auth::caller(app, headers, Service::Search)?;
    check_scope(&caller, scope)?;
    Ok(caller)
}

/// A caller who manages indices and roles, with the scope `all`.
pub(crate) struct Manager(pub(crate) Caller);

impl FromRequestParts<AppState> for Manager {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        caller(app, &parts.headers, "all").map(Self)
    }
}

/// A caller who changes entries, or looks at the tasks that do.
pub(crate) struct Writer(pub(crate) Caller);

impl FromRequestParts<AppState> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        caller(app, &parts.headers, "ingest").map(Self)
    }
}

/// An optional caller, for what may be public.
pub(crate) struct Reader(pub(crate) Option<Caller>);

impl FromRequestParts<AppState> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let caller = auth::optional_caller(app, &parts.headers, Service::Search)?;
        if let Some(caller) = &caller {
            check_scope(caller, "search")?;
        }
        Ok(Self(caller))
    }
}

fn check_scope(caller: &Caller, scope: &str) -> Result<(), Problem> {
    let has = |name: &str| caller.has_scope(&format!("{SCOPE_PREFIX}{name}"));
    if has("all") || has(scope) {
        return Ok(());
    }
    Err(Problem::forbidden(
        Service::Search,
        format!("the token lacks the scope {scope:?}"),
    ))
}

/// The URN of an identity, as in roles and `visible_to`.
pub(crate) fn urn(identity: Uuid) -> String {
    format!("urn:globus:auth:identity:{identity}")
}

/// All principals of a caller: the identities, and their groups.
pub(crate) fn principals(
    conn: &Connection,
    caller: Option<&Caller>,
) -> rusqlite::Result<Vec<String>> {
    let Some(caller) = caller else {
        // Anonymous callers have no identity and no groups.
        return Ok(vec![String::from("public")]);
    };
    person(conn, caller.identity_id)
}

/// The same for an identity.
pub(crate) fn person(conn: &Connection, identity: Uuid) -> rusqlite::Result<Vec<String>> {
    let mut principals = vec![
        String::from("public"),
        String::from("all_authenticated_users"),
        urn(identity),
    ];
    let others = identities::set_of(conn, identity)?.into_iter();
    let others = others.map(|one| one.id).filter(|id| *id != identity);
    principals.extend(others.map(urn));
    let groups = groups::memberships(conn, identity)?.into_iter();
    principals.extend(groups.map(|id| format!("urn:globus:groups:id:{id}")));
    Ok(principals)
}

/// The roles of an identity on an index, directly or through a group, the strongest first.
pub(crate) fn roles(
    conn: &Connection,
    index: i64,
    identity: Uuid,
) -> rusqlite::Result<Vec<String>> {
    let principals = serde_json::json!(person(conn, identity)?).to_string();
    conn.prepare_cached(
        "SELECT DISTINCT role_name FROM search_role
         WHERE index_num = ?1 AND principal IN (SELECT value FROM json_each(?2))
         ORDER BY CASE role_name WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END",
    )?
    .query_map(rusqlite::params![index, principals], |row| row.get(0))?
    .collect()
}

/// Rejects a caller without any of these roles on an index.
pub(crate) fn require_role(
    conn: &Connection,
    index: &Index,
    caller: &Caller,
    any_of: &[&str],
) -> Result<(), Problem> {
    let has = roles(conn, index.num, caller.identity_id).map_err(internal)?;
    if has.iter().any(|role| any_of.contains(&role.as_str())) {
        return Ok(());
    }
    let message = format!(
        "{} needs one of the roles {}",
        caller.username,
        any_of.join(", ")
    );
    Err(Problem::forbidden(Service::Search, message))
}

/// The roles that may write entries.
pub(crate) const WRITERS: &[&str] = &["owner", "admin", "writer"];
/// The roles that may see all entries and manage roles.
pub(crate) const ADMINS: &[&str] = &["owner", "admin"];
