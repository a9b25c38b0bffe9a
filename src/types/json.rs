//! JSON with unpaired surrogates, which services may send.
//!
//! Python represents the bytes of a file name that are not UTF-8 as unpaired surrogates and writes
//! them as `"caf\udce9.txt"`. They are not valid Unicode, so that no Rust string can contain them:
//! U+FFFD replaces each, as usual for invalid text. One odd name must not cost the page it is on.

use serde::de::DeserializeOwned;
use std::borrow::Cow;

pub(crate) fn from_slice<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).or_else(|error| match mend(json) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// The same for text, which is faster than bytes.
pub(crate) fn from_str<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str(json).or_else(|error| match mend(json.as_bytes()) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// Replaces each unpaired surrogate in a text with U+FFFD.
pub(crate) fn mended(json: &str) -> Cow<'_, str> {
    match mend(json.as_bytes()).map(String::from_utf8) {
        Some(Ok(mended)) => Cow::Owned(mended),
        _ => Cow::Borrowed(json),
    }
}

/// Replaces each unpaired surrogate in a document with U+FFFD; `None` if it has none. All byte
/// positions stay the same, so that error positions remain correct.
fn mend(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    // backslashes occur only in strings
    while let Some(found) = json.get(at..)?.iter().position(|byte| *byte == b'\\') {
        at += found;
        at += match unit(json, at) {
            Some(0xd800..=0xdbff) if matches!(unit(json, at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                let mended = mended.get_or_insert_with(|| json.to_vec());
                if let Some(digits) = mended.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            // skip the escaped character, which may itself be a backslash
            _ => 2,
        };
    }
    mended
}

/// The number after `\u`.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn half_a_surrogate_becomes_a_replacement_character() {
        for (json, text) in [
            (r#""caf\udce9.txt""#, "caf\u{fffd}.txt"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uD83D\uD83D\uDE00x""#, "\u{fffd}\u{1f600}x"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83dA""#, "\u{fffd}A"),
            (r#""\\udce9\udce9""#, "\\udce9\u{fffd}"),
            (r#""\\\udce9""#, "\\\u{fffd}"),
            (r#""\ud83d\ude00""#, "\u{1f600}"),
            (r#""\\udce9""#, "\\udce9"),
        ] {
            assert_eq!(from_str::<String>(json).unwrap(), text, "{json}");
            let in_key = format!("{{{json}: 1}}");
            assert_eq!(from_slice::<Value>(in_key.as_bytes()).unwrap()[text], 1);
        }
    }

    #[test]
    fn what_is_broken_otherwise_stays_an_error_with_its_place() {
        let error = from_str::<Value>("{\"a\": \"\\udce9\",\n \"b\": nul}").unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 10));
        for broken in [
            r#""\ud83""#,
            r#""\udce"#,
            r#""\u+ce9""#,
            "\"\\",
            "\"\\udce9",
        ] {
            assert!(from_str::<Value>(broken).is_err(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_mended_in_place(json: Vec<u8>) {
            if let Some(mended) = mend(&json) {
                prop_assert_eq!(mended.len(), json.len());
            }
        }

        #[test]
        fn any_units_become_what_utf16_makes_of_them(units: Vec<u16>) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let text: String = from_str(&format!("\"{escaped}\"")).unwrap();
            prop_assert_eq!(text, String::from_utf16_lossy(&units));
        }
    }
}
