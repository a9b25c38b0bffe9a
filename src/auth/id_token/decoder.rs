//! Decoding an ID token: the signature first, then every claim that makes it valid and meant for
//! us.

use super::claims::Audience;
use super::keys::{Keys, Service};
use super::signature::{SignedToken, refused};
use crate::auth::app_auth_client::AppAuthClient;
use crate::auth::pkce;
use crate::auth::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::Client;
use crate::generated::auth::types::{Jwks, OpenIdConfiguration, UserInfo};
use crate::token::data::now;
use crate::types::Secret;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// How far two clocks may differ: the value of Kerberos, Windows and the Python SDK.
const LEEWAY: Duration = Duration::from_secs(300);

/// The claims of an ID token that has been checked.
///
/// ```no_run
/// # async fn run(client: globus_sdk::auth::NativeAppAuthClient, tokens: globus_sdk::auth::Tokens) -> globus_sdk::Result<()> {
/// let who = tokens.decode_id_token(&client).await?;
/// println!("{} until {}", who.user.sub, who.exp);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IdToken {
    /// The issuer: the service.
    pub iss: String,
    /// The clients it was issued for.
    pub aud: Vec<String>,
    /// When it expires. It only proves who logged in; the access token has its own expiry.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Option<Timestamp>,
    /// The nonce that the login was started with, if any.
    pub nonce: Option<String>,
    /// Half of a hash of the access token that came with it. Not checked.
    pub at_hash: Option<String>,
    /// Who logged in, as far as the scopes reveal it; all other claims are in `extra`.
    pub user: UserInfo,
}

/// The claims about the token; those about the user are siblings of them.
#[derive(Deserialize)]
struct Registered {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
    nonce: Option<String>,
    at_hash: Option<String>,
}

const REGISTERED: [&str; 8] = ["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"];

fn instant(seconds: f64) -> Result<Timestamp, serde_json::Error> {
    let outside = || serde_json::Error::custom(format!("{seconds} is not a valid time"));
    let since_1970 = jiff::SignedDuration::try_from_secs_f64(seconds).map_err(|_| outside())?;
    Timestamp::from_duration(since_1970).map_err(|_| outside())
}

/// Verifies and decodes ID tokens.
///
/// It checks the signature, by the service's key that the token names; the issuer; that the token
/// was issued for this client (`aud`, and `azp` if present or the token is for several clients);
/// that it has not expired and was not issued in the future; and the nonce, if one is set. The
/// service's discovery document and keys are fetched for the first token and cached; all decoders
/// of one client share them. A token that is signed with an unknown key causes them to be fetched
/// again, at most once a minute.
///
/// ```no_run
/// use globus_sdk::auth::IdTokenDecoder;
///
/// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient, id_token: String) -> globus_sdk::Result<()> {
/// let who = IdTokenDecoder::new(&client).decode(id_token).await?;
/// println!("{}", who.user.preferred_username.unwrap_or_default());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a decoder does nothing until it is given a token"]
pub struct IdTokenDecoder {
    keys: Arc<Keys>,
    audience: String,
    leeway: Duration,
    nonce: Option<String>,
}

impl IdTokenDecoder {
    /// For tokens of this client's logins.
    pub fn new(client: &impl AppAuthClient) -> Self {
        let client = client.login_client();
        Self::with_keys(client.keys().clone(), client.id().to_string())
    }

    /// For tokens of another client's logins, by its id. The keys are cached in this decoder: keep
    /// it.
    ///
    /// ```no_run
    /// # fn run(auth: globus_sdk::auth::Client) {
    /// use globus_sdk::auth::IdTokenDecoder;
    /// let decoder = IdTokenDecoder::for_audience(&auth, "61338d24-54d5-408f-a10d-66c06b59f6d2");
    /// # }
    /// ```
    pub fn for_audience(client: &Client, audience: impl Into<String>) -> Self {
        Self::with_keys(Keys::for_client(client), audience.into())
    }

    pub(crate) fn with_keys(keys: Arc<Keys>, audience: String) -> Self {
        Self {
            keys,
            audience,
            leeway: LEEWAY,
            nonce: None,
        }
    }

    /// How far the service's clock and this machine's may differ: 300 seconds by default.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The nonce that the login was started with: the token must repeat it.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Uses these documents, and fetches nothing.
    ///
    /// ```no_run
    /// # async fn run(auth: globus_sdk::auth::Client, decoder: globus_sdk::auth::IdTokenDecoder) -> globus_sdk::Result<()> {
    /// let (configuration, keys) = (auth.get_openid_configuration().await?, auth.get_jwk().await?);
    /// let decoder = decoder.keys(configuration, keys);
    /// # Ok(()) }
    /// ```
    pub fn keys(mut self, configuration: OpenIdConfiguration, keys: Jwks) -> Self {
        self.keys = self.keys.fixed(configuration, keys);
        self
    }

