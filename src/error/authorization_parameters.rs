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
    /// Scopes to consent to, beside those that are needed anyway.
    pub required_scopes: ScopeString,
    /// A message for the login page, telling why to log in again.
    pub session_message: Option<String>,
    /// IDs or usernames of identities, each of which must be in the session.
    pub session_required_identities: Vec<String>,
    /// IDs of authentication policies, each of which must be satisfied.
    pub session_required_policies: Vec<String>,
    /// Domains, to one of which an identity of the session must belong.
    pub session_required_single_domain: Vec<String>,
    /// Whether to log in with more than one factor.
    pub session_required_mfa: Option<bool>,
    /// `login` asks to log in again although a login is still valid.
    pub prompt: Option<String>,
    /// Further parameters of the login page, as the program sets them.
    pub params: Vec<(String, String)>,
    /// What else the service said. It is not sent: an error must not change the login page's other
    /// parameters.
    pub extra: ExtraFields,
}

impl AuthorizationParameters {
    /// Scopes to consent to, beside those that are needed anyway.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().required_scopes(["openid", "email"]);
    /// ```
    #[must_use]
    pub fn required_scopes(mut self, scopes: impl Into<ScopeString>) -> Self {
        self.required_scopes = scopes.into();
        self
    }

    /// A message for the login page, telling why to log in again.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().session_message("please log in again");
    /// ```
    #[must_use]
    pub fn session_message(mut self, message: impl Into<String>) -> Self {
        self.session_message = Some(message.into());
        self
    }

    /// IDs or usernames of identities, each of which must be in the session.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().session_required_identities(["a@example.org"]);
    /// ```
    #[must_use]
    pub fn session_required_identities<S: Into<String>>(
        mut self,
        identities: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_identities = identities.into_iter().map(Into::into).collect();
        self
    }

    /// IDs of authentication policies, each of which must be satisfied.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let policy = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc";
    /// let parameters = AuthorizationParameters::default().session_required_policies([policy]);
    /// ```
    #[must_use]
    pub fn session_required_policies<S: Into<String>>(
        mut self,
        policies: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_policies = policies.into_iter().map(Into::into).collect();
        self
    }

    /// Domains, to one of which an identity of the session must belong.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().session_required_single_domain(["example.org"]);
    /// ```
    #[must_use]
    pub fn session_required_single_domain<S: Into<String>>(
        mut self,
        domains: impl IntoIterator<Item = S>,
    ) -> Self {
        self.session_required_single_domain = domains.into_iter().map(Into::into).collect();
        self
    }

    /// Whether to log in with more than one factor.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().session_required_mfa(true);
    /// ```
    #[must_use]
    pub fn session_required_mfa(mut self, required: bool) -> Self {
        self.session_required_mfa = Some(required);
        self
    }

    /// `login` asks to log in again although a login is still valid.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().prompt("login");
    /// ```
    #[must_use]
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// A parameter of the login page that no method names.
    ///
    /// ```
    /// # use globus_sdk::auth::AuthorizationParameters;
    /// let parameters = AuthorizationParameters::default().param("login_hint", "a@example.org");
    /// ```
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}
