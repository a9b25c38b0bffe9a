//! `/v0.10/endpoint/…/access…`: access rules of a guest collection.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::principals::Principals;
use super::{Grant, Role, roles};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::collections::{Collection, Known};
use crate::transfer::files::CollectionPath;
use crate::transfer::request::{
    Body, Members, Part, Query, bad_request, invalid_path, shortened, wrong_type,
};
use crate::transfer::respond::{answer, done, not_found, result};
use crate::transfer::times;

/// Maximum number of rules per collection.
const MAX_RULES: i64 = 1_000;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint/{endpoint_id}/access_list", get(show_all))
        .route("/v0.10/endpoint/{endpoint_id}/access", post(add))
        .route(
            "/v0.10/endpoint/{endpoint_id}/access/{rule_id}",
            get(show).put(update).delete(remove),
        )
}

#[derive(Clone, Debug)]
struct Rule {
    id: Uuid,
    principal_type: String,
    /// Empty if the rule is for everybody.
    principal: String,
    path: String,
    write: bool,
    created: Timestamp,
    expiration: Option<Timestamp>,
    notify_email: Option<String>,
    notify_message: Option<String>,
}

const COLUMNS: &str = "id, principal_type, principal, path, permissions, create_time, expiration, \
     notify_email, notify_message";

impl Rule {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let permissions: String = row.get(4)?;
        Ok(Self {
            id: crate::columns::uuid_at(row, 0)?,
            principal_type: row.get(1)?,
            principal: row.get(2)?,
            path: row.get(3)?,
            write: permissions == "rw",
            created: times::stored(row.get(5)?),
            expiration: row.get::<_, Option<i64>>(6)?.map(times::stored),
            notify_email: row.get(7)?,
            notify_message: row.get(8)?,
        })
    }

    fn permissions(&self) -> &'static str {
        if self.write { "rw" } else { "r" }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.expiration.is_some_and(|end| end <= now)
    }

    /// Whether the rule applies to an identity, directly or through a group.
    fn names(&self, principals: &Principals) -> bool {
        Uuid::parse_str(&self.principal)
            .is_ok_and(|principal| principals.include(&self.principal_type, principal))
    }

    fn applies_to(&self, principals: &Principals) -> bool {
        // All callers are authenticated, since Transfer has no anonymous access.
        matches!(
            self.principal_type.as_str(),
            "all_authenticated_users" | "anonymous"
        ) || self.names(principals)
    }

    fn document(&self) -> Json {
        json!({
            "DATA_TYPE": "access",
            "id": self.id,
            "role_id": null,
            "role_type": null,
            "principal_type": self.principal_type,
            "principal": self.principal,
            "path": self.path,
            "permissions": self.permissions(),
            "create_time": times::with_t(self.created),
            "expiration_date": self.expiration.map(times::with_t),
            "notify_email": self.notify_email,
            "notify_message": self.notify_message,
        })
    }
}

/// The valid rules, in the order of their creation.
fn list_on(conn: &Connection, collection: Uuid, now: Timestamp) -> rusqlite::Result<Vec<Rule>> {
    let rules = conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM transfer_access_rules WHERE collection_id = ?1 ORDER BY seq"
        ))?
        .query_map([collection.to_string()], Rule::read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rules
        .into_iter()
        // Expired rules stay in the table until the next one is added.
        .filter(|rule| !rule.is_over(now))
        .collect())
}

/// The directories that the rules of a collection grant to an identity.
pub(super) fn list_granted_to(
    conn: &Connection,
    collection: Uuid,
    identity: Uuid,
    now: Timestamp,
) -> rusqlite::Result<Vec<Grant>> {
    let rules = list_on(conn, collection, now)?;
    // Most collections have no rules, and loading the principals resolves groups.
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let principals = Principals::load(conn, identity)?;
    Ok(rules
        .iter()
        .filter(|rule| rule.applies_to(&principals))
        .filter_map(|rule| {
            Some(Grant {
                // A rule with an unreadable path grants nothing.
                directory: CollectionPath::parse(&rule.path).ok()?,
                write: rule.write,
            })
        })
        .collect())
}

/// Whether a rule names an identity, directly or through a group.
pub(super) fn is_named(
    conn: &Connection,
    collection: Uuid,
    identity: Uuid,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let principals = Principals::load(conn, identity)?;
    let rules = list_on(conn, collection, now)?;
    Ok(rules.iter().any(|rule| rule.names(&principals)))
}

