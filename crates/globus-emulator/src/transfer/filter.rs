//! The `filter` parameter of listings and task lists.
//!
//! A parameter is a list of clauses joined by `/`, all of which must match; of several parameters, one
//! must. A clause is `FIELD:VALUES`. The syntax of the values depends on the field: texts with `=`, `!`,
//! `~` and `!~`, numbers with `<` and `>`, ranges of times, flags.

use jiff::Timestamp;

use super::{glob, times};

/// The type of a field, which determines how it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Time,
    Flag,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Time(Timestamp),
    Flag(bool),
    Null,
}

/// A record that can be filtered and sorted by its fields.
pub(super) trait Record {
    /// The type of a field; `None` if there is no such field.
    fn kind(field: &str) -> Option<Kind>;
    /// The value of a field.
    fn value(&self, field: &str) -> Value;
}

/// Why a filter or an order is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum FilterError {
    #[error("'{0}' is not a filter clause of the form FIELD:VALUE")]
    NotAClause(String),
    #[error("'{0}' is not a field that can be used here")]
    UnknownField(String),
    #[error("'{value}' is not a valid value for the field '{field}'")]
    BadValue { field: String, value: String },
    #[error("'{0}' is not an order: use ASC or DESC")]
    BadOrder(String),
}

/// The combination of all `filter` parameters of a request.
#[derive(Debug, Default)]
pub(super) struct Filter {
    alternatives: Vec<Vec<Clause>>,
}

#[derive(Debug)]
struct Clause {
    field: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Text(Vec<TextTest>),
    Number(Vec<(Comparison, i64)>),
    Time {
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    },
    Flag(bool),
}

#[derive(Debug)]
struct TextTest {
    negated: bool,
    pattern: bool,
    text: String,
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

impl Filter {
    /// Parses the parameters; empty ones are ignored.
    pub(super) fn parse<R: Record>(parameters: &[String]) -> Result<Self, FilterError> {
        let alternatives = parameters
            .iter()
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| {
                parameter
                    .split('/')
                    .filter(|clause| !clause.is_empty())
                    .map(Clause::parse::<R>)
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }

    /// Whether a record matches.
    pub(super) fn accepts<R: Record>(&self, record: &R) -> bool {
        self.alternatives.is_empty()
            || self
                .alternatives
                .iter()
                .any(|clauses| clauses.iter().all(|clause| clause.accepts(record)))
    }
}

impl Clause {
    fn parse<R: Record>(text: &str) -> Result<Self, FilterError> {
        let (field, values) = text
            .split_once(':')
            .ok_or_else(|| FilterError::NotAClause(text.to_owned()))?;
        let kind = R::kind(field).ok_or_else(|| FilterError::UnknownField(field.to_owned()))?;
        let bad = |value: &str| FilterError::BadValue {
            field: field.to_owned(),
            value: value.to_owned(),
        };
        let test = match kind {
            Kind::Text => Test::Text(text_tests(values)),
            Kind::Number => Test::Number(
                values
                    .split(',')
                    .map(|value| comparison(value).ok_or_else(|| bad(value)))
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Time => {
                let (from, to) = values.split_once(',').unwrap_or((values, ""));
                let read = |value: &str| match value.trim() {
                    "" => Ok(None),
                    value => times::parse(value).map(Some).ok_or_else(|| bad(value)),
                };
                Test::Time {
                    from: read(from)?,
                    to: read(to)?,
                }
            }
            Kind::Flag => Test::Flag(match values {
                "1" | "true" | "True" => true,
                "0" | "false" | "False" => false,
                _ => return Err(bad(values)),
            }),
        };
        Ok(Self {
            field: field.to_owned(),
            test,
        })
    }

    fn accepts<R: Record>(&self, record: &R) -> bool {
        match (&self.test, record.value(&self.field)) {
            (Test::Text(tests), Value::Text(text)) => accepts_text(tests, &text),
            (Test::Text(tests), Value::Null) => accepts_text(tests, ""),
            (Test::Number(tests), Value::Number(number)) => tests
                .iter()
                .any(|(comparison, limit)| comparison.holds(number, *limit)),
            (Test::Time { from, to }, Value::Time(time)) => {
                from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to)
            }
            (Test::Time { from, to }, Value::Null) => from.is_none() && to.is_none(),
            (Test::Flag(wanted), Value::Flag(flag)) => *wanted == flag,
            _ => false,
        }
    }
}

/// `~` and `!` also apply to the following values, up to one with its own prefix.
fn text_tests(values: &str) -> Vec<TextTest> {
    let (mut negated, mut pattern) = (false, false);
    values
        .split(',')
        .map(|value| {
            let text = if let Some(rest) = value.strip_prefix("!~") {
                (negated, pattern) = (true, true);
                rest
            } else if let Some(rest) = value.strip_prefix('~') {
                (negated, pattern) = (false, true);
                rest
            } else if let Some(rest) = value.strip_prefix('!') {
                (negated, pattern) = (true, false);
                rest.strip_prefix('=').unwrap_or(rest)
            } else if let Some(rest) = value.strip_prefix('=') {
                (negated, pattern) = (false, false);
                rest
            } else {
                value
            };
            TextTest {
                negated,
                pattern,
                text: text.to_owned(),
            }
        })
        .collect()
}

/// One of the positive tests must match, and none of the negated ones.
fn accepts_text(tests: &[TextTest], text: &str) -> bool {
    let matches = |test: &TextTest| {
        if test.pattern {
            glob::matches(&test.text, text)
        } else {
            test.text == text
        }
    };
    let mut wanted = tests.iter().filter(|test| !test.negated).peekable();
    let none_unwanted = !tests.iter().any(|test| test.negated && matches(test));
    none_unwanted && (wanted.peek().is_none() || wanted.any(matches))
}

fn comparison(value: &str) -> Option<(Comparison, i64)> {
    let (comparison, number) = if let Some(rest) = value.strip_prefix(">=") {
        (Comparison::AtLeast, rest)
    } else if let Some(rest) = value.strip_prefix("<=") {
        (Comparison::AtMost, rest)
    } else if let Some(rest) = value.strip_prefix('>') {
        (Comparison::Greater, rest)
    } else if let Some(rest) = value.strip_prefix('<') {
        (Comparison::Less, rest)
    } else {
        (Comparison::Equal, value.strip_prefix('=').unwrap_or(value))
    };
    Some((comparison, number.trim().parse().ok()?))
}

impl Comparison {
    fn holds(self, number: i64, limit: i64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::AtMost => number <= limit,
            Self::Equal => number == limit,
            Self::AtLeast => number >= limit,
            Self::Greater => number > limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(&'static str, i64, &'static str);

    impl Record for Entry {
        fn kind(field: &str) -> Option<Kind> {
            match field {
                "name" => Some(Kind::Text),
                "size" => Some(Kind::Number),
                "last_modified" => Some(Kind::Time),
                "hidden" => Some(Kind::Flag),
                _ => None,
            }
        }

        fn value(&self, field: &str) -> Value {
            match field {
                "name" => Value::Text(self.0.to_owned()),
                "size" => Value::Number(self.1),
                "last_modified" => times::parse(self.2).map_or(Value::Null, Value::Time),
                _ => Value::Flag(self.0.starts_with('.')),
            }
        }
    }

    fn names(parameters: &[&str]) -> Vec<&'static str> {
        let entries = [
            Entry("a.txt", 5, "2020-01-01"),
            Entry("b.bin", 10, "2021-06-01"),
            Entry(".c", 0, "2022-01-01"),
        ];
        let parameters: Vec<String> = parameters.iter().map(|p| (*p).to_owned()).collect();
        let filter = Filter::parse::<Entry>(&parameters).unwrap_or_default();
        entries
            .iter()
            .filter(|entry| filter.accepts(*entry))
            .map(|entry| entry.0)
            .collect()
    }

