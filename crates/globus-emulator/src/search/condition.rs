//! Conditions on entries: the common form of queries and filters.

use std::collections::HashSet;

use serde_json::Value;

use super::column;
use super::full_text::Phrase;
use super::query_parser::{self, Node};
use super::values::date_span;
use super::wildcard::{WildcardPattern, WordPattern};

/// A condition on an entry.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// Always true.
    Everything,
    /// True if all of these are; true if empty.
    All(Vec<Self>),
    /// True if at least one of these is; false if empty.
    Any(Vec<Self>),
    Not(Box<Self>),
    /// The phrase occurs anywhere in the entry.
    Text(Phrase),
    /// A value of the field satisfies the test.
    Value(Field, Test),
}

/// A field, or all fields that match a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub(crate) path: String,
    /// Whether `path` is a pattern, as in the advanced syntax.
    pub(crate) pattern: bool,
    /// Whether members of an object with this path count, too.
    pub(crate) within: bool,
}

impl Field {
    /// The field with this name. `\.` is a dot within a name, and paths are stored with plain dots.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            path: name.replace("\\.", "."),
            pattern: false,
            within: false,
        }
    }

    /// Like [`Field::new`], with `*` for any part of the name.
    pub(crate) fn pattern(name: &str) -> Self {
        Self {
            pattern: name.contains('*'),
            ..Self::new(name)
        }
    }

    /// The member `name` of this field.
    pub(crate) fn member(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            ..self.clone()
        }
    }

    /// The condition that a value of the field is in a range.
    pub(crate) fn range(
        self,
        lower: Option<&Bound>,
        upper: Option<&Bound>,
    ) -> Result<Condition, String> {
        Ok(match (lower, upper) {
            (None, None) => self.exists(),
            _ => Condition::Value(self, Test::in_range(lower, upper)?),
        })
    }

    /// The condition that the field exists, as a value or an object.
    pub(crate) fn exists(self) -> Condition {
        let within = Self {
            within: true,
            ..self
        };
        Condition::Value(within, Test::Any)
    }

    /// Whether this is the field with this path, or matches it.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let within = || {
            let rest = path.strip_prefix(&self.path);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let same =
            path == self.path || (self.pattern && WildcardPattern::new(&self.path).matches(path));
        same || (self.within && within())
    }
}

/// A test of a value.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// Always true.
    Any,
    OneOf(Vec<Self>),
    /// Equal to one of these numbers (in ascending order) or texts.
    OneOfValues(Vec<f64>, HashSet<String>),
    Words(WordPattern),
    Wildcard(WildcardPattern),
    /// Within all of these limits.
    InRange(Vec<Limit>),
}

impl Test {
    /// Equal to one of these values.
    pub(crate) fn one_of_values(values: &[Value]) -> Result<Self, String> {
        let (mut numbers, mut texts) = (Vec::new(), HashSet::new());
        for value in values {
            match value {
                Value::Number(number) => {
                    let number = number.as_f64();
                    numbers.push(number.ok_or_else(|| format!("{value} is out of range"))?);
                }
                Value::String(text) => {
                    texts.insert(text.clone());
                }
                Value::Bool(yes) => {
                    texts.insert(yes.to_string());
                }
                _ => {
                    return Err(format!(
                        "{value} cannot be matched: give strings, numbers or booleans"
                    ));
                }
            }
        }
        // For the binary search in `holds`, which runs once per distinct value.
        numbers.sort_unstable_by(f64::total_cmp);
        Ok(Self::OneOfValues(numbers, texts))
    }

    /// In this range.
    pub(crate) fn in_range(lower: Option<&Bound>, upper: Option<&Bound>) -> Result<Self, String> {
        let lower = lower.map(|bound| Limit::new(bound, true));
        let upper = upper.map(|bound| Limit::new(bound, false));
        let limits = lower.into_iter().chain(upper);
        Ok(Self::InRange(limits.collect::<Result<_, _>>()?))
    }

    pub(crate) fn holds(&self, value: &column::Value) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tests) => tests.iter().any(|test| test.holds(value)),
            Self::OneOfValues(numbers, texts) => {
                let is_one_of = |num: f64| {
                    let place = numbers.partition_point(|known| *known < num);
                    numbers.get(place) == Some(&num)
                };
                value.num.is_some_and(is_one_of) || texts.contains(&*value.text)
            }
            Self::Words(pattern) => pattern.is_in(&value.text),
            Self::Wildcard(pattern) => pattern.matches(&value.text),
            Self::InRange(limits) => limits.iter().all(|limit| limit.holds(value)),
        }
    }
}

