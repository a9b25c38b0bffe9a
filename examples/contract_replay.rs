//! Replays recorded answers of the services through the generated types.
//!
//! `cargo run -q --example contract_replay -- FILE.jsonl`; each line is
//! `{"service":"transfer","method":"GET","path":"/v0.10/endpoint/<uuid>","status":200,"body":{…}}`.
//! Every answer is decoded and encoded again: the document must be the same except for the order of
//! its keys. Exits with 0 only if none failed.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to a person"
)]

use globus_sdk::operation::Operation;
use serde_json::Value;
use std::io::BufRead as _;
use std::process::ExitCode;

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    unknown: usize,
    unknown_fields: usize,
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: contract_replay FILE.jsonl");
        return ExitCode::from(2);
    };
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(e) => {
            eprintln!("{path}: {e}");
            return ExitCode::from(2);
        }
    };
    let mut counts = Counts::default();
    let mut lines = std::io::BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.trim_ascii().is_empty() => {}
            Ok(_) => replay(&line, &mut counts),
            Err(e) => {
                eprintln!("{path}: {e}");
                return ExitCode::from(2);
            }
        }
    }
    let Counts {
        passed,
        failed,
        unknown,
        unknown_fields,
    } = counts;
    println!(
        "{passed} passed, {failed} failed, {unknown} unknown, {unknown_fields} unknown_fields"
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn replay(line: &[u8], counts: &mut Counts) {
    let record: Value = match serde_json::from_slice(line) {
        Ok(record) => record,
        Err(e) => {
            counts.failed += 1;
            println!("FAIL - $ the line is not JSON: {e}");
            return;
        }
    };
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    let (method, path) = (text("method"), text("path"));
    let Some(operation) = Operation::find(text("service"), method, path) else {
        counts.unknown += 1;
        println!("unknown {method} {path}");
        return;
    };
    let status = record["status"]
        .as_u64()
        .and_then(|s| u16::try_from(s).ok())
        .unwrap_or(0);
    let body = record["body"].to_string();
    let replayed = match operation.decode_round_trip(status, body.as_bytes()) {
        Ok(replayed) => replayed,
        Err(e) => {
            counts.failed += 1;
            println!(
                "FAIL {} {}",
                operation.name,
                e.message().trim_start_matches("at ")
            );
            return;
        }
    };
    // an operation without a document has nothing to compare
    let nothing = replayed.document.is_null();
    match difference(&record["body"], &replayed.document, "$") {
        Some((at, why)) if !nothing => {
            counts.failed += 1;
            println!("FAIL {} {at} {why}", operation.name);
        }
        _ => {
            counts.passed += 1;
            println!("ok {}", operation.name);
        }
    }
    for at in replayed.unknown_fields {
        counts.unknown_fields += 1;
        println!("UNTYPED {} {at}", operation.name);
    }
}

/// The first difference between the original and the encoded document: where, and what.
fn difference(came: &Value, encoded: &Value, at: &str) -> Option<(String, String)> {
    match (came, encoded) {
        (Value::Object(came), Value::Object(encoded)) => {
            for (key, value) in came {
                let at = format!("{at}.{key}");
                match encoded.get(key) {
                    None => return Some((at, "was lost".to_owned())),
                    Some(encoded) => {
                        if let Some(found) = difference(value, encoded, &at) {
                            return Some(found);
                        }
                    }
                }
            }
            let added = encoded.iter().find(|(key, _)| !came.contains_key(*key));
            added.map(|(key, value)| (format!("{at}.{key}"), format!("was added: {value}")))
        }
        (Value::Array(came), Value::Array(encoded)) if came.len() == encoded.len() => came
            .iter()
            .zip(encoded)
            .enumerate()
            .find_map(|(i, (came, encoded))| difference(came, encoded, &format!("{at}[{i}]"))),
        _ if came == encoded => None,
        _ => Some((at.to_owned(), format!("was {came} and became {encoded}"))),
    }
}
