//! The specs of this repository, and that a spec alone makes them grow.

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

/// What a person appends to `paths` of a spec, and nothing else. `specs/README.md` walks through it.
const OPERATION: &str = "
  /v0.10/task/{task_id}/weather:
    get:
      operationId: task_weather
      tags: [Tasks]
      summary: Tell the weather of a task
      description: Says how the sky looks over the task's destination.
      externalDocs: {url: https://docs.globus.org/api/transfer/task/}
      x-globus-scopes: [all]
      parameters:
        - $ref: '#/components/parameters/TaskId'
        - name: days_ahead
          in: query
          description: For how many days.
          schema: {type: integer}
      responses:
        '200':
          description: The weather.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Task'}
        default: {$ref: '#/components/responses/InternalError'}

components:
";

#[test]
fn an_operation_appended_to_a_spec_becomes_a_typed_method() {
    let yaml = std::fs::read_to_string(specs().join("transfer.yaml")).unwrap();
    assert!(!yaml.contains("weather"));
    let grown = yaml.replacen("\ncomponents:\n", OPERATION, 1);
    assert_ne!(grown, yaml, "transfer.yaml has no line `components:`");
    let before = generate("transfer.yaml", &yaml);
    let code = generate("transfer.yaml", &grown);
    assert!(!before.contains("weather"));

    insta::assert_snapshot!(select(
        &code,
        &[
            "Client::task_weather",
            "struct TaskWeather",
            "TaskWeather::days_ahead",
            "TaskWeather!",
            "static TASK_WEATHER"
        ]
    ));
    let table = select(&code, &["static ALL"]);
    assert!(table.contains("&TASK_WEATHER"), "{table}");
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
fn compile_writes_a_file_once_and_leaves_it_alone_while_nothing_changes() {
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
fn a_spec_that_is_not_there_is_named() {
    let out = tempfile::tempdir().unwrap();
    let error = globus_codegen::compile(Path::new("specs/none.yaml"), out.path()).unwrap_err();
    assert!(
        error.to_string().starts_with("specs/none.yaml: "),
        "{error}"
    );
    assert!(error.to_string().contains("; "), "no remedy: {error}");
}
