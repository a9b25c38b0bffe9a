//! Facets: statistics of a field's values over the matching entries.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::bitset::BitSet;
use super::column::{self, Column};
use super::condition::{Condition, Field};
use super::filters;
use super::index_reader::IndexReader;
use super::values::{date_span, utc_millis};

/// Maximum number of buckets per facet.
const MAX_BUCKETS: usize = 10_000;

/// A requested facet.
#[derive(Debug, Clone)]
pub(crate) struct Facet {
    name: String,
    field: Field,
    additional_filters: Vec<Condition>,
    kind: Kind,
}

#[derive(Debug, Clone)]
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

#[derive(Debug, Clone, Copy)]
enum Interval {
    Year,
    Quarter,
    Month,
    Week,
    /// A number of milliseconds that divides a day.
    Of(i64),
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Facet {
    /// Parses the document of a facet.
    pub(crate) fn parse(facet: &Value) -> Result<Self, String> {
        parse(facet)
    }
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
        Some(list) => {
            let list = list.as_array();
            let list = list.ok_or("additional_filters must be an array")?;
            list.iter().map(filters::parse).collect::<Result<_, _>>()?
        }
    };
    Ok(Facet {
        name: text("name").unwrap_or(field).to_owned(),
        field: Field::new(field),
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
        "day" => Interval::Of(DAY),
        "hour" => Interval::Of(HOUR),
        "minute" => Interval::Of(MINUTE),
        "second" => Interval::Of(SECOND),
        other => return Err(format!("there is no date_interval {other:?}")),
    })
}

/// Computes a facet over these entries.
pub(crate) fn compute(
    reader: &mut IndexReader<'_>,
    facet: &Facet,
    among: &BitSet,
) -> rusqlite::Result<Value> {
    // Additional filters only apply to this facet.
    let mut among = among.clone();
    for filter in &facet.additional_filters {
        among.intersect_with(&reader.matching(filter)?);
    }
    let column = reader.values(&facet.field)?;
    let mut document = json!({
        "@datatype": "GFacetResult",
        "@version": "2017-09-01",
        "name": facet.name,
    });
    let results = results(&facet.kind, &column, &among);
    if let (Value::Object(document), Value::Object(results)) = (&mut document, results) {
        document.extend(results);
    }
    Ok(document)
}

fn results(kind: &Kind, column: &Column, among: &BitSet) -> Value {
    match kind {
        Kind::Terms { size } => {
            let mut counts = column.counts(among);
            let compare = |a: &(&column::Value, i64), b: &(&column::Value, i64)| {
                b.1.cmp(&a.1).then_with(|| a.0.text.cmp(&b.0.text))
            };
            // A selection before sorting: fields with many distinct values are common, and buckets are few.
            if *size < counts.len() {
                counts.select_nth_unstable_by(*size, compare);
                counts.truncate(*size);
            }
            counts.sort_unstable_by(compare);
            let buckets = counts.into_iter().map(|(value, count)| {
                // Numbers are formatted as they were ingested: 5 stays 5 and does not become 5.0.
                let number = value
                    .num
                    .and_then(|_| serde_json::from_str(&value.text).ok());
                bucket(number.unwrap_or_else(|| json!(value.text)), count)
            });
            json!({ "buckets": buckets.collect::<Vec<_>>() })
        }
        Kind::Sum { missing } => {
            let (sum, _) = metric(column, among, *missing);
            json!({ "value": sum })
        }
        Kind::Average { missing } => {
            let (sum, count) = metric(column, among, *missing);
            json!({ "value": (count > 0.0).then_some(sum / count) })
        }
        Kind::DistinctCount => json!({ "approximate_value": column.counts(among).len() }),
        Kind::Dates { interval, range } => {
            let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
            for (value, count) in column.totals(among) {
                let date = value
                    .date
                    .filter(|date| range.is_none_or(|(low, high)| (low..=high).contains(date)));
                if let Some(start) = date.and_then(|date| floor(date, *interval)) {
                    *counts.entry(start).or_default() += count;
                }
            }
            // Bounded, since seconds over years would otherwise make millions of buckets.
            let buckets = counts.into_iter().take(MAX_BUCKETS);
            let buckets =
                buckets.map(|(start, count)| bucket(json!(bucket_name(start, *interval)), count));
            json!({ "buckets": buckets.collect::<Vec<_>>() })
        }
        Kind::Numbers { size, low, high } => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "there are 10,000 buckets at most"
            )]
            let width = (high - low) / *size as f64;
            let mut counts = vec![0_i64; *size];
            for (value, count) in column.totals(among) {
                let Some(number) = value.num.filter(|number| (*low..*high).contains(number)) else {
                    continue;
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the range, which starts at low"
                )]
                let place = ((number - low) / width) as usize;
                // Rounding may place a number just below `high` into a bucket after the last.
                if let Some(counted) = counts.get_mut(place.min(size - 1)) {
                    *counted += count;
                }
            }
            let buckets = counts.into_iter().zip(0_u32..).map(|(count, place)| {
                let from = low + width * f64::from(place);
                bucket(json!({ "from": from, "to": from + width }), count)
            });
            json!({ "buckets": buckets.collect::<Vec<_>>() })
        }
    }
}

fn bucket(value: Value, count: i64) -> Value {
    json!({ "@datatype": "GBucket", "@version": "2017-09-01", "value": value, "count": count })
}

/// The sum and the number of values; entries without one count as `missing`.
fn metric(column: &Column, among: &BitSet, missing: Option<f64>) -> (f64, f64) {
    let totals = column.totals(among).into_iter();
    let numbers = totals.filter_map(|(value, count)| Some((value.num?, as_f64(count))));
    let add = |(sum, all): (f64, f64), (number, count)| (sum + number * count, all + count);
    let (sum, count) = numbers.fold((0.0, 0.0), add);
    let Some(missing) = missing else {
        return (sum, count);
    };
    let mut without = column
        .entries(among.len(), |value| value.num.is_some())
        .inverted();
    without.intersect_with(among);
    let without = as_f64(i64::try_from(without.count()).unwrap_or(i64::MAX));
    (sum + missing * without, count + without)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nothing is counted beyond 53 bits"
)]
fn as_f64(count: i64) -> f64 {
    count as f64
}

/// The start of the interval that contains a moment.
fn floor(millis: i64, interval: Interval) -> Option<i64> {
    let date = || -> Option<Date> {
        let moment = Timestamp::from_millisecond(millis).ok()?;
        Some(Offset::UTC.to_datetime(moment).date())
    };
    let first = match interval {
        Interval::Of(length) => return Some(millis.div_euclid(length) * length),
        Interval::Year => date()?.first_of_year(),
        Interval::Quarter => {
            let date = date()?;
            let month = (date.month() - 1) / 3 * 3 + 1;
            Date::new(date.year(), month, 1).ok()?
        }
        Interval::Month => date()?.first_of_month(),
        Interval::Week => {
            let date = date()?;
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            date.checked_sub(since_monday.days()).ok()?
        }
    };
    utc_millis(first.at(0, 0, 0, 0))
}

/// The start of the interval, as precise as the interval requires.
fn bucket_name(millis: i64, interval: Interval) -> String {
    let format = match interval {
        Interval::Year => "%Y",
        Interval::Quarter | Interval::Month => "%Y-%m",
        Interval::Week | Interval::Of(DAY) => "%Y-%m-%d",
        Interval::Of(_) => "%Y-%m-%d %H:%M:%S",
    };
    Timestamp::from_millisecond(millis)
        .unwrap_or(Timestamp::MIN)
        .strftime(format)
        .to_string()
}
