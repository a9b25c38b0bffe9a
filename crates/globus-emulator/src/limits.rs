//! Limits per user.
//!
//! The defaults are the numbers of the service, so that programs meet its limits in tests already. They can
//! be set in the builder, on the command line, and under `/_emulator/limits` while the emulator runs; a
//! reset restores the initial ones.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app_state::AppState;
use crate::auth;
use crate::control::{ControlBody, refused};
use crate::problem::Problem;
use crate::service::Service;

/// Limits per user. `null` or `None` means unlimited; absent members have the service's value.
///
/// ```
/// let limits = globus_emulator::Limits::default().pending_tasks(10).requests_per_second(20);
/// assert_eq!(serde_json::to_value(limits)?["running_transfers"], 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum number of transfer tasks that run at the same time; others are queued. 3 by default, as
    /// documented at docs.globus.org/api/transfer/task_behavior.
    pub running_transfers: Option<u32>,
    /// Maximum number of delete tasks that run at the same time; others are queued. 3 by default, from the
    /// same page.
    pub running_deletes: Option<u32>,
    /// Maximum number of unfinished tasks of both types; further submissions are rejected. 100 by default.
    pub pending_tasks: Option<u32>,
    /// Whether a transfer is accepted even if an unfinished one has the same paths. `false` by default.
    pub allow_identical_paths: bool,
    /// Maximum average rate of requests to Transfer, per second. Unlimited by default.
    pub requests_per_second: Option<u32>,
    /// The period over which requests are counted, in seconds; longer ones allow bursts. 10 by default, and
    /// at least 1.
    #[serde(deserialize_with = "read_rate_period")]
    #[schemars(range(min = 1))]
    pub rate_period: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running_transfers: Some(3),
            running_deletes: Some(3),
            pending_tasks: Some(100),
            allow_identical_paths: false,
            requests_per_second: None,
            rate_period: 10,
        }
    }
}

impl Limits {
    /// No limits.
    #[must_use]
    pub fn none() -> Self {
        Self {
            running_transfers: None,
            running_deletes: None,
            pending_tasks: None,
            allow_identical_paths: true,
            ..Self::default()
        }
    }

    /// Sets the number of transfer tasks that run at the same time. With 0, all stay queued.
    #[must_use]
    pub fn running_transfers(mut self, most: impl Into<Option<u32>>) -> Self {
        self.running_transfers = most.into();
        self
    }

    /// Sets the number of delete tasks that run at the same time. With 0, all stay queued.
    #[must_use]
    pub fn running_deletes(mut self, most: impl Into<Option<u32>>) -> Self {
        self.running_deletes = most.into();
        self
    }

    /// Sets the maximum number of unfinished tasks.
    #[must_use]
    pub fn pending_tasks(mut self, most: impl Into<Option<u32>>) -> Self {
        self.pending_tasks = most.into();
        self
    }

    /// Sets whether a transfer is accepted even if an unfinished one has the same paths.
    #[must_use]
    pub fn allow_identical_paths(mut self, allowed: bool) -> Self {
        self.allow_identical_paths = allowed;
        self
    }

    /// Sets the maximum rate of requests, per second. The service's is 20.
    #[must_use]
    pub fn requests_per_second(mut self, most: impl Into<Option<u32>>) -> Self {
        self.requests_per_second = most.into();
        self
    }

    /// Sets the period over which requests are counted, in seconds; 0 counts as 1.
    #[must_use]
    pub fn rate_period(mut self, seconds: u32) -> Self {
        self.rate_period = seconds.max(1);
        self
    }

    fn has_same_rate(&self, other: &Self) -> bool {
        let rate = |limits: &Self| (limits.requests_per_second, limits.rate_period);
        rate(self) == rate(other)
    }
}

fn read_rate_period<'de, D: Deserializer<'de>>(document: D) -> Result<u32, D::Error> {
    let seconds = u32::deserialize(document)?;
    if seconds == 0 {
        return Err(D::Error::custom("rate_period must be at least 1"));
    }
    Ok(seconds)
}

