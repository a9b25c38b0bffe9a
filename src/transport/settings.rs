//! The settings of a client, shared by every builder.
//!
//! Settings of the program take precedence over environment variables, which take precedence over
//! defaults.

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
        // a variable is only read if the program did not override it, so that an invalid one cannot
        // break a program that does
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

/// The setters of [`Settings`], for a builder with a field `settings`.
macro_rules! settings {
    ($builder:ty $(, $generic:ident: $bound:path)?) => {
        impl$(<$generic: $bound>)? $builder {
            /// The time limit for one attempt, including its answer. 60 seconds by default, or
            /// `GLOBUS_SDK_HTTP_TIMEOUT`.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.settings.timeout = Some(Some(timeout));
                self
            }

            /// Removes the time limit.
            pub fn no_timeout(mut self) -> Self {
                self.settings.timeout = Some(None);
                self
            }

            /// When and how often failed calls are retried.
            pub fn retry(mut self, policy: $crate::transport::RetryPolicy) -> Self {
                self.settings.retry = policy;
                self
            }

            /// How server certificates are verified. By the platform's certificate store by
            /// default, or `GLOBUS_SDK_VERIFY_SSL`.
            pub fn verify_ssl(mut self, verify: $crate::transport::TlsVerification) -> Self {
                self.settings.verify = Some(verify);
                self
            }

            /// The maximum size of an answer in bytes. 512 MiB by default.
            pub fn response_limit(mut self, bytes: usize) -> Self {
                self.settings.response_limit = Some(bytes);
                self
            }

            /// Sets another clock, for tests.
            pub fn clock(mut self, clock: impl $crate::transport::Clock) -> Self {
                self.settings.clock = Some(::std::sync::Arc::new(clock));
                self
            }

            /// The program's name and version, appended to the `User-Agent`.
            pub fn app_name(mut self, name: impl Into<String>) -> Self {
                self.settings.app_name = Some(name.into());
                self
            }

            /// The environment variables to use, including the services' addresses. By default,
            /// those of the process.
            pub fn environment(mut self, environment: $crate::environment::Environment) -> Self {
                self.settings.environment = environment;
                self
            }
        }
    };
}
pub(crate) use settings;
