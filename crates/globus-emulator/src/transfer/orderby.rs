//! The `orderby` parameter: `name ASC,size DESC`.

use std::cmp::Ordering;

use super::filter::{FilterError, Record, Value};

/// The order of a list.
#[derive(Debug)]
pub(super) struct OrderBy {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    field: String,
    descending: bool,
}

impl OrderBy {
    /// Parses the parameter; ascending is the default.
    pub(super) fn parse<R: Record>(text: &str) -> Result<Self, FilterError> {
        let keys = text
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(|key| {
                let mut words = key.split_whitespace();
                let field = words.next().unwrap_or_default();
                if R::kind(field).is_none() {
                    return Err(FilterError::UnknownField(field.to_owned()));
                }
                let descending = match words.next() {
                    None => false,
                    Some(word) if word.eq_ignore_ascii_case("ASC") => false,
                    Some(word) if word.eq_ignore_ascii_case("DESC") => true,
                    Some(_) => return Err(FilterError::BadOrder(key.to_owned())),
                };
                if words.next().is_some() {
                    return Err(FilterError::BadOrder(key.to_owned()));
                }
                Ok(Key {
                    field: field.to_owned(),
                    descending,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// Sorts, and keeps the order of equal records.
    pub(super) fn sort<R: Record>(&self, records: &mut [R]) {
        if self.keys.is_empty() {
            return;
        }
        // Fields are read once per record instead of once per comparison.
        records.sort_by_cached_key(|record| {
            self.keys
                .iter()
                .map(|key| Sortable {
                    value: record.value(&key.field),
                    descending: key.descending,
                })
                .collect::<Vec<_>>()
        });
    }
}

#[derive(PartialEq)]
struct Sortable {
    value: Value,
    descending: bool,
}

impl Eq for Sortable {}

impl PartialOrd for Sortable {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sortable {
    fn cmp(&self, other: &Self) -> Ordering {
        let ordering = compare(&self.value, &other.value);
        if self.descending {
            ordering.reverse()
        } else {
            ordering
        }
    }
}

/// Missing values sort first. Values of one field always have the same type.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) => left.cmp(right),
        (Value::Flag(left), Value::Flag(right)) => left.cmp(right),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::Kind;
    use super::*;

    #[derive(Clone)]
    struct Entry(&'static str, i64);

    impl Record for Entry {
        fn kind(field: &str) -> Option<Kind> {
            match field {
                "name" => Some(Kind::Text),
                "size" => Some(Kind::Number),
                _ => None,
            }
        }

        fn value(&self, field: &str) -> Value {
            match field {
                "name" => Value::Text(self.0.to_owned()),
                _ => Value::Number(self.1),
            }
        }
    }

    #[test]
    fn several_keys_and_directions_are_respected() {
        let mut entries = vec![Entry("b", 1), Entry("a", 2), Entry("c", 2)];
        for (order, expected) in [
            ("name", "abc"),
            ("name DESC", "cba"),
            ("size DESC,name DESC", "cab"),
            ("size,name asc", "bac"),
        ] {
            match OrderBy::parse::<Entry>(order) {
                Ok(order) => order.sort(&mut entries),
                Err(error) => assert_eq!(error.to_string(), ""),
            }
            let names: String = entries.iter().map(|entry| entry.0).collect();
            assert_eq!(names, expected, "{order}");
        }
    }

    #[test]
    fn unknown_fields_and_directions_are_refused() {
        for order in ["color", "name UP", "name ASC DESC"] {
            assert!(OrderBy::parse::<Entry>(order).is_err(), "{order}");
        }
    }
}
