//! What a call of the SDK costs, beside the same call by hand and in Python.
//!
//! `floor` is what an expert writes for one call and nothing else: bare reqwest, and serde_json into
//! a struct of the same fields. A responder of canned bytes in a process of its own serves them all.
//! Each measurement is a process of its own too, pinned to one processor and the responder to
//! another, so that time and memory are nobody else's. Linux only: `/proc` is read, `taskset` pins.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot go on says why and stops"
)]

mod case;
mod counts;
mod documents;
mod driver;
mod floor;
mod growth;
mod measure;
mod sdk;
mod server;

const USAGE: &str = "\
globus-bench table [--runs N] [--python PYTHON] [CASE[=SIZE]]...   all of it, as a table
globus-bench counts check|record FILE                 instructions and allocations
globus-bench instructions                             those of the table's cases, as a table
globus-bench growth PICTURE                           cost as work grows, as a table and an SVG
globus-bench serve                                    the responder; prints its address
globus-bench floor|sdk CASE SIZE URL                  one measurement, as JSON";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["counts", "check", file] => counts::check(file),
        ["counts", "record", file] => counts::record(file),
        ["count", work, times, url] => counts::work(work, times, url),
        ["instructions"] => counts::instructions(),
        ["growth", picture] => growth::growth(picture),
        ["table", options @ ..] => driver::table(options),
        ["serve"] => server::serve(),
        ["floor", case, size, url] => measure::run(&floor::Floor::new(url), case, size),
        ["sdk", case, size, url] => measure::run(&sdk::Sdk::new(url), case, size),
        _ => {
            println!("{USAGE}");
            std::process::exit(2);
        }
    }
}
