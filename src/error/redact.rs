//! What an error must not show of an answer.
//!
//! Two things are kept out: the secrets of the request, which services, proxies and login pages repeat
//! in what they answer, in whatever encoding; and, of an operation that answers secrets, everything of
//! the answer that is not plainly the service's own language. What is redacted is only what is shown:
//! [`Error::response_parts`](crate::Error::response_parts) has the answer as it came.

mod plain_text;
mod search;

use crate::operation::Operation;
use crate::types::{Json, Secret};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What stands in a secret's place.
const REDACTED: &str = "[redacted]";

/// Fields and parameters that are secrets wherever they stand, whatever a spec knows of them.
const SECRET_NAMES: [&str; 14] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "device_code",
    "globus_connect_setup_key",
    "id_token",
    "id_token_hint",
    "password",
    "refresh_token",
    "secret",
    "subject_token",
    "token",
];

/// As many secrets as are looked for, one by one, in what is shown.
const MOST_SECRETS: usize = 256;

/// How many bytes of a text are looked through.
const BEGINNING: usize = 32 * 1024;

/// The largest body without a spec that is looked through for secrets.
const BODY_LIMIT: usize = 1 << 20;

/// What is secret about a request, kept until its answer is decoded. Cloning is cheap.
#[derive(Clone, Default)]
pub(crate) struct RequestSecrets(Option<Arc<Parts>>);

struct Parts {
    confidential: bool,
    /// The fields of the body that are secrets, and those of an answer that holds some.
    secret_request_fields: &'static [&'static str],
    response_fields: &'static [&'static str],
    /// Values of headers that are secrets.
    headers: Vec<(HeaderName, HeaderValue)>,
    form: bool,
    body: Option<Bytes>,
    /// Of a service behind a password, or of an answer that is confidential.
    url: Option<url::Url>,
    /// The proxy, where it asks for a password.
    proxy: Option<url::Url>,
}

/// What the transport knows of the operation that a request is for.
#[derive(Clone, Copy)]
pub(crate) struct Purpose {
    pub(crate) operation: Option<&'static Operation>,
    /// The answer may hold secrets.
    pub(crate) confidential: bool,
}

impl Purpose {
    pub(crate) fn for_operation(operation: &'static Operation) -> Self {
        Self {
            operation: Some(operation),
            confidential: operation.response_has_secrets,
        }
    }

    /// Of a request that is made without its operation. What no spec describes may hold secrets where
    /// tokens come from.
    pub(crate) fn for_path(service: &str, method: &str, path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match Operation::find(service, method, path.trim_end_matches('/')) {
            Some(operation) => Self::for_operation(operation),
            None => Self {
                operation: None,
                confidential: service == "auth",
            },
        }
    }
}

impl RequestSecrets {
    pub(crate) fn new(
        request: &reqwest::Request,
        purpose: Purpose,
        proxy: Option<&url::Url>,
    ) -> Self {
        let headers = request.headers();
        let secret = headers.iter().filter(|(name, value)| {
            value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        });
        let form = is_form(headers);
        let known = purpose.operation;
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = body.filter(|body| match known {
            Some(operation) => form || !operation.secret_request_fields.is_empty(),
            None => body.len() <= BODY_LIMIT,
        });
        let url = request.url();
        let parts = Parts {
            confidential: purpose.confidential,
            secret_request_fields: known.map_or(&[], |operation| operation.secret_request_fields),
            response_fields: known.map_or(&[], |operation| operation.response_fields),
            headers: secret
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            form,
            body: body.map(Bytes::copy_from_slice),
            proxy: proxy.filter(|proxy| proxy.password().is_some()).cloned(),
            url: (purpose.confidential || url.password().is_some() || url.query().is_some())
                .then(|| url.clone()),
        };
        Self(Some(Arc::new(parts)))
    }

    /// An answer of this operation that comes from somewhere else, such as a recording.
    pub(crate) fn none(operation: &Operation) -> Self {
        Self(Some(Arc::new(Parts {
            confidential: operation.response_has_secrets,
            secret_request_fields: operation.secret_request_fields,
            response_fields: operation.response_fields,
            headers: Vec::new(),
            form: false,
            body: None,
            url: None,
            proxy: None,
        })))
    }

