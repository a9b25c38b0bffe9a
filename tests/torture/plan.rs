//! What goes wrong in a schedule: all that the emulator can do to a request, drawn by a seed.

use globus_emulator::{Fault, FaultRule, Service};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use std::fmt;

/// What the job asks of the services. What must not be done twice, more often.
const OPERATIONS: &[(Service, &str)] = &[
    (Service::Auth, "oauth2_token"),
    (Service::Auth, "userinfo"),
    (Service::Transfer, "operation_ls"),
    (Service::Transfer, "operation_mkdir"),
    (Service::Transfer, "get_submission_id"),
    (Service::Transfer, "submit_transfer"),
    (Service::Transfer, "submit_transfer"),
    (Service::Transfer, "submit_transfer"),
    (Service::Transfer, "get_task"),
    (Service::Transfer, "task_successful_transfers"),
    (Service::Transfer, "task_list"),
    (Service::Search, "create_index"),
    (Service::Search, "ingest"),
    (Service::Search, "get_task"),
    (Service::Search, "post_search"),
];

/// An answer that comes later than any program waits.
const VAIN: Fault = Fault::Delay {
    milliseconds: 60_000,
};

/// A seed, and what it says.
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether a person logs in, by a browser, and not a program by its secret.
    pub(crate) person: bool,
    /// How many folders the walk lists at once.
    pub(crate) width: usize,
    pub(crate) rules: Vec<FaultRule>,
}

impl Plan {
    pub(crate) fn from_seed(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let count = chance.random_range(1..=6);
        Self {
            seed,
            person: chance.random_bool(0.5),
            width: if chance.random_bool(0.2) { 4 } else { 1 },
            rules: (0..count).map(|_| rule(&mut chance)).collect(),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.person { "person" } else { "program" };
        let wide = if self.width > 1 { ", wide" } else { "" };
        write!(f, "{who}{wide}")
    }
}

fn rule(chance: &mut StdRng) -> FaultRule {
    let (service, operation) = *OPERATIONS.choose(chance).expect("an operation");
    let fault = fault(chance, operation);
    // whoever waits in vain does so in real time
    let times = if fault == VAIN { 1 } else { u64::MAX };
    let rule = FaultRule::new(fault)
        .service(service)
        .operation(operation)
        .max_fires(times);
    match chance.random_range(0..20) {
        0..12 => rule.nth([chance.random_range(1..=3)]),
        12..17 => rule.nth((1..=chance.random_range(2..=4)).collect::<Vec<_>>()),
        17..19 => rule.probability(0.3),
        // more often than anybody tries again
        _ => rule,
    }
}

fn fault(chance: &mut StdRng, operation: &str) -> Fault {
    let after_effect = chance.random_bool(0.5);
    match chance.random_range(0..20) {
        0..8 => status(chance, after_effect),
        8..12 => Fault::Drop { after_effect },
        12..14 => Fault::Truncate {
            bytes: chance.random_range(0..200),
        },
        14 => Fault::Corrupt {},
        15 => Fault::SlowBody {
            bytes_per_second: chance.random_range(5_000..50_000),
        },
        16 if chance.random_bool(0.3) => VAIN,
        16 => Fault::Delay {
            milliseconds: chance.random_range(1..30),
        },
        17 => Fault::RateLimit {
            requests: chance.random_range(0..3),
            per_seconds: chance.random_range(20..90),
        },
        _ if operation == "oauth2_token" => Fault::Drop { after_effect },
        _ => Fault::InvalidToken {},
    }
}

fn status(chance: &mut StdRng, after_effect: bool) -> Fault {
    let usual = [500, 502, 503, 504, 429];
    let odd = [
        200, 202, 204, 301, 304, 400, 401, 403, 404, 409, 410, 418, 599,
    ];
    let status = match chance.random_bool(0.75) {
        true => usual.choose(chance),
        false => odd.choose(chance),
    };
    let status = *status.expect("a status");
    let times = [None, None, Some(0), Some(1), Some(30), Some(u64::MAX)];
    let retry_after = *times.choose(chance).expect("a time");
    // who says "come again", or "who are you", has done nothing: a client may believe that
    let refused = matches!(status, 401 | 429) || status == 503 && retry_after.is_some();
    Fault::Status {
        status,
        body: body(chance),
        retry_after,
        after_effect: after_effect && !refused,
    }
}

/// What an answer that is none may hold.
fn body(chance: &mut StdRng) -> Option<Value> {
    let nested = |depth| (0..depth).fold(json!(0), |inner, _| json!([inner]));
    match chance.random_range(0..10) {
        0 => Some(Value::Null),
        1 => Some(json!("<html>Bad Gateway</html>")),
        2 => Some(json!({})),
        3 => Some(nested(100)),
        4 => Some(
            json!({ "code": "ConsentRequired", "message": "consent is required",
                          "authorization_parameters": { "required_scopes": ["openid"] } }),
        ),
        5 => Some(
            json!({ "code": "ExternalError.DirListingFailed", "message": "no disk",
                          "request_id": "rid", "resource": "/" }),
        ),
        _ => None,
    }
}
