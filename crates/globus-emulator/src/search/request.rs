//! Parsing and validating query documents.

use serde_json::{Map, Value};

use super::authz::bad_request;
use super::condition::Condition;
use super::facets::Facet;
use super::filters;
use super::query_parser::{self, Operator};
use crate::params::Query;
use crate::problem::Problem;

/// Results that can be reached with offset and limit; scrolling has no such limit.
pub(crate) const RESULT_WINDOW: usize = 10_000;

/// A query, from any of the operations.
#[derive(Debug, Clone)]
pub(crate) struct SearchRequest {
    pub(crate) query: Option<Condition>,
    /// The words of the query, for boosts.
    pub(crate) words: Vec<String>,
    pub(crate) limit: usize,
    pub(crate) offset: usize,
    /// Filters that also apply to facets.
    pub(crate) filters: Vec<Condition>,
    /// Filters that are applied after facets were computed.
    pub(crate) post_filters: Vec<Condition>,
    pub(crate) facets: Vec<Facet>,
    pub(crate) boosts: Vec<(String, f64)>,
    pub(crate) sort: Vec<Sort>,
    pub(crate) bypass_visible_to: bool,
    pub(crate) filter_principal_sets: Vec<String>,
    pub(crate) fields: Fields,
    pub(crate) marker: Option<String>,
    /// Whether results are requested in the format of 2017, with a list of contents per subject.
    pub(crate) old_format: bool,
}

/// A field to sort by.
#[derive(Debug, Clone)]
pub(crate) struct Sort {
    pub(crate) field: String,
    pub(crate) descending: bool,
}

/// The parts of an entry to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) content: bool,
    pub(crate) visible_to: bool,
    pub(crate) principal_sets: bool,
}

impl Fields {
    /// Parses a list of parts.
    fn named(names: &[&str]) -> Result<Self, Problem> {
        const KNOWN: [&str; 3] = ["content", "visible_to", "principal_sets"];
        if let Some(other) = names.iter().find(|name| !KNOWN.contains(name)) {
            return Err(bad_request(format!("fields: there is no field {other:?}")));
        }
        let has = |name: &str| names.contains(&name);
        Ok(Self {
            content: has("content"),
            visible_to: has("visible_to"),
            principal_sets: has("principal_sets"),
        })
    }
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: None,
            words: Vec::new(),
            limit: 10,
            offset: 0,
            filters: Vec::new(),
            post_filters: Vec::new(),
            facets: Vec::new(),
            boosts: Vec::new(),
            sort: Vec::new(),
            bypass_visible_to: false,
            filter_principal_sets: Vec::new(),
            fields: Fields {
                content: true,
                visible_to: false,
                principal_sets: false,
            },
            marker: None,
            old_format: false,
        }
    }
}

