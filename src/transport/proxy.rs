//! Proxies, as the environment names them.
//!
//! reqwest would ask the process by itself; here it is [`Environment`] that is asked, so that a program
//! which brings variables of its own has these for proxies too, and a mistake in one is an error and
//! not a silent way around the proxy.

use crate::environment::Environment;
use crate::error::{Error, Result};
use reqwest::{NoProxy, Proxy};
use url::Url;

/// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` ask for; in capitals, or else in small
/// letters.
pub(crate) fn proxies(environment: &Environment) -> Result<Vec<Proxy>> {
    let either = |name: &'static str| {
        let value = environment.variable(name);
        let value = value.or_else(|| environment.variable(&name.to_ascii_lowercase()));
        value.map(|value| (name, value))
    };
    let all = either("ALL_PROXY");
    // a CGI program gets a request's header `Proxy:` as HTTP_PROXY
    let http = if environment.variable("REQUEST_METHOD").is_some() {
        environment
            .variable("http_proxy")
            .map(|value| ("http_proxy", value))
    } else {
        either("HTTP_PROXY")
    };
    let https = either("HTTPS_PROXY").or_else(|| all.clone());
    let direct = either("NO_PROXY").map(|(_, hosts)| hosts);
    // reqwest means names by a star, and no addresses
    if direct
        .iter()
        .flat_map(|d| d.split(','))
        .any(|host| host.trim() == "*")
    {
        return Ok(Vec::new());
    }
    let direct = direct.and_then(|hosts| NoProxy::from_string(&hosts));

    let mut proxies = Vec::new();
    for (set, through) in [
        (http.or(all), Proxy::http as fn(Url) -> _),
        (https, Proxy::https),
    ] {
        let Some((name, value)) = set else { continue };
        let proxy = through(address(name, &value)?).map_err(|_| unusable(name))?;
        proxies.push(proxy.no_proxy(direct.clone()));
    }
    Ok(proxies)
}

fn address(name: &str, value: &str) -> Result<Url> {
    let value = value.trim();
    let url = if value.contains("://") {
        Url::parse(value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| unusable(name))
}

/// The value stays out: it may hold a password.
fn unusable(name: &str) -> Error {
    Error::usage(format!(
        "{name} is no address of a proxy; use http://host:port, with user:password@ before the host if the proxy asks for them"
    ))
}
