//! Scope strings (`a b[c *d]`), and the resource server of each scope.

use rusqlite::Connection;
use uuid::Uuid;

use super::consents::GrantedScope;
use super::developer::scopes as registry;
use crate::service::Service;

/// Maximum nesting: deeper than any real scope, and shallow enough for the stack.
const MAX_DEPTH: usize = 16;

/// The client id of Globus Flows, whose resource server has a name instead of an id.
const FLOWS_CLIENT: &str = "eec9b274-0c81-4334-bdc2-54e90e689b9a";

/// The OpenID Connect scope for refresh tokens.
const OFFLINE: &str = "offline_access";

/// A scope and its dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) name: String,
    pub(crate) optional: bool,
    pub(crate) dependencies: Vec<Scope>,
}

/// Why a scope string is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScopeError {
    #[error("no scope was requested")]
    Empty,
    #[error("the scope string is malformed: {0}")]
    Malformed(&'static str),
}

/// Parses a scope string; repeated scopes are merged.
pub(crate) fn parse(text: &str) -> Result<Vec<Scope>, ScopeError> {
    // A stack of open brackets: the last list belongs to the innermost one.
    let mut open: Vec<Vec<Scope>> = vec![Vec::new()];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '[' => {
                let parent = open.last().and_then(|scopes| scopes.last());
                if parent.is_none() {
                    return Err(ScopeError::Malformed("a bracket without a scope before it"));
                }
                if open.len() > MAX_DEPTH {
                    return Err(ScopeError::Malformed("nested too deeply"));
                }
                open.push(Vec::new());
                rest = &rest[1..];
            }
            ']' => {
                let inner = open.pop().unwrap_or_default();
                if inner.is_empty() {
                    return Err(ScopeError::Malformed("empty brackets"));
                }
                let parent = open.last_mut().and_then(|scopes| scopes.last_mut());
                let parent = parent.ok_or(ScopeError::Malformed("a closing bracket too many"))?;
                for scope in inner {
                    merge(&mut parent.dependencies, scope);
                }
                rest = &rest[1..];
            }
            _ => {
                let (optional, named) = match rest.strip_prefix('*') {
                    Some(named) => (true, named),
                    None => (false, rest),
                };
                let end = named
                    .find(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '*'))
                    .unwrap_or(named.len());
                let (name, after) = named.split_at(end);
                if name.is_empty() {
                    return Err(ScopeError::Malformed("an asterisk without a scope"));
                }
                if let Some(scopes) = open.last_mut() {
                    scopes.push(Scope {
                        name: name.to_owned(),
                        optional,
                        dependencies: Vec::new(),
                    });
                }
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    let (Some(parsed), true) = (open.pop(), open.is_empty()) else {
        return Err(ScopeError::Malformed("a bracket is not closed"));
    };
    let mut scopes = Vec::new();
    for scope in parsed {
        merge(&mut scopes, scope);
    }
    if scopes.is_empty() {
        Err(ScopeError::Empty)
    } else {
        Ok(scopes)
    }
}

fn merge(into: &mut Vec<Scope>, scope: Scope) {
    match into.iter_mut().find(|known| known.name == scope.name) {
        Some(known) => {
            // A scope that is required anywhere is required.
            known.optional &= scope.optional;
            for dependency in scope.dependencies {
                merge(&mut known.dependencies, dependency);
            }
        }
        None => into.push(scope),
    }
}

/// The resource server whose tokens carry this scope; `None` if the scope is unknown.
pub(crate) fn resource_server(scope: &str) -> Option<String> {
    if matches!(scope, "openid" | "email" | "profile" | OFFLINE) {
        return Some(Service::Auth.resource_server().to_owned());
    }
    if let Some(rest) = scope.strip_prefix("urn:globus:auth:scope:") {
        let (server, name) = rest.split_once(':')?;
        return (!server.is_empty() && !name.is_empty()).then(|| server.to_owned());
    }
    let rest = scope.strip_prefix("https://auth.globus.org/scopes/")?;
    let (server, name) = rest.split_once('/')?;
    if server.is_empty() || name.is_empty() {
        return None;
    }
    // Tokens for Flows list their resource server by name, although its scopes contain the client id. SDKs
    // look tokens up by that name.
    let server = if server == FLOWS_CLIENT {
        "flows.globus.org"
    } else {
        server
    };
    Some(server.to_owned())
}

/// Groups the scopes by resource server. Both keep the order of first appearance.
pub(crate) fn by_resource_server(scopes: &[GrantedScope]) -> Vec<(String, Vec<GrantedScope>)> {
    let mut servers: Vec<(String, Vec<GrantedScope>)> = Vec::new();
    for scope in scopes {
        let Some(server) = resource_server(&scope.scope) else {
            continue;
        };
        match servers.iter_mut().find(|(known, _)| *known == server) {
            Some((_, of_server)) => of_server.push(scope.clone()),
            None => servers.push((server, vec![scope.clone()])),
        }
    }
    servers
}

/// Removes `offline_access`; returns whether it was there, and the remaining scopes.
pub(crate) fn without_offline(mut scopes: Vec<Scope>) -> (bool, Vec<Scope>) {
    let before = scopes.len();
    scopes.retain(|scope| scope.name != OFFLINE);
    (scopes.len() < before, scopes)
}

