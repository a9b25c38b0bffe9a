//! Work grows linearly with the size of a document. It is measured by counting name conversions,
//! which dominate the run time.

use crate::naming::NAMES_MADE;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
openapi: 3.0.3
info: {title: Tiny, version: '1'}
x-globus-service: {name: tiny, resource-server: tiny.globus.org, base-url: 'https://tiny.globus.org'}
";

/// A document with one operation that returns the schema `Answer`.
fn answering(schemas: &str) -> String {
    format!(
        "{HEAD}paths:\n{}components:\n  schemas:\n{schemas}",
        operation(0, "Answer")
    )
}

fn operation(n: usize, answer: &str) -> String {
    format!(
        "  /v1/things{n}:
    get:
      operationId: get_{n}_things
      tags: [Tiny]
      summary: Get it
      description: Gets it.
      externalDocs: {{url: https://docs.globus.org/tiny}}
      responses:
        '200': {{description: It., content: {{application/json: {{schema: {{$ref: '#/components/schemas/{answer}'}}}}}}}}
        default: {{description: A problem.}}
"
    )
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    let mut lines = String::new();
    for n in 0..count {
        writeln!(lines, "{}", line(n)).unwrap();
    }
    lines
}

fn object(name: &str, properties: &str) -> String {
    format!(
        "    {name}:\n      type: object\n      description: It.\n      properties:\n{properties}"
    )
}

fn values(count: usize) -> String {
    let values = lines(count, |n| format!("      - value{n}"));
    let answer = object("Answer", "        a: {$ref: '#/components/schemas/Word'}\n");
    answering(&format!(
        "{answer}    Word:\n      type: string\n      description: A word.\n      x-globus-open-enum: true\n      enum:\n{values}"
    ))
}

fn properties(count: usize) -> String {
    let properties = lines(count, |n| {
        format!("        p{n}: {{type: string, x-globus-required: It is., description: It.}}")
    });
    let required = lines(count, |n| format!("      - p{n}"));
    answering(&format!(
        "{}      required:\n{required}",
        object("Answer", &properties)
    ))
}

fn schemas(count: usize) -> String {
    let chain = lines(count, |n| {
        object(
            &format!("Link{n}x"),
            &format!(
                "        next: {{$ref: '#/components/schemas/Link{}x'}}\n",
                n + 1
            ),
        )
    });
    let last = object(
        &format!("Link{count}x"),
        "        end: {type: string, description: It.}\n",
    );
    answering(&format!(
        "{}{chain}{last}",
        object(
            "Answer",
            "        first: {$ref: '#/components/schemas/Link0x'}\n"
        )
    ))
}

fn variants(count: usize) -> String {
    let variant = |n| {
        object(
            &format!("V{n}x"),
            &format!("        kind: {{type: string, enum: [k{n}], description: It.}}\n"),
        )
    };
    let (schemas, references) = (
        lines(count, variant),
        lines(count, |n| {
            format!("        - $ref: '#/components/schemas/V{n}x'")
        }),
    );
    let mapping = lines(count, |n| {
        format!("          k{n}: '#/components/schemas/V{n}x'")
    });
    answering(&format!(
        "    Answer:\n      description: It.\n      oneOf:\n{references}      discriminator:\n        propertyName: kind\n        mapping:\n{mapping}{schemas}"
    ))
}

fn operations(count: usize) -> String {
    let paths: String = (0..count).map(|n| operation(n, "Answer")).collect();
    let answer = object("Answer", "        a: {type: string, description: It.}\n");
    format!("{HEAD}paths:\n{paths}components:\n  schemas:\n{answer}")
}

/// The number of name conversions needed to compile a document.
fn count_names(yaml: &str) -> usize {
    let before = NAMES_MADE.get();
    crate::generate(Path::new("tiny.yaml"), yaml).unwrap();
    NAMES_MADE.get() - before
}

#[test]
fn what_is_ten_times_as_large_takes_ten_times_the_work() {
    for (what, document) in [
        ("values of an enum", values as fn(usize) -> String),
        ("properties", properties),
        ("schemas", schemas),
        ("variants of a union", variants),
        ("operations", operations),
    ] {
        let (few, many) = (count_names(&document(10)), count_names(&document(100)));
        assert!(few >= 10, "{few} {what}");
        assert!(many <= 10 * few, "10 {what}: {few} names, 100: {many}");
    }
}
