//! Compiles the OpenAPI documents of the Globus services into the Rust of `globus-sdk`.
//!
//! A document is read into a small model, and rejected if it breaks a rule of `specs/README.md`.
//! progenitor generates the engine, which builds requests, and the rest is emitted from the model:
//! lossless types, owned builders, paging, and the operation table.
//!
//! ```text
//! specs/transfer.yaml ── read ──▶ model ──┬─ emit ────▶ types, builders, paging, table
//!                        (lint)           └─ engine ──▶ progenitor: method, path, query
//! ```

mod diff;
mod emit;
mod engine;
mod error;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod linear_growth;
mod model;
mod naming;
mod read;

pub use error::Error;

use std::path::Path;

/// Generates the Rust code of one document, formatted: the contents of a module
/// `crate::generated::<service>`.
///
/// `file` is the path to show in errors.
///
/// # Errors
///
/// If the text is not an OpenAPI 3.0 document, or breaks a rule of `specs/README.md`.
pub fn generate(file: &Path, yaml: &str) -> Result<String, Error> {
    let with_file = |p: error::Problem| Error::new(file, p.location, p.message);
    let service = read::service(yaml).map_err(with_file)?;
    if file.file_stem() != Some(service.name.as_ref()) {
        let problem = format!(
            "`{}` does not match the file name; use the same name for both",
            service.name
        );
        return Err(Error::new(file, "x-globus-service.name", problem));
    }
    let engine = engine::Engine::generate(&service).map_err(with_file)?;
    format_tokens(file, emit::service(&service, &engine))
}

/// Generates the JSON Schemas of one document's types, as the contents of a module
/// `crate::generated::<service>::schemas`.
///
/// # Errors
///
/// As for [`generate`].
pub fn generate_schemas(file: &Path, yaml: &str) -> Result<String, Error> {
    let with_file = |p: error::Problem| Error::new(file, p.location, p.message);
    let service = read::service(yaml).map_err(with_file)?;
    format_tokens(file, emit::schemas::module(&service))
}

/// Describes how the Rust API changes between two versions of a document: one line per change,
/// marked if it breaks callers, and their number.
///
/// ```
/// # let yaml = "openapi: 3.0.3\ninfo: {title: Tiny, version: '1'}\npaths: {}\nx-globus-service: {name: tiny, resource-server: tiny.globus.org, base-url: 'https://tiny.globus.org'}";
/// let tiny = std::path::Path::new("tiny.yaml");
/// let changes = globus_codegen::diff((tiny, yaml), (tiny, yaml))?;
/// assert_eq!(changes, "The Rust API does not change.\n");
/// # Ok::<(), globus_codegen::Error>(())
/// ```
///
/// # Errors
///
/// As for [`generate`], for either document; each comes with the path to show in errors.
pub fn diff(old: (&Path, &str), new: (&Path, &str)) -> Result<String, Error> {
    let read = |(file, yaml): (&Path, &str)| {
        read::service(yaml).map_err(|p| Error::new(file, p.location, p.message))
    };
    Ok(diff::compare(&read(old)?, &read(new)?))
}

fn format_tokens(file: &Path, tokens: proc_macro2::TokenStream) -> Result<String, Error> {
    let parsed = syn::parse2(tokens)
        .map_err(|e| Error::new(file, "", format!("the generated code does not parse: {e}")))?;
    Ok(prettyplease::unparse(&parsed))
}

/// Compiles `spec` to `<file stem>.rs` in `out_dir`, for a build script.
///
/// Leaves a file alone if its contents would not change. Prints the line that makes cargo rerun the
/// build script when the spec changes.
///
/// # Errors
///
/// If the spec cannot be read or the output cannot be written, and as for [`generate`].
#[allow(
    clippy::print_stdout,
    reason = "build scripts speak to cargo on stdout"
)]
pub fn compile(spec: &Path, out_dir: &Path) -> Result<(), Error> {
    println!("cargo:rerun-if-changed={}", spec.display());
    let yaml = read_file(spec)?;
    let stem = spec.file_stem().unwrap_or_default();
    write_if_changed(
        &out_dir.join(stem).with_extension("rs"),
        &generate(spec, &yaml)?,
    )
}

/// Compiles the JSON Schemas of `spec` to `<file stem>_schemas.rs` in `out_dir`, and writes the
/// document itself to `<file stem>.json`, for tests that compare the two.
///
/// # Errors
///
/// As for [`compile`].
pub fn compile_schemas(spec: &Path, out_dir: &Path) -> Result<(), Error> {
    let yaml = read_file(spec)?;
    let stem = spec.file_stem().unwrap_or_default().to_string_lossy();
    let schemas = generate_schemas(spec, &yaml)?;
    write_if_changed(&out_dir.join(format!("{stem}_schemas.rs")), &schemas)?;
    let document: serde_json::Value = serde_yaml::from_str(&yaml)
        .map_err(|e| Error::new(spec, "", format!("does not fit into JSON: {e}")))?;
    let json = out_dir.join(stem.as_ref()).with_extension("json");
    write_if_changed(&json, &document.to_string())
}

fn read_file(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|e| io_error(path, e))
}

/// Writes a file unless it already has these contents, which would trigger a rebuild.
fn write_if_changed(path: &Path, contents: &str) -> Result<(), Error> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    std::fs::write(path, contents).map_err(|e| io_error(path, e))
}

fn io_error(path: &Path, error: std::io::Error) -> Error {
    let problem = format!("{error}; check the path and its permissions");
    Error::new(path, "", problem)
}
