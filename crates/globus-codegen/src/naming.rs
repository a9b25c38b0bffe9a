//! Wire names to Rust names, in one place so that every emitter agrees.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

/// A field, parameter or method: snake case, raw where Rust reserves the word.
pub(crate) fn snake(wire: &str) -> Ident {
    identifier(wire.to_snake_case())
}

/// A type or variant.
pub(crate) fn pascal(wire: &str) -> Ident {
    let name = wire.to_pascal_case();
    // an enum value such as "-1" or "2019-08-27" has to start with a letter
    if name.starts_with(|c: char| c.is_alphabetic()) && name != "Self" {
        Ident::new(&name, Span::call_site())
    } else {
        Ident::new(&format!("V{name}"), Span::call_site())
    }
}

/// A constant.
pub(crate) fn shouty(wire: &str) -> Ident {
    Ident::new(&wire.to_shouty_snake_case(), Span::call_site())
}

fn identifier(name: String) -> Ident {
    match syn::parse_str::<Ident>(&name) {
        Ok(ident) => ident,
        // `self`, `super` and `crate` cannot be raw
        Err(_) if matches!(name.as_str(), "self" | "super" | "crate") => {
            Ident::new(&format!("{name}_"), Span::call_site())
        }
        Err(_) if name.starts_with(|c: char| c.is_alphabetic()) => {
            Ident::new_raw(&name, Span::call_site())
        }
        Err(_) => Ident::new(&format!("v{name}"), Span::call_site()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_word_becomes_a_raw_identifier() {
        assert_eq!(snake("type").to_string(), "r#type");
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
    }
}
