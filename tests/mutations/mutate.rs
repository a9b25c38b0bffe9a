//! How an answer is damaged: at one place of the document, or in its bytes.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::Value;

/// What is done to the value at one place.
enum Mutation {
    /// It is left out.
    Drop,
    /// This text stands in its place.
    Replace(String),
    /// It stands between these.
    Wrap(String, String),
    /// Its key comes again with this value.
    Repeat(String),
}

/// Numbers that no field expects.
const NUMBERS: &[&str] = &[
    "1e400",
    "-1e400",
    "1e-400",
    "-0",
    "0.1",
    "-1",
    "9223372036854775808",
    "18446744073709551616",
    "1e18",
    "1E+2",
];
/// Values of every type.
const VALUES: &[&str] = &[
    "true",
    "0",
    "1.5",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[null]",
    "{\"\":null}",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"9999-99-99T99:99:99Z\"",
];

/// Damages a document, and says in which way.
pub(crate) fn apply(document: &Value, chance: &mut StdRng) -> (&'static str, Vec<u8>) {
    let pick = |chance: &mut StdRng, from: &[&str]| {
        let found = from.choose(chance).expect("a value");
        (*found).to_owned()
    };
    let (kind, mutation) = match chance.random_range(0..10) {
        0 => ("a value dropped", Mutation::Drop),
        1 => ("another type", Mutation::Replace(pick(chance, VALUES))),
        2 => ("null", Mutation::Replace("null".to_owned())),
        3 => {
            let deep = *[1, 2, 60, 130, 10_000].choose(chance).expect("a depth");
            let (open, close) = *[("[", "]"), ("{\"a\":", "}")]
                .choose(chance)
                .expect("a way");
            (
                "too deep",
                Mutation::Wrap(open.repeat(deep), close.repeat(deep)),
            )
        }
        4 => {
            let digits = "9".repeat(chance.random_range(1..400));
            let number = match chance.random_bool(0.3) {
                true => digits,
                false => pick(chance, NUMBERS),
            };
            ("a number too large", Mutation::Replace(number))
        }
        5 => ("a key twice", Mutation::Repeat(pick(chance, VALUES))),
        6 => {
            let length = 1 << chance.random_range(0..21);
            (
                "a long text",
                Mutation::Replace(format!("\"{}\"", "x".repeat(length))),
            )
        }
        other => return in_bytes(document.to_string().into_bytes(), other, chance),
    };
    let place = chance.random_range(0..places(document));
    let mut text = String::new();
    write(document, &mut text, &mut Some(place), &mutation);
    (kind, text.into_bytes())
}

fn in_bytes(mut bytes: Vec<u8>, how: u32, chance: &mut StdRng) -> (&'static str, Vec<u8>) {
    let at = chance.random_range(0..bytes.len());
    match how {
        7 => {
            bytes.truncate(at);
            ("truncated", bytes)
        }
        8 => {
            bytes[at] = *[0xff, 0xc0, 0x80, 0xed].choose(chance).expect("a byte");
            ("no UTF-8", bytes)
        }
        _ => {
            bytes[at] = chance.random_range(0..128);
            ("another byte", bytes)
        }
    }
}

/// How many values there are, this one included.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum::<usize>(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

/// Whether the place that is counted down to is this one.
fn is_here(place: &mut Option<usize>) -> bool {
    match place {
        Some(0) => {
            *place = None;
            true
        }
        Some(more) => {
            *more -= 1;
            false
        }
        None => false,
    }
}

/// Writes a document with a mutation at one place.
fn write(value: &Value, text: &mut String, place: &mut Option<usize>, mutation: &Mutation) {
    match (is_here(place), mutation) {
        (true, Mutation::Replace(other)) => text.push_str(other),
        (true, Mutation::Wrap(open, close)) => {
            text.push_str(open);
            text.push_str(&value.to_string());
            text.push_str(close);
        }
        // where a value has no key, or is the document, these leave it as it is
        (true, Mutation::Drop | Mutation::Repeat(_)) => text.push_str(&value.to_string()),
        (false, _) => inside(value, text, place, mutation),
    }
}

fn inside(value: &Value, text: &mut String, place: &mut Option<usize>, mutation: &Mutation) {
    match value {
        Value::Array(items) => {
            let mut parts = Vec::new();
            for item in items {
                let dropped = *place == Some(0) && matches!(mutation, Mutation::Drop);
                let mut part = String::new();
                write(item, &mut part, place, mutation);
                parts.extend((!dropped).then_some(part));
            }
            text.push_str(&format!("[{}]", parts.join(",")));
        }
        Value::Object(fields) => {
            let mut parts = Vec::new();
            for (key, field) in fields {
                let (here, key) = (*place == Some(0), Value::from(key.as_str()));
                let mut part = format!("{key}:");
                write(field, &mut part, place, mutation);
                match mutation {
                    Mutation::Drop if here => continue,
                    Mutation::Repeat(other) if here => parts.push(format!("{key}:{other}")),
                    _ => {}
                }
                parts.push(part);
            }
            text.push_str(&format!("{{{}}}", parts.join(",")));
        }
        _ => text.push_str(&value.to_string()),
    }
}
