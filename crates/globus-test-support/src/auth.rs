//! An emulator with two clients, a browser of fifty lines, and
//! a clock that can be put forward.

use globus_emulator::{Emulator, EmulatorBuilder, RecordedRequest};
use globus_sdk::auth::{self, ConfidentialAppAuthClient, NativeAppAuthClient};
use globus_sdk::transport::Clock;
use globus_sdk::types::Uuid;
use globus_sdk::{Environment, Globus};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

pub const ROBOT: Uuid = Uuid::from_u128(0xc0ff_ee00_0000_4000_8000_0000_0000_0001);
pub const NATIVE: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_9a71);
pub const SECRET: &str = "the robot's secret";
pub const TRANSFER: &str = "transfer.api.globus.org";
pub const SEARCH: &str = "search.api.globus.org";
pub const TRANSFER_ALL: &str = "urn:globus:auth:scope:transfer.api.globus.org:all";
pub const SEARCH_ALL: &str = "urn:globus:auth:scope:search.api.globus.org:all";

pub struct Sandbox {
    pub emulator: Emulator,
    pub here: Environment,
    pub clock: Shifted,
}

/// What the emulator answered must be what the specs document, or the test fails.
impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Err(violations) = self.emulator.check_violations()
            && !std::thread::panicking()
        {
            panic!("{violations}");
        }
    }
}

impl Sandbox {
    pub async fn start() -> Self {
        Self::start_with(Emulator::builder()).await
    }

    pub async fn start_with(builder: EmulatorBuilder) -> Self {
        let builder = builder
            .strict(true)
            .auto_consent(true)
            .client(ROBOT, SECRET);
        let emulator = builder.start().await.expect("an emulator");
        Self {
            here: Environment::empty().with_all_services(emulator.base_url()),
            emulator,
            clock: Shifted::default(),
        }
    }

    pub fn auth(&self) -> auth::Client {
        let builder = auth::Client::builder().environment(self.here.clone());
        builder.clock(self.clock.clone()).build().expect("a client")
    }

    pub fn robot(&self) -> ConfidentialAppAuthClient {
        ConfidentialAppAuthClient::with_client(ROBOT, SECRET, &self.auth()).expect("a client")
    }

    pub fn native(&self) -> NativeAppAuthClient {
        NativeAppAuthClient::with_client(NATIVE, &self.auth()).expect("a client")
    }

    pub fn globus(&self, app: impl auth::App) -> Globus {
        let builder = Globus::builder(app).environment(self.here.clone());
        builder.clock(self.clock.clone()).build().expect("an app")
    }

    /// The requests for tokens so far.
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        let mut requests = self.emulator.requests();
        requests.retain(|request| request.path == "/v2/oauth2/token");
        requests
    }

    /// A refresh token of a native app's user.
    pub async fn refresh_token(&self, scope: &str) -> globus_sdk::types::Secret {
        let flow = self.native().oauth2_start_flow(scope).refresh_tokens(true);
        let code = self.code(&flow).await;
        let tokens = flow.exchange(code).await.expect("tokens");
        let token = tokens.first().and_then(|data| data.refresh_token.clone());
        token.expect("a refresh token")
    }

    /// The code that the page shows to a person.
    pub async fn code(&self, flow: &auth::AuthorizationCodeFlow) -> String {
        let url = flow.authorize_url().expect("a URL");
        let page = browse(&url).await.url;
        pair(&page, "code").expect("a code")
    }
}

/// The machine's clock, some time ahead.
#[derive(Clone, Debug, Default)]
pub struct Shifted(Arc<Mutex<Duration>>);

impl Shifted {
    pub fn advance(&self, by: Duration) {
        *self.0.lock().expect("the time") += by;
    }

    fn ahead(&self) -> Duration {
        *self.0.lock().expect("the time")
    }
}

impl Clock for Shifted {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }
    fn instant(&self) -> Instant {
        Instant::now() + self.ahead()
    }
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
    fn random(&self) -> f64 {
        0.0
    }
}

pub fn pair(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}

/// Where a browser ended up, and what it shows.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub status: u16,
    pub text: String,
}

/// Opens a page, and follows it where it leads.
pub async fn browse(url: &Url) -> Page {
    let mut url = url.clone();
    loop {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let port = url.port_or_known_default().expect("a port");
        let text = send(port, request.as_bytes()).await;
        let status = text
            .get(9..12)
            .and_then(|s| s.parse().ok())
            .expect("a status");
        let location = text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then_some(value)
        });
        match location {
            Some(location) if (300..400).contains(&status) => {
                url = url.join(location.trim()).expect("a URL");
            }
            _ => return Page { url, status, text },
        }
    }
}

/// Sends bytes to a port of this machine, and reads what comes until the end.
pub async fn send(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a connection");
    // a server may refuse before all is sent
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
