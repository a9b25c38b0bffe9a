//! Keys that are unknown or not supported.

use super::*;

#[test]
fn a_misspelt_key_of_each_object() {
    for (from, to, place, sentence) in [
        (
            "info:\n",
            "infos:\n",
            "infos",
            "`infos` is not a known key of the document; write `info`",
        ),
        (
            "  title: Tiny\n",
            "  title: Tiny\n  descripton: Small.\n",
            "info.descripton",
            "`descripton` is not a known key of `info`; write `description`",
        ),
        (
            "    parameters:\n      - $ref",
            "    paramters:\n      - $ref",
            "paths./v1/things/{thing_id}.paramters",
            "`paramters` is not a known key of a path; write `parameters`",
        ),
        (
            "      operationId: thing_list\n",
            "      operationId: thing_list\n      depricated: true\n",
            "paths./v1/things.get.depricated",
            "`depricated` is not a known key of an operation; write `deprecated`",
        ),
        (
            "      externalDocs: {url: https://docs.globus.org/tiny}\n      x-globus-paging",
            "      externalDocs: {urll: https://docs.globus.org/tiny}\n      x-globus-paging",
            "paths./v1/things.get.externalDocs.urll",
            "`urll` is not a known key of `externalDocs`; write `url`",
        ),
        (
            "{name: limit, in: query,",
            "{name: limit, in: query, requried: true,",
            "paths./v1/things.get.parameters.1.requried",
            "`requried` is not a known key of a parameter; write `required`",
        ),
        (
            "    Change:\n      required: true\n",
            "    Change:\n      requird: true\n",
            "components.requestBodies.Change.requird",
            "`requird` is not a known key of a request body; write `required`",
        ),
        (
            "    Problem:\n",
            "    Problem:\n      contents: {}\n",
            "components.responses.Problem.contents",
            "`contents` is not a known key of a response; write `content`",
        ),
        (
            "            application/json:\n              schema: {$ref: '#/components/schemas/ThingList'}",
            "            application/json:\n              shcema: {$ref: '#/components/schemas/ThingList'}",
            "paths./v1/things.get.responses.200.content.application/json.shcema",
            "`shcema` is not a known key of a media type; write `schema`",
        ),
        (
            "  requestBodies:\n",
            "  requestBodys:\n",
            "components.requestBodys",
            "`requestBodys` is not a known key of `components`; write `requestBodies`",
        ),
        (
            "        - type: object\n          required: [name]\n",
            "        - type: object\n          requried: [name]\n",
            "components.schemas.ThingChange.allOf.1.requried",
            "`requried` is not a known key of a schema; write `required`",
        ),
        (
            "note: {type: string, nullable: true,",
            "note: {type: string, nulable: true,",
            "components.schemas.ThingChange.allOf.1.properties.note.nulable",
            "`nulable` is not a known key of a property; write `nullable`",
        ),
        (
            "              items: {type: string}\n",
            "              items: {type: string, defualt: a}\n",
            "components.schemas.Thing.allOf.1.properties.tags.items.defualt",
            "`defualt` is not a known key of a schema; write `default`",
        ),
        (
            "        propertyName: kind\n",
            "        propertyNames: kind\n",
            "components.schemas.Shape.discriminator.propertyNames",
            "`propertyNames` is not a known key of a discriminator; write `propertyName`",
        ),
    ] {
        assert_rejected(
            edited(&[(from, to)]),
            &format!("tiny.yaml: {place}: {sentence}"),
        );
    }
}

#[test]
fn an_unknown_key() {
    assert_rejected(
        edited(&[("    Problem:\n", "    Problem:\n      weather: {}\n")]),
        "tiny.yaml: components.responses.Problem.weather: `weather` is not a known key of a response; write one of description, headers, content, links, $ref",
    );
}

#[test]
fn a_key_that_is_not_a_string() {
    assert_rejected(
        edited(&[("    Problem:\n", "    Problem:\n      7: {}\n")]),
        "tiny.yaml: components.responses.Problem.7: `7` is not a known key of a response; write one of description, headers, content, links, $ref",
    );
}

#[test]
fn an_extension_that_is_nearly_ours() {
    assert_rejected(
        edited(&[(
            "x-globus-idempotency: not-idempotent",
            "x-globs-idempotency: not-idempotent",
        )]),
        "tiny.yaml: paths./v1/things/{thing_id}.post.x-globs-idempotency: `x-globs-idempotency` is not a known extension; write `x-globus-idempotency`",
    );
}

#[test]
fn third_party_names_and_extensions_are_allowed() {
    for (from, to) in [
        (
            "name: {type: string, description: Its name.}",
            "name: {type: string, description: Its name.}\n        requried: {type: string, description: Odd.}",
        ),
        (
            "    Problem:\n",
            "    Problem:\n      x-logo: {requried: 1}\n",
        ),
        (
            "{name: limit, in: query,",
            "{name: limit, in: query, example: {requried: 1},",
        ),
    ] {
        crate::tiny::generate("tiny.yaml", &edited(&[(from, to)]));
    }
}

#[test]
fn a_key_next_to_a_reference() {
    assert_rejected(
        edited(&[(
            "color: {$ref: '#/components/schemas/Color'}",
            "color: {$ref: '#/components/schemas/Color', nullable: true}",
        )]),
        "tiny.yaml: components.schemas.Thing.allOf.1.properties.color.nullable: is a sibling of a $ref, which OpenAPI ignores; write `allOf: [{$ref: ...}]` and put it next to that",
    );
}

