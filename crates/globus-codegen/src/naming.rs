//! Converts wire names to Rust names, in one module so that all emitters agree.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

/// Names that generated code uses unqualified, including its generic parameters.
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

/// The name of a field, parameter or method: snake case, a raw identifier for keywords.
pub(crate) fn snake(wire: &str) -> Ident {
    let name = replace_invalid_chars(wire).to_snake_case();
    match name.as_str() {
        // these cannot be raw identifiers
        "self" | "super" | "crate" => ident(&format!("{name}_")),
        // a keyword since edition 2024, which syn does not treat as one
        "gen" => Ident::new_raw("gen", Span::call_site()),
        _ if syn::parse_str::<Ident>(&name).is_ok() => ident(&name),
        _ if name.starts_with(|c: char| c.is_alphabetic()) => {
            Ident::new_raw(&name, Span::call_site())
        }
        _ => ident(&format!("v{name}")),
    }
}

/// The name of a type or variant.
pub(crate) fn pascal(wire: &str) -> Ident {
    let name = replace_invalid_chars(urn_suffix(wire)).to_pascal_case();
    // heck splits "GCSv5" into two words
    let name = name.replace("GcSv", "Gcsv");
    // identifiers start with a letter, enum values such as "-1" or "2019-08-27" do not
    if name.starts_with(|c: char| c.is_alphabetic()) && name != "Self" {
        ident(&name)
    } else {
        ident(&format!("V{name}"))
    }
}

/// The name of a constant.
pub(crate) fn shouty_snake(wire: &str) -> Ident {
    let name = replace_invalid_chars(wire).to_shouty_snake_case();
    if name.starts_with(|c: char| c.is_alphabetic()) {
        ident(&name)
    } else {
        ident(&format!("V{name}"))
    }
}

/// Whether a type of this name would shadow one that generated code uses.
pub(crate) fn shadows_prelude(name: &str) -> bool {
    PRELUDE.contains(&name)
}

/// Whether it is already a snake case Rust name and not a keyword.
pub(crate) fn is_snake(name: &str) -> bool {
    !name.is_empty() && snake(name) == name
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// The last part of a URN (`urn:globus:auth:grant_type:dependent_token`), or the whole text of
/// anything else.
fn urn_suffix(wire: &str) -> &str {
    match wire.strip_prefix("urn:") {
        Some(rest) => rest.rsplit(':').next().unwrap_or(rest),
        None => wire,
    }
}

/// The known word that was probably meant: the one with the smallest edit distance, if that is
/// small enough for the word's length.
pub(crate) fn closest_match<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // about one typo per three letters; short words would otherwise match anything
    let most = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    let distances = known
        .iter()
        .map(|other| (edit_distance(word, other), *other));
    let close = distances.filter(|(distance, _)| *distance <= most);
    close
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// The Damerau-Levenshtein distance (optimal string alignment), ignoring case.
fn edit_distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    let (mut before, mut above) = (Vec::new(), (0..=b.len()).collect::<Vec<usize>>());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j - 1] + same).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// Replaces characters that Rust does not allow in names by `_`, which separates words.
fn replace_invalid_chars(wire: &str) -> String {
    #[cfg(test)]
    NAMES_MADE.set(NAMES_MADE.get() + 1);
    let allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || (!c.is_ascii() && syn::parse_str::<Ident>(&format!("a{c}")).is_ok())
    };
    wire.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
thread_local! {
    /// The number of names converted on this thread.
    pub(crate) static NAMES_MADE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
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
        assert_eq!(shouty_snake("2fa").to_string(), "V2FA");
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
            for name in [snake(odd), pascal(odd), shouty_snake(odd)] {
                assert!(
                    syn::parse_str::<Ident>(&name.to_string()).is_ok(),
                    "{odd:?} became {name}"
                );
            }
        }
    }

    #[test]
    fn a_slip_of_the_hand_is_told_from_another_word() {
        let keys = ["required", "nullable", "type", "title", "description", "in"];
        for (slip, meant) in [
            ("requried", "required"),
            ("require", "required"),
            ("nulable", "nullable"),
            ("Nullable", "nullable"),
            ("tpye", "type"),
            ("descripton", "description"),
        ] {
            assert_eq!(closest_match(slip, &keys), Some(meant), "{slip}");
        }
        for other in ["", "x", "on", "weather", "definitions"] {
            assert_eq!(closest_match(other, &keys), None, "{other}");
        }
    }

    #[test]
    fn names_that_hide_what_generated_code_needs_are_known() {
        assert!(shadows_prelude("Option") && shadows_prelude("E"));
        assert!(!shadows_prelude("Task"));
        assert!(is_snake("task_list") && !is_snake("taskList") && !is_snake("type"));
    }
}
