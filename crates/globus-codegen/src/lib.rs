//! Compiles the OpenAPI documents of the Globus services into the Rust of `globus-sdk`.
//!
//! A document is read into a small model (and refused, with file, place and remedy, where it breaks
//! a rule of `specs/README.md`), progenitor writes the engine that makes requests, and the rest is
//! written from the model: types that lose nothing, owned builders, paging, the operation table.
//!
//! ```text
//! specs/transfer.yaml ── read ──▶ model ──┬─ emit ────▶ types, builders, paging, table
//!                        (lint)           └─ engine ──▶ progenitor: method, path, query
//! ```

mod emit;
mod engine;
mod error;
mod model;
mod naming;
mod read;

pub use error::Error;

use std::path::Path;

/// The Rust of one document, formatted: the contents of a module `crate::generated::<service>`.
///
/// `file` is the name that errors carry.
///
/// # Errors
///
/// When the text is no OpenAPI 3.0 document, or breaks a rule of `specs/README.md`.
pub fn generate(file: &Path, yaml: &str) -> Result<String, Error> {
    let named = |p: error::Problem| Error::new(file, p.place, p.what);
    let service = read::service(yaml).map_err(named)?;
    if file.file_stem() != Some(service.name.as_ref()) {
        let problem = format!(
            "`{}` is not what the file is called; give both one name",
            service.name
        );
        return Err(Error::new(file, "x-globus-service.name", problem));
    }
    let engine = engine::Engine::generate(&service).map_err(named)?;
    let tokens = emit::service(&service, &engine);
    let parsed = syn::parse2(tokens)
        .map_err(|e| Error::new(file, "", format!("the generated code does not parse: {e}")))?;
    Ok(prettyplease::unparse(&parsed))
}

/// Compiles `spec` into `out_dir`, as `<file stem>.rs`, for a build script.
///
/// A file whose contents would not change is left alone. Prints the line that tells cargo to run
/// again when the spec changes.
///
/// # Errors
///
/// When the spec cannot be read, the output cannot be written, or for the reasons of [`generate`].
#[allow(
    clippy::print_stdout,
    reason = "build scripts speak to cargo on stdout"
)]
pub fn compile(spec: &Path, out_dir: &Path) -> Result<(), Error> {
    println!("cargo:rerun-if-changed={}", spec.display());
    let failed = |path: &Path, e: std::io::Error| {
        Error::new(path, "", format!("{e}; look at its path and permissions"))
    };
    let yaml = std::fs::read_to_string(spec).map_err(|e| failed(spec, e))?;
    let code = generate(spec, &yaml)?;
    let out = out_dir
        .join(spec.file_stem().unwrap_or_default())
        .with_extension("rs");
    if std::fs::read_to_string(&out).is_ok_and(|old| old == code) {
        return Ok(());
    }
    std::fs::write(&out, code).map_err(|e| failed(&out, e))
}
