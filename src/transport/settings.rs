//! What a client may be set to, before it is built; shared by every builder.
//!
//! What the program sets wins over the environment's variables, which win over the defaults.

use super::clock::{Clock, SystemClock};
use super::connection::Transport;
use super::proxy::Proxies;
use super::retry::RetryPolicy;
use super::tls::TlsVerification;
use crate::environment::Environment;
use crate::error::Result;
use crate::operation::Service;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) verify: Option<TlsVerification>,
    pub(crate) retry: RetryPolicy,
    pub(crate) response_limit: Option<usize>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) app_name: Option<String>,
}

impl Settings {
    pub(crate) fn transport(&self) -> Result<Transport> {
        let timeout = match self.timeout {
            Some(set) => set,
            None => self.environment.timeout()?,
        };
        let verify = match &self.verify {
            Some(set) => set.clone(),
            None => TlsVerification::from_environment(&self.environment)?,
        };
        let mut user_agent = concat!("globus-sdk-rust/", env!("CARGO_PKG_VERSION")).to_owned();
        if let Some(name) = &self.app_name {
            user_agent += &format!(" {name}");
        }
        Transport::new(
            &verify,
            Proxies::from_environment(&self.environment),
            &user_agent,
            self.retry.clone(),
            timeout,
            self.response_limit.unwrap_or(512 << 20),
            self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock)),
        )
    }

    pub(crate) fn base_url(&self, service: &Service) -> Result<String> {
        self.environment.base_url(service)
    }
}

/// The setters of [`Settings`], for a builder that holds them in `self.settings`.
macro_rules! settings {
    ($builder:ty $(, $generic:ident: $bound:path)?) => {
        impl$(<$generic: $bound>)? $builder {
            /// How long one attempt may take, answer included. 60 seconds unless
            /// `GLOBUS_SDK_HTTP_TIMEOUT` says otherwise.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.settings.timeout = Some(Some(timeout));
                self
            }

            /// No time limit.
            pub fn no_timeout(mut self) -> Self {
                self.settings.timeout = Some(None);
                self
            }

            /// When and how often failed calls are made again.
            pub fn retry(mut self, policy: $crate::transport::RetryPolicy) -> Self {
                self.settings.retry = policy;
                self
            }

            /// Whose certificates to trust. The platform's unless `GLOBUS_SDK_VERIFY_SSL` says
            /// otherwise.
            pub fn verify_ssl(mut self, verify: $crate::transport::TlsVerification) -> Self {
                self.settings.verify = Some(verify);
                self
            }

            /// The largest answer that is accepted, in bytes. 512 MiB by default.
            pub fn response_limit(mut self, bytes: usize) -> Self {
                self.settings.response_limit = Some(bytes);
                self
            }

            /// A clock of the caller's own, for tests.
            pub fn clock(mut self, clock: impl $crate::transport::Clock) -> Self {
                self.settings.clock = Some(::std::sync::Arc::new(clock));
                self
            }

            /// The program's name and version, appended to the `User-Agent`.
            pub fn app_name(mut self, name: impl Into<String>) -> Self {
                self.settings.app_name = Some(name.into());
                self
            }

            /// Where the services are and what the variables say. By default the process's own
            /// environment.
            pub fn environment(mut self, environment: $crate::environment::Environment) -> Self {
                self.settings.environment = environment;
                self
            }
        }
    };
}
pub(crate) use settings;
