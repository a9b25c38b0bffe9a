//! What is damaged: the examples of the specs, errors included, and recorded answers.

use globus_sdk::operation::Operation;
use serde_json::Value;
use std::{env, fs};

/// An answer to an operation.
pub(crate) struct Sample {
    pub(crate) operation: &'static Operation,
    pub(crate) status: u16,
    pub(crate) document: Value,
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut read: Option<(&str, Value)> = None;
    for operation in globus_sdk::operations() {
        if read
            .as_ref()
            .is_none_or(|(name, _)| *name != operation.service)
        {
            let path = format!(
                "{}/specs/{}.yaml",
                env!("CARGO_MANIFEST_DIR"),
                operation.service
            );
            let text = fs::read_to_string(path).expect("a spec");
            read = Some((
                operation.service,
                serde_yaml::from_str(&text).expect("YAML"),
            ));
        }
        if let Some((_, spec)) = &read {
            examples(operation, spec, &mut samples);
        }
    }
    assert!(samples.len() > 300, "{} examples", samples.len());
    if let Some(path) = env::var_os("MUTATIONS_CORPUS") {
        let examples = samples.len();
        recorded(&fs::read_to_string(path).expect("a corpus"), &mut samples);
        assert!(
            samples.len() > examples,
            "no recorded answer is one of ours"
        );
    }
    samples
}

fn examples(operation: &'static Operation, spec: &Value, samples: &mut Vec<Sample>) {
    let method = operation.method.to_ascii_lowercase();
    let responses = spec["paths"][operation.path][method]["responses"].as_object();
    for (status, response) in responses.into_iter().flatten() {
        let content = &resolve(spec, response)["content"]["application/json"];
        let many = content["examples"].as_object().into_iter().flatten();
        let many = many.filter_map(|(_, example)| resolve(spec, example).get("value"));
        samples.extend(
            content
                .get("example")
                .into_iter()
                .chain(many)
                .map(|document| Sample {
                    operation,
                    // the rest is `default`, an error
                    status: status.parse().unwrap_or(400),
                    document: document.clone(),
                }),
        );
    }
}

/// What a `$ref` of the same document stands for.
fn resolve<'a>(spec: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let pointer = reference.strip_prefix('#').expect("a local $ref");
        value = spec.pointer(pointer).expect("what the $ref names");
    }
    value
}

fn recorded(lines: &str, samples: &mut Vec<Sample>) {
    for line in lines.lines() {
        let mut record: Value = serde_json::from_str(line).expect("a record");
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let found = Operation::find(text("service"), text("method"), text("path"));
        let status = record["status"].as_u64().and_then(|s| s.try_into().ok());
        if let (Some(operation), Some(status)) = (found, status) {
            samples.push(Sample {
                operation,
                status,
                document: record["body"].take(),
            });
        }
    }
}
