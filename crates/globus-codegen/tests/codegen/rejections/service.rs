//! `x-globus-service`.

use super::*;

#[test]
fn missing_service() {
    assert_rejected(
        edited(&[(
            "x-globus-service:\n  name: tiny",
            "x-service:\n  name: tiny",
        )]),
        "tiny.yaml: x-globus-service: is missing; write {name, resource-server, base-url, default-scopes, scopes}",
    );
}

#[test]
fn a_service_that_is_a_string() {
    assert_rejected(
        edited(&[("x-globus-service:\n", "x-globus-service: tiny\nx-more:\n")]),
        "tiny.yaml: x-globus-service: is not a mapping; write {name, resource-server, base-url, default-scopes, scopes}",
    );
}

#[test]
fn a_service_without_name() {
    assert_rejected(
        edited(&[("  name: tiny\n", "")]),
        "tiny.yaml: x-globus-service.name: is missing; write a string",
    );
}

#[test]
fn a_service_with_an_unknown_key() {
    assert_rejected(
        edited(&[("  name: tiny\n", "  name: tiny\n  default_scopes: []\n")]),
        "tiny.yaml: x-globus-service.default_scopes: unknown key; write {name, resource-server, base-url, default-scopes, scopes}",
    );
}

#[test]
fn a_service_name_that_is_not_a_module() {
    assert_rejected(
        edited(&[("  name: tiny\n", "  name: Tiny Things\n")]),
        "tiny.yaml: x-globus-service.name: `Tiny Things` names a Rust module; write it in snake case",
    );
}

#[test]
fn a_service_name_that_is_not_the_files() {
    assert_rejected(
        edited(&[("  name: tiny\n", "  name: huge\n")]),
        "tiny.yaml: x-globus-service.name: `huge` does not match the file name; use the same name for both",
    );
}

#[test]
fn missing_resource_server() {
    assert_rejected(
        edited(&[("  resource-server: tiny.globus.org\n", "")]),
        "tiny.yaml: x-globus-service.resource-server: is missing; write a string",
    );
}

#[test]
fn missing_base_url() {
    assert_rejected(
        edited(&[("  base-url: https://tiny.globus.org\n", "")]),
        "tiny.yaml: x-globus-service.base-url: is missing; write a string",
    );
}

#[test]
fn a_base_url_without_tls() {
    assert_rejected(
        edited(&[("base-url: https:", "base-url: http:")]),
        "tiny.yaml: x-globus-service.base-url: `http://tiny.globus.org` is not a service URL; begin with https://",
    );
}

#[test]
fn a_default_scope_that_is_unknown() {
    assert_rejected(
        edited(&[("default-scopes: [all]", "default-scopes: [some]")]),
        "tiny.yaml: x-globus-service.default-scopes: `some` is not among x-globus-service.scopes; add it there",
    );
}

#[test]
fn default_scopes_that_are_not_a_list() {
    assert_rejected(
        edited(&[("default-scopes: [all]", "default-scopes: all")]),
        "tiny.yaml: x-globus-service.default-scopes: is not a list of strings; write [..., ...]",
    );
}

#[test]
fn scopes_that_are_a_list() {
    assert_rejected(
        edited(&[(
            "  scopes:\n    all: urn:globus:auth:scope:tiny.globus.org:all\n",
            "  scopes: [all]\n",
        )]),
        "tiny.yaml: x-globus-service.scopes: is not a mapping; write names with their scope strings",
    );
}

#[test]
fn a_scope_that_is_not_a_string() {
    assert_rejected(
        edited(&[(
            "all: urn:globus:auth:scope:tiny.globus.org:all",
            "all: [urn]",
        )]),
        "tiny.yaml: x-globus-service.scopes.all: is not a scope; write a scope string",
    );
}

#[test]
fn two_scopes_with_one_rust_name() {
    assert_rejected(
        edited(&[("  default-scopes", "    ALL: urn:all\n  default-scopes")]),
        "tiny.yaml: x-globus-service.scopes.all: has the same Rust name `ALL` as `ALL`; rename one",
    );
}
