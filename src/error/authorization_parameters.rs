//! What a login must satisfy.

use crate::scope::scope_string::ScopeString;
use crate::types::extra_fields::ExtraFields;

/// What a login must satisfy: scopes to consent to, and conditions that the service checks on its
/// login page. They usually come from an error that says what an earlier login lacks
/// ([`AuthorizationRequirements`](super::AuthorizationRequirements)).
///
/// ```
/// use globus_sdk::auth::AuthorizationParameters;
///
/// let parameters = AuthorizationParameters::default()
///     .session_message("this collection wants a login of the last hour")
///     .session_required_single_domain(["example.org"])
///     .prompt("login");
/// assert_eq!(parameters.session_required_single_domain, ["example.org"]);
/// ```
#[doc(alias = "GlobusAuthorizationParameters")]
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AuthorizationParameters {
    /// Scopes to consent to, in addition to those the app needs.
    pub required_scopes: ScopeString,
    /// A message that the login page shows, such as why to log in again.
    pub session_message: Option<String>,
    /// Ids or usernames of identities, all of which must be in the session.
    pub session_required_identities: Vec<String>,
    /// Ids of authentication policies, all of which must be satisfied.
    pub session_required_policies: Vec<String>,
    /// Domains; an identity of the session must belong to one of them.
    pub session_required_single_domain: Vec<String>,
    /// Whether multi-factor authentication is required.
    pub session_required_mfa: Option<bool>,
    /// `login` forces a new login although the current one is still valid.
    pub prompt: Option<String>,
    /// Further parameters of the login page, set by the program.
    pub params: Vec<(String, String)>,
    /// Other fields that the service sent. They are not sent back: an error must not be able to set
    /// arbitrary parameters of the login page.
    pub extra: ExtraFields,
}

impl AuthorizationParameters {
    /// Sets the scopes to consent to, in addition to those the app needs.
    #[must_use]
    pub fn required_scopes(mut self, scopes: impl Into<ScopeString>) -> Self {
        self.required_scopes = scopes.into();
        self
    }

    /// Sets a message that the login page shows, such as why to log in again.
    #[must_use]
    pub fn session_message(mut self, message: impl Into<String>) -> Self {
        self.session_message = Some(message.into());
        self
    }

    /// Sets ids or usernames of identities, all of which must be in the session.
    #[must_use]
    pub fn session_required_identities<S: Into<String>>(
        mut self,
        identities: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_identities = identities.into_iter().map(Into::into).collect();
        self
    }

    /// Sets ids of authentication policies, all of which must be satisfied.
    #[must_use]
    pub fn session_required_policies<S: Into<String>>(
        mut self,
        policies: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_policies = policies.into_iter().map(Into::into).collect();
        self
    }

    /// Sets domains; an identity of the session must belong to one of them.
    #[must_use]
    pub fn session_required_single_domain<S: Into<String>>(
        mut self,
        domains: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_single_domain = domains.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether multi-factor authentication is required.
    #[must_use]
    pub fn session_required_mfa(mut self, required: bool) -> Self {
        self.session_required_mfa = Some(required);
        self
    }

    /// Sets the prompt: `login` forces a new login although the current one is still valid.
    #[must_use]
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// Adds a parameter of the login page that no method covers.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}
