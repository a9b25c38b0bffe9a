//! A person's login, from the URL to the tokens.

use super::app_auth_client::LoginClient;
use super::pkce;
use super::tokens::Tokens;
use crate::error::AuthorizationParameters;
use crate::error::redact::Redactor;
use crate::error::{Error, ErrorKind, Result, one_line};
use crate::generated::auth::builders::Oauth2GetAuthorizeUrl;
use crate::generated::auth::types::{
    AccessType, CodeChallengeMethod, GrantType, ResponseType, TokenRequest,
};
use crate::operation::Idempotency;
use crate::scope::{Scope, ScopeString};
use crate::types::Secret;
use std::borrow::Cow;
use url::Url;

/// The path of the page that shows a code for copying.
const CODE_PAGE: &str = "/v2/web/auth-code";
/// More characters than these of what an answer says are not shown.
const SHOWN: usize = 1000;

/// The login of a person: authorization code grant, with PKCE for native apps.
///
/// A flow is a value. It holds all that belongs to one login (the random `state`, the PKCE
/// verifier) and nothing else does, so that any number of them can be under way. A web portal, whose
/// login spans two requests, keeps [`expected_state`](Self::expected_state) and
/// [`code_verifier`](Self::code_verifier) in the user's session, and makes the same flow again.
///
/// ```no_run
/// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
/// let flow = client
///     .oauth2_start_flow("urn:globus:auth:scope:transfer.api.globus.org:all")
///     .refresh_tokens(true)
///     .prefill_named_grant("my laptop");
/// println!("log in at {}", flow.authorize_url()?);
/// let tokens = flow.exchange("the code that the page shows").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a flow does nothing until its URL is opened and its code exchanged"]
pub struct AuthorizationCodeFlow {
    client: LoginClient,
    scopes: ScopeString,
    redirect_uri: String,
    state: Secret,
    verifier: Option<Secret>,
    refresh_tokens: bool,
    prefill_named_grant: Option<String>,
    nonce: Option<String>,
    parameters: AuthorizationParameters,
    token_params: Vec<(String, String)>,
}

/// The login of a person in a native app: an [`AuthorizationCodeFlow`] with PKCE.
pub type NativeAppFlow = AuthorizationCodeFlow;

impl AuthorizationCodeFlow {
    pub(super) fn native(client: LoginClient, scopes: ScopeString) -> Self {
        let redirect_uri = format!("{}{CODE_PAGE}", client.client().base_url());
        Self::confidential(client, redirect_uri, scopes).pkce()
    }

    pub(super) fn confidential(
        client: LoginClient,
        redirect_uri: String,
        scopes: ScopeString,
    ) -> Self {
        Self {
            client,
            scopes,
            redirect_uri,
            state: pkce::random().into(),
            verifier: None,
            refresh_tokens: false,
            prefill_named_grant: None,
            nonce: None,
            parameters: AuthorizationParameters::default(),
            token_params: Vec::new(),
        }
    }

