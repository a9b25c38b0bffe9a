//! The scopes an app needs, by resource server.

use crate::error::Result;
use crate::scope::{Scope, ScopeString};
use crate::token::data::TokenData;
use std::collections::BTreeMap;

/// What an app's builder collects; parsed when the app is connected.
pub(super) type RequestedScopes = Vec<(String, ScopeString)>;

/// Scopes by resource server, each name once.
#[derive(Clone, Debug, Default)]
pub(super) struct ScopeRequirements {
    by_server: BTreeMap<String, Vec<Scope>>,
    /// Scopes that a service asked for without naming their resource server.
    unassigned: Vec<Scope>,
}

impl ScopeRequirements {
    pub(super) fn new(asked: &RequestedScopes) -> Result<Self> {
        let mut requirements = Self::default();
        for (resource_server, scopes) in asked {
            requirements.add(resource_server, &scopes.scopes()?);
        }
        Ok(requirements)
    }

    pub(super) fn add(&mut self, resource_server: &str, scopes: &[Scope]) {
        let known = self.by_server.entry(resource_server.to_owned());
        merge(known.or_default(), scopes);
    }

    /// Adds scopes whose resource server is unknown: to the one that has a scope of the same name,
    /// or to `unassigned`.
    pub(super) fn extend(&mut self, scopes: &[Scope]) {
        for scope in scopes {
            let named = |known: &&mut Vec<Scope>| known.iter().any(|s| s.name() == scope.name());
            let known = self.by_server.values_mut().find(named);
            let known = known.unwrap_or(&mut self.unassigned);
            merge(known, std::slice::from_ref(scope));
        }
    }

    /// The scopes of one resource server.
    pub(super) fn for_server(&self, resource_server: &str) -> ScopeString {
        let scopes = self.by_server.get(resource_server);
        scopes.map(|scopes| (**scopes).into()).unwrap_or_default()
    }

    /// All scopes, merged.
    pub(super) fn all(&self) -> Vec<Scope> {
        let all = self.by_server.values().flatten().chain(&self.unassigned);
        Scope::merge(all.cloned())
    }

    pub(super) fn resource_servers(&self) -> Vec<String> {
        self.by_server.keys().cloned().collect()
    }

    /// Whether a token has the scopes that its resource server needs. Dependent scopes cannot be
    /// checked: a token does not list them.
    pub(super) fn is_met_by(&self, data: &TokenData) -> bool {
        let Some(needed) = self.by_server.get(&data.resource_server) else {
            return true;
        };
        needed
            .iter()
            // optional scopes may be declined at login, so that their absence must not cause
            // another login
            .filter(|scope| !scope.is_optional())
            .all(|scope| data.scopes.iter().any(|known| known == scope.name()))
    }
}

fn merge(known: &mut Vec<Scope>, scopes: &[Scope]) {
    // merged on every addition, so that a scope that two clients ask for is requested once
    let all = std::mem::take(known);
    *known = Scope::merge(all.into_iter().chain(scopes.iter().cloned()));
}
