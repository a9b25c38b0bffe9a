//! What web pages of other origins may do.
//!
//! The services answer pages of every origin, as Globus does: such a page needs a token, which the
//! browser does not add on its own. Everything that acts without a token answers pages of its own
//! origin only: the control API and the pages on which a person consents. Otherwise any page that
//! somebody has open could reset the emulator or consent in their name.

use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, request};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::problem::Problem;
use crate::service::is_control_path;

/// Sent by the real JavaScript SDK with each request.
const CLIENT_INFO: HeaderName = HeaderName::from_static("x-globus-client-info");
/// A header of Groups.
const COMMUNITY_CONTEXT: HeaderName = HeaderName::from_static("community-context");

/// Answers preflights, and lets pages read the answers of the services, errors too.
///
/// The headers are named one by one: `*` does not cover `Authorization`.
pub(crate) fn cors_layer() -> CorsLayer {
    CorsLayer::new()
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

/// Whether requests of this path take effect without a token. No page may show these in a frame,
/// where a person could be led to click what they do not see.
pub(crate) fn acts_without_token(path: &str) -> bool {
    is_control_path(path) || path == "/v2/oauth2/authorize" || path.starts_with("/v2/web/")
}

/// Refuses a request by which a page of another origin would change something without a token.
///
/// # Errors
/// A 403 that says so.
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

/// Whether a request comes from a page of this origin, or from no page at all.
///
/// `Sec-Fetch-Site` says so in every current browser, and no page can set it. Older ones send
/// `Origin` with everything that changes something. Programs send neither.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text(&HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (text(&ORIGIN), text(&HOST)) {
            (None, _) => true,
            (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
            (Some(_), None) => false,
        },
    }
}

/// Whether a browser sent this without saying which page led it here.
///
/// Browsers send `Sec-Fetch-*` to https and to the machine they run on, and to no other address. What
/// they all send, and no page can change, is a `User-Agent` that begins with `Mozilla/`.
pub(crate) fn is_of_unknown_page(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes);
    !headers.contains_key("sec-fetch-site")
        && agent.is_some_and(|agent| agent.starts_with(b"Mozilla/"))
}

/// Whether a page of another site led the browser here.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

/// Whether a page asks for itself, as for an image, and no person will see the answer.
pub(crate) fn is_embedded(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination != "document")
}
