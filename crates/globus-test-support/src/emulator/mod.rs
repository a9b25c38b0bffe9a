//! An emulator, a client of it, and short ways to log in.

mod index;
mod people;
mod transfer;

use std::error::Error;

use globus_emulator::{Emulator, EmulatorBuilder, Uuid};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use url::Url;

pub use index::*;
pub use people::*;
pub use transfer::*;

pub type TestResult = Result<(), Box<dyn Error>>;

pub const ROBOT: Uuid = Uuid::from_u128(0xc0ff_ee00_0000_4000_8000_0000_0000_0001);
pub const ROBOT_SECRET: &str = "a secret with / and =";
pub const PORTAL: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0bad);
pub const PORTAL_SECRET: &str = "portal-secret";
pub const PORTAL_REDIRECT: &str = "https://portal.example/callback";
pub const NATIVE: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_9a71);

pub const TRANSFER_ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
pub const SEARCH_ALL: &str = "urn:globus:auth:scope:search.api.globus.org:all";
pub const VERIFIER: &str = "a-verifier-that-is-at-least-forty-three-characters-long";

/// An emulator in strict mode: the test fails when an answer was not as the specs say.
pub struct Watched(Option<Emulator>);

impl Watched {
    pub async fn stop(mut self) -> TestResult {
        self.look();
        if let Some(emulator) = self.0.take() {
            emulator.stop().await;
        }
        Ok(())
    }

    #[allow(clippy::panic, reason = "a test fails by a panic")]
    fn look(&self) {
        if let Some(Err(violations)) = self.0.as_ref().map(Emulator::check_violations)
            && !std::thread::panicking()
        {
            panic!("{violations}");
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.look();
    }
}

/// An HTTP client to be. In a build of the whole workspace reqwest is one with TLS, which wants a
/// provider even where no test speaks it.
pub fn http() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

impl std::ops::Deref for Watched {
    type Target = Emulator;

    #[allow(clippy::expect_used, reason = "it is there until it is stopped")]
    fn deref(&self) -> &Emulator {
        self.0.as_ref().expect("an emulator that runs")
    }
}

/// Describes an emulator that holds everything against the specs.
pub fn strict() -> EmulatorBuilder {
    Emulator::builder().strict(true)
}

/// An emulator that says yes by itself, and a client that follows no redirect.
pub struct Sandbox {
    pub emulator: Watched,
    pub http: reqwest::Client,
}

impl Sandbox {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        Self::of(strict().auto_consent(true)).await
    }

    /// One that takes requests which the specs do not allow, to see what becomes of them. What it
    /// answers is held against the specs all the same.
    pub async fn probed() -> Result<Self, Box<dyn Error>> {
        Self::of(strict().strict_responses(true).auto_consent(true)).await
    }

    pub async fn of(builder: EmulatorBuilder) -> Result<Self, Box<dyn Error>> {
        let emulator = builder
            .client(ROBOT, ROBOT_SECRET)
            .client_with_redirect_uris(PORTAL, PORTAL_SECRET, [PORTAL_REDIRECT])
            .start()
            .await?;
        let http = http().redirect(Policy::none()).no_proxy().build()?;
        Ok(Self {
            emulator: Watched(Some(emulator)),
            http,
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(self.url(path))
    }

    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.http.delete(self.url(path))
    }

    /// Asks the token endpoint as the robot.
    pub async fn robot_grant(&self, form: &[(&str, &str)]) -> Result<Answer, Box<dyn Error>> {
        let request = self.post("/v2/oauth2/token");
        answer(request.basic_auth(ROBOT, Some(ROBOT_SECRET)).form(form)).await
    }

    /// A token of the robot for these scopes.
    pub async fn robot_token(&self, scope: &str) -> Result<String, Box<dyn Error>> {
        let answer = self
            .robot_grant(&[("grant_type", "client_credentials"), ("scope", scope)])
            .await?;
        answer.text_at("/access_token")
    }

    /// The code that the authorize page sends to a native app.
    pub async fn native_code(&self, scope: &str) -> Result<String, Box<dyn Error>> {
        let response = self
            .get("/v2/oauth2/authorize")
            .query(&native_query(scope))
            .send()
            .await?;
        let location = location(&response)?;
        pair(&location, "code").ok_or_else(|| format!("no code in {location}").into())
    }

    pub async fn exchange(&self, code: &str, verifier: &str) -> Result<Answer, Box<dyn Error>> {
        let client_id = NATIVE.to_string();
        answer(self.post("/v2/oauth2/token").form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", NATIVE_REDIRECT),
            ("code_verifier", verifier),
            ("client_id", &client_id),
        ]))
        .await
    }

    /// The tokens of the local user in a native app.
    pub async fn native_login(&self, scope: &str) -> Result<Answer, Box<dyn Error>> {
        let code = self.native_code(scope).await?;
        self.exchange(&code, VERIFIER).await
    }
}

pub const NATIVE_REDIRECT: &str = "http://localhost:7777/callback";

pub fn native_query(scope: &str) -> Vec<(&'static str, String)> {
    use base64::Engine as _;
    use sha2::Digest as _;
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .encode(sha2::Sha256::digest(VERIFIER.as_bytes()));
    vec![
        ("client_id", NATIVE.to_string()),
        ("redirect_uri", NATIVE_REDIRECT.to_owned()),
        ("response_type", "code".to_owned()),
        ("scope", scope.to_owned()),
        ("state", "a state & more".to_owned()),
        ("access_type", "offline".to_owned()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

pub fn location(response: &Response) -> Result<Url, Box<dyn Error>> {
    let location = response
        .headers()
        .get("location")
        .ok_or("no Location header")?;
    Ok(Url::parse(location.to_str()?)?)
}

pub fn pair(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A status and a JSON document.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub fn text_at(&self, pointer: &str) -> Result<String, Box<dyn Error>> {
        let text = self.at(pointer).as_str();
        text.map(str::to_owned)
            .ok_or_else(|| format!("no text at {pointer} of {self:?}").into())
    }
}

pub async fn answer(request: RequestBuilder) -> Result<Answer, Box<dyn Error>> {
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    let body = serde_json::from_str(&text).map_err(|e| format!("{e} in {status}: {text}"))?;
    Ok(Answer { status, body })
}
