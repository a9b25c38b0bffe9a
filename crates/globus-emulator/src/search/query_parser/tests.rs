//! What the two syntaxes accept, and what they make of it.

use super::*;

fn word(text: &str) -> Node {
    Node::Word(text.to_owned())
}

fn plain(text: &str) -> Result<Node, String> {
    parse(text, false, Operator::Or)
}

fn advanced(text: &str) -> Result<Node, String> {
    parse(text, true, Operator::Or)
}

#[test]
fn the_plain_syntax_joins_words() {
    assert_eq!(plain("*"), Ok(Node::All));
    assert_eq!(plain(""), Ok(Node::All));
    assert_eq!(plain("a b"), Ok(Node::Or(vec![word("a"), word("b")])));
    assert_eq!(plain("a + b"), Ok(Node::And(vec![word("a"), word("b")])));
    assert_eq!(plain("a|b"), Ok(Node::Or(vec![word("a"), word("b")])));
    assert_eq!(plain("\"a b\""), Ok(Node::Phrase("a b".to_owned())));
    let not_b = Node::Not(Box::new(word("b")));
    assert_eq!(plain("a -b"), Ok(Node::And(vec![word("a"), not_b])));
}

#[test]
fn the_advanced_syntax_knows_fields_and_operators() {
    let field = |test| Node::Field("f".to_owned(), test);
    assert_eq!(advanced("f:x"), Ok(field(Test::Words("x".to_owned()))));
    assert_eq!(advanced("f:*"), Ok(field(Test::Exists)));
    assert_eq!(advanced("_exists_:f"), Ok(field(Test::Exists)));
    assert_eq!(
        advanced("a AND b"),
        Ok(Node::And(vec![word("a"), word("b")]))
    );
    let bound = |text: &str, inclusive| {
        Some(Bound {
            value: Value::from(text),
            inclusive,
        })
    };
    let range = Test::Range(bound("1", true), bound("5", false));
    assert_eq!(advanced("f:[1 TO 5}"), Ok(field(range)));
    assert_eq!(
        advanced("f:>=5"),
        Ok(field(Test::Range(bound("5", true), None)))
    );
    let either = Node::Or(vec![
        field(Test::Words("x".to_owned())),
        field(Test::Words("y".to_owned())),
    ]);
    assert_eq!(advanced("f:(x OR y)"), Ok(either));
}

#[test]
fn malformed_queries_fail_in_the_advanced_syntax_only() {
    for text in [
        "(a", "a)", "\"a", "f:[1 5]", "f:", ":x", "[1 TO 2]", "/a/", "]", "a OR )",
    ] {
        assert!(advanced(text).is_err(), "{text:?} was accepted");
        assert!(plain(text).is_ok(), "{text:?} was refused");
    }
}

#[test]
fn nothing_makes_the_parser_panic_or_hang() {
    let pieces = [
        "(", ")", "\"", "a", ":", "[", "]", " ", "-", "+", "|", "\\", "~", "^", "OR",
    ];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                let text = format!("{first}{second}{third}");
                let _ = (plain(&text), advanced(&text));
            }
        }
    }
    assert!(plain(&"(".repeat(100_000)).is_err());
    assert!(plain(&"a ".repeat(100_000)).is_err());
}
