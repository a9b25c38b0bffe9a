//! Proxies from the environment, chosen like Python's `requests` does.
//!
//! reqwest would read the process's variables on its own. Here they come from [`Environment`], so
//! that a program's own variables apply to proxies, too, and an invalid proxy is an error instead
//! of silently bypassing it. The error is reported when a request would use the proxy, not before.

use crate::environment::Environment;
use crate::error::{Error, Result};
use std::net::Ipv4Addr;
use url::{Host, Url};

/// The proxies of `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`. Lower-case names take
/// precedence over capitals, and disable those when they are empty.
#[derive(Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exceptions: Exceptions,
}

/// A proxy, or the name of the variable with an invalid one.
#[derive(Clone)]
struct Proxy(Result<Url, String>);

impl Proxies {
    pub(crate) fn from_environment(environment: &Environment) -> Self {
        let proxy = |names| {
            variable(environment, names).map(|(name, value)| Proxy(address(&value).ok_or(name)))
        };
        let all = proxy(["all_proxy", "ALL_PROXY"]);
        // a CGI program receives a request's `Proxy:` header as HTTP_PROXY, so anyone could set it
        let http = match environment.variable_or_empty("REQUEST_METHOD") {
            Some(_) => proxy(["http_proxy", "http_proxy"]),
            None => proxy(["http_proxy", "HTTP_PROXY"]),
        };
        Self {
            http: http.or_else(|| all.clone()),
            https: proxy(["https_proxy", "HTTPS_PROXY"]).or(all),
            exceptions: Exceptions::from_environment(environment),
        }
    }

    /// Whether every request uses a direct connection.
    pub(crate) fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// The proxy for a request; `None` for a direct connection.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the proxy is invalid.
    pub(crate) fn choose(&self, url: &Url) -> Result<Option<Url>> {
        let proxy = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        match proxy {
            Some(_) if self.exceptions.include(url) => Ok(None),
            Some(Proxy(Ok(proxy))) => Ok(Some(proxy.clone())),
            Some(Proxy(Err(name))) => Err(unusable(name)),
            None => Ok(None),
        }
    }
}

/// The first of the two names that is set, with its value; `None` if the value is empty.
fn variable(environment: &Environment, names: [&str; 2]) -> Option<(String, String)> {
    let found = names.into_iter().find_map(|name| {
        let value = environment.variable_or_empty(name)?;
        Some((name.to_owned(), value))
    });
    found.filter(|(_, value)| !value.is_empty())
}

