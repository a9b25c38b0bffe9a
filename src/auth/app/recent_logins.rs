//! Logging in again for what a service asks: once, however many calls were told.

use crate::error::AuthorizationParameters;
use crate::scope::Scope;
use crate::transport::static_authorizers::bearer;
use crate::types::Secret;
use std::collections::VecDeque;

/// What a login is for.
#[derive(Clone, Debug)]
pub(super) struct LoginPurpose {
    /// Everything that is asked for.
    pub(super) scopes: Vec<Scope>,
    /// What the login must satisfy; their scopes are among the others.
    pub(super) parameters: AuthorizationParameters,
}

impl LoginPurpose {
    /// Whether this login does for another purpose, too.
    pub(super) fn serves(&self, other: &Self) -> bool {
        let demanding = other.parameters != AuthorizationParameters::default();
        let both = self.scopes.iter().chain(&other.scopes);
        (!demanding || self.parameters == other.parameters)
            && Scope::merge(both.cloned()) == self.scopes
    }
}

/// The last logins that were made for more than tokens, oldest first.
///
/// When many calls share a token, one may receive the step-up error after the login of another call
/// has already finished. That call must retry with the new token instead of starting a second login.
#[derive(Debug, Default)]
pub(super) struct RecentLogins(VecDeque<RecentLogin>);

#[derive(Debug)]
struct RecentLogin {
    parameters: AuthorizationParameters,
    replaced: Vec<Secret>,
}

/// Calls that are under way take part in no more logins than this.
const REMEMBERED: usize = 16;

impl RecentLogins {
    /// Notes a login, and the tokens that it replaced.
    pub(super) fn record(&mut self, parameters: AuthorizationParameters, replaced: Vec<Secret>) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(RecentLogin {
            parameters,
            replaced,
        });
    }

    /// Whether a login since the one that gave this header has satisfied the parameters.
    pub(super) fn satisfied_since(
        &self,
        refused: &Secret,
        parameters: &AuthorizationParameters,
    ) -> bool {
        let replaced =
            |login: &RecentLogin| login.replaced.iter().any(|token| bearer(token) == *refused);
        self.0
            .iter()
            .skip_while(|login| !replaced(login))
            .any(|login| login.parameters == *parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_token_counts_as_satisfied() {
        let parameters = AuthorizationParameters::default();
        let (old, new) = (Secret::from("old"), Secret::from("new"));
        let mut recent_logins = RecentLogins::default();
        assert!(!recent_logins.satisfied_since(&bearer(&old), &parameters));
        recent_logins.record(parameters.clone(), vec![old.clone()]);
        assert!(recent_logins.satisfied_since(&bearer(&old), &parameters));
        assert!(!recent_logins.satisfied_since(&bearer(&new), &parameters));
    }
}
