//! The names by which the emulator answers.
//!
//! A web page can have a name of its own resolve to the emulator's address (DNS rebinding): to the browser
//! the emulator is then part of that page, which may do anything its own origin may. The `Host` header
//! gives it away.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use url::{Host, Url};

use crate::app_state::AppState;
use crate::problem::Problem;

/// Refuses a request for a host name that is none of the emulator's.
///
/// # Errors
/// A 421 that says how to allow the name.
pub(crate) fn check_host(app: &AppState, request: &Request) -> Result<(), Problem> {
    let Some(value) = request.headers().get(header::HOST) else {
        return Ok(());
    };
    let host = value.to_str().unwrap_or("?");
    if is_known(app, host) {
        return Ok(());
    }
    let message = format!(
        "the emulator does not answer to the host name '{host}'; allow it with \
         --allow-host NAME or EmulatorBuilder::allow_host"
    );
    let status = StatusCode::MISDIRECTED_REQUEST;
    Err(Problem::at_path(request.uri().path(), status, message))
}

/// Whether no page can be called so: addresses are not looked up, and names without a dot are given in
/// one's own network, as to a container. On loopback there is no network, and they are not needed.
fn is_known(app: &AppState, host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}")) else {
        return false;
    };
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            let absolute = name.strip_suffix('.').unwrap_or(name);
            absolute == "localhost"
                || absolute.ends_with(".localhost")
                || !app.loopback() && !name.contains('.')
                || app.settings().allowed_hosts.iter().any(|allowed| {
                    allowed.eq_ignore_ascii_case(absolute) || allowed.eq_ignore_ascii_case(name)
                })
        }
        None => false,
    }
}
