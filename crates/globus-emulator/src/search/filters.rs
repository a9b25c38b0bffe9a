//! Parsing filters.

use serde_json::{Value, json};

use super::condition::{Bound, Condition, Field, Test};
use super::wildcard::WildcardPattern;

/// Maximum nesting: deeper than any query needs, and shallow enough for the stack.
const MAX_DEPTH: usize = 8;
/// Maximum number of values per filter.
const MAX_VALUES: usize = 1_000;

/// Parses a filter document.
pub(crate) fn parse(filter: &Value) -> Result<Condition, String> {
    parse_at(filter, 0)
}

fn parse_at(filter: &Value, depth: usize) -> Result<Condition, String> {
    if depth > MAX_DEPTH {
        return Err(String::from("filters are nested too deeply"));
    }
    let kind = filter
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| String::from("a filter needs a \"type\""))?;
    let nested = |filter: &Value| parse_at(filter, depth + 1);
    let all_nested =
        || -> Result<Vec<_>, _> { array(filter, "filters")?.iter().map(nested).collect() };
    match kind {
        "and" => Ok(Condition::All(all_nested()?)),
        "or" => Ok(Condition::Any(all_nested()?)),
        "not" => {
            let inner = filter
                .get("filter")
                .ok_or("a \"not\" filter needs a \"filter\"")?;
            Ok(Condition::Not(Box::new(nested(inner)?)))
        }
        _ => {
            let name = filter
                .get("field_name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty())
                .ok_or_else(|| format!("a {kind:?} filter needs a \"field_name\""))?;
            on_field(Field::new(name), kind, filter)
        }
    }
}

fn on_field(field: Field, kind: &str, filter: &Value) -> Result<Condition, String> {
    match kind {
        "match_all" => {
            let each = array(filter, "values")?.iter().map(|value| {
                let test = Test::one_of_values(std::slice::from_ref(value))?;
                Ok(Condition::Value(field.clone(), test))
            });
            Ok(Condition::All(each.collect::<Result<_, String>>()?))
        }
        "match_any" => {
            let test = Test::one_of_values(array(filter, "values")?)?;
            Ok(Condition::Value(field, test))
        }
        "range" => {
            let each = array(filter, "values")?.iter().map(|value| {
                let (lower, upper) = bounds(value)?;
                field.clone().range(lower.as_ref(), upper.as_ref())
            });
            Ok(Condition::Any(each.collect::<Result<_, String>>()?))
        }
        "exists" => Ok(field.exists()),
        "like" => {
            let value = filter
                .get("value")
                .and_then(Value::as_str)
                .ok_or("a \"like\" filter needs a \"value\"")?;
            Ok(Condition::Value(
                field,
                Test::Wildcard(WildcardPattern::new(value)),
            ))
        }
        "geo_bounding_box" => {
            let corner = |name: &str| {
                let of = |axis: &str| {
                    let degrees = filter.get(name)?.get(axis)?.as_f64()?;
                    Some(Bound {
                        value: json!(degrees),
                        inclusive: true,
                    })
                };
                of("lat")
                    .zip(of("lon"))
                    .ok_or_else(|| format!("{name} needs lat and lon"))
            };
            let ((top, left), (bottom, right)) = (corner("top_left")?, corner("bottom_right")?);
            let latitude = Test::in_range(Some(&bottom), Some(&top))?;
            let longitude = if left.value.as_f64() <= right.value.as_f64() {
                Test::in_range(Some(&left), Some(&right))?
            } else {
                // The box crosses the antimeridian.
                let west = Test::in_range(Some(&left), None)?;
                Test::OneOf(vec![west, Test::in_range(None, Some(&right))?])
            };
            Ok(Condition::All(vec![
                Condition::Value(field.member("lat"), latitude),
                Condition::Value(field.member("lon"), longitude),
            ]))
        }
        "geo_shape" => Err(String::from(
            "the emulator does not know geo_shape filters yet",
        )),
        other => Err(format!("there is no filter of type {other:?}")),
    }
}

fn array<'a>(filter: &'a Value, name: &str) -> Result<&'a Vec<Value>, String> {
    let list = filter
        .get(name)
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
        .ok_or_else(|| format!("a filter needs {name:?}, a list that is not empty"))?;
    if list.len() > MAX_VALUES {
        return Err(format!("{name} may have {MAX_VALUES} items at most"));
    }
    Ok(list)
}

/// The bounds of a range, from `from`/`to` or `gte`/`gt`/`lte`/`lt`; `*` means unbounded.
fn bounds(value: &Value) -> Result<(Option<Bound>, Option<Bound>), String> {
    let members = value
        .as_object()
        .ok_or("the values of a range are objects")?;
    let bound = |names: [(&str, bool); 3]| -> Result<Option<Bound>, String> {
        let mut found = None;
        for (name, inclusive) in names {
            match members.get(name) {
                None | Some(Value::Null) => {}
                Some(_) if found.is_some() => {
                    return Err(format!("{name} is one bound too many"));
                }
                Some(value) => {
                    found = Some(Bound {
                        value: value.clone(),
                        inclusive,
                    })
                }
            }
        }
        // Filtered at the end, so that `*` together with another bound is still one too many.
        Ok(found.filter(|bound| bound.value != "*"))
    };
    let lower = bound([("from", true), ("gte", true), ("gt", false)])?;
    let upper = bound([("to", true), ("lte", true), ("lt", false)])?;
    Ok((lower, upper))
}