/// A bound of a range, as given.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) value: Value,
    pub(crate) inclusive: bool,
}

/// A bound of a range, prepared for comparison with numbers, dates and texts.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    lower: bool,
    inclusive: bool,
    num: Option<f64>,
    date: Option<i64>,
    /// Only if the bound is neither a number nor a date.
    text: Option<String>,
}

impl Limit {
    fn new(bound: &Bound, lower: bool) -> Result<Self, String> {
        let mut limit = Self {
            lower,
            inclusive: bound.inclusive,
            num: None,
            date: None,
            text: None,
        };
        match &bound.value {
            Value::Number(number) => {
                let number = number.as_f64();
                limit.num = Some(number.ok_or_else(|| format!("{} is out of range", bound.value))?);
            }
            Value::String(text) => {
                // "after 2014" means after its last moment, "from 2014" from its first.
                let date = date_span(text);
                limit.date =
                    date.map(|(start, end)| if lower == bound.inclusive { start } else { end });
                // A bare year may also be a number; which one it is depends on the values of the field.
                limit.num = text.parse().ok().filter(|number: &f64| number.is_finite());
                if limit.date.is_none() && limit.num.is_none() {
                    limit.text = Some(text.clone());
                }
            }
            other => {
                return Err(format!(
                    "{other} cannot bound a range: give a number or a date"
                ));
            }
        }
        Ok(limit)
    }

    fn holds(&self, value: &column::Value) -> bool {
        self.allows(value.num, self.num)
            || self.allows(value.date, self.date)
            || self.allows(Some(&*value.text), self.text.as_deref())
    }

    fn allows<T: PartialOrd>(&self, value: Option<T>, limit: Option<T>) -> bool {
        let (Some(value), Some(limit)) = (value, limit) else {
            return false;
        };
        match (self.lower, self.inclusive) {
            (true, true) => value >= limit,
            (true, false) => value > limit,
            (false, true) => value <= limit,
            (false, false) => value < limit,
        }
    }
}

impl Condition {
    /// Converts a parsed query.
    pub(crate) fn from_query(node: &Node) -> Result<Self, String> {
        let each = |nodes: &[Node]| -> Result<Vec<Self>, String> {
            nodes.iter().map(Self::from_query).collect()
        };
        let has_wildcard = |text: &str| text.contains(['*', '?']);
        Ok(match node {
            Node::All => Self::Everything,
            Node::And(nodes) => Self::All(each(nodes)?),
            Node::Or(nodes) => Self::Any(each(nodes)?),
            Node::Not(inner) => Self::Not(Box::new(Self::from_query(inner)?)),
            Node::Phrase(text) => Self::text(text, false),
            Node::Word(text) => match text.strip_suffix('*') {
                Some(beginning) if !has_wildcard(beginning) => Self::text(beginning, true),
                // The full-text index cannot answer this: every word is compared.
                _ if has_wildcard(text) => {
                    Self::Value(Field::pattern("*"), Test::Words(WordPattern::new(text)))
                }
                _ => Self::text(text, false),
            },
            Node::Field(name, test) => {
                let field = Field::pattern(name);
                match test {
                    query_parser::Test::Words(text) => {
                        Self::Value(field, Test::Words(WordPattern::new(text)))
                    }
                    query_parser::Test::Exists => field.exists(),
                    query_parser::Test::Range(lower, upper) => {
                        field.range(lower.as_ref(), upper.as_ref())?
                    }
                }
            }
        })
    }

    fn text(text: &str, prefix: bool) -> Self {
        Self::Text(Phrase {
            text: text.to_owned(),
            prefix,
        })
    }

    /// Collects the phrases of the query, for ranking.
    pub(crate) fn phrases<'a>(&'a self, into: &mut Vec<&'a Phrase>) {
        match self {
            Self::Text(phrase) => into.push(phrase),
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.phrases(into);
                }
            }
            Self::Everything | Self::Not(_) | Self::Value(..) => {}
        }
    }
}
