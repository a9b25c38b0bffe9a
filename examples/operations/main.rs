//! Prints the table of operations: as the page `docs/operations.md`, or with `--json` as JSON.
//!
//! `just operations` writes the page; `scripts/python_names.py` reads the JSON.
#![allow(clippy::print_stdout, reason = "printing is all that it is for")]

mod page;

use serde_json::json;

fn main() {
    if std::env::args().any(|argument| argument == "--json") {
        for operation in globus_sdk::operations() {
            let line = json!({
                "service": operation.service,
                "name": operation.name,
                "method": operation.method,
                "path": operation.path,
                "python_names": operation.python_names,
                "deprecated": operation.deprecated,
            });
            println!("{line}");
        }
    } else {
        print!("{}", page::operations());
    }
}