/// The `access_list` of a guest collection: implicit rules from roles, and stored ones.
pub(in crate::transfer) fn list(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
    query: &Query,
) -> Result<Json, Problem> {
    require_guest(collection)?;
    let fields = query.fields();
    let inherited = roles::list_on(app, conn, collection)?
        .into_iter()
        .filter(|held| matches!(held.role, Role::Administrator | Role::AccessManager))
        .map(|held| {
            json!({
                "DATA_TYPE": "access",
                "id": null,
                "role_id": held.id,
                "role_type": held.role.name(),
                "principal_type": held.principal_type,
                "principal": held.principal,
                "path": "/",
                "permissions": "rw",
                "create_time": null,
                "expiration_date": null,
            })
        });
    let rules = list_on(conn, collection.id, app.now())?;
    let documents: Vec<Json> = inherited
        .chain(rules.iter().map(Rule::document))
        .map(|document| fields.pick(document))
        .collect();
    Ok(json!({
        "DATA_TYPE": "access_list",
        "endpoint": collection.id,
        "length": documents.len(),
        "DATA": documents,
    }))
}

fn require_guest(collection: &Collection) -> Result<(), Problem> {
    if collection.is_guest() {
        return Ok(());
    }
    let message = format!(
        "'{}' is not a guest collection: it has no access rules",
        collection.id
    );
    Err(Problem::transfer(
        StatusCode::CONFLICT,
        "NotSupported",
        message,
    ))
}

fn find(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
    id: &str,
) -> Result<Rule, Problem> {
    require_guest(collection)?;
    let found = conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM transfer_access_rules WHERE id = ?1 AND collection_id = ?2"
        ))?
        .query_row([id, &collection.id.to_string()], Rule::read)
        .optional()?;
    found
        .filter(|rule| !rule.is_over(app.now()))
        .ok_or_else(|| not_found(format!("No such access rule '{}'", shortened(id))))
}

async fn show_all(
    State(app): State<AppState>,
    known: Known,
    query: Query,
) -> Result<Response, Problem> {
    let collection = known.access_manager()?;
    let document = list(&app, &app.store().lock(), &collection, &query)?;
    Ok(answer(StatusCode::OK, document))
}

async fn show(
    State(app): State<AppState>,
    known: Known,
    Part(id): Part,
    query: Query,
) -> Result<Response, Problem> {
    let collection = known.access_manager()?;
    let rule = find(&app, &app.store().lock(), &collection, &id)?;
    Ok(answer(StatusCode::OK, query.fields().pick(rule.document())))
}

async fn add(
    State(app): State<AppState>,
    known: Known,
    Body(body): Body,
) -> Result<Response, Problem> {
    let collection = known.access_manager()?;
    require_guest(&collection)?;
    let now = app.now();
    let rule = read(&collection, &body, now)?;
    let conn = app.store().lock();
    // Expired rules do not conflict with a new rule.
    conn.execute(
        "DELETE FROM transfer_access_rules WHERE collection_id = ?1 AND expiration <= ?2",
        params![collection.id.to_string(), now.as_microsecond()],
    )?;
    let known = list_on(&conn, collection.id, now)?;
    if i64::try_from(known.len()).unwrap_or(i64::MAX) >= MAX_RULES {
        let message = format!("A guest collection has at most {MAX_RULES} access rules");
        return Err(Problem::transfer(
            StatusCode::CONFLICT,
            "LimitExceeded",
            message,
        ));
    }
    let same = |other: &Rule| {
        (&other.principal_type, &other.principal, &other.path)
            == (&rule.principal_type, &rule.principal, &rule.path)
    };
    if let Some(other) = known.iter().find(|other| same(other)) {
        let message = format!(
            "There is a rule for this principal and path already: '{}'",
            other.id
        );
        return Err(Problem::transfer(StatusCode::CONFLICT, "Exists", message));
    }
    conn.execute(
        "INSERT INTO transfer_access_rules (id, collection_id, principal_type, principal, path, permissions,
             create_time, expiration, notify_email, notify_message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            rule.id.to_string(),
            collection.id.to_string(),
            rule.principal_type,
            rule.principal,
            rule.path,
            rule.permissions(),
            rule.created.as_microsecond(),
            rule.expiration.map(Timestamp::as_microsecond),
            rule.notify_email,
            rule.notify_message,
        ],
    )?;
    let document = result(
        "access_create_result",
        "Created",
        "Access rule created successfully.",
        json!({ "access_id": rule.id }),
    );
    Ok(answer(StatusCode::CREATED, document))
}

