//! Facets: what the values of a field are among all entries that match.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Unit, Zoned, ZonedRound};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::access::{bad_request, query_failed};
use super::filters;
use super::sql::Sql;
use super::values::date_span;
use crate::problem::Problem;

/// Most buckets of one facet.
const MAX_BUCKETS: usize = 10_000;

/// A facet that was asked for.
struct Facet {
    name: String,
    path: String,
    additional_filters: Vec<Value>,
    kind: Kind,
}

enum Kind {
    Terms {
        size: usize,
    },
    Sum {
        missing: Option<f64>,
    },
    Average {
        missing: Option<f64>,
    },
    DistinctCount,
    Dates {
        interval: Interval,
        range: Option<(i64, i64)>,
    },
    Numbers {
        size: usize,
        low: f64,
        high: f64,
    },
}

#[derive(Clone, Copy)]
enum Interval {
    Year,
    Quarter,
    Month,
    Week,
    Of(Unit),
}

/// Refuses a facet that could not be computed.
pub(crate) fn check(facet: &Value) -> Result<(), String> {
    parse(facet).map(|_| ())
}

fn parse(facet: &Value) -> Result<Facet, String> {
    let text = |name: &str| facet.get(name).and_then(Value::as_str);
    let field = text("field_name").ok_or("a facet needs a \"field_name\"")?;
    let kind = text("type").ok_or("a facet needs a \"type\"")?;
    let missing = facet.get("missing").and_then(Value::as_f64);
    let size = || match facet.get("size") {
        None | Some(Value::Null) => Ok(None),
        Some(size) => size
            .as_u64()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| (1..=MAX_BUCKETS).contains(size))
            .map(Some)
            .ok_or_else(|| format!("size must be a number from 1 to {MAX_BUCKETS}")),
    };
    let range_end = |name: &str| {
        facet
            .get("histogram_range")
            .and_then(|range| range.get(name))
    };
    let kind = match kind {
        "terms" => Kind::Terms {
            size: size()?.unwrap_or(10),
        },
        "sum" => Kind::Sum { missing },
        "avg" => Kind::Average { missing },
        "distinct_count" => Kind::DistinctCount,
        "date_histogram" => {
            let interval = text("date_interval").ok_or("a date_interval is required")?;
            let end = |name: &str, last: bool| -> Result<Option<i64>, String> {
                match range_end(name) {
                    None => Ok(None),
                    Some(Value::Number(number)) => Ok(number.as_i64()),
                    Some(value) => {
                        let span = value.as_str().and_then(date_span);
                        let (first_milli, last_milli) =
                            span.ok_or_else(|| format!("{value} is not a date"))?;
                        Ok(Some(if last { last_milli } else { first_milli }))
                    }
                }
            };
            Kind::Dates {
                interval: parse_interval(interval)?,
                range: end("low", false)?.zip(end("high", true)?),
            }
        }
        "numeric_histogram" => {
            let end = |name: &str| {
                range_end(name)
                    .and_then(Value::as_f64)
                    .ok_or_else(|| format!("histogram_range.{name} must be a number"))
            };
            let (low, high) = (end("low")?, end("high")?);
            if low >= high {
                return Err(String::from("histogram_range is empty"));
            }
            let size = size()?.ok_or("size is required")?;
            Kind::Numbers { size, low, high }
        }
        other => return Err(format!("there is no facet of type {other:?}")),
    };
    let additional_filters = match facet.get("additional_filters") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => list
            .as_array()
            .cloned()
            .ok_or("additional_filters must be an array")?,
    };
    Ok(Facet {
        name: text("name").unwrap_or(field).to_owned(),
        path: field.replace("\\.", "."),
        additional_filters,
        kind,
    })
}

fn parse_interval(name: &str) -> Result<Interval, String> {
    Ok(match name {
        "year" => Interval::Year,
        "quarter" => Interval::Quarter,
        "month" => Interval::Month,
        "week" => Interval::Week,
        "day" => Interval::Of(Unit::Day),
        "hour" => Interval::Of(Unit::Hour),
        "minute" => Interval::Of(Unit::Minute),
        "second" => Interval::Of(Unit::Second),
        other => return Err(format!("there is no date_interval {other:?}")),
    })
}

