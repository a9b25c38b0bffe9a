//! The status page at `/`: collections, tasks, indices and recent requests with their errors.
//!
//! It works without scripts. With them, each section is fetched every second and replaced if it has
//! changed.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rusqlite::Connection;
use serde_json::Value;

use crate::app_state::AppState;
use crate::server::RecordedRequest;

/// Maximum number of rows of a table.
const MAX_ROWS: usize = 25;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;\
padding:1rem;color:#1a1a1a;background:#fff}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;\
border-bottom:1px solid #ccc;vertical-align:top}code{font-size:.9em;overflow-wrap:anywhere}\
progress{width:8rem;max-width:100%}.wrong{color:#a4262c}.quiet{color:#595959}\
.scroll{overflow-x:auto}.scroll:focus-visible,a:focus-visible{outline:3px solid #27518f}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#444}\
.wrong{color:#ff9a9a}.quiet{color:#aaa}a{color:#9ecbff}}";

const SCRIPT: &str = "setInterval(async()=>{if(document.hidden)return;\
try{const answer=await fetch('/_emulator/page');if(!answer.ok)return;\
const fresh=new DOMParser().parseFromString(await answer.text(),'text/html');\
for(const old of document.querySelectorAll('section')){\
const now=fresh.getElementById(old.id);\
if(now&&now.innerHTML!==old.innerHTML)old.innerHTML=now.innerHTML}}catch{}},1000)";

/// `GET /`
pub(super) async fn page(State(app): State<AppState>) -> Response {
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { "Globus emulator" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Globus emulator" }
                    p {
                        "Base URL of all services: " code { (app.base_url()) "/" } " "
                        span.quiet { "This is not Globus: it runs on your own machine." }
                    }
                }
                main { (sections(&app)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    answer(body)
}

/// `GET /_emulator/page`: the sections that change.
pub(super) async fn fresh(State(app): State<AppState>) -> Response {
    answer(sections(&app))
}

fn answer(body: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            // Names of files and labels of tasks come from clients. maud escapes them, and nothing that
            // slipped through could load anything.
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
        ),
    ];
    (headers, body.into_string()).into_response()
}

fn sections(app: &AppState) -> Markup {
    // The lock is released before the page is rendered.
    let data = {
        let conn = app.store().lock();
        PageData::read(&conn)
    };
    let data = match data {
        Ok(data) => data,
        Err(error) => return html! { p.wrong { "The database cannot be read: " (error) } },
    };
    let requests = app.recorded_requests();
    html! {
        section id="collections" {
            h2 { "Collections" }
            (table("Collections", &["Name", "Id", "Folder"], &data.collections, "No collections yet; serve a folder with --collection.", |one| html! {
                td { (one.name) }
                td { code { (one.id) } }
                td { @if let Some(folder) = &one.folder { code { (folder) } } }
            }))
        }
        section id="tasks" {
            h2 { "Transfer tasks" }
            (table("Transfer tasks", &["Task", "From", "To", "Status", "Progress"], &data.tasks, "No tasks yet.", task))
        }
        section id="indices" {
            h2 { "Search indices" }
            (table("Search indices", &["Name", "Id", "Entries", "Unfinished tasks"], &data.indices, "No indices yet.", |one| html! {
                td { (one.name) }
                td { code { (one.id) } }
                td { (one.entries) }
                td { (one.waiting) }
            }))
        }
        section id="requests" {
            h2 { "Recent requests" }
            (table("Recent requests", &["Time", "Request", "Response", "Error"], &newest(&requests), "No requests yet.", request))
        }
        section id="violations" {
            @let violations = app.violations();
            @if !violations.is_empty() {
                h2 { "Responses that the specs do not document" }
                ul { @for one in &violations { li.wrong { (one) } } }
            }
        }
    }
}

fn table<T>(
    name: &str,
    heads: &[&str],
    rows: &[T],
    none: &str,
    cells: impl Fn(&T) -> Markup,
) -> Markup {
    html! {
        @if rows.is_empty() {
            p.quiet { (none) }
        } @else {
            // Wide tables scroll on their own, also by keyboard.
            div.scroll tabindex="0" role="region" aria-label=(name) {
                table {
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody { @for row in rows { tr { (cells(row)) } } }
                }
            }
        }
    }
}

fn task(task: &Task) -> Markup {
    html! {
        td {
            (task.kind) " " @if let Some(label) = &task.label { (label) }
            br; code.quiet { (task.id) }
        }
        td { (task.source) }
        td { (task.destination) }
        td class=[(task.status == "FAILED").then_some("wrong")] {
            (task.status)
            @if let Some(error) = &task.error { br; (error) }
        }
        td {
            @if task.status == "ACTIVE" {
                progress max=(task.files.max(1)) value=(task.done)
                    aria-label=(format!("{} of {} files", task.done, task.files)) {}
                br;
            }
            (task.done) " of " (task.files) " files, " (task.bytes) " bytes"
        }
    }
}

fn newest(requests: &[RecordedRequest]) -> Vec<&RecordedRequest> {
    requests.iter().rev().take(MAX_ROWS).collect()
}

fn request(request: &&RecordedRequest) -> Markup {
    let time = request.time.get(11..19).unwrap_or(&request.time);
    html! {
        td { time datetime=(request.time) { (time) } }
        td {
            code {
                (request.method) " " (request.path)
                // Queries of these paths may contain a code or a state.
                @if request.query.is_some() && !request.path.starts_with("/v2/oauth2/") && !request.path.starts_with("/v2/web/") {
                    "?" (request.query.as_deref().unwrap_or_default())
                }
            }
        }
        td class=[(request.status >= 400).then_some("wrong")] {
            (request.status) " in " (request.milliseconds) " ms"
        }
        td.wrong {
            @if let Some(problem) = &request.problem { (problem) }
            @if !request.faults.is_empty() { " Fault: " (request.faults.join(", ")) }
        }
    }
}

/// The contents of the page.
struct PageData {
    collections: Vec<Collection>,
    tasks: Vec<Task>,
    indices: Vec<Index>,
}

struct Collection {
    id: String,
    name: String,
    folder: Option<String>,
}

struct Task {
    id: String,
    kind: String,
    label: Option<String>,
    source: String,
    destination: String,
    status: String,
    error: Option<String>,
    files: u64,
    done: u64,
    bytes: u64,
}

struct Index {
    id: String,
    name: String,
    entries: i64,
    waiting: i64,
}

impl PageData {
    fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let shown = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
        let collections = conn
            .prepare_cached(
                "SELECT id, coalesce(settings ->> 'display_name', ''), root
                 FROM transfer_collections ORDER BY 2, id LIMIT ?1",
            )?
            .query_map([shown], |row| {
                let folder: Option<Vec<u8>> = row.get(2)?;
                Ok(Collection {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    folder: folder.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let tasks = conn
            .prepare_cached(
                "SELECT id, type, label, coalesce(source_name, ''), coalesce(destination_name, ''),
                        status, coalesce(fatal_error, error_code), counters
                 FROM transfer_tasks ORDER BY seq DESC LIMIT ?1",
            )?
            .query_map([shown], |row| {
                let counters: String = row.get(7)?;
                let counters: Value = serde_json::from_str(&counters).unwrap_or_default();
                let count = |name: &str| counters.get(name).and_then(Value::as_u64).unwrap_or(0);
                Ok(Task {
                    id: row.get(0)?,
                    kind: row.get(1)?,
                    label: row.get(2)?,
                    source: row.get(3)?,
                    destination: row.get(4)?,
                    status: row.get(5)?,
                    error: row.get(6)?,
                    files: count("files"),
                    done: count("files_transferred") + count("files_skipped"),
                    bytes: count("bytes_transferred"),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let indices = conn
            .prepare_cached(
                "SELECT id, display_name,
                        (SELECT count(*) FROM search_entry WHERE index_num = search_index.num),
                        (SELECT count(*) FROM search_task
                         WHERE index_num = search_index.num AND completed_at IS NULL)
                 FROM search_index ORDER BY num DESC LIMIT ?1",
            )?
            .query_map([shown], |row| {
                Ok(Index {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    entries: row.get(2)?,
                    waiting: row.get(3)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            collections,
            tasks,
            indices,
        })
    }
}