    /// Adds what an earlier attempt sent, of the same request.
    pub(crate) fn with_headers_of(self, earlier: &Self) -> Self {
        let (Some(parts), Some(earlier)) = (&self.0, &earlier.0) else {
            return self;
        };
        let missing = earlier.headers.iter();
        let missing: Vec<_> = missing.filter(|v| !parts.headers.contains(v)).collect();
        if missing.is_empty() {
            return self;
        }
        let headers = parts.headers.iter().chain(missing).cloned().collect();
        Self(Some(Arc::new(Parts {
            headers,
            body: parts.body.clone(),
            url: parts.url.clone(),
            proxy: parts.proxy.clone(),
            ..**parts
        })))
    }

    /// Whether nothing of the answer may be quoted.
    pub(crate) fn confidential(&self) -> bool {
        self.0.as_ref().is_some_and(|parts| parts.confidential)
    }

    /// The names of fields that may be shown where nothing else of the answer may.
    pub(crate) fn field_names(&self) -> &'static [&'static str] {
        self.0.as_ref().map_or(&[], |parts| parts.response_fields)
    }

    /// Takes time: it is for errors.
    pub(crate) fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        let Some(parts) = &self.0 else {
            return redactor;
        };
        redactor.confidential = parts.confidential;
        for (name, value) in &parts.headers {
            redactor.add_header(name, value);
        }
        for url in parts.url.iter().chain(&parts.proxy) {
            redactor.add_credentials(url);
        }
        let known = parts.secret_request_fields;
        let is_secret = |name: &str| known.contains(&name) || SECRET_NAMES.contains(&name);
        if let Some(url) = &parts.url {
            redactor.own_words = plain_text::words(url.path()).map(str::to_owned).collect();
            for (name, value) in url.query_pairs() {
                if is_secret(&name) || name == "code" {
                    redactor.add(&value);
                } else {
                    let words = plain_text::words(&name).chain(plain_text::words(&value));
                    redactor.own_words.extend(words.map(str::to_owned));
                }
            }
        }
        if let Some(body) = &parts.body {
            if parts.form {
                for (name, value) in url::form_urlencoded::parse(body) {
                    if is_secret(&name) || name == "code" {
                        redactor.add(&value);
                    }
                }
            } else if let Ok(document) = serde_json::from_slice(body) {
                redactor.add_fields(&document, &is_secret);
            }
        }
        redactor
    }
}

impl fmt::Debug for RequestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSecrets")
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    media.is_some_and(|m| m.starts_with("application/x-www-form-urlencoded"))
}

/// Takes secrets out of texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<Secret>,
    confidential: bool,
    /// What the request's own address says is no secret of the answer.
    own_words: Vec<String>,
}

