//! Logging in from a terminal: the user opens a page and pastes the code it shows.

use super::{LoginFlow, LoginRequest};
use crate::auth::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::authorizer::BoxFuture;
use std::fmt;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::sync::Arc;

/// The longest line that is read; a code has some hundred bytes.
const LIMIT: u64 = 16 << 10;

type Show = dyn Fn(&str) -> io::Result<()> + Send + Sync;
type Read = dyn Fn() -> io::Result<String> + Send + Sync;

/// Shows the URL of the login page and reads the code that the user pastes. Needs neither a browser
/// on this machine nor a way back to it.
///
/// Writes to standard error, since standard output is for the program's results, and reads a line
/// of standard input. Both can be changed.
///
/// ```
/// use globus_sdk::auth::{CommandLineLogin, UserApp};
///
/// let flow = CommandLineLogin::new().prefill_named_grant("my laptop");
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").login_flow(flow);
/// ```
#[derive(Clone)]
pub struct CommandLineLogin {
    show: Arc<Show>,
    read: Arc<Read>,
    label: Option<String>,
}

impl CommandLineLogin {
    /// Uses standard error and standard input.
    pub fn new() -> Self {
        Self {
            show: Arc::new(|text| {
                let mut out = io::stderr().lock();
                out.write_all(text.as_bytes())?;
                out.flush()
            }),
            read: Arc::new(|| {
                let mut line = String::new();
                // standard input may be anything, even without line ends or an end
                io::stdin().lock().take(LIMIT).read_line(&mut line)?;
                Ok(line)
            }),
            label: None,
        }
    }

    /// Sets how the text is shown, instead of on standard error.
    ///
    /// ```
    /// let flow = globus_sdk::auth::CommandLineLogin::new()
    ///     .show(|text| { println!("{text}"); Ok(()) });
    /// ```
    #[must_use]
    pub fn show(mut self, show: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.show = Arc::new(show);
        self
    }

    /// Sets how the code is read, instead of from standard input. An empty text cancels the login.
    #[must_use]
    pub fn read(mut self, read: impl Fn() -> io::Result<String> + Send + Sync + 'static) -> Self {
        self.read = Arc::new(read);
        self
    }

    /// A label for the consent, which the user sees.
    #[must_use]
    pub fn prefill_named_grant(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl Default for CommandLineLogin {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CommandLineLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandLineLogin")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

fn broken(e: io::Error) -> Error {
    Error::new(
        ErrorKind::Login,
        "the terminal cannot be used; run the login in a terminal, or use LocalServerLogin",
    )
    .with_source(e)
}

impl LoginFlow for CommandLineLogin {
    fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>> {
        Box::pin(async move {
            let mut flow = request.start();
            if let Some(label) = &self.label {
                flow = flow.prefill_named_grant(label);
            }
            let text = format!(
                "Please log in to Globus here:\n\n{}\n\nThen paste the code that the page shows: ",
                flow.authorize_url()?
            );
            let (show, read) = (self.show.clone(), self.read.clone());
            // a user takes minutes, and reading a terminal blocks its thread
            let pasted = tokio::task::spawn_blocking(move || {
                show(&text)?;
                read()
            });
            let pasted = pasted
                .await
                .map_err(|e| {
                    Error::new(
                        ErrorKind::Login,
                        "reading the code was cancelled; log in again",
                    )
                    .with_source(e)
                })?
                .map_err(broken)?;
            match pasted.trim() {
                "" => Err(Error::new(
                    ErrorKind::Login,
                    "no code was given; log in again",
                )),
                // a whole page may have been pasted, or a terminal's own control sequences
                code if code.contains(|c: char| c.is_whitespace() || c.is_control()) => {
                    Err(Error::new(
                        ErrorKind::Login,
                        "the pasted text is not a code: it contains spaces or control characters; log in again, and paste only the code",
                    ))
                }
                code => flow.exchange(code).await,
            }
        })
    }
}
