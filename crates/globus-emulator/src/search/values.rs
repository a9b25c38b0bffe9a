//! The leaves of an entry's content, as text, number and date.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value};

/// A leaf of the content.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IndexedValue {
    /// The names on the path to it, joined by dots.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) num: Option<f64>,
    /// Milliseconds since the epoch, if the text is a date.
    pub(crate) date: Option<i64>,
}

/// Collects all leaves. `geo_points` are the fields that contain a point in any notation.
pub(crate) fn leaves(content: &Map<String, Value>, geo_points: &[String]) -> Vec<IndexedValue> {
    let mut found = Vec::new();
    for (name, value) in content {
        collect(name.clone(), value, geo_points, &mut found);
    }
    found
}

fn collect(path: String, value: &Value, geo_points: &[String], found: &mut Vec<IndexedValue>) {
    if geo_points.contains(&path)
        && let Some((lat, lon)) = point(value)
    {
        found.push(number(format!("{path}.lat"), lat));
        found.push(number(format!("{path}.lon"), lon));
        return;
    }
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, value) in members {
                collect(format!("{path}.{name}"), value, geo_points, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(path.clone(), item, geo_points, found);
            }
        }
        Value::Bool(yes) => {
            found.push(IndexedValue {
                path,
                text: yes.to_string(),
                num: None,
                date: None,
            });
        }
        Value::Number(number) => {
            found.push(IndexedValue {
                path,
                text: number.to_string(),
                num: number.as_f64(),
                date: None,
            });
        }
        Value::String(text) => {
            let date = if looks_like_date(text) {
                date_span(text)
            } else {
                None
            };
            found.push(IndexedValue {
                path,
                text: text.clone(),
                num: None,
                date: date.map(|(start, _)| start),
            });
        }
    }
}

fn number(path: String, value: f64) -> IndexedValue {
    IndexedValue {
        path,
        text: value.to_string(),
        num: Some(value),
        date: None,
    }
}

/// Latitude and longitude of `{lat, lon}`, `"lat,lon"`, `[lon, lat]` or a GeoJSON point.
fn point(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Object(members) => match members.get("coordinates") {
            Some(coordinates) => point(coordinates),
            None => Some((members.get("lat")?.as_f64()?, members.get("lon")?.as_f64()?)),
        },
        Value::String(text) => {
            let (lat, lon) = text.split_once(',')?;
            Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?))
        }
        Value::Array(pair) => Some((pair.get(1)?.as_f64()?, pair.first()?.as_f64()?)),
        _ => None,
    }
}

/// At least year, month and day: a shorter text is more likely a number or a word.
fn looks_like_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes.iter().take(4).all(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-')
}

/// The first and last millisecond of a date, which may be as coarse as a year.
pub(crate) fn date_span(text: &str) -> Option<(i64, i64)> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        let millis = timestamp.as_millisecond();
        return Some((millis, millis));
    }
    let (first, after) = match text.len() {
        4 => {
            let first = Date::new(text.parse().ok()?, 1, 1).ok()?;
            (first, first.checked_add(1.year()).ok()?)
        }
        7 => {
            let (year, month) = text.split_once('-')?;
            let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            (first, first.checked_add(1.month()).ok()?)
        }
        10 => {
            let first: Date = text.parse().ok()?;
            (first, first.checked_add(1.day()).ok()?)
        }
        _ => {
            let millis = utc_millis(text.parse::<DateTime>().ok()?)?;
            return Some((millis, millis));
        }
    };
    let start = utc_millis(first.at(0, 0, 0, 0))?;
    Some((start, utc_millis(after.at(0, 0, 0, 0))? - 1))
}

/// Times without a zone are in UTC.
pub(crate) fn utc_millis(time: DateTime) -> Option<i64> {
    let moment = Offset::UTC.to_timestamp(time).ok()?;
    Some(moment.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_span_as_much_as_they_say() {
        let day = 86_400_000;
        assert_eq!(date_span("1970-01-02"), Some((day, 2 * day - 1)));
        assert_eq!(date_span("1970"), Some((0, 365 * day - 1)));
        assert_eq!(date_span("1970-02"), Some((31 * day, 59 * day - 1)));
        assert_eq!(date_span("1970-01-02T00:00:00Z"), Some((day, day)));
        assert_eq!(date_span("1970-01-02 00:00:00"), Some((day, day)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "abc",
            "12",
            "9999-99",
            "2014-13-01",
            "٢٠١٤",
            "1234567",
            "a\u{1F600}",
        ] {
            assert_eq!(date_span(text), None, "{text:?}");
        }
    }
}
