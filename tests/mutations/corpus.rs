//! What is damaged: the examples of the specs, errors included, and recorded answers.

use globus_sdk::operation::Operation;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::{env, fs};

/// An answer to an operation.
pub(crate) struct Sample {
    pub(crate) operation: &'static Operation,
    pub(crate) status: u16,
    pub(crate) document: Value,
    /// It is no example of a spec.
    pub(crate) recorded: bool,
}

impl Sample {
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.operation.service, self.operation.name)
    }
}

/// The spec of a service, as JSON.
pub(crate) fn spec(service: &str) -> &'static Value {
    static SPECS: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
        let services = globus_sdk::operations().map(|operation| operation.service);
        let mut specs = BTreeMap::new();
        for service in services {
            specs.entry(service).or_insert_with(|| {
                let path = format!("{}/specs/{service}.yaml", env!("CARGO_MANIFEST_DIR"));
                let text = fs::read_to_string(path).expect("a spec");
                serde_yaml::from_str(&text).expect("YAML")
            });
        }
        specs
    });
    &SPECS[service]
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for operation in globus_sdk::operations() {
        examples(operation, spec(operation.service), &mut samples);
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
                    recorded: false,
                }),
        );
    }
}

/// What a `$ref` of the same document stands for.
pub(crate) fn resolve<'a>(spec: &'a Value, mut value: &'a Value) -> &'a Value {
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
                recorded: true,
            });
        }
    }
}
