//! Prints how a spec change affects the Rust API.
//!
//! `cargo run -p globus-codegen --example spec_diff -- OLD.yaml NEW.yaml`; `just spec-diff` takes
//! `REVISION:specs/transfer.yaml` too.
#![allow(clippy::print_stdout, reason = "printing is its only purpose")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [old, new] = arguments.as_slice() else {
        return Err("expected two arguments: OLD.yaml NEW.yaml".into());
    };
    let (old, new) = (Path::new(old), Path::new(new));
    let before = std::fs::read_to_string(old).map_err(|e| format!("{}: {e}", old.display()))?;
    let after = std::fs::read_to_string(new).map_err(|e| format!("{}: {e}", new.display()))?;
    print!("{}", globus_codegen::diff((old, &before), (new, &after))?);
    Ok(())
}
