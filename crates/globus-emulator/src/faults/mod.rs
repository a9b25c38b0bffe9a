//! Faults on purpose: which requests go wrong, and how.
//!
//! A plan is a list of rules. Each picks requests (by service, operation, method, path), says which
//! of those it spoils (the n-th, a share of them, all), and how. Chance is seeded, one generator a
//! rule: the same requests in the same order meet the same faults.

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

pub(crate) use abortable_stream::{AbortHandle, AbortableListener};
pub(crate) use apply::{AppliedFaults, fault_layer};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Another answer than the service's own.
    Status {
        /// The HTTP status.
        #[schemars(range(min = 200, max = 599))]
        status: u16,
        /// The body; the service's error document without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        /// The `Retry-After` header, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// Whether the request takes effect all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// The answer comes later.
    Delay {
        /// By how much.
        milliseconds: u64,
    },
    /// The connection ends without an answer.
    Drop {
        /// Whether the request takes effect all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// The connection ends in the middle of the answer's body.
    Truncate {
        /// How much of the body is sent.
        bytes: usize,
    },
    /// A byte in the middle of the answer's body is one that no text has.
    Corrupt {},
    /// The answer's body comes slowly.
    SlowBody {
        /// How slowly.
        #[schemars(range(min = 1))]
        bytes_per_second: u64,
    },
    /// The access token of the request is revoked, just before it is looked at.
    InvalidToken {},
    /// More than so many requests in a time are answered with 429, until some of them are older.
    RateLimit {
        /// How many requests are let through.
        requests: usize,
        /// In how many seconds.
        per_seconds: u32,
    },
}

impl Fault {
    /// Another answer than the service's own, before the request takes effect.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Status {
            status,
            body: None,
            retry_after: None,
            after_effect: false,
        }
    }

    /// The connection ends without an answer, before or after the request has taken effect.
    #[must_use]
    pub const fn drop(after_effect: bool) -> Self {
        Self::Drop { after_effect }
    }

    /// The answer comes later.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::Delay {
            milliseconds: by.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }

    /// What the record of a request calls it.
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

/// Which requests go wrong, and how.
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
    /// Only this operation, by the name that the specs and the SDKs have for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Only requests with this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path begins like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only the n-th of them, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nth: Vec<u64>,
    /// Only this share of them, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: Option<f64>,
    /// At most so many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fires: Option<u64>,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule that spoils every request.
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

    /// Only this operation, by the name that the specs and the SDKs have for it.
    #[must_use]
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Only the n-th of the requests that the rest of the rule picks, counted from 1.
    #[must_use]
    pub fn nth(mut self, numbers: impl Into<Vec<u64>>) -> Self {
        self.nth = numbers.into();
        self
    }

    /// Only this share of the requests, from 0 to 1.
    #[must_use]
    pub const fn probability(mut self, share: f64) -> Self {
        self.probability = Some(share);
        self
    }

    /// At most so many times.
    #[must_use]
    pub const fn max_fires(mut self, count: u64) -> Self {
        self.max_fires = Some(count);
        self
    }

    /// What makes no sense in it.
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

/// Rules, and what their chance begins with: the format of `--faults`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultPlan {
    /// What the chance of every rule begins with.
    #[serde(default)]
    pub seed: u64,
    /// The rules; several may spoil the same request.
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// A plan of these rules.
    #[must_use]
    pub fn new(seed: u64, rules: impl Into<Vec<FaultRule>>) -> Self {
        Self {
            seed,
            rules: rules.into(),
        }
    }

    /// Whether every rule makes sense.
    ///
    /// # Errors
    /// The first that does not, by its number.
    pub fn check(&self) -> Result<(), String> {
        for (number, rule) in (1..).zip(&self.rules) {
            rule.check()
                .map_err(|error| format!("rule {number}: {error}"))?;
        }
        Ok(())
    }
}

/// How often a rule was tried, and how often it struck.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct FaultReport {
    /// The rule.
    pub rule: FaultRule,
    /// How many requests it fits.
    pub matched: u64,
    /// How many of them it spoiled.
    pub fired: u64,
}

/// A request, as far as a rule looks at it.
pub(crate) struct RequestInfo<'a> {
    pub(crate) service: Service,
    pub(crate) operation: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) now: Timestamp,
}

/// A rule at work.
struct ActiveRule {
    report: FaultReport,
    chance: StdRng,
    /// When a rate limit let requests through.
    allowed_at: VecDeque<Timestamp>,
}

/// The rules at work.
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
        let number = self.rules.len() as u64;
        // neighbours must not toss alike
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

    /// What happens to this request.
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
        // chance_hit for every request, so that what comes later does not depend on the other conditions
        let chance_hit = rule
            .probability
            .is_none_or(|share| self.chance.random::<f64>() < share);
        let counted = rule.nth.is_empty() || rule.nth.contains(&self.report.matched);
        let left = rule.max_fires.is_none_or(|most| self.report.fired < most);
        if !(chance_hit && counted && left && self.exceeds_rate_limit(request.now)) {
            return None;
        }
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

    /// Whether a rate limit, if it is one, is exceeded now.
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

/// The schemas of what is read and written here.
pub(crate) fn schemas() -> BTreeMap<&'static str, schemars::Schema> {
    BTreeMap::from([
        ("faults", schemars::schema_for!(FaultPlan)),
        ("fault-rule", schemars::schema_for!(FaultRule)),
        ("fault-reports", schemars::schema_for!(Vec<FaultReport>)),
    ])
}
