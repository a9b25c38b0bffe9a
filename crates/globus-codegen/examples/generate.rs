//! Prints the Rust code that becomes of a spec.
//!
//! `cargo run -p globus-codegen --example generate -- specs/groups.yaml`; `just generated` writes it
//! to `docs/generated/`.
#![allow(clippy::print_stdout, reason = "printing is its only purpose")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [spec] = arguments.as_slice() else {
        return Err("expected one argument: SPEC.yaml".into());
    };
    let yaml = std::fs::read_to_string(spec).map_err(|e| format!("{spec}: {e}"))?;
    let code = globus_codegen::generate(Path::new(spec), &yaml)?;
    println!(
        "// Generated from {spec}, as `build.rs` compiles it. Do not edit; run `just generated`.\n"
    );
    print!("{code}");
    Ok(())
}