/// The result of a facet; `among` selects the numbers of the entries to look at.
pub(crate) fn compute(
    conn: &Connection,
    index: i64,
    facet: &Value,
    among: &Sql,
) -> Result<Value, Problem> {
    let invalid = |message| bad_request(format!("/facets: {message}"));
    let facet = parse(facet).map_err(invalid)?;
    let mut among = among.clone();
    for filter in &facet.additional_filters {
        among.text.push_str(" AND ");
        among.push(filters::compile(index, filter).map_err(invalid)?);
    }
    let results = results(conn, index, &facet, &among).map_err(query_failed)?;
    let mut document = json!({
        "@datatype": "GFacetResult",
        "@version": "2017-09-01",
        "name": facet.name,
    });
    if let (Value::Object(document), Value::Object(results)) = (&mut document, results) {
        document.extend(results);
    }
    Ok(document)
}

/// A statement over the leaves of the facet's field.
fn over_leaves(index: i64, facet: &Facet, among: &Sql, columns: &str, rest: &str) -> Sql {
    let mut sql = Sql::new(format!(
        "SELECT {columns} FROM search_field f
         WHERE f.index_num = ? AND f.path = ? AND f.entry_num IN ("
    ))
    .with(index)
    .with(facet.path.clone());
    sql.push(among.clone());
    sql.text.push_str(") ");
    sql.text.push_str(rest);
    sql
}

fn results(conn: &Connection, index: i64, facet: &Facet, among: &Sql) -> rusqlite::Result<Value> {
    match &facet.kind {
        Kind::Terms { size } => {
            let columns = "f.text, f.num, count(DISTINCT f.entry_num) AS entries";
            let rest = format!("GROUP BY f.text ORDER BY entries DESC, f.text LIMIT {size}");
            let sql = over_leaves(index, facet, among, columns, &rest);
            let mut statement = conn.prepare_cached(&sql.text)?;
            let rows = statement.query_map(params_from_iter(sql.params.iter()), |row| {
                let (text, num): (String, Option<f64>) = (row.get(0)?, row.get(1)?);
                // A number was stored as it was written: 5 stays 5 and does not become 5.0.
                let value = match num {
                    Some(_) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                    None => Value::String(text),
                };
                Ok(bucket(value, row.get(2)?))
            })?;
            Ok(json!({ "buckets": rows.collect::<Result<Vec<_>, _>>()? }))
        }
        Kind::Sum { missing } => {
            let (sum, _) = metric(conn, index, facet, among, *missing)?;
            Ok(json!({ "value": sum }))
        }
        Kind::Average { missing } => {
            let (sum, count) = metric(conn, index, facet, among, *missing)?;
            Ok(json!({ "value": (count > 0.0).then_some(sum / count) }))
        }
        Kind::DistinctCount => {
            let sql = over_leaves(index, facet, among, "count(DISTINCT f.text)", "");
            let count: i64 =
                conn.query_row(&sql.text, params_from_iter(sql.params.iter()), |row| {
                    row.get(0)
                })?;
            Ok(json!({ "approximate_value": count }))
        }
        Kind::Dates { interval, range } => {
            let dates: Vec<i64> = column(
                conn,
                &over_leaves(index, facet, among, "f.date", "AND f.date IS NOT NULL"),
            )?;
            let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
            for date in dates {
                let inside = range.is_none_or(|(low, high)| (low..=high).contains(&date));
                if let (true, Some(start)) = (inside, floor(date, *interval)) {
                    *counts.entry(start).or_default() += 1;
                }
            }
            let buckets: Vec<Value> = counts
                .into_iter()
                .take(MAX_BUCKETS)
                .map(|(start, count)| bucket(json!(bucket_name(start, *interval)), count))
                .collect();
            Ok(json!({ "buckets": buckets }))
        }
        Kind::Numbers { size, low, high } => {
            let numbers: Vec<f64> = column(
                conn,
                &over_leaves(index, facet, among, "f.num", "AND f.num IS NOT NULL"),
            )?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "there are 10,000 buckets at most"
            )]
            let width = (high - low) / *size as f64;
            let mut counts = vec![0_i64; *size];
            for number in numbers
                .into_iter()
                .filter(|number| (*low..*high).contains(number))
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the range, which starts at low"
                )]
                let place = ((number - low) / width) as usize;
                if let Some(count) = counts.get_mut(place.min(size - 1)) {
                    *count += 1;
                }
            }
            let buckets: Vec<Value> = counts
                .into_iter()
                .zip(0_u32..)
                .map(|(count, place)| {
                    let from = low + width * f64::from(place);
                    bucket(json!({ "from": from, "to": from + width }), count)
                })
                .collect();
            Ok(json!({ "buckets": buckets }))
        }
    }
}

