//! Reads `x-globus-paging` and checks it against its operation.

use super::reject_unknown_keys;
use crate::error::{Result, reject};
use crate::model::{Operation, Paging, PagingStyle, Service, Struct, Ty};
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn read(
    location: &str,
    value: &Value,
    operation: &Operation,
    service: &Service,
) -> Result<Paging> {
    reject_unknown_keys(
        location,
        value,
        &["style", "items", "page-size", "max-items", "beyond"],
    )?;
    let style_name = value
        .get("style")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (style, sent, received): (PagingStyle, &[&str], &[&str]) = match style_name {
        "offset-total" => (PagingStyle::OffsetTotal, &["offset", "limit"], &["total"]),
        "offset-has-next" => (
            PagingStyle::OffsetHasNext,
            &["offset", "limit"],
            &["has_next_page"],
        ),
        "last-key" => (
            PagingStyle::LastKey,
            &["last_key"],
            &["last_key", "has_next_page"],
        ),
        "next-token" => (PagingStyle::NextToken, &["next_token"], &["next_token"]),
        "next-marker" => (PagingStyle::NextMarker, &["marker"], &["next_marker"]),
        "marker-has-next" => (
            PagingStyle::MarkerHasNext,
            &["marker"],
            &["marker", "has_next_page"],
        ),
        "nullable-marker" => (PagingStyle::NullableMarker, &["marker"], &["marker"]),
        "jsonapi-links" => (PagingStyle::JsonapiLinks, &[], &["links"]),
        other => {
            return reject(
                &format!("{location}.style"),
                format!("`{other}` is unknown; write one of those in specs/README.md"),
            );
        }
    };
    let Some(page) = operation
        .response
        .as_ref()
        .and_then(|ty| service.structure(ty))
    else {
        return reject(
            location,
            "the response is not an object; respond with one, or remove the paging",
        );
    };
    let items = value
        .get("items")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(field) = page.field(items) else {
        return reject(
            &format!("{location}.items"),
            format!("`{items}` is not a field of the response; name its array"),
        );
    };
    let Ty::Array(item) = service.resolve(&field.ty) else {
        return reject(
            &format!("{location}.items"),
            format!("`{items}` is not an array; name the response's array"),
        );
    };
    let sent_document = operation
        .body
        .as_ref()
        .and_then(|b| service.structure(&b.ty));
    let in_query = |name: &&str| operation.params.iter().any(|p| p.wire == *name);
    // a POST search has its paging parameters in the body, and only then must they be fields there
    let in_body = !sent.iter().all(in_query);
    if in_body {
        for name in sent {
            if sent_document.is_none_or(|s| s.field(name).is_none()) {
                return reject(
                    location,
                    format!(
                        "style {style_name} needs `{name}` among the parameters or in the body; add it"
                    ),
                );
            }
        }
    }
    for name in received {
        if page.field(name).is_none() {
            return reject(
                location,
                format!("style {style_name} needs `{name}` in the response; add it"),
            );
        }
    }
    let sent_type = |name: &str| {
        let ty = match (in_body, sent_document) {
            (true, Some(document)) => document.field(name).map(|f| &f.ty),
            _ => operation
                .params
                .iter()
                .find(|p| p.wire == name)
                .map(|p| &p.ty),
        };
        ty.map(|ty| service.resolve(ty))
    };
    let received_type = |name: &str| page.field(name).map(|f| service.resolve(&f.ty));
    let typed = |name: &str, ty: Option<&Ty>, wanted: &Ty, word: &str| match ty {
        Some(ty) if ty != wanted => reject(
            location,
            format!("style {style_name} needs `{name}` as {word}; change its type"),
        ),
        _ => Ok(()),
    };
    for name in ["offset", "limit"] {
        typed(name, sent_type(name), &Ty::Int, "an integer")?;
    }
    for name in received {
        match *name {
            "total" => typed(name, received_type(name), &Ty::Int, "an integer")?,
            "has_next_page" => typed(name, received_type(name), &Ty::Bool, "a boolean")?,
            "links" => check_links(location, service, page)?,
            marker => {
                let ty = received_type(marker);
                let to = if marker == "next_marker" {
                    "marker"
                } else {
                    marker
                };
                // the marker is sent back as it came, so both sides need one type
                if !matches!(ty, Some(Ty::String | Ty::Int)) || sent_type(to) != ty {
                    return reject(
                        location,
                        format!(
                            "style {style_name} sends the response's `{marker}` as `{to}`; make both strings or both integers"
                        ),
                    );
                }
            }
        }
    }
    let page_size = read_count(location, value, "page-size")?;
    if page_size.is_some() && sent_type("limit").is_none() {
        return reject(
            &format!("{location}.page-size"),
            "sets `limit`, which the operation does not have; add that parameter, or remove page-size",
        );
    }
    let max_items = read_count(location, value, "max-items")?;
    let beyond = value.get("beyond").map(|name| match name.as_str() {
        Some(name) if max_items.is_some() => Ok(name.to_owned()),
        _ => reject(
            &format!("{location}.beyond"),
            "needs `max-items`, since it names the operation that lists what lies beyond it; write both",
        ),
    });
    let beyond = beyond.transpose()?;
    Ok(Paging {
        style,
        style_name: style_name.to_owned(),
        items: items.to_owned(),
        item: (**item).clone(),
        page_size,
        max_items,
        beyond,
        in_body,
    })
}

/// Checks that need all operations.
pub(super) fn check(service: &Service) -> Result<()> {
    let known: HashSet<&String> = service.operations.iter().map(|o| &o.id).collect();
    for operation in &service.operations {
        let beyond = operation.paging.as_ref().and_then(|p| p.beyond.as_ref());
        if let Some(name) = beyond
            && !known.contains(name)
        {
            let method = operation.method.to_ascii_lowercase();
            return reject(
                &format!("paths.{}.{method}.x-globus-paging.beyond", operation.path),
                format!("`{name}` is not an operation; name the one that lists the rest"),
            );
        }
    }
    Ok(())
}

/// Checks that `links.next` is an optional string: the URL of the next page.
fn check_links(location: &str, service: &Service, page: &Struct) -> Result<()> {
    let next = page
        .field("links")
        .and_then(|f| service.structure(&f.ty))
        .and_then(|s| s.field("next"));
    match next {
        Some(next)
            if *service.resolve(&next.ty) == Ty::String && (next.nullable || !next.required) =>
        {
            Ok(())
        }
        _ => reject(
            location,
            "style jsonapi-links needs `links` as an object with a nullable string `next`; change its type",
        ),
    }
}

fn read_count(location: &str, value: &Value, key: &str) -> Result<Option<u64>> {
    match value.get(key).map(Value::as_u64) {
        None => Ok(None),
        Some(Some(n)) if n > 0 => Ok(Some(n)),
        Some(_) => reject(
            &format!("{location}.{key}"),
            "is not a positive integer; write a whole number above 0",
        ),
    }
}