    /// Where the browser is sent afterwards. It must be registered with the client.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client.oauth2_start_flow("openid").redirect_uri("https://example.org/callback");
    /// # }
    /// ```
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = uri.into();
        self
    }

    /// A `state` of the caller's own, in place of a random one: to make a flow again.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient, kept: String) {
    /// let flow = client.oauth2_start_flow("openid").state(kept);
    /// # }
    /// ```
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = state.into();
        self
    }

    /// A PKCE verifier of the caller's own, in place of a random one: to make a flow again.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient, kept: String) {
    /// let flow = client.oauth2_start_flow("openid").verifier(kept);
    /// # }
    /// ```
    pub fn verifier(mut self, verifier: impl Into<Secret>) -> Self {
        self.verifier = Some(verifier.into());
        self
    }

    /// Uses PKCE with a random verifier. Native apps always do.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) {
    /// let flow = client.oauth2_start_flow("https://example.org/callback", "openid").pkce();
    /// # }
    /// ```
    pub fn pkce(self) -> Self {
        self.verifier(pkce::random())
    }

    /// Whether to ask for refresh tokens as well.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client.oauth2_start_flow("openid").refresh_tokens(true);
    /// # }
    /// ```
    pub fn refresh_tokens(mut self, yes: bool) -> Self {
        self.refresh_tokens = yes;
        self
    }

    /// A label for the consent, such as the computer's name; the user sees it.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client.oauth2_start_flow("openid").prefill_named_grant("my laptop");
    /// # }
    /// ```
    pub fn prefill_named_grant(mut self, label: impl Into<String>) -> Self {
        self.prefill_named_grant = Some(label.into());
        self
    }

    /// A text that comes back in the ID token, which ties it to this login.
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client.oauth2_start_flow("openid").nonce("n-0S6_WzA2Mj");
    /// # }
    /// ```
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// What the login must satisfy: further scopes, identities, policies, a domain, a fresh login.
    /// Takes what an error asks for, too
    /// ([`Error::auth_requirements`](crate::Error::auth_requirements)).
    ///
    /// ```no_run
    /// use globus_sdk::auth::AuthorizationParameters;
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client
    ///     .oauth2_start_flow("openid")
    ///     .parameters(AuthorizationParameters::default().prompt("login"));
    /// # }
    /// ```
    pub fn parameters(mut self, parameters: impl Into<AuthorizationParameters>) -> Self {
        self.parameters = parameters.into();
        self
    }

    /// Adds a parameter to the request for tokens that no method names. Those of the login page are
    /// [`AuthorizationParameters::param`].
    ///
    /// ```no_run
    /// # fn run(client: globus_sdk::auth::NativeAppAuthClient) {
    /// let flow = client.oauth2_start_flow("openid").token_param("a_parameter_of_tomorrow", "1");
    /// # }
    /// ```
    pub fn token_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.token_params.push((name.into(), value.into()));
        self
    }

    /// The `state` that must come back with the code.
    ///
    /// ```no_run
    /// # fn run(flow: globus_sdk::auth::AuthorizationCodeFlow) {
    /// let to_be_kept = flow.expected_state().expose();
    /// # }
    /// ```
    pub fn expected_state(&self) -> &Secret {
        &self.state
    }

    /// The PKCE verifier, if PKCE is used.
    ///
    /// ```no_run
    /// # fn run(flow: globus_sdk::auth::AuthorizationCodeFlow) {
    /// let to_be_kept = flow.code_verifier();
    /// # }
    /// ```
    pub fn code_verifier(&self) -> Option<&Secret> {
        self.verifier.as_ref()
    }

    /// The address that the person opens in a browser.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the verifier is none, the redirect URI is no URL, or further scopes are
    /// required and they, or the flow's own, are not well-formed.
    ///
    /// ```no_run
    /// # fn run(flow: globus_sdk::auth::AuthorizationCodeFlow) -> globus_sdk::Result<()> {
    /// println!("log in at {}", flow.authorize_url()?);
    /// # Ok(()) }
    /// ```
    pub fn authorize_url(&self) -> Result<Url> {
        if Url::parse(&self.redirect_uri).is_err() {
            return Err(Error::usage(format!(
                "the redirect URI `{}` is no URL; use one that is registered with the client",
                self.redirect_uri
            )));
        }
        let access_type = if self.refresh_tokens {
            AccessType::Offline
        } else {
            AccessType::Online
        };
        let mut page = self
            .client
            .client()
            .oauth2_get_authorize_url(
                self.client.id(),
                &self.redirect_uri,
                self.all_scopes()?.as_str(),
                self.state.expose(),
                ResponseType::Code,
            )
            .access_type(access_type);
        if let Some(verifier) = &self.verifier {
            pkce::check(verifier)?;
            page = page
                .code_challenge(pkce::challenge(verifier))
                .code_challenge_method(CodeChallengeMethod::S256);
        }
        if let Some(label) = &self.prefill_named_grant {
            page = page.prefill_named_grant(label);
        }
        if let Some(nonce) = &self.nonce {
            page = page.nonce(nonce);
        }
        with_parameters(page, &self.parameters).url()
    }

    /// The flow's scopes, and those that its parameters require.
    fn all_scopes(&self) -> Result<ScopeString> {
        let required = &self.parameters.required_scopes;
        if required.as_str().is_empty() {
            return Ok(self.scopes.clone());
        }
        let own = self.scopes.scopes()?.into_iter();
        Ok(Scope::merge(own.chain(required.scopes()?)).into())
    }

    /// The tokens for a code. A code works once.
    ///
    /// Use [`exchange_redirect`](Self::exchange_redirect) where the browser was sent back to the
    /// program: it checks the `state` as well.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the service does not accept the code, or when the ID token belongs to another
    /// login (wrong nonce). With the feature `id-token`, also when its signature or any claim is wrong:
    /// what it checks, `IdTokenDecoder` lists. Any other kind as the call
    /// fails.
    ///
    /// ```no_run
    /// # async fn run(flow: globus_sdk::auth::AuthorizationCodeFlow) -> globus_sdk::Result<()> {
    /// let tokens = flow.exchange("the code that the page shows").await?;
    /// # Ok(()) }
    /// ```
    pub async fn exchange(&self, code: impl Into<Secret>) -> Result<Tokens> {
        let mut request = TokenRequest::new(GrantType::AuthorizationCode)
            .code(code)
            .redirect_uri(&self.redirect_uri);
        if let Some(verifier) = &self.verifier {
            pkce::check(verifier)?;
            request = request.code_verifier(verifier);
        }
        for (name, value) in &self.token_params {
            request.extra.insert(name, value.as_str());
        }
        // before the code is spent: without the keys, its tokens would be lost
        #[cfg(feature = "id-token")]
        if self
            .all_scopes()?
            .as_str()
            .split_whitespace()
            .any(|scope| scope == "openid")
        {
            self.client.keys().prepare().await?;
        }
        let exchanged = self.client.grant(request, Idempotency::NotIdempotent).await;
        let tokens = exchanged.map_err(|e| match e.has_code("invalid_grant") {
            true => Error::new(
                ErrorKind::Login,
                "the code is not accepted: it is wrong, expired or was used before; log in again",
            )
            .rewrap(e),
            false => e,
        })?;
        if let Some(id_token) = tokens.id_token() {
            self.believe(id_token).await?;
        }
        Ok(tokens)
    }

    /// The ID token must be one of this login.
    #[cfg(feature = "id-token")]
    async fn believe(&self, id_token: &Secret) -> Result<()> {
        let (keys, id) = (self.client.keys().clone(), self.client.id());
        let mut decoder = super::id_token::decoder::IdTokenDecoder::with_keys(keys, id.to_string());
        if let Some(nonce) = &self.nonce {
            decoder = decoder.nonce(nonce);
        }
        decoder.decode(id_token).await.map(|_| ())
    }

    /// The ID token must be one of this login.
    #[cfg(not(feature = "id-token"))]
    async fn believe(&self, id_token: &Secret) -> Result<()> {
        let Some(nonce) = &self.nonce else {
            return Ok(());
        };
        let received = super::id_token::claims::UnverifiedClaims::read(id_token);
        if received.is_some_and(|token| token.has_nonce(nonce)) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Login,
            "the ID token belongs to another login (wrong nonce); log in again",
        ))
    }

    /// The tokens for the address that the browser was sent back to: whole, or its query alone.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the `state` is not this flow's, the service reports an error, or there is no
    /// code; otherwise as [`exchange`](Self::exchange).
    ///
    /// ```no_run
    /// # async fn run(flow: globus_sdk::auth::AuthorizationCodeFlow) -> globus_sdk::Result<()> {
    /// let tokens = flow.exchange_redirect("code=abc&state=xyz").await?;
    /// # Ok(()) }
    /// ```
    pub async fn exchange_redirect(&self, redirect: &str) -> Result<Tokens> {
        let code = self.code_of(redirect).map_err(Refusal::into_error)?;
        self.exchange(code).await
    }

    /// The code in the address that the browser was sent back to.
    pub(super) fn code_of(&self, redirect: &str) -> Result<Secret, Refusal> {
        let query = redirect
            .split_once('?')
            .map_or(redirect, |(_, query)| query);
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
            url::form_urlencoded::parse(query.as_bytes()).collect();
        // a parameter that comes twice could mean one thing here and another elsewhere
        let find = |name: &str| {
            let mut found = pairs.iter().filter(|(known, _)| known == name);
            match (found.next(), found.next()) {
                (Some((_, value)), None) if !value.is_empty() => Some(&**value),
                _ => None,
            }
        };
        match find("state") {
            Some(state) if pkce::same(state, self.state.expose()) => {}
            // errors too: any page can send one here, to end a login and to have its text shown
            Some(_) => return Err(Refusal::WrongState),
            None => return Err(Refusal::NoState),
        }
        if let Some(error) = find("error") {
            let redactor = Redactor::of([&self.state].into_iter().chain(&self.verifier));
            let shown = |text: &str| redactor.text(text).into_owned();
            return Err(Refusal::Answered {
                error: shown(error),
                description: find("error_description").map(shown),
            });
        }
        find("code").map(Secret::from).ok_or(Refusal::NoCode)
    }
}

