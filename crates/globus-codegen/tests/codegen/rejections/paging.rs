//! `x-globus-paging`.

use super::*;

#[test]
fn an_unknown_style() {
    assert_rejected(
        edited(&[("style: marker-has-next", "style: cursor")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.style: `cursor` is unknown; write one of those in specs/README.md",
    );
}

#[test]
fn paging_that_is_a_string() {
    assert_rejected(
        edited(&[(
            "x-globus-paging: {style: marker-has-next, items: DATA, page-size: 10, max-items: 100}",
            "x-globus-paging: marker-has-next",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: is not a mapping; write {style, items, page-size, max-items, beyond}",
    );
}

#[test]
fn an_unknown_key_of_paging() {
    assert_rejected(
        edited(&[("max-items: 100", "max_items: 100")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.max_items: unknown key; write {style, items, page-size, max-items, beyond}",
    );
}

#[test]
fn unknown_items() {
    assert_rejected(
        edited(&[("items: DATA", "items: data")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.items: `data` is not a field of the response; name its array",
    );
}

#[test]
fn missing_items() {
    assert_rejected(
        edited(&[("items: DATA, ", "")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.items: `` is not a field of the response; name its array",
    );
}

#[test]
fn items_that_are_not_a_list() {
    assert_rejected(
        edited(&[("items: DATA", "items: marker")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.items: `marker` is not an array; name the response's array",
    );
}

#[test]
fn paging_of_a_response_that_is_not_an_object() {
    assert_rejected(
        edited(&[(
            "              schema: {$ref: '#/components/schemas/ThingList'}",
            "              schema: {$ref: '#/components/schemas/Color'}",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: the response is not an object; respond with one, or remove the paging",
    );
}

#[test]
fn paging_without_its_parameter() {
    assert_rejected(
        edited(&[("name: marker, in: query", "name: mark, in: query")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style marker-has-next needs `marker` among the parameters or in the body; add it",
    );
}

#[test]
fn paging_without_its_field() {
    assert_rejected(
        edited(&[("        has_next_page: {", "        has_next: {")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style marker-has-next needs `has_next_page` in the response; add it",
    );
}

#[test]
fn a_marker_of_two_types() {
    assert_rejected(
        edited(&[(
            "        marker: {type: string, description: Where it goes on.}",
            "        marker: {type: integer, description: Where it goes on.}",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style marker-has-next sends the response's `marker` as `marker`; make both strings or both integers",
    );
}

#[test]
fn a_has_next_page_that_is_a_string() {
    assert_rejected(
        edited(&[(
            "has_next_page: {type: boolean",
            "has_next_page: {type: string",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style marker-has-next needs `has_next_page` as a boolean; change its type",
    );
}

#[test]
fn an_offset_that_is_a_string() {
    assert_rejected(
        edited(&[(
            "style: marker-has-next, items: DATA, page-size: 10, max-items: 100}\n      parameters:\n        - {name: marker,",
            "style: offset-has-next, items: DATA}\n      parameters:\n        - {name: offset,",
        )]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style offset-has-next needs `offset` as an integer; change its type",
    );
}

#[test]
fn links_without_next() {
    assert_rejected(
        edited(&[
            ("style: marker-has-next", "style: jsonapi-links"),
            (
                "        has_next_page: {type: boolean,",
                "        links: {type: string,",
            ),
        ]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging: style jsonapi-links needs `links` as an object with a nullable string `next`; change its type",
    );
}

#[test]
fn a_page_size_of_zero() {
    assert_rejected(
        edited(&[("page-size: 10", "page-size: 0")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.page-size: is not a positive integer; write a whole number above 0",
    );
}

#[test]
fn a_page_size_that_is_never_sent() {
    assert_rejected(
        edited(&[("name: limit, in: query", "name: count_, in: query")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.page-size: sets `limit`, which the operation does not have; add that parameter, or remove page-size",
    );
}

#[test]
fn max_items_that_is_a_string() {
    assert_rejected(
        edited(&[("max-items: 100", "max-items: '100'")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.max-items: is not a positive integer; write a whole number above 0",
    );
}

#[test]
fn beyond_without_max_items() {
    assert_rejected(
        edited(&[("max-items: 100", "beyond: list_things")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.beyond: needs `max-items`, since it names the operation that lists what lies beyond it; write both",
    );
}

#[test]
fn beyond_with_an_unknown_operation() {
    assert_rejected(
        edited(&[("max-items: 100", "max-items: 100, beyond: list_all")]),
        "tiny.yaml: paths./v1/things.get.x-globus-paging.beyond: `list_all` is not an operation; name the one that lists the rest",
    );
}
