//! Where the services are: environment variables and their defaults.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `GLOBUS_SDK_ENVIRONMENT` | a deployment by name |
//! | `GLOBUS_SDK_SERVICE_URL_<NAME>` | the address of one service |
//! | `GLOBUS_SDK_HTTP_TIMEOUT` | seconds; -1 for no limit |
//! | `GLOBUS_SDK_VERIFY_SSL` | a boolean, or the path of a CA file or of a directory of CA files |
//! | `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE` | such a path, unless `GLOBUS_SDK_VERIFY_SSL` has one |
//! | `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy` | as in Python's `requests`; also in capitals |
//!
//! They are read through a lookup function, so that a test need not change its process.

use crate::error::{Error, Result, redact};
use crate::operation::Service;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Environment variables, and what they mean to the SDK.
///
/// ```
/// use globus_sdk::Environment;
///
/// let preview = Environment::from_name("preview");
/// let mine = Environment::from_env().with_service_url("transfer", "http://127.0.0.1:7117");
/// let transfer = globus_sdk::transfer::Client::builder().environment(mine).build()?;
/// assert_eq!(transfer.base_url(), "http://127.0.0.1:7117");
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct Environment {
    set: Vec<(String, String)>,
    lookup: Option<Arc<Lookup>>,
}

impl Environment {
    /// The variables of this process. This is the default.
    pub fn from_env() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// No variables: production with all defaults.
    pub fn empty() -> Self {
        Self {
            set: Vec::new(),
            lookup: None,
        }
    }

    /// A deployment by name: `production`, `preview`, `sandbox`, `integration`, `test` or
    /// `staging`.
    pub fn from_name(name: impl Into<String>) -> Self {
        Self::from_env().with_var("GLOBUS_SDK_ENVIRONMENT", name)
    }

    /// Variables from a function.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            set: Vec::new(),
            lookup: Some(Arc::new(lookup)),
        }
    }

    /// Sets one variable.
    #[must_use]
    pub fn with_var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set.push((name.into(), value.into()));
        self
    }

    /// Sets the address of one service (`auth`, `transfer`, `search`, `groups`).
    #[must_use]
    pub fn with_service_url(self, service: &str, url: impl Into<String>) -> Self {
        self.with_var(service_variable(service), url)
    }

    /// Sets one address for all services, as an emulator has it.
    #[must_use]
    pub fn with_all_services(self, url: &str) -> Self {
        ["auth", "transfer", "search", "groups"]
            .into_iter()
            .fold(self, |environment, service| {
                environment.with_service_url(service, url)
            })
    }

    /// The value that was set last, or the lookup's; an empty value counts as unset.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.variable_or_empty(name)
            .filter(|value| !value.is_empty())
    }

    /// The same, for variables that have a meaning when they are empty.
    pub(crate) fn variable_or_empty(&self, name: &str) -> Option<String> {
        let set = self.set.iter().rev().find(|(n, _)| n == name);
        match set {
            Some((_, value)) => Some(value.clone()),
            None => self.lookup.as_ref().and_then(|lookup| lookup(name)),
        }
    }

    pub(crate) fn base_url(&self, service: &Service) -> Result<String> {
        let variable = service_variable(service.name);
        let (url, from) = match self.variable(&variable) {
            Some(url) => (url, variable),
            None => (self.deployed(service)?, "the spec".to_owned()),
        };
        check(&url, &from)
    }

    /// The deployment's name; `production` by default.
    pub(crate) fn deployment(&self) -> Result<String> {
        const KNOWN: [&str; 6] = [
            "production",
            "preview",
            "sandbox",
            "integration",
            "test",
            "staging",
        ];
        match self.variable("GLOBUS_SDK_ENVIRONMENT") {
            None => Ok("production".to_owned()),
            Some(name) if KNOWN.contains(&name.as_str()) => Ok(name),
            Some(other) => Err(Error::usage(format!(
                "unknown GLOBUS_SDK_ENVIRONMENT `{other}`; use production, preview, sandbox, integration, test or staging"
            ))),
        }
    }

    /// The service's address in the deployment.
    fn deployed(&self, service: &Service) -> Result<String> {
        let deployment = self.deployment()?;
        let domain = domain(&deployment);
        Ok(match (deployment.as_str(), service.name) {
            ("production", _) => service.base_url.to_owned(),
            (_, "auth") => format!("https://auth.{domain}"),
            (_, name) => format!("https://{name}.api.{domain}"),
        })
    }

    /// The address of Globus's web app in the deployment, for links to show to users.
    /// `GLOBUS_SDK_SERVICE_URL_APP` overrides it.
    ///
    /// ```
    /// use globus_sdk::Environment;
    ///
    /// let webapp = Environment::empty().webapp_url()?;
    /// assert_eq!(webapp.as_str(), "https://app.globus.org/");
    /// let task = webapp.join("activity/6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Usage` when a variable has an unknown deployment or an invalid http address.
    pub fn webapp_url(&self) -> Result<url::Url> {
        let variable = service_variable("app");
        let (url, from) = match self.variable(&variable) {
            Some(url) => (url, variable),
            None => {
                let domain = domain(&self.deployment()?);
                (format!("https://app.{domain}"), "the deployment".to_owned())
            }
        };
        // with a trailing slash, so that joining a path appends to it
        let url = format!("{}/", check(&url, &from)?);
        url::Url::parse(&url).map_err(|e| {
            Error::usage(format!(
                "invalid address `{url}` from {from} ({e}); use one such as https://app.globus.org"
            ))
        })
    }

    pub(crate) fn timeout(&self) -> Result<Option<Duration>> {
        const NAME: &str = "GLOBUS_SDK_HTTP_TIMEOUT";
        let Some(text) = self.variable(NAME) else {
            return Ok(Some(Duration::from_secs(60)));
        };
        let seconds: Option<f64> = text.trim().parse().ok();
        match seconds {
            Some(-1.0) => Ok(None),
            Some(seconds) if seconds > 0.0 => Duration::try_from_secs_f64(seconds)
                .map(Some)
                .map_err(|_| bad_timeout(&text)),
            _ => Err(bad_timeout(&text)),
        }
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::from_env()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // names only: a proxy's address may contain a password
        let set: Vec<&str> = self.set.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Environment")
            .field("set", &set)
            .finish_non_exhaustive()
    }
}

/// The domain of a deployment's hosts.
fn domain(deployment: &str) -> String {
    match deployment {
        "production" => "globus.org".to_owned(),
        "preview" => "preview.globus.org".to_owned(),
        name => format!("{name}.globuscs.info"),
    }
}

fn service_variable(service: &str) -> String {
    format!("GLOBUS_SDK_SERVICE_URL_{}", service.to_uppercase())
}

fn bad_timeout(text: &str) -> Error {
    Error::usage(format!(
        "invalid GLOBUS_SDK_HTTP_TIMEOUT `{text}`; use a positive number of seconds, or -1 for no limit"
    ))
}

/// Validates a service's address and removes its trailing slash.
pub(crate) fn check(url: &str, from: &str) -> Result<String> {
    let wrong = |why: &str| {
        let url = redact::address(url);
        Error::usage(format!(
            "invalid address `{url}` from {from}: {why}; use one such as https://transfer.api.globus.org"
        ))
    };
    let parsed = url::Url::parse(url).map_err(|e| wrong(&format!("not a URL ({e})")))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(wrong("not an http or https address"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("it has a query or fragment"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}
