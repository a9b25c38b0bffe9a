//! The operations that read: query, scroll, subject, entry.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::authz::{self, ADMINS, Index, Reader, bad_request, internal, not_found};
use super::execute::{self, ResultFormat};
use super::json_body::JsonBody;
use super::request::{self, Fields, RESULT_WINDOW, SearchRequest};
use super::{entries, tasks};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::params::Query;
use crate::problem::Problem;

/// Rejects `bypass_visible_to` unless the caller administers the index.
fn check_bypass(
    conn: &Connection,
    index: &Index,
    caller: Option<&Caller>,
    bypass: bool,
) -> Result<(), Problem> {
    match caller {
        _ if !bypass => Ok(()),
        Some(caller) => authz::require_role(conn, index, caller, ADMINS),
        None => Err(Problem::unauthenticated(
            crate::service::Service::Search,
            "bypass_visible_to is for administrators of the index",
        )),
    }
}

/// `GET /v1/index/{index_id}/search`
pub(super) async fn get_search(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    search(&app, caller.as_ref(), &id, || {
        SearchRequest::from_query(&query)
    })
}

/// `POST /v1/index/{index_id}/search`
pub(super) async fn post_search(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    search(&app, caller.as_ref(), &id, || {
        let request = SearchRequest::from_body(&asked)?;
        request.require_condition()?;
        Ok(request)
    })
}

fn search(
    app: &AppState,
    caller: Option<&Caller>,
    id: &str,
    request: impl FnOnce() -> Result<SearchRequest, Problem>,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::open_index(&conn, id)?;
    let request = request()?;
    check_bypass(&conn, &index, caller, request.bypass_visible_to)?;
    let principals = authz::principals(&conn, caller).map_err(internal)?;
    let mut index_cache = app.search().index_cache();
    let mut found =
        execute::find(&conn, &mut index_cache, &index, &request, &principals).map_err(internal)?;
    let limit = request.limit.min(RESULT_WINDOW - request.offset);
    let page = found.best_page(request.offset, limit).map_err(internal)?;
    let format = ResultFormat {
        fields: request.fields,
        old_format: request.old_format,
        principal_sets: &request.filter_principal_sets,
        principals: &principals,
    };
    let gmeta = execute::documents(&conn, &page.hits, &format).map_err(internal)?;
    let end = request.offset + gmeta.len();
    let mut answer = json!({
        "@datatype": "GSearchResult",
        "@version": "2017-09-01",
        "count": gmeta.len(),
        "total": page.total,
        "offset": request.offset,
        // With a limit of 0, a next page would never end for clients that follow it.
        "has_next_page": !gmeta.is_empty() && end < page.total && end < RESULT_WINDOW,
        "gmeta": gmeta,
    });
    if !request.facets.is_empty() {
        answer["facet_results"] = Value::Array(found.facets().map_err(internal)?);
    }
    Ok(Json(answer).into_response())
}

/// The marker of a scroll: the last subject of the page.
fn read_marker(marker: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok()?;
    String::from_utf8(bytes)
        .ok()?
        .strip_prefix("after:")?
        .parse()
        .ok()
}

fn write_marker(subject: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{subject}"))
}

/// `POST /v1/index/{index_id}/scroll`: all matches, in an order that new entries do not change.
pub(super) async fn scroll(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::open_index(&conn, &id)?;
    let request = SearchRequest::from_body(&asked)?;
    request.require_condition()?;
    let after = match request.marker.as_deref() {
        None => None,
        Some(marker) => {
            Some(read_marker(marker).ok_or_else(|| bad_request("/marker is not a marker"))?)
        }
    };
    check_bypass(&conn, &index, caller.as_ref(), request.bypass_visible_to)?;
    let principals = authz::principals(&conn, caller.as_ref()).map_err(internal)?;
    let mut index_cache = app.search().index_cache();
    let found =
        execute::find(&conn, &mut index_cache, &index, &request, &principals).map_err(internal)?;
    let (page, has_next_page) = found.page_after(after, request.limit).map_err(internal)?;
    let format = ResultFormat {
        fields: request.fields,
        old_format: request.old_format,
        principal_sets: &request.filter_principal_sets,
        principals: &principals,
    };
    let last = page.hits.last().filter(|_| has_next_page);
    let gmeta = execute::documents(&conn, &page.hits, &format).map_err(internal)?;
    Ok(Json(json!({
        "@datatype": "GScrollResponse",
        "@version": "2017-09-01",
        "count": gmeta.len(),
        "total": page.total,
        "has_next_page": last.is_some(),
        "marker": last.map(|hit| write_marker(hit.subject)),
        "gmeta": gmeta,
    }))
    .into_response())
}

/// `GET /v1/index/{index_id}/subject`: the entries of a subject that are visible to the caller.
pub(super) async fn subject(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    lookup(&app, caller.as_ref(), &id, &query, |_| true)
}

/// `GET /v1/index/{index_id}/entry`: an entry of a subject; by default, the one without an id.
pub(super) async fn entry(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    let wanted = query.get("entry_id");
    lookup(&app, caller.as_ref(), &id, &query, |id| id == wanted)
}

fn lookup(
    app: &AppState,
    caller: Option<&Caller>,
    id: &str,
    query: &Query,
    wanted: impl Fn(Option<&str>) -> bool,
) -> Result<Response, Problem> {
    let bypass = query.flag("bypass_visible_to").map_err(bad_request)?;
    let old_format = request::old_format(query)?;
    let conn = app.store().lock();
    let index = authz::open_index(&conn, id)?;
    let subject = tasks::subject(query)?;
    check_bypass(&conn, &index, caller, bypass)?;
    // 404 for invisible entries as well, so that their existence is not revealed.
    let missing = || not_found(format!("nothing was found for the subject {subject:?}"));
    let num = entries::find_subject(&conn, index.num, &subject)
        .map_err(internal)?
        .ok_or_else(missing)?;
    let principals = authz::principals(&conn, caller).map_err(internal)?;
    let mut found = entries::of_subject(&conn, num, &principals, bypass).map_err(internal)?;
    found.retain(|(_, id)| wanted(id.as_deref()));
    let found: Vec<i64> = found.into_iter().map(|(num, _)| num).collect();
    if found.is_empty() {
        return Err(missing());
    }
    let format = ResultFormat {
        fields: Fields {
            content: true,
            visible_to: false,
            principal_sets: false,
        },
        old_format,
        principal_sets: &[],
        principals: &principals,
    };
    Ok(Json(execute::result(&conn, num, &found, &format).map_err(internal)?).into_response())
}
