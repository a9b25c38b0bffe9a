//! Projects, which own clients and policies.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Body, Developer, Fields, Target, bad_request, conflict, forbidden, internal, not_found,
};
use crate::app_state::AppState;
use crate::auth::identities;
use crate::columns::uuid_at;
use crate::groups;
use crate::problem::Problem;

/// A project.
#[derive(Debug, Clone)]
pub(super) struct Project {
    id: Uuid,
    display_name: String,
    contact_email: String,
    admins: Vec<Uuid>,
    admin_groups: Vec<Uuid>,
}

pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_project (
            num           INTEGER PRIMARY KEY AUTOINCREMENT,
            id            TEXT NOT NULL UNIQUE,
            display_name  TEXT NOT NULL,
            contact_email TEXT NOT NULL,
            admins        TEXT NOT NULL,
            admin_groups  TEXT NOT NULL
        );",
    )
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Project> {
    let list = |column| -> rusqlite::Result<Vec<Uuid>> {
        let text: String = row.get(column)?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    };
    Ok(Project {
        id: uuid_at(row, 0)?,
        display_name: row.get(1)?,
        contact_email: row.get(2)?,
        admins: list(3)?,
        admin_groups: list(4)?,
    })
}

const SELECT: &str = "SELECT id, display_name, contact_email, admins, admin_groups
                      FROM auth_project";

fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Project>> {
    conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row([id.to_string()], from_row)
        .optional()
}

/// Lists the projects that the caller administers.
pub(super) fn administered(
    conn: &Connection,
    developer: &Developer,
) -> rusqlite::Result<Vec<Project>> {
    let all: Vec<Project> = conn
        .prepare_cached(&format!("{SELECT} ORDER BY num"))?
        .query_map([], from_row)?
        .collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
    for project in all {
        if developer.is_among(conn, &project.admins, &project.admin_groups)? {
            found.push(project);
        }
    }
    Ok(found)
}

impl Project {
    pub(super) const fn id(&self) -> Uuid {
        self.id
    }

    fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute(
            "INSERT INTO auth_project (id, display_name, contact_email, admins, admin_groups)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
                 contact_email = excluded.contact_email, admins = excluded.admins,
                 admin_groups = excluded.admin_groups",
            params![
                self.id.to_string(),
                self.display_name,
                self.contact_email,
                json!(self.admins).to_string(),
                json!(self.admin_groups).to_string(),
            ],
        )?;
        Ok(())
    }

    fn change(&mut self, fields: &Fields<'_>) -> Result<(), Problem> {
        if let Some(name) = fields.text("display_name")? {
            name.clone_into(&mut self.display_name);
        }
        if let Some(email) = fields.text("contact_email")? {
            email.clone_into(&mut self.contact_email);
        }
        if let Some(ids) = fields.ids("admin_ids")? {
            self.admins = ids;
        }
        if let Some(ids) = fields.ids("admin_group_ids")? {
            self.admin_groups = ids;
        }
        if self.admins.is_empty() && self.admin_groups.is_empty() {
            return Err(bad_request(
                "one of project.admin_ids and project.admin_group_ids is required",
            ));
        }
        Ok(())
    }

    fn document(&self, conn: &Connection) -> rusqlite::Result<Value> {
        let listed = |ids: &[Uuid]| (!ids.is_empty()).then(|| json!(ids));
        let mut people = Vec::new();
        for id in &self.admins {
            people.push(identities::told(conn, *id)?.unwrap_or_else(|| json!({ "id": id })));
        }
        let mut group_documents = Vec::new();
        for id in &self.admin_groups {
            let told = groups::named(conn, *id)?;
            group_documents.push(match told {
                Some((name, description)) => json!({
                    "id": id,
                    "name": name,
                    "description": description,
                    "organization": null,
                }),
                None => json!({ "id": id }),
            });
        }
        Ok(json!({
            "id": self.id,
            "display_name": self.display_name,
            "project_name": self.display_name,
            "contact_email": self.contact_email,
            "admin_ids": listed(&self.admins),
            "admin_group_ids": listed(&self.admin_groups),
            "admins": { "identities": people, "groups": group_documents },
        }))
    }

    fn answer(&self, conn: &Connection) -> Result<Response, Problem> {
        let document = self.document(conn).map_err(internal)?;
        Ok(Json(json!({ "project": document })).into_response())
    }
}

/// The project with this id, if the caller administers it.
pub(super) fn require(
    conn: &Connection,
    developer: &Developer,
    id: Uuid,
) -> Result<Project, Problem> {
    let project = find(conn, id).map_err(internal)?;
    let project = project.ok_or_else(|| not_found("project", id))?;
    let may = developer.is_among(conn, &project.admins, &project.admin_groups);
    if may.map_err(internal)? {
        Ok(project)
    } else {
        let message = format!(
            "{} does not administer the project {id}",
            developer.0.username
        );
        Err(forbidden(message))
    }
}

/// `GET /v2/api/projects`
pub(in super::super) async fn list(
    State(app): State<AppState>,
    developer: Developer,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let projects = administered(&conn, &developer).map_err(internal)?;
    let documents: Vec<Value> = projects
        .iter()
        .map(|project| project.document(&conn))
        .collect::<rusqlite::Result<_>>()
        .map_err(internal)?;
    Ok(Json(json!({ "projects": documents })).into_response())
}

/// `POST /v2/api/projects`
pub(in super::super) async fn create(
    State(app): State<AppState>,
    _developer: Developer,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("project")?;
    let mut project = Project {
        id: Uuid::new_v4(),
        display_name: fields.required_text("display_name")?.to_owned(),
        contact_email: fields.required_text("contact_email")?.to_owned(),
        admins: Vec::new(),
        admin_groups: Vec::new(),
    };
    project.change(&fields)?;
    let conn = app.store().lock();
    project.store(&conn).map_err(internal)?;
    project.answer(&conn)
}

/// `GET /v2/api/projects/{id}`
pub(in super::super) async fn show(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    require(&conn, &developer, id)?.answer(&conn)
}

/// `PUT /v2/api/projects/{id}`
pub(in super::super) async fn update(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
    body: Body,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut project = require(&conn, &developer, id)?;
    project.change(&body.document("project")?)?;
    project.store(&conn).map_err(internal)?;
    project.answer(&conn)
}

/// `DELETE /v2/api/projects/{id}`
pub(in super::super) async fn delete(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let project = require(&conn, &developer, id)?;
    let owns: bool = conn
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM auth_client WHERE project = ?1)
                 OR EXISTS (SELECT 1 FROM auth_policy WHERE project = ?1)",
            [id.to_string()],
            |row| row.get(0),
        )
        .map_err(internal)?;
    if owns {
        return Err(conflict(
            "the project owns clients or policies: delete those first",
        ));
    }
    conn.execute("DELETE FROM auth_project WHERE id = ?1", [id.to_string()])
        .map_err(internal)?;
    project.answer(&conn)
}
