//! Fault injection: which requests fail, and how.
//!
//! A plan is a list of rules. Each rule selects requests (by service, operation, method, path), fires for
//! some of them (the n-th, a random share, all), and says what then goes wrong. Randomness is seeded, with
//! one generator per rule: the same requests in the same order get the same faults.

mod abortable_stream;
mod apply;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::service::Service;
use crate::strict::operations;

pub(crate) use abortable_stream::{AbortHandle, AbortableListener, AbortableStream};
pub(crate) use apply::{AppliedFaults, fault_layer};

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Another response than the service's own.
    Status {
        /// The HTTP status.
        #[schemars(range(min = 200, max = 599))]
        status: u16,
        /// The body; by default, an error document of the service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// The `Retry-After` header, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// Whether the service processes the request nonetheless.
        #[serde(default)]
        after_effect: bool,
    },
    /// The response is delayed.
    Delay {
        /// By how many milliseconds.
        milliseconds: u64,
    },
    /// The connection ends without a response.
    Drop {
        /// Whether the service processes the request nonetheless.
        #[serde(default)]
        after_effect: bool,
    },
    /// The connection ends in the middle of the response body.
    Truncate {
        /// How many bytes of the body are sent.
        bytes: usize,
    },
    /// A byte in the middle of the response body is replaced by one that is invalid in UTF-8.
    Corrupt {},
    /// The response body is sent slowly.
    SlowBody {
        /// The rate, in bytes per second.
        #[schemars(range(min = 1))]
        bytes_per_second: u64,
    },
    /// The access token of the request is revoked before the request is processed.
    InvalidToken {},
    /// Requests above a rate are responded to with status 429.
    RateLimit {
        /// Number of requests that are allowed per period.
        requests: usize,
        /// Length of the period, in seconds.
        per_seconds: u32,
    },
}

impl Fault {
    /// Another response than the service's own; the service does not process the request.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Status {
            status,
            body: None,
            retry_after: None,
            after_effect: false,
        }
    }

    /// The connection ends without a response, before or after the service has processed the request.
    #[must_use]
    pub const fn drop(after_effect: bool) -> Self {
        Self::Drop { after_effect }
    }

    /// The response is delayed.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::Delay {
            milliseconds: by.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }

    /// The name of the kind, for the record of requests.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Delay { .. } => "delay",
            Self::Drop { .. } => "drop",
            Self::Truncate { .. } => "truncate",
            Self::Corrupt {} => "corrupt",
            Self::SlowBody { .. } => "slow_body",
            Self::InvalidToken {} => "invalid_token",
            Self::RateLimit { .. } => "rate_limit",
        }
    }
}

/// A rule of fault injection: which requests fail, and how.
///
/// ```
/// use globus_emulator::{Fault, FaultRule};
///
/// let lost_answer = FaultRule::new(Fault::drop(true)).operation("submit_transfer").nth([1]);
/// let flaky = FaultRule::new(Fault::status(503)).probability(0.1).max_fires(20);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// Only requests to this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Only this operation, by its name in the specs and SDKs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only requests with this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only the n-th of the matching requests, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nth: Vec<u64>,
    /// Only this share of the matching requests, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: Option<f64>,
    /// Fires at most this many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fires: Option<u64>,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule that fires for every request.
    #[must_use]
    pub const fn new(fault: Fault) -> Self {
        Self {
            service: None,
            operation: None,
            method: None,
            path: None,
            nth: Vec::new(),
            probability: None,
            max_fires: None,
            fault,
        }
    }

    /// Only requests to this service.
    #[must_use]
    pub const fn service(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Only this operation, by its name in the specs and SDKs.
    #[must_use]
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Only the n-th of the requests that match the rest of the rule, counted from 1.
    #[must_use]
    pub fn nth(mut self, numbers: impl Into<Vec<u64>>) -> Self {
        self.nth = numbers.into();
        self
    }

    /// Only this share of the matching requests, from 0 to 1.
    #[must_use]
    pub const fn probability(mut self, share: f64) -> Self {
        self.probability = Some(share);
        self
    }

    /// Fires at most this many times.
    #[must_use]
    pub const fn max_fires(mut self, count: u64) -> Self {
        self.max_fires = Some(count);
        self
    }

    /// Validates the rule.
    fn check(&self) -> Result<(), String> {
        if let Some(name) = &self.operation
            && !operations()?.contains(&name.as_str())
        {
            return Err(format!("no operation of the specs is called {name:?}"));
        }
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(String::from("probability must be from 0 to 1"));
        }
        if self.nth.contains(&0) {
            return Err(String::from("nth is counted from 1"));
        }
        match self.fault {
            Fault::Status { status, .. } if !(200..=599).contains(&status) => {
                Err(format!("status must be from 200 to 599, not {status}"))
            }
            Fault::SlowBody {
                bytes_per_second: 0,
            } => Err(String::from("bytes_per_second must be at least 1")),
            _ => Ok(()),
        }
    }
}