impl Redactor {
    pub(crate) fn of<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut redactor = Self::default();
        secrets
            .into_iter()
            .for_each(|secret| redactor.add(secret.expose()));
        redactor
    }

    fn add(&mut self, secret: &str) {
        if self.secrets.len() >= MOST_SECRETS {
            // an answer made of secrets: nothing of it is shown but plain words
            self.confidential = true;
            return;
        }
        let known = |known: &Secret| known.expose() == secret;
        if !secret.is_empty() && !self.secrets.iter().any(known) {
            self.secrets.push(secret.into());
            // the longest first, so that one which begins with another is found whole
            let length = |secret: &Secret| std::cmp::Reverse(secret.expose().len());
            self.secrets.sort_by_key(length);
        }
    }

    /// The password of an address, and how it is sent.
    fn add_credentials(&mut self, url: &url::Url) {
        use base64::Engine as _;
        let Some(password) = url.password() else {
            return;
        };
        let (user, decoded) = (decode(url.username()), decode(password));
        self.add(password);
        self.add(&decoded);
        let pair = format!("{user}:{decoded}");
        self.add(&base64::engine::general_purpose::STANDARD_NO_PAD.encode(pair));
    }

    fn add_header(&mut self, name: &HeaderName, value: &HeaderValue) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = value.trim();
        if name == COOKIE {
            for pair in value.split(';') {
                self.add(pair.split_once('=').map_or(pair, |(_, value)| value).trim());
            }
            return;
        }
        let Some((scheme, token)) = value.split_once(' ') else {
            return self.add(value);
        };
        let token = token.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            let pair = STANDARD.decode(token).ok();
            let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
            if let Some(pair) = pair {
                self.add(
                    pair.split_once(':')
                        .map_or(&*pair, |(_, password)| password),
                );
            }
            self.add(token.trim_end_matches('='));
        } else {
            self.add(token);
            self.add(&STANDARD_NO_PAD.encode(token));
            self.add(&URL_SAFE_NO_PAD.encode(token));
            if !scheme.eq_ignore_ascii_case("bearer") {
                self.add(value);
            }
        }
    }

    /// The values of fields that are secrets, wherever they stand in a document.
    fn add_fields(&mut self, document: &Json, is_secret: &impl Fn(&str) -> bool) {
        match document {
            Json::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Json::String(text) if is_secret(name) => self.add(text),
                        Json::Array(values) if is_secret(name) => {
                            values
                                .iter()
                                .filter_map(Json::as_str)
                                .for_each(|text| self.add(text));
                        }
                        _ => self.add_fields(value, is_secret),
                    }
                }
            }
            Json::Array(values) => values.iter().for_each(|v| self.add_fields(v, is_secret)),
            _ => {}
        }
    }

    /// Learns what is secret about an answer from the answer itself.
    pub(crate) fn learn(&mut self, answer: &Json) {
        let known = |name: &str| SECRET_NAMES.contains(&name);
        self.add_fields(answer, &known);
    }

    pub(crate) fn confidential(&self) -> bool {
        self.confidential
    }

    /// A text of the answer, as it may be shown.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = self.quoted(text);
        if !self.confidential {
            return text;
        }
        match plain_text::only(&text, &self.own_words) {
            Cow::Borrowed(_) => text,
            Cow::Owned(plain) => Cow::Owned(plain),
        }
    }

    /// The same of the beginning of a long text, of which less will be shown: looking for secrets takes
    /// time, and one that is cut in two here is still found.
    pub(crate) fn beginning(&self, text: &str) -> String {
        let mut end = text.len().min(BEGINNING);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text(&text[..end]).into_owned()
    }

    /// The same, of what we say ourselves about it.
    pub(crate) fn quoted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if let Some(without) = search::replace(&text, secret.expose()) {
                text = Cow::Owned(without);
            }
        }
        if let Some(without) = search::replace_named(&text) {
            text = Cow::Owned(without);
        }
        text
    }

    /// An id of the answer, as it may be shown.
    pub(crate) fn id<'t>(&self, id: &'t str) -> Cow<'t, str> {
        if self.confidential && !plain_text::is_id(id) {
            return Cow::Borrowed(REDACTED);
        }
        self.quoted(id)
    }

    /// Whether a text may be shown as it is.
    pub(crate) fn leaves(&self, text: &str) -> bool {
        matches!(self.text(text), Cow::Borrowed(_))
    }
}

