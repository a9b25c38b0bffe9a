//! What an error must not show of an answer.
//!
//! Two things are left out: the secrets of the request, which services, proxies and login pages may
//! repeat in any encoding; and, for an operation that returns secrets, everything in the answer
//! that is not plainly the service's own words. Only what is shown is redacted:
//! [`Error::response_parts`](crate::Error::response_parts) has the original answer.

mod plain_text;
mod search;

use crate::types::secret::Secret;
use http::header::{COOKIE, HeaderName, HeaderValue};
use serde_json::Value as Json;
use std::borrow::Cow;

/// In place of an answer that may hold a secret.
pub(crate) const NOT_QUOTED: &str =
    "it is not quoted, since answers of this operation hold secrets";

/// Replaces a secret.
const REDACTED: &str = "[redacted]";

/// Fields and parameters that are always secret, whatever the spec says.
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

/// How many secrets are searched for, one by one, in what is shown.
const MOST_SECRETS: usize = 256;

/// How many bytes of a text are searched.
const BEGINNING: usize = 32 * 1024;

/// Takes secrets out of texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<Secret>,
    confidential: bool,
    /// Words of the request's own URL, which are not secrets of the answer.
    own_words: Vec<String>,
}

/// Whether a field or parameter is a secret wherever it stands.
pub(crate) fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.contains(&name)
}

impl Redactor {
    /// Of an answer that is `confidential`, only the service's own language is shown.
    pub(crate) fn new(confidential: bool) -> Self {
        Self {
            confidential,
            ..Self::default()
        }
    }

    pub(crate) fn of<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut redactor = Self::default();
        secrets
            .into_iter()
            .for_each(|secret| redactor.add(secret.expose()));
        redactor
    }

    pub(crate) fn add(&mut self, secret: &str) {
        if self.secrets.len() >= MOST_SECRETS {
            // so many secrets are the answer's own: show only plain words of it
            self.confidential = true;
            return;
        }
        let known = |known: &Secret| known.expose() == secret;
        if !secret.is_empty() && !self.secrets.iter().any(known) {
            self.secrets.push(secret.into());
            // longest first, so that a secret that starts with another is replaced as a whole
            let length = |secret: &Secret| std::cmp::Reverse(secret.expose().len());
            self.secrets.sort_by_key(length);
        }
    }

    /// What the request's own address says.
    pub(crate) fn add_own_words(&mut self, text: &str) {
        let words = plain_text::words(text).map(str::to_owned);
        self.own_words.extend(words);
    }

    /// The password of an address, and how it is sent.
    pub(crate) fn add_credentials(&mut self, url: &url::Url) {
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

    pub(crate) fn add_header(&mut self, name: &HeaderName, value: &HeaderValue) {
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

    /// Adds the values of secret fields anywhere in a document.
    pub(crate) fn add_fields(&mut self, document: &Json, is_secret: &impl Fn(&str) -> bool) {
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

    /// Adds the secrets that an answer contains.
    pub(crate) fn learn(&mut self, answer: &Json) {
        self.add_fields(answer, &is_secret_name);
    }

    pub(crate) fn confidential(&self) -> bool {
        self.confidential
    }

    /// A text of the answer as it may be shown.
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

    /// The same for the beginning of a long text of which even less will be shown: searching takes
    /// time, and a secret that is cut off here is still found.
    pub(crate) fn beginning(&self, text: &str) -> String {
        let mut end = text.len().min(BEGINNING);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text(&text[..end]).into_owned()
    }

    /// As much of a body as may be needed to show some of it.
    pub(crate) fn body(&self, body: &[u8]) -> String {
        // a secret is not to be cut in two before it is found
        self.beginning(&String::from_utf8_lossy(&body[..body.len().min(BEGINNING)]))
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

    /// An id of the answer as it may be shown.
    pub(crate) fn id<'t>(&self, id: &'t str) -> Cow<'t, str> {
        if self.confidential && !plain_text::is_id(id) {
            return Cow::Borrowed(REDACTED);
        }
        self.quoted(id)
    }

    /// Whether a text may be shown unchanged.
    pub(crate) fn leaves(&self, text: &str) -> bool {
        matches!(self.text(text), Cow::Borrowed(_))
    }
}

/// Decodes a part of a URL.
fn decode(part: &str) -> String {
    // form decoding, except that a plus is not a space there and other separators do not end it
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

/// A name that may be a secret by mistake, such as a key of a token file.
pub(crate) fn name(name: &str) -> Cow<'_, str> {
    match plain_text::is_name(name) {
        true => Cow::Borrowed(name),
        false => Cow::Borrowed(REDACTED),
    }
}

/// An address without user name, password, query and fragment, whether it is a valid URL or not.
pub(crate) fn address(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (text, rest) = text.split_at(end);
    let (scheme, rest_of) = match text.find("://") {
        Some(at) => text.split_at(at + 3),
        None => ("", text),
    };
    // the last one: a password may contain an unencoded @
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
    use http::header::AUTHORIZATION;
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
