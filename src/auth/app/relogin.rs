//! Logging in again for what a service asks: once, however many calls were told.

use crate::Scope;
use crate::auth::AuthorizationParameters;
use crate::auth::static_authorizers::bearer;
use crate::types::Secret;
use std::collections::VecDeque;

/// What a login is for.
#[derive(Clone, Debug)]
pub(super) struct Purpose {
    /// Everything that is asked for.
    pub(super) scopes: Vec<Scope>,
    /// What the login must satisfy; their scopes are among the others.
    pub(super) parameters: AuthorizationParameters,
}

impl Purpose {
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
/// Of fifty calls with one token, the last may hear that it lacks something when the login that the
/// first began is over already: it has to try the new token, and not to log in once more.
#[derive(Debug, Default)]
pub(super) struct Cures(VecDeque<Cure>);

#[derive(Debug)]
struct Cure {
    parameters: AuthorizationParameters,
    replaced: Vec<Secret>,
}

/// Calls that are under way take part in no more logins than this.
const REMEMBERED: usize = 16;

impl Cures {
    /// Notes a login, and the tokens that it replaced.
    pub(super) fn note(&mut self, parameters: AuthorizationParameters, replaced: Vec<Secret>) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(Cure {
            parameters,
            replaced,
        });
    }

    /// Whether a login since the one that gave this header has satisfied the parameters.
    pub(super) fn cured(&self, refused: &Secret, parameters: &AuthorizationParameters) -> bool {
        let replaced = |cure: &Cure| cure.replaced.iter().any(|token| bearer(token) == *refused);
        self.0
            .iter()
            .skip_while(|cure| !replaced(cure))
            .any(|cure| cure.parameters == *parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_a_login_replaced_is_cured_and_no_other() {
        let parameters = AuthorizationParameters::default();
        let (old, new) = (Secret::from("old"), Secret::from("new"));
        let mut cures = Cures::default();
        assert!(!cures.cured(&bearer(&old), &parameters));
        cures.note(parameters.clone(), vec![old.clone()]);
        assert!(cures.cured(&bearer(&old), &parameters));
        assert!(!cures.cured(&bearer(&new), &parameters));
    }
}
