//! Filters of a query, as conditions on `e`, the entry.

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::sql::Sql;
use super::values::date_span;

/// Deeper nesting than any query needs; a limit, so that no input exhausts the stack.
const MAX_DEPTH: usize = 8;
/// Most values of one filter.
const MAX_VALUES: usize = 1_000;

/// A field of the entries of one index.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    index: i64,
    path: String,
    /// Whether the path has wildcards, as the advanced syntax allows.
    pattern: bool,
}

impl Field {
    /// The field of this name; `\.` stands for a dot within a name, which is stored as one too.
    pub(crate) fn new(index: i64, name: &str) -> Self {
        Self {
            index,
            path: name.replace("\\.", "."),
            pattern: false,
        }
    }

    /// Like [`Field::new`], with `*` for any part of the name.
    pub(crate) fn pattern(index: i64, name: &str) -> Self {
        let pattern = name.contains('*');
        Self {
            pattern,
            ..Self::new(index, name)
        }
    }

    /// The entries that have a leaf of this field for which `condition` holds.
    pub(crate) fn has(&self, condition: Sql) -> Sql {
        let (operator, path) = if self.pattern {
            ("GLOB", glob(&self.path))
        } else {
            ("=", self.path.clone())
        };
        let mut sql = Sql::new(format!(
            "e.num IN (SELECT entry_num FROM search_field
                       WHERE index_num = ? AND path {operator} ? AND "
        ))
        .with(self.index)
        .with(path);
        sql.push(condition);
        sql.text.push(')');
        sql
    }

    /// The entries that have this field, or an object of this name.
    pub(crate) fn exists(&self) -> Sql {
        // '/' comes right after '.', so this is every path that starts with "path.".
        let within = Sql::new(
            "e.num IN (SELECT entry_num FROM search_field
                       WHERE index_num = ? AND path > ? AND path < ?)",
        )
        .with(self.index)
        .with(format!("{}.", self.path))
        .with(format!("{}/", self.path));
        Sql::any(vec![self.has(Sql::new("1")), within])
    }
}

/// A pattern for SQLite's GLOB, where only `*` and `?` are special to the user.
fn glob(pattern: &str) -> String {
    pattern.replace('[', "[[]")
}

/// A value as a leaf is compared with it.
fn equals(value: &Value) -> Result<Sql, String> {
    match value {
        Value::Number(number) => {
            let number = number
                .as_f64()
                .ok_or_else(|| format!("{value} is out of range"))?;
            Ok(Sql::new("num = ?").with(number))
        }
        Value::String(text) => Ok(Sql::new("text = ?").with(text.clone())),
        Value::Bool(yes) => Ok(Sql::new("text = ?").with(yes.to_string())),
        _ => Err(format!(
            "{value} cannot be matched: give strings, numbers or booleans"
        )),
    }
}

/// One end of a range.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) value: Value,
    pub(crate) inclusive: bool,
}

/// The entries whose field lies within the bounds.
pub(crate) fn range(
    field: &Field,
    lower: Option<&Bound>,
    upper: Option<&Bound>,
) -> Result<Sql, String> {
    let mut conditions = Vec::new();
    for (bound, is_lower) in [(lower, true), (upper, false)] {
        if let Some(bound) = bound {
            conditions.push(compare(bound, is_lower)?);
        }
    }
    if conditions.is_empty() {
        Ok(field.exists())
    } else {
        Ok(field.has(Sql::all(conditions)))
    }
}

fn compare(bound: &Bound, is_lower: bool) -> Result<Sql, String> {
    let operator = match (is_lower, bound.inclusive) {
        (true, true) => ">=",
        (true, false) => ">",
        (false, true) => "<=",
        (false, false) => "<",
    };
    let on = |column: &str, value: SqlValue| {
        Sql::new(format!("{column} IS NOT NULL AND {column} {operator} ?")).with(value)
    };
    match &bound.value {
        Value::Number(number) => {
            let number = number
                .as_f64()
                .ok_or_else(|| format!("{number} is out of range"))?;
            Ok(on("num", SqlValue::Real(number)))
        }
        Value::String(text) => {
            // "after 2014" is after its last moment, "from 2014" after its first.
            let date = date_span(text).map(|(start, end)| {
                if is_lower == bound.inclusive {
                    start
                } else {
                    end
                }
            });
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            Ok(match (date, number) {
                // A bare year, which is a number too: whichever the field holds.
                (Some(date), Some(number)) => Sql::any(vec![
                    on("num", SqlValue::Real(number)),
                    on("date", SqlValue::Integer(date)),
                ]),
                (Some(date), None) => on("date", SqlValue::Integer(date)),
                (None, Some(number)) => on("num", SqlValue::Real(number)),
                (None, None) => on("text", SqlValue::Text(text.clone())),
            })
        }
        other => Err(format!(
            "{other} cannot bound a range: give a number or a date"
        )),
    }
}