#[test]
fn a_key_that_is_not_supported() {
    let limit = "{name: limit, in: query,";
    let note = "note: {type: string,";
    for (from, to, place, sentence) in [
        (
            "      operationId: thing_list\n",
            "      operationId: thing_list\n      servers: [{url: https://other.org}]\n",
            "paths./v1/things.get.servers",
            "is not supported, since a service has one URL; write x-globus-service.base-url",
        ),
        (
            limit,
            "{name: limit, in: query, style: spaceDelimited,",
            "paths./v1/things.get.parameters.1.style",
            "is not supported; remove it: queries use `form`, which repeats an array's name for each item, and paths use `simple`",
        ),
        (
            limit,
            "{name: limit, in: query, explode: false,",
            "paths./v1/things.get.parameters.1.explode",
            "is not supported; remove it: an array's name is repeated for each item. For comma-separated values, use a CommaList",
        ),
        (
            limit,
            "{name: limit, in: query, allowReserved: true,",
            "paths./v1/things.get.parameters.1.allowReserved",
            "is not supported; remove it: reserved characters are always encoded",
        ),
        (
            note,
            "note: {type: string, readOnly: true,",
            "components.schemas.ThingChange.allOf.1.properties.note.readOnly",
            "is not supported; remove it, and write one schema for requests and one for responses",
        ),
        (
            "schema: {type: integer}",
            "schema: {type: integer, maximum: 9, exclusiveMaximum: true}",
            "paths./v1/things.get.parameters.1.schema.exclusiveMaximum",
            "is not supported; write an inclusive bound as `maximum` or `minimum`",
        ),
    ] {
        assert_rejected(
            edited(&[(from, to)]),
            &format!("tiny.yaml: {place}: {sentence}"),
        );
    }
}

#[test]
fn a_misspelt_format() {
    let note = "note: {type: string,";
    let at = "tiny.yaml: components.schemas.ThingChange.allOf.1.properties.note.format:";
    for (format, meant) in [
        ("pasword", "password"),
        ("uiud", "uuid"),
        ("datetime", "date-time"),
    ] {
        assert_rejected(
            edited(&[(note, &format!("note: {{type: string, format: {format},"))]),
            &format!("{at} `{format}` is not a known format; write `{meant}`"),
        );
    }
}

#[test]
fn a_path_that_is_not_sent_as_it_is_written() {
    for path in [
        "/../{thing_id}",
        "/v1/./{thing_id}",
        "/v1//{thing_id}",
        "//{thing_id}",
        "/v1/{thing_id}/",
        "/v1/{thing_id}/..",
    ] {
        assert_rejected(
            edited(&[("  /v1/things/{thing_id}:\n", &format!("  {path}:\n"))]),
            &format!(
                "tiny.yaml: paths.{path}.get: `{path}` has an empty or dot segment, which URL parsers normalize; remove it"
            ),
        );
    }
}

#[test]
fn a_path_with_an_invalid_character() {
    for (path, shown, odd) in [
        (r"/v1\\{thing_id}", r"/v1\\{thing_id}", r"\\"),
        (r"/v1\t/{thing_id}", r"/v1\t/{thing_id}", r"\t"),
        (r"/v1\0/{thing_id}", r"/v1\0/{thing_id}", r"\0"),
        ("/v1/a b/{thing_id}", "/v1/a b/{thing_id}", " "),
        ("/v1/%2e%2e/{thing_id}", "/v1/%2e%2e/{thing_id}", "%"),
        ("/v1/é/{thing_id}", "/v1/é/{thing_id}", "é"),
    ] {
        let yaml = edited(&[("  /v1/things/{thing_id}:\n", &format!("  \"{path}\":\n"))]);
        let error = globus_codegen::generate(Path::new("tiny.yaml"), &yaml).expect_err(path);
        let sentence = format!(
            "`{shown}` has a `{odd}`, which a path cannot contain unescaped; use letters, digits, dashes and dots"
        );
        assert!(error.to_string().ends_with(&sentence), "{error}");
    }
}

#[test]
fn a_path_that_differs_by_the_name_of_a_parameter() {
    let again = "  /v1/things/{other}:\n    get: {}\n  /v1/things:\n";
    let yaml = edited(&[("  /v1/things:\n", again)]).replace(
        "    get: {}\n",
        "    get:\n      operationId: again\n      tags: [A]\n      summary: Again\n      parameters: [{name: other, in: path, required: true, description: Which., schema: {type: string}}]\n      description: Again.\n      externalDocs: {url: 'https://a.org'}\n      responses: {'204': {description: Done.}, default: {$ref: '#/components/responses/Problem'}}\n",
    );
    assert_rejected(
        yaml,
        "tiny.yaml: paths./v1/things/{other}: is `/v1/things/{thing_id}` with other parameter names; merge the two paths",
    );
}

#[test]
fn a_base_url_with_more_than_host_and_path() {
    for odd in [
        "https://tiny.globus.org?a=b",
        "https://ada@tiny.globus.org",
        "https://tiny.globus.org/#x",
    ] {
        assert_rejected(
            edited(&[(
                "base-url: https://tiny.globus.org",
                &format!("base-url: '{odd}'"),
            )]),
            &format!(
                "tiny.yaml: x-globus-service.base-url: `{odd}` must contain only a host and a path; remove the rest"
            ),
        );
    }
}
