//! The HTML pages: usable without a mouse and without scripts.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::consents::Consent;
use crate::app_state::Identity;
use crate::params::Query;

const STYLE: &str = "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;\
padding:0 1rem;color:#1a1a1a;background:#fff}code,output{font-family:ui-monospace,monospace;\
overflow-wrap:anywhere}output{display:block;padding:.75rem;border:1px solid #767676}\
button,select{font:inherit;padding:.5rem 1.2rem}.note{color:#595959}";

/// Escapes text for use in HTML, including attribute values.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A complete page; `body` is HTML, not text.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title} - Globus emulator</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}\
         <p class=\"note\">This is the Globus emulator on your own machine, not Globus.</p>\
         </main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // With `no-referrer`, browsers would send `Origin: null` even to this origin.
        (header::REFERRER_POLICY, "same-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
    ];
    (status, headers, html).into_response()
}

/// An error page, for errors that cannot be reported by redirect.
pub(crate) fn error_page(message: &str) -> Response {
    page(
        StatusCode::BAD_REQUEST,
        "The login cannot continue",
        &format!("<p role=\"alert\">{}</p>", escape(message)),
    )
}

/// The error page for scopes that do not exist.
pub(crate) fn unknown_scopes_page(client: Uuid, scopes: &[String]) -> Response {
    let scopes: String = scopes
        .iter()
        .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
        .collect();
    let body = format!(
        "<p role=\"alert\">The client {client} asks for scopes that do not exist:</p>\
         <ul>{scopes}</ul><p>The error code is <code>UNKNOWN_SCOPE_ERROR</code>.</p>"
    );
    page(StatusCode::BAD_REQUEST, "Unknown scope(s)", &body)
}

/// The page that asks the person for consent.
pub(crate) fn consent_page(
    client_name: &str,
    message: Option<&str>,
    scopes: &[String],
    people: &[Identity],
    chosen: &Identity,
    ticket: &str,
) -> Response {
    let scopes: String = scopes
        .iter()
        .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
        .collect();
    let people: String = people
        .iter()
        .map(|person| {
            let selected = if person.id == chosen.id {
                " selected"
            } else {
                ""
            };
            let username = escape(&person.username);
            format!(
                "<option value=\"{}\"{selected}>{username}</option>",
                person.id
            )
        })
        .collect();
    let message = message.map_or_else(String::new, |text| format!("<p>{}</p>", escape(text)));
    let body = format!(
        "{message}<p><strong>{}</strong> asks for:</p><ul>{scopes}</ul>\
         <form method=\"post\" action=\"/v2/oauth2/authorize\">\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\">\
         <p><label for=\"identity\">Continue as</label> \
         <select id=\"identity\" name=\"identity\">{people}</select></p>\
         <p><button name=\"decision\" value=\"allow\" autofocus>Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></p></form>\
         <p class=\"note\"><a href=\"/v2/web/consents\">What was allowed before</a></p>",
        escape(client_name),
        escape(ticket),
    );
    page(StatusCode::OK, "Allow access?", &body)
}

/// The page that lists all consents, with a button to revoke each.
pub(crate) fn consents_page(sections: &[(Identity, Vec<(Consent, String)>)]) -> Response {
    let mut body = String::new();
    for (person, consents) in sections {
        body.push_str(&format!("<h2>{}</h2><ul>", escape(&person.username)));
        for (consent, client) in consents {
            let depth = consent.path.len().saturating_sub(1) * 2;
            body.push_str(&format!(
                "<li style=\"margin-left:{depth}rem\"><form method=\"post\">\
                 {}: <code>{}</code> <button name=\"consent\" value=\"{}\">Revoke</button>\
                 </form></li>",
                escape(client),
                escape(&consent.scope),
                consent.id,
            ));
        }
        body.push_str("</ul>");
    }
    if sections.is_empty() {
        body.push_str("<p>There are no consents.</p>");
    }
    page(StatusCode::OK, "Consents", &body)
}

/// The page that shows a code to copy.
pub(crate) fn code_page(code: &str) -> Response {
    let body = format!(
        "<p>Copy this authorization code into your program:</p>\
         <output id=\"auth-code\">{}</output>",
        escape(code)
    );
    page(StatusCode::OK, "Native AppState Authorization Code", &body)
}

/// `GET /v2/web/auth-code`: shows the code to users of programs that have no server to receive it.
pub(super) async fn show_code(query: Query) -> Response {
    if let Some(error) = query.filled("error") {
        return error_page(query.filled("error_description").unwrap_or(error));
    }
    match query.filled("code") {
        Some(code) => code_page(code),
        None => error_page("there is no code in this address"),
    }
}

/// `GET /v2/web/logout`: says that there is no browser session to end.
pub(super) async fn logout() -> Response {
    page(
        StatusCode::OK,
        "Logged out",
        "<p>There is no session left.</p>",
    )
}
