//! A user's login, from the URL to the tokens.

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
/// How many characters of a refused login's message are shown.
const SHOWN: usize = 1000;

/// A user's login: the authorization code grant, with PKCE for native apps.
///
/// A flow is a value. It holds everything that belongs to one login (the random `state`, the PKCE
/// verifier) and there is no global state, so that any number of logins can be in progress. A web
/// portal, whose login spans two requests, keeps [`expected_state`](Self::expected_state) and
/// [`code_verifier`](Self::code_verifier) in the user's session and rebuilds the same flow.
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

/// A user's login in a native app: an [`AuthorizationCodeFlow`] with PKCE.
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

    /// Where the browser is sent after the login. It must be registered with the client.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = uri.into();
        self
    }

    /// Sets the `state` instead of a random one, to rebuild a flow.
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = state.into();
        self
    }

    /// Sets the PKCE verifier instead of a random one, to rebuild a flow.
    pub fn verifier(mut self, verifier: impl Into<Secret>) -> Self {
        self.verifier = Some(verifier.into());
        self
    }

    /// Uses PKCE with a random verifier. Native apps always do.
    pub fn pkce(self) -> Self {
        self.verifier(pkce::random())
    }

    /// Whether to request refresh tokens as well.
    pub fn refresh_tokens(mut self, yes: bool) -> Self {
        self.refresh_tokens = yes;
        self
    }

    /// A label for the consent that the user sees, such as the computer's name.
    pub fn prefill_named_grant(mut self, label: impl Into<String>) -> Self {
        self.prefill_named_grant = Some(label.into());
        self
    }

    /// A text that comes back in the ID token and ties it to this login.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// What the login must satisfy: further scopes, identities, policies, a domain, a fresh login.
    /// Also accepts what an error asks for
    /// ([`Error::auth_requirements`](crate::Error::auth_requirements)).
    pub fn parameters(mut self, parameters: impl Into<AuthorizationParameters>) -> Self {
        self.parameters = parameters.into();
        self
    }

    /// Adds a parameter to the token request that no method covers. For those of the login page,
    /// see [`AuthorizationParameters::param`].
    pub fn token_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.token_params.push((name.into(), value.into()));
        self
    }

    /// The `state` that must come back with the code.
    pub fn expected_state(&self) -> &Secret {
        &self.state
    }

    /// The PKCE verifier, if PKCE is used.
    pub fn code_verifier(&self) -> Option<&Secret> {
        self.verifier.as_ref()
    }

    /// The URL that the user opens in a browser.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the verifier or the redirect URI is invalid, or when further scopes are
    /// required and they, or the flow's own, are malformed.
    pub fn authorize_url(&self) -> Result<Url> {
        // checked before anyone logs in: the service would only report it on a page in the browser
        if Url::parse(&self.redirect_uri).is_err() {
            return Err(Error::usage(format!(
                "invalid redirect URI `{}`; use a URL that is registered with the client",
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

    /// The flow's scopes and those that its parameters require.
    fn all_scopes(&self) -> Result<ScopeString> {
        let required = &self.parameters.required_scopes;
        // without further scopes they are sent as given, so that the service judges an unusual
        // scope and not this parser
        if required.as_str().is_empty() {
            return Ok(self.scopes.clone());
        }
        let own = self.scopes.scopes()?.into_iter();
        Ok(Scope::merge(own.chain(required.scopes()?)).into())
    }

    /// Exchanges a code for tokens. A code works once.
    ///
    /// When the browser was sent back to the program, use
    /// [`exchange_redirect`](Self::exchange_redirect): it checks the `state` as well.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the service does not accept the code, or when the ID token belongs to
    /// another login (wrong nonce). With the feature `id-token`, also when its signature or any
    /// claim is wrong: see `IdTokenDecoder` for what is checked. Otherwise any kind that the call
    /// fails with.
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
        // fetched before the code is spent: if fetching failed afterwards, its tokens would be lost
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
                "the code was not accepted: it is wrong, expired or already used; log in again",
            )
            .rewrap(e),
            false => e,
        })?;
        if let Some(id_token) = tokens.id_token() {
            self.believe(id_token).await?;
        }
        Ok(tokens)
    }

    /// Checks that the ID token belongs to this login.
    #[cfg(feature = "id-token")]
    async fn believe(&self, id_token: &Secret) -> Result<()> {
        let (keys, id) = (self.client.keys().clone(), self.client.id());
        let mut decoder = super::id_token::decoder::IdTokenDecoder::with_keys(keys, id.to_string());
        if let Some(nonce) = &self.nonce {
            decoder = decoder.nonce(nonce);
        }
        decoder.decode(id_token).await.map(|_| ())
    }

    /// Checks that the ID token belongs to this login.
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

    /// Exchanges the URL that the browser was sent back to, or its query alone, for tokens.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the `state` is not this flow's, the service reports an error, or there is
    /// no code; otherwise see [`exchange`](Self::exchange).
    pub async fn exchange_redirect(&self, redirect: &str) -> Result<Tokens> {
        let code = self.code_of(redirect).map_err(Refusal::into_error)?;
        self.exchange(code).await
    }

    /// The code in the URL that the browser was sent back to.
    pub(super) fn code_of(&self, redirect: &str) -> Result<Secret, Refusal> {
        let query = redirect
            .split_once('?')
            .map_or(redirect, |(_, query)| query);
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
            url::form_urlencoded::parse(query.as_bytes()).collect();
        // a repeated parameter is refused: two readers could pick different ones
        let find = |name: &str| {
            let mut found = pairs.iter().filter(|(known, _)| known == name);
            match (found.next(), found.next()) {
                (Some((_, value)), None) if !value.is_empty() => Some(&**value),
                _ => None,
            }
        };
        match find("state") {
            Some(state) if pkce::same(state, self.state.expose()) => {}
            // before any error is read: any page can send a browser here, and must be able neither
            // to end a login nor to have its own text shown
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

/// Why a redirect has no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    WrongState,
    NoState,
    NoCode,
    /// The service reported an error.
    Answered {
        error: String,
        description: Option<String>,
    },
}

impl Refusal {
    pub(super) fn into_error(self) -> Error {
        let message: Cow<'static, str> = match self {
            Self::WrongState => {
                "the login that came back is not the one that was started (wrong state); log in again"
                    .into()
            }
            Self::NoState => {
                "the login came back without a state, so that it cannot be matched to this one; log in again"
                    .into()
            }
            Self::NoCode => "the login came back without a code; log in again".into(),
            Self::Answered { error, description } => {
                let mut said = error;
                if let Some(description) = description {
                    said = format!("{said}: {description}");
                }
                let shown = one_line(&said, SHOWN);
                format!("the login was refused: {shown}; log in again").into()
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
