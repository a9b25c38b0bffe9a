//! `x-globus-paging`, checked against the operation that it stands on.

use crate::error::{Result, refuse};
use crate::model::{Operation, Paging, Service, Style, Ty};
use serde_json::Value;

pub(super) fn read(
    place: &str,
    value: &Value,
    operation: &Operation,
    service: &Service,
) -> Result<Paging> {
    let style_name = value
        .get("style")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (style, sent, received): (Style, &[&str], &[&str]) = match style_name {
        "offset-total" => (Style::OffsetTotal, &["offset", "limit"], &["total"]),
        "offset-has-next" => (
            Style::OffsetHasNext,
            &["offset", "limit"],
            &["has_next_page"],
        ),
        "last-key" => (
            Style::LastKey,
            &["last_key"],
            &["last_key", "has_next_page"],
        ),
        "next-token" => (Style::NextToken, &["next_token"], &["next_token"]),
        "next-marker" => (Style::NextMarker, &["marker"], &["next_marker"]),
        "marker-has-next" => (
            Style::MarkerHasNext,
            &["marker"],
            &["marker", "has_next_page"],
        ),
        "nullable-marker" => (Style::NullableMarker, &["marker"], &["marker"]),
        "jsonapi-links" => (Style::JsonapiLinks, &[], &["links"]),
        other => {
            return refuse(
                &format!("{place}.style"),
                format!("`{other}` is unknown; specs/README.md lists the styles"),
            );
        }
    };
    let Some(page) = operation
        .response
        .as_ref()
        .and_then(|ty| service.structure(ty))
    else {
        return refuse(
            place,
            "the operation's answer is no object; paging needs one",
        );
    };
    let items = value
        .get("items")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(field) = page.field(items) else {
        return refuse(
            &format!("{place}.items"),
            format!("`{items}` is no field of the answer; name its array"),
        );
    };
    let Ty::Array(item) = service.resolve(&field.ty) else {
        return refuse(&format!("{place}.items"), format!("`{items}` is no array"));
    };
    let sent_document = operation
        .body
        .as_ref()
        .and_then(|b| service.structure(&b.ty));
    let in_query = |name: &&str| operation.params.iter().any(|p| p.wire == *name);
    let in_body = !sent.iter().all(in_query);
    if in_body {
        for name in sent {
            if sent_document.is_none_or(|s| s.field(name).is_none()) {
                return refuse(
                    place,
                    format!(
                        "style {style_name} needs `{name}` among the parameters or in the body"
                    ),
                );
            }
        }
    }
    for name in received {
        if page.field(name).is_none() {
            return refuse(
                place,
                format!("style {style_name} needs `{name}` in the answer"),
            );
        }
    }
    Ok(Paging {
        style,
        style_name: style_name.to_owned(),
        items: items.to_owned(),
        item: (**item).clone(),
        page_size: value.get("page-size").and_then(Value::as_u64),
        max_items: value.get("max-items").and_then(Value::as_u64),
        in_body,
    })
}
