//! Every paging style: how to request the next page.

use crate::tiny::{Tiny, document, generate, select};
use insta::assert_snapshot;

/// The paging of a list with these parameters and response fields, each `name: type`.
fn paged(paging: &str, sent: &[(&str, &str)], received: &[(&str, &str)]) -> String {
    let field = |(name, ty): &(&str, &str)| format!("  {name}: {{description: A {name}., {ty}}}\n");
    let fields: String = received.iter().map(field).collect();
    let parameters: String = sent
        .iter()
        .map(|(name, ty)| {
            format!("  - {{name: {name}, in: query, description: A {name}., schema: {{{ty}}}}}\n")
        })
        .collect();
    let parameters = match parameters.as_str() {
        "" => String::new(),
        some => format!("parameters:\n{some}"),
    };
    let spec = Tiny::new()
        .schema(
            "Links",
            "type: object\nproperties: {next: {type: string, nullable: true, description: The next page.}}",
        )
        .schema("Item", "type: object\nproperties: {a: {type: string, description: An a.}}")
        .schema(
            "Items",
            &format!("type: object\nrequired: [DATA]\nproperties:\n  DATA: {{type: array, description: All., items: {{$ref: '#/components/schemas/Item'}}}}\n{fields}"),
        )
        .operation(
            "list_items",
            "get",
            "/v1/items",
            Some("Items"),
            &format!("x-globus-paging: {{items: DATA, {paging}}}\n{parameters}"),
        );
    let code = generate("tiny.yaml", &spec.yaml());
    select(&code, &["impl PageSource for ListItems", "ListItems!"])
}

const INT: &str = "type: integer";
const TEXT: &str = "type: string";
const MAYBE_TEXT: &str = "type: string, nullable: true";
const BOOL: &str = "type: boolean";

#[test]
fn offset_total() {
    assert_snapshot!(paged(
        "style: offset-total",
        &[("offset", INT), ("limit", INT)],
        &[("total", INT)]
    ));
}

#[test]
fn a_page_size_and_max_items() {
    assert_snapshot!(paged(
        "style: offset-total, page-size: 100, max-items: 1000",
        &[("offset", INT), ("limit", INT)],
        &[("total", INT)]
    ));
}

#[test]
fn offset_has_next() {
    assert_snapshot!(paged(
        "style: offset-has-next",
        &[("offset", INT), ("limit", INT)],
        &[("has_next_page", BOOL)]
    ));
}

#[test]
fn last_key() {
    assert_snapshot!(paged(
        "style: last-key",
        &[("last_key", TEXT)],
        &[("last_key", MAYBE_TEXT), ("has_next_page", BOOL)]
    ));
}

#[test]
fn next_token() {
    assert_snapshot!(paged(
        "style: next-token",
        &[("next_token", TEXT)],
        &[("next_token", MAYBE_TEXT)]
    ));
}

#[test]
fn next_marker() {
    assert_snapshot!(paged(
        "style: next-marker",
        &[("marker", INT)],
        &[("next_marker", "type: integer, nullable: true")]
    ));
}

#[test]
fn marker_has_next() {
    assert_snapshot!(paged(
        "style: marker-has-next",
        &[("marker", TEXT)],
        &[("marker", TEXT), ("has_next_page", BOOL)]
    ));
}

#[test]
fn nullable_marker() {
    assert_snapshot!(paged(
        "style: nullable-marker",
        &[("marker", TEXT)],
        &[("marker", MAYBE_TEXT)]
    ));
}

#[test]
fn jsonapi_links() {
    assert_snapshot!(paged(
        "style: jsonapi-links",
        &[],
        &[("links", "allOf: [{$ref: '#/components/schemas/Links'}]")]
    ));
}

/// A list requested by a document that has the paging parameters.
fn paged_by_body(style: &str, sent: &str, received: &str) -> String {
    let spec = Tiny::new()
        .schema("Item", "type: object\nproperties: {a: {type: string, description: An a.}}")
        .schema("Query", &format!("type: object\nproperties:\n{sent}"))
        .schema("Items", &format!("type: object\nproperties:\n  DATA: {{type: array, description: All., items: {{$ref: '#/components/schemas/Item'}}}}\n{received}"))
        .operation(
            "query_items",
            "post",
            "/v1/items",
            Some("Items"),
            &format!(
                "x-globus-idempotency: idempotent\nx-globus-paging: {{style: {style}, items: DATA}}\n{}",
                document("application/json", "Query")
            ),
        );
    let code = generate("tiny.yaml", &spec.yaml());
    select(
        &code,
        &["struct QueryItems", "impl PageSource for QueryItems"],
    )
}

#[test]
fn a_marker_in_the_body() {
    assert_snapshot!(paged_by_body(
        "marker-has-next",
        "  marker: {type: string, description: Where to go on.}",
        "  marker: {type: string, description: Where to go on.}\n  has_next_page: {type: boolean, description: Whether.}"
    ));
}

#[test]
fn an_offset_in_the_body() {
    assert_snapshot!(paged_by_body(
        "offset-has-next",
        "  offset: {type: integer, nullable: true, description: Where to go on.}\n  limit: {type: integer, description: How many.}",
        "  has_next_page: {type: boolean, description: Whether.}"
    ));
}
