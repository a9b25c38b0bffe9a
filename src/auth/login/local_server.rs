//! Logging in with a browser on this machine, which is sent back to a local port with the code.

use super::redirect::{self, Answer};
use super::{LoginFlow, LoginRequest};
use crate::auth::flow::{AuthorizationCodeFlow, Refusal};
use crate::auth::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::authorizer::BoxFuture;
use crate::types::Secret;
use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

type Open = dyn Fn(&Url) -> Result<(), Box<dyn StdError + Send + Sync>> + Send + Sync;

/// How many connections are read at a time. Browsers open some that they never use; beyond this,
/// the oldest is closed.
const CONNECTIONS: usize = 128;

/// Opens the login page in a browser, which is sent back to a port of this machine. Nothing has to
/// be pasted.
///
/// The port is reachable only from this machine (127.0.0.1), and open only until the code has
/// arrived. The redirect must carry the `state` that was sent; everything else is refused while the
/// login goes on waiting, so that no other page can disturb it.
///
/// ```
/// use globus_sdk::auth::{LocalServerLogin, UserApp};
///
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2")
///     .login_flow(LocalServerLogin::new());
/// ```
#[derive(Clone)]
pub struct LocalServerLogin {
    port: u16,
    timeout: Duration,
    open: Arc<Open>,
    label: Option<String>,
}

impl LocalServerLogin {
    /// Uses any free port and the user's default browser, and waits ten minutes.
    pub fn new() -> Self {
        Self {
            port: 0,
            timeout: Duration::from_secs(600),
            open: Arc::new(|url| Ok(webbrowser::open(url.as_str())?)),
            label: None,
        }
    }

    /// Uses this port: for a client whose registered redirect URI includes one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long to wait for the user: ten minutes by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how the login page is opened. The function may block.
    ///
    /// ```
    /// let flow = globus_sdk::auth::LocalServerLogin::new().open(|url| {
    ///     println!("please open {url}");
    ///     Ok(())
    /// });
    /// ```
    #[must_use]
    pub fn open(
        mut self,
        open: impl Fn(&Url) -> Result<(), Box<dyn StdError + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        self.open = Arc::new(open);
        self
    }

    /// A label for the consent, which the user sees.
    #[must_use]
    pub fn prefill_named_grant(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl Default for LocalServerLogin {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalServerLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServerLogin")
            .field("port", &self.port)
            .field("timeout", &self.timeout)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl LoginFlow for LocalServerLogin {
    fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>> {
        Box::pin(async move {
            self.run(&request).await.map_err(|failure| match failure {
                Failure::Here(error) | Failure::There(error) => error,
            })
        })
    }
}

/// Why a login failed.
pub(super) enum Failure {
    /// This machine has no free port or no browser: another flow may work.
    Here(Error),
    /// The user or the service refused.
    There(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::There(error)
    }
}

impl LocalServerLogin {
    pub(super) async fn run(&self, request: &LoginRequest) -> Result<Tokens, Failure> {
        let no_port = |e: std::io::Error| {
            let message = "cannot listen on a local port; set a free one, or use CommandLineLogin";
            Failure::Here(Error::new(ErrorKind::Login, message).with_source(e))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(no_port)?;
        let port = listener.local_addr().map_err(no_port)?.port();
        // the host name and not the address, because that is what can be registered with a client
        let mut flow = request
            .start()
            .redirect_uri(format!("http://localhost:{port}"));
        if let Some(label) = &self.label {
            flow = flow.prefill_named_grant(label);
        }
        let url = flow.authorize_url()?;
        let server = Server {
            listener,
            port,
            flow: &flow,
        };
        let coming = async {
            let (opened, code) = (self.show(url), server.code());
            tokio::pin!(opened, code);
            // in parallel: opening may block for as long as the browser runs, and the user may be
            // done before
            tokio::select! {
                opened = &mut opened => opened?,
                code = &mut code => return Ok(code?),
            }
            Ok::<Secret, Failure>(code.await?)
        };
        let code = tokio::time::timeout(self.timeout, coming)
            .await
            .map_err(|_| {
                Error::new(
                    ErrorKind::Login,
                    format!(
                        "no login within {} seconds; log in again",
                        self.timeout.as_secs()
                    ),
                )
            })??;
        // the port is closed before the exchange: the code has arrived, and nothing else may come
        // in
        drop(server);
        Ok(flow.exchange(code).await?)
    }

    async fn show(&self, url: Url) -> Result<(), Failure> {
        let open = self.open.clone();
        let opened = tokio::task::spawn_blocking(move || open(&url)).await;
        let no_browser = |e: Box<dyn StdError + Send + Sync>| {
            let message = "cannot open a browser; use CommandLineLogin";
            Failure::Here(Error::new(ErrorKind::Login, message).with_source(e))
        };
        match opened {
            Ok(opened) => opened.map_err(no_browser),
            Err(e) => Err(no_browser(e.into())),
        }
    }
}

/// The first decisive outcome among the connections; drops those that ended without one.
async fn next_outcome<F>(connections: &mut VecDeque<Pin<Box<F>>>) -> Result<Secret>
where
    F: Future<Output = Option<Result<Secret>>>,
{
    std::future::poll_fn(|cx| {
        let mut found = None;
        connections.retain_mut(|connection| {
            if found.is_some() {
                return true;
            }
            match connection.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(outcome) => {
                    found = outcome;
                    false
                }
            }
        });
        found.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// The port that the browser comes back to.
struct Server<'a> {
    listener: TcpListener,
    port: u16,
    flow: &'a AuthorizationCodeFlow,
}

impl Server<'_> {
    /// Waits for the one request that matters.
    async fn code(&self) -> Result<Secret> {
        // concurrently, so that a slow connection delays no other
        let mut connections = VecDeque::with_capacity(CONNECTIONS);
        loop {
            tokio::select! {
                // outcomes first, so that new connections cannot push out a request that has
                // arrived
                biased;
                outcome = next_outcome(&mut connections) => return outcome,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        if connections.len() >= CONNECTIONS {
                            connections.pop_front();
                        }
                        connections.push_back(Box::pin(self.connection(stream)));
                    }
                    Err(_) => {
                        // out of file descriptors, for example: free one of our own, and retry in a
                        // moment
                        connections.pop_front();
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
    }

    /// Handles one connection; `None` when its request does not matter.
    async fn connection(&self, mut stream: TcpStream) -> Option<Result<Secret>> {
        let (answer, outcome) = match redirect::query(&mut stream, self.port).await {
            Ok(query) => self.judge(&query),
            Err(answer) => (answer, None),
        };
        redirect::reply(&mut stream, answer).await;
        outcome
    }

    fn judge(&self, query: &str) -> (Answer, Option<Result<Secret>>) {
        match self.flow.code_of(query) {
            Ok(code) => (redirect::DONE, Some(Ok(code))),
            Err(Refusal::WrongState | Refusal::NoState) => (redirect::NOT_THIS_LOGIN, None),
            Err(refusal @ (Refusal::NoCode | Refusal::Answered { .. })) => {
                (redirect::REFUSED, Some(Err(refusal.into_error())))
            }
        }
    }
}