/// Formats scopes as a scope string, the inverse of [`parse`].
pub(crate) fn to_text(scopes: &[Scope]) -> String {
    let one = |scope: &Scope| {
        let asterisk = if scope.optional { "*" } else { "" };
        if scope.dependencies.is_empty() {
            format!("{asterisk}{}", scope.name)
        } else {
            format!("{asterisk}{}[{}]", scope.name, to_text(&scope.dependencies))
        }
    };
    scopes.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// The names among these scopes and their dependencies that do not exist.
///
/// Known are the scopes of the four services and those of clients that have registered scopes. The
/// `data_access` scope of a collection exists if the collection does. Scopes of clients without any
/// registered scope are accepted as they are.
pub(crate) fn unknown(conn: &Connection, scopes: &[Scope]) -> rusqlite::Result<Vec<String>> {
    let mut found = Vec::new();
    for scope in scopes {
        if !exists(conn, &scope.name)? {
            found.push(scope.name.clone());
        }
        found.extend(unknown(conn, &scope.dependencies)?);
    }
    Ok(found)
}

fn exists(conn: &Connection, scope: &str) -> rusqlite::Result<bool> {
    let Some(server) = resource_server(scope) else {
        return Ok(false);
    };
    if let Some(rest) = scope.strip_prefix(URN) {
        let Some((_, name)) = rest.split_once(':') else {
            return Ok(false);
        };
        let known = SERVICE_SCOPES.iter().find(|(known, _)| *known == server);
        return Ok(known.is_none_or(|(_, names)| names.contains(&name)));
    }
    let suffix = scope.rsplit('/').next().unwrap_or_default();
    match Uuid::parse_str(&server) {
        // Not registered anywhere: each collection has this scope, and a misspelled collection id should be
        // noticed.
        Ok(id) if suffix == "data_access" => crate::transfer::has_collection(conn, id),
        Ok(id) if registry::has_any(conn, &id.to_string())? => {
            Ok(registry::by_text(conn, scope)?.is_some())
        }
        _ => Ok(true),
    }
}

/// Adds the registered dependencies of these scopes, except optional ones: consent to a scope includes
/// consent to its dependencies.
pub(crate) fn with_included(conn: &Connection, scopes: &mut [Scope]) -> rusqlite::Result<()> {
    include(conn, scopes, 0)
}

fn include(conn: &Connection, scopes: &mut [Scope], depth: usize) -> rusqlite::Result<()> {
    // Registered scopes may include each other in a cycle.
    if depth > MAX_DEPTH {
        return Ok(());
    }
    for scope in scopes {
        if let Some(known) = registry::by_text(conn, &scope.name)? {
            for one in known.dependent_scopes.iter().filter(|one| !one.optional) {
                if let Some(name) = registry::text_of(conn, one.scope)? {
                    let included = Scope {
                        name,
                        optional: false,
                        dependencies: Vec::new(),
                    };
                    merge(&mut scope.dependencies, included);
                }
            }
        }
        include(conn, &mut scope.dependencies, depth + 1)?;
    }
    Ok(())
}

/// The scopes of the services, as they are written.
pub(crate) fn of_services() -> impl Iterator<Item = String> {
    let plain = ["openid", "email", "profile"]
        .into_iter()
        .map(str::to_owned);
    let urns = SERVICE_SCOPES.iter().flat_map(|(server, names)| {
        let names = names.iter();
        names.map(move |name| format!("{URN}{server}:{name}"))
    });
    plain.chain(urns)
}

/// The prefix of the services' scopes.
const URN: &str = "urn:globus:auth:scope:";

/// The scopes of the services that the emulator plays.
const SERVICE_SCOPES: &[(&str, &[&str])] = &[
    (
        "auth.globus.org",
        &[
            "manage_projects",
            "view_authentications",
            "view_clients",
            "view_clients_and_scopes",
            "view_consents",
            "view_identities",
            "view_identity_set",
        ],
    ),
    (
        "transfer.api.globus.org",
        &[
            "all",
            "gcp_install",
            "monitor_ongoing",
            "set_gcs_attributes",
        ],
    ),
    (
        "search.api.globus.org",
        &["all", "globus_connect_server", "ingest", "search"],
    ),
    (
        "groups.api.globus.org",
        &["all", "view_my_groups_and_memberships"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";

    #[test]
    fn a_scope_string_survives_parsing() {
        let text = format!("openid {ALL}[*https://auth.globus.org/scopes/abc/data_access]");
        assert_eq!(parse(&text).map(|scopes| to_text(&scopes)), Ok(text));
    }

    #[test]
    fn scopes_named_twice_are_merged() {
        let scopes = parse("openid email openid");
        assert_eq!(
            scopes.map(|scopes| to_text(&scopes)),
            Ok("openid email".to_owned())
        );
    }

    #[test]
    fn malformed_strings_are_refused_and_never_panic() {
        for text in [
            "", "[", "]", "openid[", "openid]", "openid[]", "*", "**", "é[ü", "a b *",
        ] {
            assert!(parse(text).is_err(), "{text:?} was accepted");
        }
        assert!(parse(&format!("{}x", "openid[".repeat(10_000))).is_err());
    }
}