/// The current limits, and the requests of the current period.
#[derive(Debug)]
pub(crate) struct Limiter(Mutex<(Limits, RateMeter)>);

#[derive(Debug, Default)]
struct RateMeter {
    /// Start of the period.
    start: Timestamp,
    requests: HashMap<Uuid, u64>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Mutex::new((limits, RateMeter::default())))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.lock().0
    }

    /// Restores these limits and restarts counting.
    pub(crate) fn reset(&self, limits: Limits) {
        *self.lock() = (limits, RateMeter::default());
    }

    /// Sets the limits; requests are counted anew if the limit on them is another.
    pub(crate) fn set_limits(&self, limits: Limits) {
        change_limits(&mut self.lock(), limits);
    }

    /// Sets the members that are in a document, and shows them all.
    fn merge(&self, changes: Map<String, Value>) -> serde_json::Result<Limits> {
        // to the end: no other change comes in between
        let mut current = self.lock();
        let mut members = serde_json::to_value(current.0)?;
        if let Value::Object(members) = &mut members {
            members.extend(changes);
        }
        let limits = serde_json::from_value(members)?;
        change_limits(&mut current, limits);
        Ok(limits)
    }

    fn lock(&self) -> MutexGuard<'_, (Limits, RateMeter)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request of a user; returns `false` if it exceeds the limit.
    fn count_request(&self, user: Uuid, now: Timestamp) -> bool {
        let (limits, meter) = &mut *self.lock();
        let Some(per_second) = limits.requests_per_second else {
            return true;
        };
        let period = limits.rate_period.max(1);
        // When the service's periods start is unknown. Here, a period starts with the first request after
        // the previous period.
        let passed = now.duration_since(meter.start);
        // Negative after a reset or a restore, which may set the clock back.
        if passed.is_negative() || passed >= SignedDuration::from_secs(period.into()) {
            *meter = RateMeter {
                start: now,
                requests: HashMap::new(),
            };
        }
        let requests = meter.requests.entry(user).or_default();
        let allowed = *requests < u64::from(per_second) * u64::from(period);
        // Rejected requests do not count, so that a client that waits is served in the next period.
        *requests += u64::from(allowed);
        allowed
    }
}

fn change_limits((current, meter): &mut (Limits, RateMeter), limits: Limits) {
    if !limits.has_same_rate(current) {
        *meter = RateMeter::default();
    }
    *current = limits;
}

/// Rejects requests above the rate limit.
///
/// A page that repeats the service's FAQ says that the limit counts the requests to Transfer of each
/// authenticated user. Of the response, only the status is known: the code is the name of the status, and
/// there is no `Retry-After`.
pub(crate) async fn limit_rate(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limiter = app.limiter();
    if limiter.limits().requests_per_second.is_some()
        && Service::from_path(request.uri().path()) == Service::Transfer
        && let Ok(caller) = auth::caller(&app, request.headers(), Service::Transfer)
        && !limiter.count_request(caller.identity_id, app.now())
    {
        let message = "Too many requests; wait before you send another one";
        return Problem::transfer(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
            .into_response();
    }
    next.run(request).await
}

/// `GET /_emulator/limits`.
pub(crate) async fn show(State(app): State<AppState>) -> Json<Limits> {
    Json(app.limiter().limits())
}

/// `PUT /_emulator/limits`: absent members get the service's value.
pub(crate) async fn replace(
    State(app): State<AppState>,
    ControlBody(limits): ControlBody<Limits>,
) -> Json<Limits> {
    app.limiter().set_limits(limits);
    Json(limits)
}

/// `PATCH /_emulator/limits`: absent members keep their value.
pub(crate) async fn change(
    State(app): State<AppState>,
    ControlBody(changes): ControlBody<Map<String, Value>>,
) -> Result<Json<Limits>, Response> {
    let merged = app.limiter().merge(changes);
    merged
        .map(Json)
        .map_err(|error| refused(&error.to_string()))
}
