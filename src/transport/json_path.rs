//! The path in a document at which decoding failed.
//!
//! serde_json reports line and column. Scanning the text again up to there gives the path, for any
//! type and only after a failure, whereas a decoder that tracks its path would slow down every
//! document.

use super::request_secrets::RequestSecrets;
use crate::types::json;

/// Limits on the reported path, so that a malicious response cannot make an error message
/// unboundedly large.
const LEVELS: usize = 64;
const NAME: usize = 100;
/// How much of the reason is shown.
const REASON: usize = 500;
/// The largest document that is searched for secrets of its own.
const LEARNT: usize = 1 << 20;

/// The path of the value that ends at or encloses byte `end`: `DATA[3].size`; `$` is the document.
///
/// A `missing` field is noticed at the end of its object, after the last value: then the path is
/// that of the object.
///
/// For a confidential document, only the `known` names are shown.
fn path_at(text: &[u8], end: usize, missing: bool, known: Option<&[&str]>) -> String {
    enum Level {
        Object(Option<String>),
        Array(usize),
    }
    let mut levels: Vec<Level> = Vec::new();
    // levels beyond LEVELS: counted, not stored
    let mut deeper = 0usize;
    let mut i = 0;
    let end = end.min(text.len());
    // whether the next string is a key
    let mut key_next = false;
    while i < end {
        match text[i] {
            b'{' | b'[' if levels.len() == LEVELS => deeper += 1,
            b'}' | b']' if deeper > 0 => deeper -= usize::from(i + 1 < end),
            b'"' if deeper > 0 => i = string_end(text, i + 1),
            _ if deeper > 0 => {}
            b'{' => {
                levels.push(Level::Object(None));
                key_next = true;
            }
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' if i + 1 < end => {
                levels.pop();
                key_next = false;
            }
            b',' => match levels.last_mut() {
                Some(Level::Array(n)) => *n += 1,
                Some(Level::Object(key)) => {
                    *key = None;
                    key_next = true;
                }
                None => {}
            },
            b'"' => {
                let start = i + 1;
                i = string_end(text, start);
                if key_next && let Some(Level::Object(key)) = levels.last_mut() {
                    let name = &text[start..i.min(text.len()).min(start + NAME)];
                    let name = String::from_utf8_lossy(name);
                    let hidden = known.is_some_and(|known| !known.contains(&&*name));
                    *key = Some(if hidden {
                        "?".to_owned()
                    } else {
                        name.into_owned()
                    });
                    key_next = false;
                }
            }
            _ => {}
        }
        i += 1;
    }
    if missing && let Some(Level::Object(key)) = levels.last_mut() {
        *key = None;
    }
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path += &key;
            }
            Level::Object(None) => {}
            Level::Array(n) => path += &format!("[{n}]"),
        }
    }
    if deeper > 0 {
        path += "...";
    }
    if path.is_empty() {
        "$".to_owned()
    } else {
        path
    }
}

/// The index of the quote that closes a string, or the end of the text.
fn string_end(text: &[u8], mut i: usize) -> usize {
    while i < text.len() {
        match text[i] {
            b'\\' => i += 1,
            b'"' => return i,
            _ => {}
        }
        i += 1;
    }
    text.len()
}

/// Where and why decoding failed: `at DATA[1].size: invalid type: ...`. Without values if the
/// answer may contain secrets, and without the secrets of the request in any case.
pub(crate) fn place(text: &[u8], error: &serde_json::Error, sent: &RequestSecrets) -> String {
    if sent.confidential() {
        let names = sent.field_names();
        let why = kind(error, names);
        let (line, column) = (error.line(), error.column());
        return format!(
            "at {}: {why} at line {line} column {column}",
            error_path(text, error, Some(names))
        );
    }
    let mut redactor = sent.redactor();
    if text.len() <= LEARNT
        && let Ok(document) = json::from_slice(text)
    {
        redactor.learn(&document);
    }
    // redacted before it is shortened: half of a secret would not be recognized
    let mut why = redactor.beginning(&error.to_string());
    // serde quotes the offending value, which may be long
    if why.len() > REASON {
        let end = (0..=REASON).rev().find(|at| why.is_char_boundary(*at));
        why.truncate(end.unwrap_or_default());
        why += &format!("... at line {} column {}", error.line(), error.column());
    }
    let place = format!("at {}: {why}", error_path(text, error, None));
    redactor.text(&place).into_owned()
}