/// Why a redirect brings no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    WrongState,
    NoState,
    NoCode,
    /// The service's own error.
    Answered {
        error: String,
        description: Option<String>,
    },
}

impl Refusal {
    pub(super) fn into_error(self) -> Error {
        let message: Cow<'static, str> = match self {
            Self::WrongState => {
                "the login that came back is not the one that was begun (wrong state); log in again"
                    .into()
            }
            Self::NoState => {
                "the login that came back names no state, so that nobody knows whose it is; log in again"
                    .into()
            }
            Self::NoCode => "the login came back without a code; log in again".into(),
            Self::Answered { error, description } => {
                let mut said = error;
                if let Some(description) = description {
                    said = format!("{said}: {description}");
                }
                let shown = one_line(&said, SHOWN);
                format!("the login was refused: {shown}").into()
            }
        };
        Error::new(ErrorKind::Login, message)
    }
}

/// Adds parameters to the login page's URL, all but the scopes.
fn with_parameters(
    mut page: Oauth2GetAuthorizeUrl,
    parameters: &AuthorizationParameters,
) -> Oauth2GetAuthorizeUrl {
    if let Some(message) = &parameters.session_message {
        page = page.session_message(message);
    }
    if !parameters.session_required_identities.is_empty() {
        page = page.session_required_identities(parameters.session_required_identities.clone());
    }
    if !parameters.session_required_policies.is_empty() {
        page = page.session_required_policies(parameters.session_required_policies.clone());
    }
    if !parameters.session_required_single_domain.is_empty() {
        page =
            page.session_required_single_domain(parameters.session_required_single_domain.clone());
    }
    if let Some(required) = parameters.session_required_mfa {
        page = page.session_required_mfa(required);
    }
    if let Some(prompt) = &parameters.prompt {
        page = page.prompt(prompt.as_str());
    }
    for (name, value) in &parameters.params {
        page = page.with_query(name, value);
    }
    page
}
