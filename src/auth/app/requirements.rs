//! Which scopes an app needs, by resource server.

use crate::auth::TokenData;
use crate::error::Result;
use crate::{Scope, ScopeString};
use std::collections::BTreeMap;

/// As an app's builder collects them: read when the app is connected.
pub(super) type Asked = Vec<(String, ScopeString)>;

/// Scopes by resource server, each name once.
#[derive(Clone, Debug, Default)]
pub(super) struct Requirements(BTreeMap<String, Vec<Scope>>);

impl Requirements {
    pub(super) fn new(asked: &Asked) -> Result<Self> {
        let mut requirements = Self::default();
        for (resource_server, scopes) in asked {
            requirements.add(resource_server, &scopes.scopes()?);
        }
        Ok(requirements)
    }

    pub(super) fn add(&mut self, resource_server: &str, scopes: &[Scope]) {
        let known = self.0.entry(resource_server.to_owned()).or_default();
        let all = std::mem::take(known);
        *known = Scope::merge(all.into_iter().chain(scopes.iter().cloned()));
    }

    /// The scopes of one resource server.
    pub(super) fn of(&self, resource_server: &str) -> ScopeString {
        let scopes = self.0.get(resource_server);
        scopes.map(|scopes| (**scopes).into()).unwrap_or_default()
    }

    /// The scopes of all.
    pub(super) fn all(&self) -> ScopeString {
        self.0.values().flatten().collect()
    }

    pub(super) fn resource_servers(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Whether a token has the scopes that its resource server needs. What they depend on, a token
    /// does not tell.
    pub(super) fn met_by(&self, data: &TokenData) -> bool {
        let Some(needed) = self.0.get(&data.resource_server) else {
            return true;
        };
        needed
            .iter()
            .filter(|scope| !scope.is_optional())
            .all(|scope| data.scopes.iter().any(|known| known == scope.name()))
    }
}