fn bucket(value: Value, count: i64) -> Value {
    json!({ "@datatype": "GBucket", "@version": "2017-09-01", "value": value, "count": count })
}

fn column<T: rusqlite::types::FromSql>(conn: &Connection, sql: &Sql) -> rusqlite::Result<Vec<T>> {
    conn.prepare_cached(&sql.text)?
        .query_map(params_from_iter(sql.params.iter()), |row| row.get(0))?
        .collect()
}

/// The sum and the number of the values; entries without one count as `missing` says.
fn metric(
    conn: &Connection,
    index: i64,
    facet: &Facet,
    among: &Sql,
    missing: Option<f64>,
) -> rusqlite::Result<(f64, f64)> {
    let columns = "total(f.num), 0.0 + count(f.num), 0.0 + count(DISTINCT f.entry_num)";
    let sql = over_leaves(index, facet, among, columns, "AND f.num IS NOT NULL");
    let (sum, count, having): (f64, f64, f64) =
        conn.query_row(&sql.text, params_from_iter(sql.params.iter()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let Some(missing) = missing else {
        return Ok((sum, count));
    };
    let mut all = Sql::new("SELECT 0.0 + count(*) FROM (");
    all.push(among.clone());
    all.text.push(')');
    let entries: f64 = conn.query_row(&all.text, params_from_iter(all.params.iter()), |row| {
        row.get(0)
    })?;
    let without = entries - having;
    Ok((sum + missing * without, count + without))
}

/// The start of the interval a moment lies in.
fn floor(millis: i64, interval: Interval) -> Option<i64> {
    let moment = Timestamp::from_millisecond(millis)
        .ok()?
        .to_zoned(TimeZone::UTC);
    let date = moment.date();
    let start: Zoned = match interval {
        Interval::Of(unit) => {
            let round = ZonedRound::new()
                .smallest(unit)
                .mode(jiff::RoundMode::Floor);
            moment.round(round).ok()?
        }
        Interval::Year => midnight(Date::new(date.year(), 1, 1).ok()?)?,
        Interval::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            midnight(Date::new(date.year(), month, 1).ok()?)?
        }
        Interval::Month => midnight(date.first_of_month())?,
        Interval::Week => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            midnight(date.checked_sub(since_monday.days()).ok()?)?
        }
    };
    Some(start.timestamp().as_millisecond())
}

fn midnight(date: Date) -> Option<Zoned> {
    date.to_zoned(TimeZone::UTC).ok()
}

/// As much of the start as the interval needs.
fn bucket_name(millis: i64, interval: Interval) -> String {
    let format = match interval {
        Interval::Year => "%Y",
        Interval::Quarter | Interval::Month => "%Y-%m",
        Interval::Week | Interval::Of(Unit::Day) => "%Y-%m-%d",
        Interval::Of(_) => "%Y-%m-%d %H:%M:%S",
    };
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::MIN)
        .strftime(format)
        .to_string()
}
