//! The specs of this repository, and that editing one is all it takes to add an operation.

use crate::tiny::{generate, select};
use std::path::{Path, PathBuf};

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

#[test]
fn every_spec_of_this_repository_compiles() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(specs()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "yaml") {
            let yaml = std::fs::read_to_string(&path).unwrap();
            let code = globus_codegen::generate(&path, &yaml).unwrap_or_else(|e| panic!("{e}"));
            assert!(code.contains("pub struct Client"));
            seen.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    for service in ["auth", "search", "transfer"] {
        assert!(
            seen.iter().any(|name| name == service),
            "no {service}.yaml among {seen:?}"
        );
    }
}

/// The YAML that `specs/README.md` says to append to a spec.
fn fragments() -> Vec<String> {
    let page = std::fs::read_to_string(specs().join("README.md")).unwrap();
    let (_, walk) = page.split_once("## Adding an operation").unwrap();
    let blocks = walk.split("```yaml\n").skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0.to_owned())
        .collect()
}

#[test]
fn an_operation_appended_to_a_spec_becomes_a_typed_method() {
    let yaml = std::fs::read_to_string(specs().join("transfer.yaml")).unwrap();
    let [operation, schema] = fragments().try_into().unwrap();
    let grown = yaml
        .replacen("\npaths:\n", &format!("\npaths:\n{operation}"), 1)
        .replacen("\n  schemas:\n", &format!("\n  schemas:\n{schema}"), 1);
    assert_eq!(grown.len(), yaml.len() + operation.len() + schema.len());

    let before = generate("transfer.yaml", &yaml);
    assert!(!before.contains("weather") && !before.contains("Weather"));
    let code = generate("transfer.yaml", &grown);
    insta::assert_snapshot!(select(
        &code,
        &[
            "Client::task_weather",
            "struct TaskWeather",
            "TaskWeather::days_ahead",
            "TaskWeather!",
            "static TASK_WEATHER",
            "struct Weather",
        ]
    ));
    let table = select(&code, &["static ALL"]);
    assert!(table.contains("&TASK_WEATHER"), "{table}");
}

#[test]
fn a_mistake_is_reported_as_the_page_says() {
    let yaml = std::fs::read_to_string(specs().join("transfer.yaml")).unwrap();
    let parameter = "        - $ref: '#/components/parameters/TaskId'\n";
    let operation = fragments().remove(0).replacen(parameter, "", 1);
    let grown = yaml.replacen("\npaths:\n", &format!("\npaths:\n{operation}"), 1);
    let grown = grown.replacen("schemas/Weather", "schemas/Task", 1);
    let file = Path::new("specs/transfer.yaml");
    let error = globus_codegen::generate(file, &grown).unwrap_err();
    let page = std::fs::read_to_string(specs().join("README.md")).unwrap();
    assert!(page.contains(&format!("\n{error}\n")), "{error}");
}

#[test]
fn the_same_spec_makes_the_same_code() {
    let yaml = std::fs::read_to_string(specs().join("search.yaml")).unwrap();
    assert_eq!(
        generate("search.yaml", &yaml),
        generate("search.yaml", &yaml)
    );
}

#[test]
fn compile_leaves_an_unchanged_file_alone() {
    let out = tempfile::tempdir().unwrap();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codegen/tiny.yaml");
    globus_codegen::compile(&spec, out.path()).unwrap();
    let file = out.path().join("tiny.rs");
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    globus_codegen::compile(&spec, out.path()).unwrap();
    assert_eq!(
        std::fs::metadata(&file).unwrap().modified().unwrap(),
        written
    );
}

#[test]
fn a_missing_spec_is_reported() {
    let out = tempfile::tempdir().unwrap();
    let error = globus_codegen::compile(Path::new("specs/none.yaml"), out.path()).unwrap_err();
    assert!(
        error.to_string().starts_with("specs/none.yaml: "),
        "{error}"
    );
    assert!(error.to_string().contains("; "), "no remedy: {error}");
}

#[test]
fn the_committed_sample_of_generated_code_is_current() {
    let path = specs().join("../docs/generated/groups.rs");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let (_header, committed) = committed.split_once("\n\n").unwrap_or_default();
    let yaml = std::fs::read_to_string(specs().join("groups.yaml")).unwrap();
    let current = generate("groups.yaml", &yaml);
    let difference = committed.lines().zip(current.lines()).find(|(a, b)| a != b);
    assert!(
        committed == current,
        "docs/generated/groups.rs is out of date; run `just generated` and commit it.\n\
         The first line that differs: {difference:#?}"
    );
}
