//! Wire names to Rust names, in one place so that every emitter agrees.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

/// Names that generated code uses without a path, and single letters that it uses for generics.
const PRELUDE: [&str; 21] = [
    "A",
    "Box",
    "D",
    "Default",
    "E",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Result",
    "S",
    "Send",
    "Some",
    "String",
    "T",
    "Vec",
    "Visitor",
];

/// A field, parameter or method: snake case, raw where Rust reserves the word.
pub(crate) fn snake(wire: &str) -> Ident {
    let name = readable(wire).to_snake_case();
    match name.as_str() {
        // these cannot be raw
        "self" | "super" | "crate" => ident(&format!("{name}_")),
        // reserved since edition 2024, which syn does not know
        "gen" => Ident::new_raw("gen", Span::call_site()),
        _ if syn::parse_str::<Ident>(&name).is_ok() => ident(&name),
        _ if name.starts_with(|c: char| c.is_alphabetic()) => {
            Ident::new_raw(&name, Span::call_site())
        }
        _ => ident(&format!("v{name}")),
    }
}

/// A type or variant.
pub(crate) fn pascal(wire: &str) -> Ident {
    let name = readable(spoken(wire)).to_pascal_case();
    // heck takes "GCSv5" for two words
    let name = name.replace("GcSv", "Gcsv");
    // an enum value such as "-1" or "2019-08-27" has to start with a letter
    if name.starts_with(|c: char| c.is_alphabetic()) && name != "Self" {
        ident(&name)
    } else {
        ident(&format!("V{name}"))
    }
}

/// A constant.
pub(crate) fn shouty(wire: &str) -> Ident {
    let name = readable(wire).to_shouty_snake_case();
    if name.starts_with(|c: char| c.is_alphabetic()) {
        ident(&name)
    } else {
        ident(&format!("V{name}"))
    }
}

/// Whether a type of this name would hide one that generated code needs.
pub(crate) fn hides_prelude(name: &str) -> bool {
    PRELUDE.contains(&name)
}

/// Whether it is a Rust name in snake case already, and no keyword.
pub(crate) fn is_snake(name: &str) -> bool {
    !name.is_empty() && snake(name) == name
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Of a URN (`urn:globus:auth:grant_type:dependent_token`) only the end is ever said.
fn spoken(wire: &str) -> &str {
    match wire.strip_prefix("urn:") {
        Some(rest) => rest.rsplit(':').next().unwrap_or(rest),
        None => wire,
    }
}

/// The letters and digits that Rust allows in a name; the rest only parts words.
fn readable(wire: &str) -> String {
    let allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || (!c.is_ascii() && syn::parse_str::<Ident>(&format!("a{c}")).is_ok())
    };
    wire.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_word_becomes_a_raw_identifier() {
        assert_eq!(snake("type").to_string(), "r#type");
        assert_eq!(snake("gen").to_string(), "r#gen");
        assert_eq!(snake("self").to_string(), "self_");
        assert_eq!(snake("DATA").to_string(), "data");
        assert_eq!(snake("@datatype").to_string(), "datatype");
    }

    #[test]
    fn a_value_that_starts_with_a_digit_gets_a_letter() {
        assert_eq!(pascal("2019-08-27").to_string(), "V20190827");
        assert_eq!(
            pascal("GCP_mapped_collection").to_string(),
            "GcpMappedCollection"
        );
        assert_eq!(shouty("2fa").to_string(), "V2FA");
        assert_eq!(snake("2fa").to_string(), "v2fa");
    }

    #[test]
    fn a_name_is_what_people_say() {
        let grant = pascal("urn:globus:auth:grant_type:dependent_token");
        assert_eq!(grant.to_string(), "DependentToken");
        assert_eq!(pascal("GCSv5_endpoint").to_string(), "Gcsv5Endpoint");
    }

    #[test]
    fn no_text_is_too_odd_for_a_name() {
        for odd in [
            "", "_", "-1", "@", "x²", "½", "ⓐ", "a b", "日本", "é", "\0", "r#x", "'", "🦀",
            "a\u{301}",
        ] {
            for name in [snake(odd), pascal(odd), shouty(odd)] {
                assert!(
                    syn::parse_str::<Ident>(&name.to_string()).is_ok(),
                    "{odd:?} became {name}"
                );
            }
        }
    }

    #[test]
    fn names_that_hide_what_generated_code_needs_are_known() {
        assert!(hides_prelude("Option") && hides_prelude("E"));
        assert!(!hides_prelude("Task"));
        assert!(is_snake("task_list") && !is_snake("taskList") && !is_snake("type"));
    }
}
