//! Endpoint search.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Collection;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::state::App;
use crate::transfer::request::{Query, bad_request, shortened};

/// However many endpoints match, no more than these are ever shown.
pub(super) const MOST_RESULTS: usize = 1_000;

const ENTITY_TYPES: &[&str] = &[
    "GCP_mapped_collection",
    "GCP_guest_collection",
    "GCSv5_endpoint",
    "GCSv5_mapped_collection",
    "GCSv5_guest_collection",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Mine,
    RecentlyUsed,
    InUse,
    AdministeredByMe,
    /// Of guest collections, of which there are none yet.
    Shared,
    HideNoPermissions,
}

/// What a search asks for.
#[derive(Debug)]
pub(super) struct Search {
    words: Vec<String>,
    scope: Scope,
    owner: Option<Uuid>,
    host: Option<Uuid>,
    entity_types: Vec<String>,
    non_functional: bool,
}

impl Search {
    pub(super) fn parse(query: &Query) -> Result<Self, Problem> {
        let scope = match query.filled("filter_scope") {
            None | Some("all") => Scope::All,
            Some("my-endpoints" | "my-gcp-endpoints") => Scope::Mine,
            Some("recently-used") => Scope::RecentlyUsed,
            Some("in-use") => Scope::InUse,
            Some("administered-by-me") => Scope::AdministeredByMe,
            Some("shared-by-me" | "shared-with-me") => Scope::Shared,
            Some("hide-no-permissions") => Scope::HideNoPermissions,
            Some(other) => {
                return Err(bad_request(format!(
                    "'{}' is not a filter_scope",
                    shortened(other)
                )));
            }
        };
        let owner = query.id("filter_owner_id")?;
        let host = query.id("filter_host_endpoint")?;
        let entity_types: Vec<String> = query
            .filled("filter_entity_type")
            .map(|types| types.split(',').map(str::to_owned).collect())
            .unwrap_or_default();
        if let Some(unknown) = entity_types
            .iter()
            .find(|name| !ENTITY_TYPES.contains(&name.as_str()))
        {
            return Err(bad_request(format!(
                "'{}' is not an entity type",
                shortened(unknown)
            )));
        }
        let non_functional = query.flag("filter_non_functional")?;
        if non_functional.is_some() && !entity_types.is_empty() {
            return Err(bad_request(
                "filter_non_functional and filter_entity_type exclude each other",
            ));
        }
        if owner.is_some() && matches!(scope, Scope::Mine | Scope::Shared) {
            return Err(bad_request(
                "filter_owner_id cannot be combined with this filter_scope",
            ));
        }
        let words = words(query.get("filter_fulltext").unwrap_or_default());
        let narrowed = owner.is_some()
            || host.is_some()
            || !entity_types.is_empty()
            || non_functional.is_some();
        if scope == Scope::All && words.is_empty() && !narrowed {
            return Err(bad_request(
                "filter_fulltext is required when filter_scope is 'all'",
            ));
        }
        Ok(Self {
            words,
            scope,
            owner,
            host,
            entity_types,
            non_functional: non_functional.unwrap_or(false),
        })
    }

    /// The matching collections the caller may know of, by name.
    pub(super) fn run(
        &self,
        app: &App,
        conn: &Connection,
        caller: &Caller,
    ) -> rusqlite::Result<Vec<Collection>> {
        let used = match self.scope {
            Scope::RecentlyUsed => Some(used_by(conn, caller.identity_id, false)?),
            Scope::InUse => Some(used_by(conn, caller.identity_id, true)?),
            _ => None,
        };
        let mut found: Vec<Collection> = super::all(conn)?
            .into_iter()
            .filter(|collection| collection.is_visible_to(app, caller.identity_id))
            .filter(|collection| self.is_in_scope(app, caller, collection, used.as_ref()))
            .filter(|collection| self.owner.is_none_or(|owner| owner == collection.owner))
            .filter(|_| self.host.is_none() && !self.non_functional)
            .filter(|_| {
                self.entity_types.is_empty()
                    || self
                        .entity_types
                        .iter()
                        .any(|name| name == "GCP_mapped_collection")
            })
            .filter(|collection| self.matches_text(collection))
            .collect();
        found.sort_by(|left, right| {
            (left.display_name(), left.id).cmp(&(right.display_name(), right.id))
        });
        found.truncate(MOST_RESULTS);
        Ok(found)
    }

    fn is_in_scope(
        &self,
        app: &App,
        caller: &Caller,
        collection: &Collection,
        used: Option<&HashSet<Uuid>>,
    ) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Mine => collection.owner == caller.identity_id,
            Scope::RecentlyUsed | Scope::InUse => {
                used.is_some_and(|used| used.contains(&collection.id))
            }
            Scope::AdministeredByMe | Scope::HideNoPermissions => {
                collection.is_administered_by(app, caller.identity_id)
            }
            Scope::Shared => false,
        }
    }

    /// Every word asked for begins some word of the collection.
    fn matches_text(&self, collection: &Collection) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let mut text = format!("{} {}", collection.id, collection.owner_string);
        for field in [
            "display_name",
            "description",
            "organization",
            "department",
            "keywords",
        ] {
            if let Some(value) = collection.settings.get(field).and_then(Json::as_str) {
                text.push(' ');
                text.push_str(value);
            }
        }
        let known = words(&text);
        self.words
            .iter()
            .all(|word| known.iter().any(|known| known.starts_with(word.as_str())))
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn used_by(conn: &Connection, identity: Uuid, now: bool) -> rusqlite::Result<HashSet<Uuid>> {
    let mut statement = conn.prepare_cached(
        "SELECT source_id FROM transfer_tasks WHERE owner_id = ?1 AND (status = 'ACTIVE' OR NOT ?2)
         UNION SELECT destination_id FROM transfer_tasks WHERE owner_id = ?1 AND (status = 'ACTIVE' OR NOT ?2)",
    )?;
    let ids = statement.query_map(params![identity.to_string(), now], |row| {
        row.get::<_, Option<String>>(0)
    })?;
    Ok(ids
        .collect::<rusqlite::Result<Vec<_>>>()?
        .iter()
        .flatten()
        .filter_map(|id| Uuid::parse_str(id).ok())
        .collect())
}