/// What is wrong, without the offending value.
fn kind(error: &serde_json::Error, names: &[&str]) -> String {
    let said = error.to_string();
    if !error.is_data() {
        // the parser's own message, which quotes nothing
        let end = said.rfind(" at line ").unwrap_or(said.len());
        return said[..end].to_owned();
    }
    for (field, says) in [
        ("missing field `", "missing field"),
        ("duplicate field `", "duplicate field"),
    ] {
        if let Some((name, _)) = said
            .strip_prefix(field)
            .and_then(|rest| rest.split_once('`'))
        {
            let name = names.iter().find(|known| **known == name);
            return name.map_or(says.to_owned(), |name| format!("{says} `{name}`"));
        }
    }
    for (prefix, says) in [
        ("invalid type", "a value of the wrong type"),
        ("invalid length", "a list of the wrong length"),
        ("invalid utf-8", "bytes that are not UTF-8"),
        ("wrong document", "a wrong document"),
    ] {
        if said.starts_with(prefix) {
            return says.to_owned();
        }
    }
    "a wrong value".to_owned()
}

/// The path of the value that an error is about.
fn error_path(text: &[u8], error: &serde_json::Error, known: Option<&[&str]>) -> String {
    // serde_json does not classify this error, only its text tells
    let said = error.to_string();
    let missing =
        said.starts_with("missing field") || said.starts_with("wrong document: it has no");
    path_at(
        text,
        offset(text, error.line(), error.column()),
        missing,
        known,
    )
}

/// The byte offset of serde_json's line and column (both from 1, columns in bytes).
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'\n')
            .nth(breaks)
            .map_or(0, |(i, _)| i + 1),
    };
    start + column
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> String {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Inner {
            size: i64,
        }
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Outer {
            #[serde(rename = "DATA")]
            data: Vec<Inner>,
            name: Option<String>,
        }
        let error = serde_json::from_str::<Outer>(text).expect_err("a wrong document");
        error_path(text.as_bytes(), &error, None)
    }

    #[test]
    fn a_wrong_value_is_named_by_its_path() {
        assert_eq!(
            path(r#"{"DATA": [{"size": 1}, {"size": "x"}]}"#),
            "DATA[1].size"
        );
        assert_eq!(path("{\"DATA\": [],\n \"name\": 3}"), "name");
    }

    #[test]
    fn a_missing_field_is_named_by_its_object() {
        assert_eq!(path(r#"{"DATA": [{"size": 1}, {"sise": 2}]}"#), "DATA[1]");
        assert_eq!(path(r#"{}"#), "$");
    }

    #[test]
    fn a_path_has_a_limit_however_deep_and_long_the_document_is() {
        let (deep, long) = ("[".repeat(100_000), "k".repeat(100_000));
        let text = format!(r#"{{"{long}": {deep}"#);
        let path = path_at(text.as_bytes(), text.len(), false, None);
        assert!(path.len() < 400 && path.ends_with("[0]..."), "{path}");
        let back = format!(
            r#"{{"a": [{deep}"]", {{"x": 1}}{}], "b": 7"#,
            "]".repeat(100_000)
        );
        assert_eq!(path_at(back.as_bytes(), back.len(), false, None), "b");
    }

    #[test]
    fn braces_and_quotes_in_strings_are_no_structure() {
        assert_eq!(
            path(r#"{"x": "}]\"{", "DATA": [{"size": null}]}"#),
            "DATA[0].size"
        );
    }

    proptest! {
        #[test]
        fn any_text_and_any_place_has_a_path(text: Vec<u8>, end: usize) {
            prop_assert!(!path_at(&text, end, false, None).is_empty());
        }
    }
}
