//! Repeated logins that a service asks for: one login, however many calls were refused.

use crate::error::AuthorizationParameters;
use crate::scope::Scope;
use crate::transport::static_authorizers::bearer;
use crate::types::Secret;
use std::collections::VecDeque;

/// What a login is for. Two concurrent calls with compatible purposes share one login.
#[derive(Clone, Debug)]
pub(super) struct LoginPurpose {
    /// All requested scopes.
    pub(super) scopes: Vec<Scope>,
    /// What the login must satisfy; its scopes are included in `scopes`.
    pub(super) parameters: AuthorizationParameters,
}

impl LoginPurpose {
    /// Whether this login also serves another purpose.
    pub(super) fn serves(&self, other: &Self) -> bool {
        // a login without special requirements is served by any other that covers its scopes; one
        // with requirements only by a login with the same ones
        let demanding = other.parameters != AuthorizationParameters::default();
        let both = self.scopes.iter().chain(&other.scopes);
        (!demanding || self.parameters == other.parameters)
            && Scope::merge(both.cloned()) == self.scopes
    }
}

/// The most recent logins that a service asked for, oldest first.
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

/// Enough for the calls in flight: they take part in fewer logins than this.
const REMEMBERED: usize = 16;

impl RecentLogins {
    /// Records a login and the tokens it replaced.
    pub(super) fn record(&mut self, parameters: AuthorizationParameters, replaced: Vec<Secret>) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(RecentLogin {
            parameters,
            replaced,
        });
    }

    /// Whether a login since the token `refused` was replaced has satisfied the parameters.
    pub(super) fn satisfied_since(
        &self,
        refused: &Secret,
        parameters: &AuthorizationParameters,
    ) -> bool {
        // logins before the refused token was replaced cannot have helped: the token came after
        // them
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
