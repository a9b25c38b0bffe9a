//! Requests from web pages of other origins (CORS and CSRF).
//!
//! The services allow pages of every origin, as Globus does: such a page needs a token, which browsers do
//! not add on their own. Everything that takes effect without a token (the control API and the consent
//! pages) is only available to pages of the same origin. Otherwise, any open page could reset the emulator,
//! or consent on the user's behalf.

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::problem::Problem;
use crate::service::is_control_path;

/// Sent by the JavaScript SDK with each request.
const CLIENT_INFO: HeaderName = HeaderName::from_static("x-globus-client-info");
/// A request header of Groups.
const COMMUNITY_CONTEXT: HeaderName = HeaderName::from_static("community-context");

/// Responds to preflight requests, and lets pages read all responses of services, including errors.
///
/// The headers are listed one by one, because `*` does not include `Authorization`.
pub(crate) fn cors_layer() -> CorsLayer {
    CorsLayer::new()
        // By path: without this header, a page may send simple requests to the control API, but never read
        // the response. `check_origin` rejects those that change something.
        .allow_origin(AllowOrigin::predicate(|_, request: &request::Parts| {
            !acts_without_token(request.uri.path())
        }))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, CLIENT_INFO, COMMUNITY_CONTEXT])
}

/// Whether requests to this path take effect without a token. Their pages must not be shown in frames,
/// where users could be tricked into clicking (clickjacking).
pub(crate) fn acts_without_token(path: &str) -> bool {
    is_control_path(path) || path == "/v2/oauth2/authorize" || path.starts_with("/v2/web/")
}

/// Rejects requests by which a page of another origin would change something without a token.
///
/// # Errors
/// A 403 with the reason.
pub(crate) fn check_origin(request: &Request) -> Result<(), Problem> {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let path = request.uri().path();
    if !changes || !acts_without_token(path) || is_same_origin(request.headers()) {
        return Ok(());
    }
    let message = "a page of another origin may not change anything here; \
                   send the request from a program, or from the emulator's own pages";
    Err(Problem::at_path(path, StatusCode::FORBIDDEN, message))
}

/// Whether a request comes from a page of this origin, or not from a page.
///
/// All current browsers say so in `Sec-Fetch-Site`, which pages cannot set. Older browsers send `Origin`
/// with all requests that change something. Other programs send neither.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text(&HeaderName::from_static("sec-fetch-site")) {
        // `none` is a request by the user, such as an address that was typed.
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (text(&ORIGIN), text(&HOST)) {
            (None, _) => true,
            // The scheme is always http: the emulator has no TLS.
            (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
            (Some(_), None) => false,
        },
    }
}

/// Whether a browser sent this without a header that identifies the page.
///
/// Browsers send `Sec-Fetch-*` to https and to loopback addresses only. But all of them send a `User-Agent`
/// that begins with `Mozilla/`, which pages cannot change.
pub(crate) fn is_of_unknown_page(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes);
    !headers.contains_key("sec-fetch-site")
        && agent.is_some_and(|agent| agent.starts_with(b"Mozilla/"))
}

/// Whether the user followed a link on a page of another site.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

/// Whether the browser loads this as part of a page, such as an image, without showing the response.
pub(crate) fn is_embedded(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination != "document")
}