    /// Verifies a token and returns its claims.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the token is invalid, with the reason; any other kind when the service's
    /// keys cannot be fetched.
    pub async fn decode(&self, id_token: impl Into<Secret>) -> Result<IdToken> {
        let id_token = id_token.into();
        let signed = SignedToken::parse(id_token.expose())?;
        let (service, claims) = self.keys.verify(&signed).await?;
        let (registered, rest) = split(claims).map_err(unreadable)?;
        let (exp, iat) = self.check(&registered, &service)?;
        let user = UserInfo::deserialize(Value::Object(rest)).map_err(unreadable)?;
        Ok(IdToken {
            aud: registered.aud.all().to_vec(),
            iss: registered.iss,
            exp,
            iat,
            nonce: registered.nonce,
            at_hash: registered.at_hash,
            user,
        })
    }

    /// Checks all claims about the token. Returns when it expires and when it was issued.
    fn check(
        &self,
        claims: &Registered,
        service: &Service,
    ) -> Result<(Timestamp, Option<Timestamp>)> {
        if claims.iss != service.issuer {
            return Err(refused(format_args!(
                "was issued by `{}`, and the service is `{}`",
                claims.iss, service.issuer
            )));
        }
        let ours = |id: &str| id.eq_ignore_ascii_case(&self.audience);
        if !claims.aud.is_ours(claims.azp.as_deref(), ours) {
            let all = claims.aud.all().join(", ");
            let (named, hint) = match &claims.azp {
                Some(azp) if !ours(azp) => (azp, ""),
                None if claims.aud.all().iter().any(|id| ours(id)) => {
                    (&all, " without naming the one it was issued to (azp)")
                }
                _ => (&all, ""),
            };
            return Err(refused(format_args!(
                "is for `{named}`{hint}, and this client is `{}`",
                self.audience
            )));
        }
        let time = |seconds: f64| instant(seconds).map_err(unreadable);
        let now = now(self.keys.clock());
        // saturating: a token without an end may have a time that the leeway would push out of
        // range
        let later = |time: Timestamp| time.checked_add(self.leeway).unwrap_or(Timestamp::MAX);
        let exp = time(claims.exp)?;
        if later(exp) <= now {
            return Err(refused(format_args!(
                "expired at {exp}, and it is {now}; log in again, or set this machine's clock"
            )));
        }
        let iat = claims.iat.map(time).transpose()?;
        let nbf = claims.nbf.map(time).transpose()?;
        if let Some(from) = iat.into_iter().chain(nbf).find(|from| *from > later(now)) {
            return Err(refused(format_args!(
                "is valid from {from} on, and it is {now}; set this machine's clock"
            )));
        }
        if let Some(nonce) = &self.nonce
            && !claims
                .nonce
                .as_ref()
                .is_some_and(|had| pkce::same(had, nonce))
        {
            return Err(refused(
                "belongs to another login (wrong nonce); log in again",
            ));
        }
        Ok((exp, iat))
    }
}

/// Without serde's message as the source: it would show claims.
fn unreadable(_: serde_json::Error) -> Error {
    refused("has claims that cannot be read")
}

/// The claims about the token, and all others.
fn split(claims: &[u8]) -> Result<(Registered, Map<String, Value>), serde_json::Error> {
    let mut rest: Map<String, Value> = crate::types::json::from_slice(claims)?;
    let registered = REGISTERED
        .iter()
        .filter_map(|name| rest.remove_entry(*name));
    let registered = Value::Object(registered.collect());
    Ok((Registered::deserialize(registered)?, rest))
}

impl Tokens {
    /// Checks the ID token, and tells what it says: see [`IdTokenDecoder`],
    /// which has more settings. `client` is the one that asked for the tokens.
    ///
    /// # Errors
    ///
    /// Kind `Login` when there is none, or it is not to be believed; any other kind when the service's
    /// keys cannot be fetched.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient, tokens: globus_sdk::auth::Tokens) -> globus_sdk::Result<()> {
    /// let identity = tokens.decode_id_token(&client).await?.user.sub;
    /// # Ok(()) }
    /// ```
    pub async fn decode_id_token(&self, client: &impl AppAuthClient) -> Result<IdToken> {
        let Some(id_token) = self.id_token() else {
            return Err(Error::new(
                ErrorKind::Login,
                "the answer holds no ID token; ask for the scope `openid`",
            ));
        };
        IdTokenDecoder::new(client).decode(id_token).await
    }
}