    #[test]
    fn texts_are_compared_by_prefix() {
        assert_eq!(names(&["name:a.txt"]), ["a.txt"]);
        assert_eq!(names(&["name:=a.txt"]), ["a.txt"]);
        assert_eq!(names(&["name:!a.txt"]), ["b.bin", ".c"]);
        assert_eq!(names(&["name:~*.txt"]), ["a.txt"]);
        assert_eq!(names(&["name:!~*.*"]), Vec::<&str>::new());
        assert_eq!(names(&["name:!~*.txt"]), ["b.bin", ".c"]);
        assert_eq!(names(&["name:~.*/hidden:1"]), [".c"]);
    }

    #[test]
    fn several_values_are_alternatives_and_keep_the_prefix() {
        assert_eq!(names(&["name:~*.txt,*.bin"]), ["a.txt", "b.bin"]);
        assert_eq!(names(&["name:~*.txt,=.c"]), ["a.txt", ".c"]);
        assert_eq!(names(&["name:~*.*,!~*.bin"]), ["a.txt", ".c"]);
    }

    #[test]
    fn clauses_are_joined_by_and_parameters_by_or() {
        assert_eq!(names(&["name:~*.*/size:>5"]), ["b.bin"]);
        assert_eq!(names(&["name:a.txt", "size:>5"]), ["a.txt", "b.bin"]);
        assert_eq!(names(&["", ""]).len(), 3);
    }

    #[test]
    fn numbers_and_times_are_ranges() {
        assert_eq!(names(&["size:5"]), ["a.txt"]);
        assert_eq!(names(&["size:<5"]), [".c"]);
        assert_eq!(names(&["size:>=5"]), ["a.txt", "b.bin"]);
        assert_eq!(names(&["last_modified:,2021-01-01"]), ["a.txt"]);
        assert_eq!(names(&["last_modified:2021-01-01,"]), ["b.bin", ".c"]);
        assert_eq!(
            names(&["last_modified:2021-01-01 00:00:00,2021-12-31"]),
            ["b.bin"]
        );
    }

    #[test]
    fn what_is_not_a_filter_is_refused() {
        let parse = |text: &str| Filter::parse::<Entry>(&[text.to_owned()]).err();
        assert_eq!(
            parse("nonsense"),
            Some(FilterError::NotAClause("nonsense".to_owned()))
        );
        assert_eq!(
            parse("color:red"),
            Some(FilterError::UnknownField("color".to_owned()))
        );
        assert!(parse("size:big").is_some());
        assert!(parse("last_modified:yesterday,").is_some());
        assert!(parse("hidden:maybe").is_some());
    }
}