/// Rules, and the seed of their random choices: the format of `--faults`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultPlan {
    /// The seed of the random choices.
    #[serde(default)]
    pub seed: u64,
    /// The rules. More than one may fire for a request.
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// A plan with these rules.
    #[must_use]
    pub fn new(seed: u64, rules: impl Into<Vec<FaultRule>>) -> Self {
        Self {
            seed,
            rules: rules.into(),
        }
    }

    /// Validates all rules.
    ///
    /// # Errors
    /// The first invalid rule, by its number.
    pub fn check(&self) -> Result<(), String> {
        for (number, rule) in (1..).zip(&self.rules) {
            rule.check()
                .map_err(|error| format!("rule {number}: {error}"))?;
        }
        Ok(())
    }
}

/// A rule, with the number of requests that matched it and the number of times it fired.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FaultReport {
    /// The rule.
    pub rule: FaultRule,
    /// Number of requests that matched the rule.
    pub matched: u64,
    /// Number of times it fired.
    pub fired: u64,
}

/// The properties of a request that rules look at.
pub(crate) struct RequestInfo<'a> {
    pub(crate) service: Service,
    pub(crate) operation: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) now: Timestamp,
}

/// A rule with its counters and its random generator.
struct ActiveRule {
    report: FaultReport,
    chance: StdRng,
    /// Times of the requests that a rate limit has let through.
    allowed_at: VecDeque<Timestamp>,
}

/// The active rules.
#[derive(Default)]
pub(crate) struct ActiveFaults {
    seed: u64,
    rules: Vec<ActiveRule>,
}

impl ActiveFaults {
    pub(crate) fn new(plan: &FaultPlan) -> Self {
        let mut faults = Self {
            seed: plan.seed,
            rules: Vec::new(),
        };
        for rule in &plan.rules {
            faults.add(rule.clone());
        }
        faults
    }

    pub(crate) fn add(&mut self, rule: FaultRule) {
        // Each rule has its own generator: adding a rule does not change when the others fire.
        let number = self.rules.len() as u64;
        // Rules with neighbouring numbers need independent random sequences.
        let seed = self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.rules.push(ActiveRule {
            report: FaultReport {
                rule,
                matched: 0,
                fired: 0,
            },
            chance: StdRng::seed_from_u64(seed),
            allowed_at: VecDeque::new(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(crate) fn reports(&self) -> Vec<FaultReport> {
        self.rules.iter().map(|one| one.report.clone()).collect()
    }

    /// Returns the faults to apply to this request.
    pub(crate) fn next_faults(&mut self, request: &RequestInfo<'_>) -> Vec<Fault> {
        self.rules
            .iter_mut()
            .filter_map(|rule| rule.next_fault(request))
            .collect()
    }
}

impl ActiveRule {
    fn next_fault(&mut self, request: &RequestInfo<'_>) -> Option<Fault> {
        if !self.matches(request) {
            return None;
        }
        self.report.matched += 1;
        let rule = &self.report.rule;
        // Drawn for every matching request, so that the sequence of random numbers does not depend on the
        // other conditions.
        let chance_hit = rule
            .probability
            .is_none_or(|share| self.chance.random::<f64>() < share);
        let counted = rule.nth.is_empty() || rule.nth.contains(&self.report.matched);
        let left = rule.max_fires.is_none_or(|most| self.report.fired < most);
        // The rate limit is last, since it counts the requests that it lets through.
        if !(chance_hit && counted && left && self.exceeds_rate_limit(request.now)) {
            return None;
        }
        // After all conditions, so that `nth` and `max_fires` count what happened and not what was
        // considered.
        self.report.fired += 1;
        Some(self.report.rule.fault.clone())
    }

    fn matches(&self, request: &RequestInfo<'_>) -> bool {
        let rule = &self.report.rule;
        rule.service
            .is_none_or(|service| service == request.service)
            && rule
                .operation
                .as_deref()
                .is_none_or(|name| request.operation == Some(name))
            && rule
                .method
                .as_deref()
                .is_none_or(|method| method.eq_ignore_ascii_case(request.method))
            && rule
                .path
                .as_deref()
                .is_none_or(|path| request.path.starts_with(path))
    }

    /// Whether the request exceeds a rate limit; `true` for all other faults.
    fn exceeds_rate_limit(&mut self, now: Timestamp) -> bool {
        let Fault::RateLimit {
            requests,
            per_seconds,
        } = self.report.rule.fault
        else {
            return true;
        };
        let window = i64::from(per_seconds) * 1000;
        let old =
            |allowed_at: &Timestamp| now.as_millisecond() - allowed_at.as_millisecond() >= window;
        // A sliding window over the allowed requests. Rejected ones do not count, so a client that keeps
        // retrying gets through eventually.
        while self.allowed_at.front().is_some_and(old) {
            self.allowed_at.pop_front();
        }
        if self.allowed_at.len() >= requests {
            return true;
        }
        self.allowed_at.push_back(now);
        false
    }
}

/// The JSON Schemas of the types of this module.
pub(crate) fn schemas() -> BTreeMap<&'static str, schemars::Schema> {
    BTreeMap::from([
        ("faults", schemars::schema_for!(FaultPlan)),
        ("fault-rule", schemars::schema_for!(FaultRule)),
        ("fault-reports", schemars::schema_for!(Vec<FaultReport>)),
    ])
}
