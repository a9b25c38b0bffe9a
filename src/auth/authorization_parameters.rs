//! What a login must satisfy, beyond scopes.

use super::builders::Oauth2GetAuthorizeUrl;

/// Conditions on a login, which the service checks on its login page. They usually come from an
/// error that says what an earlier login lacks.
///
/// ```
/// use globus_sdk::auth::AuthorizationParameters;
///
/// let parameters = AuthorizationParameters::default()
///     .session_message("this collection wants a login of the last hour")
///     .session_required_single_domain(["example.org"])
///     .prompt("login");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizationParameters {
    session_message: Option<String>,
    session_required_identities: Vec<String>,
    session_required_policies: Vec<String>,
    session_required_single_domain: Vec<String>,
    session_required_mfa: Option<bool>,
    prompt: Option<String>,
    extra: Vec<(String, String)>,
}

impl AuthorizationParameters {
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
        self.extra.push((name.into(), value.into()));
        self
    }

    /// Adds them to the login page's URL.
    pub(super) fn apply(&self, mut page: Oauth2GetAuthorizeUrl) -> Oauth2GetAuthorizeUrl {
        if let Some(message) = &self.session_message {
            page = page.session_message(message);
        }
        if !self.session_required_identities.is_empty() {
            page = page.session_required_identities(self.session_required_identities.clone());
        }
        if !self.session_required_policies.is_empty() {
            page = page.session_required_policies(self.session_required_policies.clone());
        }
        if !self.session_required_single_domain.is_empty() {
            page = page.session_required_single_domain(self.session_required_single_domain.clone());
        }
        if let Some(required) = self.session_required_mfa {
            page = page.session_required_mfa(required);
        }
        if let Some(prompt) = &self.prompt {
            page = page.prompt(prompt.as_str());
        }
        for (name, value) in &self.extra {
            page = page.with_query(name, value);
        }
        page
    }
}