impl SearchRequest {
    /// Parses the query of a GET.
    pub(crate) fn from_query(query: &Query) -> Result<Self, Problem> {
        let q = query
            .get("q")
            .ok_or_else(|| bad_request("the parameter \"q\" is required"))?;
        let advanced = query.flag("advanced").map_err(bad_request)?;
        let number = |name: &str, default: usize| match query.filled(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| bad_request(format!("{name} must be a number, not {text:?}"))),
        };
        let mut request = Self {
            limit: number("limit", 10)?,
            offset: number("offset", 0)?,
            bypass_visible_to: query.flag("bypass_visible_to").map_err(bad_request)?,
            ..Self::default()
        };
        request.ask(q, advanced, Operator::Or)?;
        if let Some(sets) = query.filled("filter_principal_sets") {
            request.filter_principal_sets = sets.split(',').map(str::to_owned).collect();
        }
        if let Some(names) = query.filled("fields") {
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            request.fields = Fields::named(&names)?;
        }
        request.old_format = old_format(query)?;
        request.check()
    }

    /// Parses the body of a POST.
    pub(crate) fn from_body(body: &Map<String, Value>) -> Result<Self, Problem> {
        let old = match body.get("@version").and_then(Value::as_str) {
            // Documents without a version are read as those of 2017.
            None | Some("2017-09-01") => true,
            Some("query#1.0.0" | "scroll#1.0.0" | "delete_by_query#1.0.0") => false,
            Some(other) => {
                return Err(bad_request(format!("/@version: {other:?} is not known")));
            }
        };
        let mut request = Self::default();
        let advanced = flag(body, "advanced")?;
        if let Some(q) = optional_text(body, "q")? {
            let (advanced, operator) = q_settings(body, advanced)?;
            request.ask(&q, advanced, operator)?;
        }
        request.limit = number(body, "limit", 10)?;
        request.offset = number(body, "offset", 0)?;
        request.bypass_visible_to = flag(body, "bypass_visible_to")?;
        for facet in list(body, "facets")? {
            let facet = Facet::parse(&facet).map_err(|m| bad_request(format!("/facets: {m}")))?;
            request.facets.push(facet);
        }
        let parse = |filter: &Value| {
            filters::parse(filter).map_err(|m| bad_request(format!("/filters: {m}")))
        };
        for filter in list(body, "filters")? {
            if old && is_post_filter(&filter)? {
                request.post_filters.push(parse(&filter)?);
            } else {
                request.filters.push(parse(&filter)?);
            }
        }
        for filter in list(body, "post_facet_filters")? {
            request.post_filters.push(parse(&filter)?);
        }
        for boost in list(body, "boosts")? {
            let field = boost.get("field_name").and_then(Value::as_str);
            let factor = boost.get("factor").and_then(Value::as_f64);
            let (Some(field), Some(factor)) = (field, factor) else {
                return Err(bad_request("/boosts: each needs a field_name and a factor"));
            };
            request.boosts.push((field.to_owned(), factor));
        }
        for sort in list(body, "sort")? {
            let field = sort.get("field_name").and_then(Value::as_str);
            let field = field.ok_or_else(|| bad_request("/sort: each needs a field_name"))?;
            let descending = match sort.get("order").and_then(Value::as_str) {
                None | Some("desc") => true,
                Some("asc") => false,
                Some(other) => {
                    return Err(bad_request(format!("/sort: there is no order {other:?}")));
                }
            };
            request.sort.push(Sort {
                field: field.to_owned(),
                descending,
            });
        }
        for set in list(body, "filter_principal_sets")? {
            let name = set.as_str();
            let name = name.ok_or_else(|| bad_request("/filter_principal_sets: names only"))?;
            request.filter_principal_sets.push(name.to_owned());
        }
        if body.get("fields").is_some() {
            let names = list(body, "fields")?;
            let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
            let names = names.ok_or_else(|| bad_request("/fields: names only"))?;
            request.fields = Fields::named(&names)?;
        }
        request.marker = optional_text(body, "marker")?;
        request.check()
    }

    fn check(self) -> Result<Self, Problem> {
        if self.limit > RESULT_WINDOW {
            return Err(bad_request(format!("limit may be {RESULT_WINDOW} at most")));
        }
        if self.offset > RESULT_WINDOW {
            return Err(bad_request(format!(
                "offset may be {RESULT_WINDOW} at most"
            )));
        }
        Ok(self)
    }

    /// Rejects a query without `q` and without filters.
    pub(crate) fn require_condition(&self) -> Result<(), Problem> {
        if self.query.is_none() && self.filters.is_empty() && self.post_filters.is_empty() {
            return Err(bad_request("one of q and filters is required"));
        }
        Ok(())
    }

    /// Adds the condition of `q`.
    fn ask(&mut self, q: &str, advanced: bool, operator: Operator) -> Result<(), Problem> {
        let query = query_parser::parse(q, advanced, operator).map_err(bad_request)?;
        query.words(&mut self.words);
        self.query = Some(Condition::from_query(&query).map_err(bad_request)?);
        Ok(())
    }
}

/// Whether a GET requests results in the format of 2017.
pub(crate) fn old_format(query: &Query) -> Result<bool, Problem> {
    match query.filled("result_format_version") {
        None | Some("2019-08-27") => Ok(false),
        Some("2017-09-01") => Ok(true),
        Some(other) => Err(bad_request(format!(
            "result_format_version: {other:?} is not known"
        ))),
    }
}

/// In documents of 2017, each filter says itself whether it is a post-filter.
fn is_post_filter(filter: &Value) -> Result<bool, Problem> {
    match filter.get("post_filter") {
        // In documents of 2017, every filter but `match_all` applied after facets by default.
        None | Some(Value::Null) => Ok(filter.get("type").is_some_and(|kind| kind != "match_all")),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(bad_request("/filters: post_filter must be true or false")),
    }
}

fn q_settings(body: &Map<String, Value>, advanced: bool) -> Result<(bool, Operator), Problem> {
    let Some(settings) = body
        .get("q_settings")
        .filter(|settings| !settings.is_null())
    else {
        return Ok((advanced, Operator::Or));
    };
    let (advanced, default) = match settings.get("mode").and_then(Value::as_str) {
        Some("query_string") => (false, Operator::Or),
        Some("advanced_query_string") => (true, Operator::Or),
        Some("text_match") => (false, Operator::And),
        _ => return Err(bad_request("/q_settings/mode is not known")),
    };
    match settings.get("default_operator") {
        None | Some(Value::Null) => Ok((advanced, default)),
        Some(operator) => match operator.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("and") => Ok((advanced, Operator::And)),
            Some("or") => Ok((advanced, Operator::Or)),
            _ => Err(bad_request(
                "/q_settings/default_operator must be \"and\" or \"or\"",
            )),
        },
    }
}

fn optional_text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad_request(format!("/{name} must be a string"))),
    }
}

fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(bad_request(format!("/{name} must be true or false"))),
    }
}

fn number(body: &Map<String, Value>, name: &str, default: usize) -> Result<usize, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| bad_request(format!("/{name} must be a number that is not negative"))),
    }
}

/// Maximum length of a list in a query.
const LIST_LIMIT: usize = 100;

fn list(body: &Map<String, Value>, name: &str) -> Result<Vec<Value>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() > LIST_LIMIT => Err(bad_request(format!(
            "/{name} may have {LIST_LIMIT} items at most"
        ))),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(_) => Err(bad_request(format!("/{name} must be an array"))),
    }
}