fn read(
    collection: &Collection,
    body: &Map<String, Json>,
    now: Timestamp,
) -> Result<Rule, Problem> {
    let members = Members(body);
    members.data_type(&["access"])?;
    let principal_type = members.required_text("principal_type")?;
    let principal = members.text("principal")?.unwrap_or_default();
    match principal_type {
        "identity" | "group" => {
            Uuid::parse_str(principal).map_err(|_| {
                bad_request(format!(
                    "The principal '{}' is not a UUID",
                    shortened(principal)
                ))
            })?;
        }
        "all_authenticated_users" | "anonymous" if principal.is_empty() => {}
        "all_authenticated_users" | "anonymous" => {
            return Err(bad_request(format!(
                "The principal must be empty when the principal_type is {principal_type}"
            )));
        }
        _ => {
            return Err(wrong_type(
                "principal_type",
                "identity, group, all_authenticated_users or anonymous",
            ));
        }
    }
    let text = members.required_text("path")?;
    if !(text.starts_with('/') && text.ends_with('/')) {
        return Err(bad_request("The path must start and end with '/'"));
    }
    let path = CollectionPath::parse(text).map_err(|why| invalid_path(text, &why))?;
    let mut path = path.to_string();
    if !path.ends_with('/') {
        // A rule is for a directory. Stored with the slash, so that equal directories compare equal as
        // text.
        path.push('/');
    }
    Ok(Rule {
        id: Uuid::new_v4(),
        principal_type: principal_type.to_owned(),
        // Lower case, so that equal principals compare equal as text.
        principal: principal.to_ascii_lowercase(),
        path,
        write: permissions(members.required_text("permissions")?)?,
        created: now,
        expiration: expiration(collection, &members, now)?,
        notify_email: members.text("notify_email")?.map(str::to_owned),
        notify_message: members.text("notify_message")?.map(str::to_owned),
    })
}

fn permissions(text: &str) -> Result<bool, Problem> {
    match text {
        "r" => Ok(false),
        "rw" => Ok(true),
        _ => Err(wrong_type("permissions", "r or rw")),
    }
}

/// The expiration of a rule, which the collection may limit.
fn expiration(
    collection: &Collection,
    members: &Members<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let end = members.time("expiration_date")?;
    if end.is_some_and(|end| end <= now) {
        return Err(bad_request("The expiration_date has passed"));
    }
    if let Some(minutes) = collection.longest_permission() {
        let longest = SignedDuration::from_mins(minutes);
        // A collection with a limit requires every rule to expire.
        if end.is_none_or(|end| end.duration_since(now) > longest) {
            return Err(bad_request(format!(
                "A permission on this collection lasts at most {minutes} minutes"
            )));
        }
    }
    Ok(end)
}

async fn update(
    State(app): State<AppState>,
    known: Known,
    Part(id): Part,
    Body(body): Body,
) -> Result<Response, Problem> {
    let collection = known.access_manager()?;
    let conn = app.store().lock();
    let rule = find(&app, &conn, &collection, &id)?;
    let members = Members(&body);
    members.data_type(&["access"])?;
    let write = match members.text("permissions")? {
        Some(text) => permissions(text)?,
        None => rule.write,
    };
    // An explicit null removes the expiration; an absent member keeps it.
    let expiration = if body.contains_key("expiration_date") {
        expiration(&collection, &members, app.now())?
    } else {
        rule.expiration
    };
    conn.execute(
        "UPDATE transfer_access_rules SET permissions = ?2, expiration = ?3 WHERE id = ?1",
        params![
            rule.id.to_string(),
            if write { "rw" } else { "r" },
            expiration.map(Timestamp::as_microsecond)
        ],
    )?;
    let message = format!("Access rule '{}' permissions updated successfully", rule.id);
    Ok(done("Updated", &message))
}

async fn remove(
    State(app): State<AppState>,
    known: Known,
    Part(id): Part,
) -> Result<Response, Problem> {
    let collection = known.access_manager()?;
    let conn = app.store().lock();
    let rule = find(&app, &conn, &collection, &id)?;
    conn.execute(
        "DELETE FROM transfer_access_rules WHERE id = ?1",
        [rule.id.to_string()],
    )?;
    let message = format!("Access rule '{}' deleted successfully", rule.id);
    Ok(done("Deleted", &message))
}
