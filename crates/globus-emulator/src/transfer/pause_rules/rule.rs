//! Stored pause rules.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::PausableOperation;
use crate::columns::uuid_at;
use crate::transfer::collections::{self, Collection};
use crate::transfer::times;

/// A rule by which the managers of a collection pause operations on it.
#[derive(Clone, Debug)]
pub(in crate::transfer) struct Rule {
    pub(in crate::transfer) id: Uuid,
    pub(in crate::transfer) collection: Uuid,
    pub(in crate::transfer) message: String,
    /// `None` for everybody.
    pub(in crate::transfer) identity: Option<Uuid>,
    pub(in crate::transfer) start: Option<Timestamp>,
    pub(in crate::transfer) modified: Timestamp,
    pub(in crate::transfer) modified_by: (Uuid, String),
    pub(in crate::transfer) created_by_host_manager: bool,
    /// The names of the fields that are true.
    pub(in crate::transfer) holds: Vec<String>,
}

const COLUMNS: &str = "id, collection_id, message, identity_id, start_time, modified_time, modified_by_id, \
     modified_by, created_by_host_manager, holds";

impl Rule {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let holds: String = row.get(9)?;
        Ok(Self {
            id: uuid_at(row, 0)?,
            collection: uuid_at(row, 1)?,
            message: row.get(2)?,
            identity: match row.get::<_, Option<String>>(3)? {
                Some(_) => Some(uuid_at(row, 3)?),
                None => None,
            },
            start: row.get::<_, Option<i64>>(4)?.map(times::stored),
            modified: times::stored(row.get(5)?),
            modified_by: (uuid_at(row, 6)?, row.get(7)?),
            created_by_host_manager: row.get(8)?,
            holds: serde_json::from_str(&holds).unwrap_or_default(),
        })
    }

    pub(in crate::transfer) fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(&format!(
            "INSERT INTO transfer_pause_rules ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET message = excluded.message, start_time = excluded.start_time,
                 modified_time = excluded.modified_time, modified_by_id = excluded.modified_by_id,
                 modified_by = excluded.modified_by, holds = excluded.holds"
        ))?
        .execute(params![
            self.id.to_string(),
            self.collection.to_string(),
            self.message,
            self.identity.map(|identity| identity.to_string()),
            self.start.map(Timestamp::as_microsecond),
            self.modified.as_microsecond(),
            self.modified_by.0.to_string(),
            self.modified_by.1,
            self.created_by_host_manager,
            json!(self.holds).to_string(),
        ])?;
        Ok(())
    }

    /// Whether it pauses this operation of a user now.
    pub(super) fn pauses(&self, operation: PausableOperation, user: Uuid, now: Timestamp) -> bool {
        self.identity.is_none_or(|identity| identity == user)
            && self.start.is_none_or(|start| start <= now)
            && self.holds.iter().any(|field| field == operation.field())
    }

    /// The document for affected users.
    pub(in crate::transfer) fn limited(&self, conn: &Connection) -> rusqlite::Result<Json> {
        let mut document = self.shared(conn)?;
        document.insert("DATA_TYPE".to_owned(), json!("pause_rule_limited"));
        Ok(Json::Object(document))
    }

    /// The document for managers.
    pub(in crate::transfer) fn document(
        &self,
        conn: &Connection,
        editable: bool,
    ) -> rusqlite::Result<Json> {
        let mut document = self.shared(conn)?;
        let more = [
            ("DATA_TYPE", json!("pause_rule")),
            ("modified_by_id", json!(self.modified_by.0)),
            ("modified_by", json!(self.modified_by.1)),
            (
                "created_by_host_manager",
                json!(self.created_by_host_manager),
            ),
            ("editable", json!(editable)),
        ];
        document.extend(more.map(|(name, value)| (name.to_owned(), value)));
        Ok(Json::Object(document))
    }

    fn shared(&self, conn: &Connection) -> rusqlite::Result<Map<String, Json>> {
        let collection = collections::find(conn, self.collection)?;
        let fields = [
            ("id", json!(self.id)),
            ("message", json!(self.message)),
            ("start_time", json!(self.start.map(times::with_t))),
            ("modified_time", json!(times::with_t(self.modified))),
            ("endpoint_id", json!(self.collection)),
            (
                "endpoint_display_name",
                json!(collection.as_ref().map(Collection::display_name)),
            ),
            ("identity_id", json!(self.identity)),
        ];
        let holds = PausableOperation::ALL.into_iter().map(|operation| {
            let held = self.holds.iter().any(|field| field == operation.field());
            (operation.field(), json!(held))
        });
        Ok(fields
            .into_iter()
            .chain(holds)
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }
}

/// The rules on a collection and its host, in the order of their creation.
pub(super) fn list_on(conn: &Connection, collection: &Collection) -> rusqlite::Result<Vec<Rule>> {
    let host = collection
        .host
        .as_ref()
        .map_or(collection.id, |host| host.id);
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_pause_rules WHERE collection_id IN (?1, ?2) ORDER BY seq"
    ))?
    .query_map([collection.id.to_string(), host.to_string()], Rule::read)?
    .collect()
}

/// All rules.
pub(in crate::transfer) fn all(conn: &Connection) -> rusqlite::Result<Vec<Rule>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_pause_rules ORDER BY seq"
    ))?
    .query_map([], Rule::read)?
    .collect()
}

pub(in crate::transfer) fn find(conn: &Connection, id: &str) -> rusqlite::Result<Option<Rule>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer_pause_rules WHERE id = ?1"
    ))?
    .query_row([id], Rule::read)
    .optional()
}

pub(in crate::transfer) fn remove(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM transfer_pause_rules WHERE id = ?1")?
        .execute([id.to_string()])?;
    Ok(())
}