/// A part of a URL, decoded.
fn decode(part: &str) -> String {
    // a plus is no space there, nor do other marks end it
    let part = part
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let mut pairs = url::form_urlencoded::parse(part.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

/// A name that stands where a secret may stand by mistake, such as a key of a token file.
pub(crate) fn name(name: &str) -> Cow<'_, str> {
    match plain_text::is_name(name) {
        true => Cow::Borrowed(name),
        false => Cow::Borrowed(REDACTED),
    }
}

/// An address without the name, password, query and fragment in it, whether it is a URL or not.
pub(crate) fn address(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (text, rest) = text.split_at(end);
    let (scheme, rest_of) = match text.find("://") {
        Some(at) => text.split_at(at + 3),
        None => ("", text),
    };
    // the last one: a password may hold what should have been encoded
    let shown = match rest_of.rfind('@') {
        Some(at) => format!("{scheme}{REDACTED}{}", &rest_of[at..]),
        None => text.to_owned(),
    };
    match rest.chars().next() {
        Some(mark) => format!("{shown}{mark}{REDACTED}"),
        None => shown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: &str = "Ag/one+two=\"three\" é&4";

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        redactor.add(TOKEN);
        redactor
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let json = serde_json::to_string(TOKEN).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let form: String = url::form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
        let lower = form.to_lowercase().replace("ag", "Ag");
        let spaced = form.replace('+', "%20");
        for text in [
            TOKEN,
            &json,
            &twice,
            &form,
            &lower,
            &spaced,
            &spaced.replace('%', "%25"),
            "Ag\\/one+two=\\\"three\\\" \\u00e9&4",
            "Ag/one+two=&quot;three&quot; é&amp;4",
            "Ag&#x2F;one+two&#61;&#34;three&#34; &#xe9;&amp;4",
            "\\u0041g/one\\u002btwo=\\u0022three\\u0022 \\u00E9\\u00264",
        ] {
            let shown = redactor().text(&format!("<{text}>")).into_owned();
            let shown = shown.trim_matches(['<', '>', '"', '\\']).to_owned();
            assert_eq!(shown, REDACTED, "{text}");
        }
    }

    #[test]
    fn the_beginning_of_a_secret_that_was_cut_off_is_redacted() {
        let mut redactor = Redactor::default();
        redactor.add("AgSecretThatIsLong");
        assert_eq!(redactor.text("got AgSecretTh"), "got [redacted]");
        assert_eq!(redactor.text("got AgSecr"), "got AgSecr");
    }

    #[test]
    fn a_short_secret_is_redacted_as_a_word_only() {
        let mut redactor = Redactor::default();
        redactor.add("pw");
        assert_eq!(
            redactor.text("pw (pw) powpw"),
            "[redacted] ([redacted]) powpw"
        );
    }

    #[test]
    fn basic_credentials_are_known_encoded_and_decoded() {
        let mut redactor = Redactor::default();
        redactor.add_header(
            &AUTHORIZATION,
            &HeaderValue::from_static("Basic aWQ6aHVudGVyMg=="),
        );
        assert_eq!(
            redactor.text("aWQ6aHVudGVyMg== is id:hunter2"),
            "[redacted]== is id:[redacted]"
        );
    }

    #[test]
    fn values_with_the_name_of_a_secret_are_redacted() {
        let redactor = Redactor::default();
        for (text, shown) in [
            ("?access_token=abc&x=1", "?access_token=[redacted]&x=1"),
            (
                r#"{"refresh_token": "abc", "x": 1}"#,
                r#"{"refresh_token": "[redacted]", "x": 1}"#,
            ),
            (
                r#"{\"id_token\":\"abc\"}"#,
                r#"{\"id_token\":\"[redacted]\"}"#,
            ),
            (
                "Authorization: Bearer Ag123",
                "Authorization: Bearer [redacted]",
            ),
            ("a Bearer token is missing", "a Bearer token is missing"),
            ("the password: it is wrong", "the password: it is wrong"),
            ("the token is expired", "the token is expired"),
        ] {
            assert_eq!(redactor.text(text), shown);
        }
    }

    #[test]
    fn of_a_confidential_answer_only_plain_language_is_shown() {
        let redactor = Redactor {
            confidential: true,
            own_words: vec!["AgOwn1".to_owned()],
            ..Redactor::default()
        };
        for (text, shown) in [
            (
                "invalid_grant: The code has expired.",
                "invalid_grant: The code has expired.",
            ),
            ("EndpointNotFound", "EndpointNotFound"),
            ("ClientError.NotFound", "ClientError.NotFound"),
            ("UNAUTHORIZED", "UNAUTHORIZED"),
            ("no such endpoint 'AgOwn1'", "no such endpoint 'AgOwn1'"),
            ("retry in 20 s", "retry in 20 s"),
            ("got AgASecretThatNobodyMayRead", "got [redacted]"),
            (
                "got 61338d24-54d5-408f-a10d-66c06b59f6d2!",
                "got [redacted]!",
            ),
            ("got s3cr3t", "got [redacted]"),
            ("got eyJhbGciOi.eyJzdWIi.c2ln", "got [redacted]"),
            ("the-answered-secret", "[redacted]"),
        ] {
            assert_eq!(redactor.text(text), shown);
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password_and_query() {
        for (text, shown) in [
            ("https://ada:pw@host/p", "https://[redacted]@host/p"),
            ("https://ada:p@w@ho st", "https://[redacted]@ho st"),
            ("ada:pw@host", "[redacted]@host"),
            ("https://host?token=x#y", "https://host?[redacted]"),
            ("https://host/p", "https://host/p"),
        ] {
            assert_eq!(address(text), shown);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_redacted_of_any_secret(text: String, secret in ".{4,40}", confidential: bool) {
            let mut redactor = Redactor { confidential, ..Redactor::default() };
            redactor.add(&secret);
            let shown = redactor.text(&format!("{text}{secret}{text}")).into_owned();
            prop_assert!(!shown.contains(&secret) || REDACTED.contains(&secret));
        }

        #[test]
        fn an_address_of_any_text_has_no_password(user in "[a-z]{1,5}", password in "[A-Z@:!]{3,9}") {
            let shown = address(&format!("https://{user}:{password}@host/"));
            prop_assert!(!shown.contains(&password), "{shown}");
        }
    }
}
