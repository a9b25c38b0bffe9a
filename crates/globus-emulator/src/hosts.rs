//! The host names that the emulator accepts.
//!
//! A web page can let a name of its own resolve to the emulator's address (DNS rebinding). Browsers then
//! treat the emulator as part of that page, which could do everything that its own origin may. Only the
//! `Host` header shows it.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use url::{Host, Url};

use crate::app_state::AppState;
use crate::problem::Problem;

/// Rejects requests for unknown host names.
///
/// # Errors
/// A 421 that says how to allow the name.
pub(crate) fn check_host(app: &AppState, request: &Request) -> Result<(), Problem> {
    let Some(value) = request.headers().get(header::HOST) else {
        return Ok(());
    };
    // Not a valid name, so it is rejected below like an unknown one.
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

/// Parses a host name to allow, into the form of a `Host` header: lower case and ASCII.
///
/// # Errors
/// If it is not a host name, for example because it has a port or is a URL.
pub(crate) fn parse_allowed_host(text: &str) -> Result<String, String> {
    let name = text.strip_suffix('.').unwrap_or(text);
    match Host::parse(name) {
        Ok(host) if !name.ends_with('.') => Ok(host.to_string()),
        _ => Err(format!(
            "cannot allow the host name {text:?}: give the name alone, without scheme and port"
        )),
    }
}

/// Whether a host cannot be the name of a web page. Addresses are not resolved, and names without a dot
/// exist in local networks only, for example for containers. On loopback addresses there is no network, so
/// such names are not accepted.
fn is_known(app: &AppState, host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}")) else {
        return false;
    };
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            // `localhost.` is the same host as `localhost`, but another text.
            let absolute = name.strip_suffix('.').unwrap_or(name);
            absolute == "localhost"
                || absolute.ends_with(".localhost")
                || !app.loopback() && !name.contains('.')
                || app
                    .settings()
                    .allowed_hosts
                    .iter()
                    .any(|allowed| allowed == absolute)
        }
        None => false,
    }
}
