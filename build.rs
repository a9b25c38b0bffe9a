//! Compiles `specs/*.yaml` into the typed clients: see `crates/globus-codegen`.

use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let schemas = std::env::var_os("CARGO_FEATURE_SCHEMARS").is_some();
    for service in ["auth", "transfer", "search", "groups"] {
        let enabled = service == "auth"
            || std::env::var_os(format!("CARGO_FEATURE_{}", service.to_uppercase())).is_some();
        let spec = Path::new("specs").join(service).with_extension("yaml");
        if !enabled {
            continue;
        }
        // reports the errors of all specs, not only of the first
        if let Err(e) = globus_codegen::compile(&spec, &out) {
            println!("cargo::error={e}");
        } else if schemas {
            globus_codegen::compile_schemas(&spec, &out)?;
        }
    }
    Ok(())
}