/// The condition of a filter document.
pub(crate) fn compile(index: i64, filter: &Value) -> Result<Sql, String> {
    compile_at(index, filter, 0)
}

fn compile_at(index: i64, filter: &Value, depth: usize) -> Result<Sql, String> {
    if depth > MAX_DEPTH {
        return Err(String::from("filters are nested too deeply"));
    }
    let kind = filter
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| String::from("a filter needs a \"type\""))?;
    let nested = |filter: &Value| compile_at(index, filter, depth + 1);
    match kind {
        "and" => Ok(Sql::all(
            array(filter, "filters")?
                .iter()
                .map(nested)
                .collect::<Result<_, _>>()?,
        )),
        "or" => Ok(Sql::any(
            array(filter, "filters")?
                .iter()
                .map(nested)
                .collect::<Result<_, _>>()?,
        )),
        "not" => {
            let inner = filter
                .get("filter")
                .ok_or("a \"not\" filter needs a \"filter\"")?;
            Ok(nested(inner)?.negated())
        }
        _ => {
            let name = filter
                .get("field_name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty())
                .ok_or_else(|| format!("a {kind:?} filter needs a \"field_name\""))?;
            on_field(&Field::new(index, name), kind, filter)
        }
    }
}

fn on_field(field: &Field, kind: &str, filter: &Value) -> Result<Sql, String> {
    match kind {
        "match_all" => {
            let each = array(filter, "values")?
                .iter()
                .map(|v| equals(v).map(|c| field.has(c)));
            Ok(Sql::all(each.collect::<Result<_, _>>()?))
        }
        "match_any" => {
            let each = array(filter, "values")?.iter().map(equals);
            Ok(field.has(Sql::any(each.collect::<Result<_, _>>()?)))
        }
        "range" => {
            let each = array(filter, "values")?.iter().map(|value| {
                let (lower, upper) = bounds(value)?;
                range(field, lower.as_ref(), upper.as_ref())
            });
            Ok(Sql::any(each.collect::<Result<_, String>>()?))
        }
        "exists" => Ok(field.exists()),
        "like" => {
            let value = filter
                .get("value")
                .and_then(Value::as_str)
                .ok_or("a \"like\" filter needs a \"value\"")?;
            Ok(field.has(Sql::new("text GLOB ?").with(glob(value))))
        }
        "geo_bounding_box" => {
            let corner = |name: &str| {
                let of = |axis: &str| filter.get(name)?.get(axis)?.as_f64();
                of("lat")
                    .zip(of("lon"))
                    .ok_or_else(|| format!("{name} needs lat and lon"))
            };
            let ((top, left), (bottom, right)) = (corner("top_left")?, corner("bottom_right")?);
            let axis = |axis: &str| Field {
                path: format!("{}.{axis}", field.path),
                ..field.clone()
            };
            let latitude = Sql::new("num BETWEEN ? AND ?").with(bottom).with(top);
            // A box may span the antimeridian.
            let operator = if left <= right { "AND" } else { "OR" };
            let longitude = Sql::new(format!("(num >= ? {operator} num <= ?)"))
                .with(left)
                .with(right);
            Ok(Sql::all(vec![
                axis("lat").has(latitude),
                axis("lon").has(longitude),
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

/// The ends of a range as `from`/`to` or `gte`/`gt`/`lte`/`lt` say them; `*` is no end at all.
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
        Ok(found.filter(|bound| bound.value != "*"))
    };
    let lower = bound([("from", true), ("gte", true), ("gt", false)])?;
    let upper = bound([("to", true), ("lte", true), ("lt", false)])?;
    Ok((lower, upper))
}