fn address(value: &str) -> Option<Url> {
    const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let value = value.trim();
    let url = if value.contains("://") {
        Url::parse(value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    url.ok().filter(|url| {
        SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

/// Without the value, which may contain a password.
fn unusable(name: &str) -> Error {
    Error::usage(format!(
        "invalid proxy address in {name}; use http://host:port or socks5://host:port, with user:password@ before the host if the proxy requires them"
    ))
}

/// The hosts that are called without a proxy: `no_proxy`.
#[derive(Default)]
struct Exceptions {
    /// As read by `requests`: networks, addresses and domains, with or without a port.
    listed: Vec<String>,
    /// As read by Python itself: names and domains, or an asterisk for all.
    domains: Option<String>,
}

impl Exceptions {
    fn from_environment(environment: &Environment) -> Self {
        let listed = environment
            .variable("no_proxy")
            .or_else(|| environment.variable("NO_PROXY"))
            .unwrap_or_default()
            .replace(' ', "");
        let listed = listed.split(',').filter(|host| !host.is_empty());
        Self {
            listed: listed.map(str::to_owned).collect(),
            domains: variable(environment, ["no_proxy", "NO_PROXY"]).map(|(_, value)| value),
        }
    }

    fn include(&self, url: &Url) -> bool {
        let (host, address) = match url.host() {
            Some(Host::Domain(name)) => (name.to_ascii_lowercase(), None),
            Some(Host::Ipv4(address)) => (address.to_string(), Some(address)),
            Some(Host::Ipv6(address)) => (address.to_string(), None),
            None => return false,
        };
        self.lists(&host, url.port(), address) || self.has_domain(&host)
    }

    fn lists(&self, host: &str, port: Option<u16>, address: Option<Ipv4Addr>) -> bool {
        if let Some(address) = address {
            return self.listed.iter().any(|listed| match network(listed) {
                Some((network, mask)) => u32::from(address) & mask == u32::from(network) & mask,
                None => listed == host,
            });
        }
        // suffixes match as in `requests`: `example.org` covers its subdomains
        let with_port = port.map(|port| format!("{host}:{port}"));
        self.listed.iter().any(|listed| {
            let domain = listed.trim_start_matches('.');
            is_within(host, domain)
                || with_port
                    .as_deref()
                    .is_some_and(|host| is_within(host, domain))
        })
    }

    fn has_domain(&self, host: &str) -> bool {
        let Some(domains) = self.domains.as_deref().map(str::trim) else {
            return false;
        };
        if domains == "*" {
            return true;
        }
        domains.split(',').any(|domain| {
            let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
            !domain.is_empty() && is_within(host, &domain)
        })
    }
}

/// Whether a host equals a domain, or is in it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A network such as `10.0.0.0/8`: its address and mask.
fn network(text: &str) -> Option<(Ipv4Addr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok().filter(|bits| (1..=32).contains(bits))?;
    Some((address.parse().ok()?, u32::MAX << (32 - bits)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// The host of the proxy for a URL, `direct`, or `error`.
    fn chosen(variables: &[(&str, &str)], url: &str) -> String {
        let environment = variables
            .iter()
            .fold(Environment::empty(), |e, (name, value)| {
                e.with_var(*name, *value)
            });
        match Proxies::from_environment(&environment).choose(&url.parse().unwrap()) {
            Ok(Some(proxy)) => proxy.host_str().unwrap().to_owned(),
            Ok(None) => "direct".to_owned(),
            Err(_) => "error".to_owned(),
        }
    }

    // the expected values are those of the functions of `requests` and `urllib`
    #[test]
    fn variables_in_small_letters_win_over_capitals() {
        const HTTP: &str = "http://transfer.example.org/";
        for (variables, proxy) in [
            (
                &[("HTTP_PROXY", "big"), ("http_proxy", "small")][..],
                "small",
            ),
            (&[("HTTP_PROXY", "big"), ("http_proxy", "")], "direct"),
            (&[("HTTP_PROXY", ""), ("http_proxy", "small")], "small"),
            (&[("HTTP_PROXY", "big"), ("ALL_PROXY", "all")], "big"),
            (
                &[
                    ("HTTP_PROXY", "big"),
                    ("http_proxy", ""),
                    ("ALL_PROXY", "all"),
                ],
                "all",
            ),
            (&[("ALL_PROXY", "big"), ("all_proxy", "small")], "small"),
            (&[("ALL_PROXY", "big"), ("all_proxy", "")], "direct"),
            (&[("HTTPS_PROXY", "big")], "direct"),
            (
                &[("HTTP_PROXY", "big"), ("REQUEST_METHOD", "GET")],
                "direct",
            ),
            (&[("HTTP_PROXY", "big"), ("REQUEST_METHOD", "")], "direct"),
            (
                &[("http_proxy", "small"), ("REQUEST_METHOD", "GET")],
                "small",
            ),
            (
                &[
                    ("HTTP_PROXY", "big"),
                    ("ALL_PROXY", "all"),
                    ("REQUEST_METHOD", "GET"),
                ],
                "all",
            ),
        ] {
            assert_eq!(chosen(variables, HTTP), proxy, "{variables:?}");
        }
    }

    #[test]
    fn a_proxy_that_makes_no_sense_is_an_error_where_it_is_used() {
        let variables = [("HTTPS_PROXY", "good"), ("ALL_PROXY", "ftp://bad")];
        assert_eq!(chosen(&variables, "https://example.org/"), "good");
        assert_eq!(chosen(&variables, "http://example.org/"), "error");
        let exempt = [variables[0], variables[1], ("no_proxy", "example.org")];
        assert_eq!(chosen(&exempt, "http://example.org/"), "direct");
    }

    #[test]
    fn no_proxy_means_what_it_means_to_requests() {
        for (no_proxy, url, direct) in [
            ("example.org", "http://example.org/", true),
            ("example.org", "http://a.example.org/", true),
            (".example.org", "http://a.example.org/", true),
            (".example.org", "http://example.org/", true),
            ("EXAMPLE.org", "http://a.example.org/", true),
            ("example.org", "http://anexample.org/", false),
            ("example.org", "http://example.org.other/", false),
            ("example.org:8080", "http://example.org:8080/", true),
            ("example.org:8080", "http://example.org/", false),
            ("example.org:8080", "http://example.org:9090/", false),
            (" x , example.org ", "http://example.org/", true),
            ("*", "http://example.org/", true),
            ("*", "http://10.1.2.3/", true),
            ("*,x", "http://example.org/", false),
            ("*.example.org", "http://a.example.org/", false),
            ("10.0.0.0/8", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("10.1.2.3/32", "http://10.1.2.3/", true),
            ("10.1.2.3/0", "http://10.1.2.3/", false),
            ("10.1.2.3", "http://10.1.2.3:8080/", true),
            ("10.1.2.3:8080", "http://10.1.2.3:8080/", false),
            ("localhost", "http://localhost:7117/", true),
            ("x", "http://localhost:7117/", false),
            ("::1", "http://[::1]:7117/", true),
            ("", "http://example.org/", false),
        ] {
            let variables = [("http_proxy", "proxy"), ("no_proxy", no_proxy)];
            let expected = if direct { "direct" } else { "proxy" };
            assert_eq!(chosen(&variables, url), expected, "{no_proxy}: {url}");
        }
    }

    #[test]
    fn no_proxy_in_small_letters_wins_over_capitals() {
        let proxy = ("http_proxy", "proxy");
        let url = "http://a.org/";
        let capitals = ("NO_PROXY", "a.org");
        assert_eq!(chosen(&[proxy, capitals], url), "direct");
        assert_eq!(
            chosen(&[proxy, capitals, ("no_proxy", "b.org")], url),
            "proxy"
        );
    }
}
