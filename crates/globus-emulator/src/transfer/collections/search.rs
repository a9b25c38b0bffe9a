//! Endpoint search.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use serde_json::Value as Json;
use uuid::Uuid;

use super::Collection;
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::transfer::authz::{self, EffectiveRoles, Grants};
use crate::transfer::request::{Query, bad_request, shortened};

/// Maximum number of endpoints that a search returns over all pages.
pub(super) const MAX_RESULTS: usize = 1_000;

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
    SharedByMe,
    SharedWithMe,
    HideNoPermissions,
}

/// A parsed search.
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
            Some("shared-by-me") => Scope::SharedByMe,
            Some("shared-with-me") => Scope::SharedWithMe,
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
        if owner.is_some() && matches!(scope, Scope::Mine | Scope::SharedByMe) {
            return Err(bad_request(
                "filter_owner_id cannot be combined with this filter_scope",
            ));
        }
        let words = words(query.get("filter_fulltext").unwrap_or_default());
        let narrowed = owner.is_some()
            || host.is_some()
            || !entity_types.is_empty()
            || non_functional.is_some();
        // The service does not list all of its endpoints, so an unrestricted search is an error.
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

    /// The matching collections that are visible to the caller, by name.
    pub(super) fn run(
        &self,
        app: &AppState,
        conn: &Connection,
        caller: &Caller,
    ) -> rusqlite::Result<Vec<Collection>> {
        // One query for all collections, not one per collection.
        let used = match self.scope {
            Scope::RecentlyUsed => Some(used_by(conn, caller.identity_id, false)?),
            Scope::InUse => Some(used_by(conn, caller.identity_id, true)?),
            _ => None,
        };
        let mut found = Vec::new();
        // The cheapest tests come first, since most collections fail one of them.
        if !self.non_functional {
            for collection in super::all(conn)? {
                if self.is_of_kind(&collection)
                    && self.matches_text(&collection)
                    && collection.is_visible_to(app, conn, caller.identity_id)?
                    && self.is_in_scope(app, conn, caller, &collection, used.as_ref())?
                {
                    found.push(collection);
                }
            }
        }
        found.sort_by(|left, right| {
            (left.display_name(), left.id).cmp(&(right.display_name(), right.id))
        });
        found.truncate(MAX_RESULTS);
        Ok(found)
    }

    fn is_of_kind(&self, collection: &Collection) -> bool {
        let host = collection.host.as_ref().map(|host| host.id);
        self.owner.is_none_or(|owner| owner == collection.owner)
            && (self.host.is_none() || self.host == host)
            && (self.entity_types.is_empty()
                || self
                    .entity_types
                    .iter()
                    .any(|name| name == collection.entity_type()))
    }

    fn is_in_scope(
        &self,
        app: &AppState,
        conn: &Connection,
        caller: &Caller,
        collection: &Collection,
        used: Option<&HashSet<Uuid>>,
    ) -> rusqlite::Result<bool> {
        let me = caller.identity_id;
        Ok(match self.scope {
            Scope::All => true,
            Scope::Mine => collection.owner == me,
            Scope::RecentlyUsed | Scope::InUse => {
                used.is_some_and(|used| used.contains(&collection.id))
            }
            Scope::AdministeredByMe => {
                EffectiveRoles::load(app, conn, collection, me)?.administers()
            }
            Scope::SharedByMe => collection.is_guest() && collection.owner == me,
            Scope::SharedWithMe => {
                collection.is_guest()
                    && collection.owner != me
                    && authz::is_shared_with(app, conn, collection, me)?
            }
            Scope::HideNoPermissions => {
                !EffectiveRoles::load(app, conn, collection, me)?.is_empty()
                    || !Grants::load(app, conn, collection, me)?.is_empty()
            }
        })
    }

    /// Whether each search term is a prefix of a word of the collection.
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
