//! The table: floor, SDK and Python in turn, again and again, and what is promised of them.

use crate::case::Case;
use crate::measure::Cost;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Where the responder runs, and where the measurements do.
const SERVING: &str = "0";
const MEASURING: &str = "1";
/// Python takes so much longer that it is seldom asked.
const PYTHON_RUNS: usize = 3;

/// The responder, in a process of its own, which ends with this value.
pub(crate) struct Responder {
    process: Child,
    pub(crate) url: String,
}

impl Responder {
    pub(crate) fn start() -> Self {
        let this = std::env::current_exe().expect("this program");
        let mut process = pinned(SERVING, this)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset, of util-linux");
        let mut url = String::new();
        let stdout = process.stdout.take().expect("its output");
        BufReader::new(stdout)
            .read_line(&mut url)
            .expect("its address");
        Self {
            process,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pinned(processor: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", processor]).arg(program);
    command
}

/// One measurement in a process of its own.
pub(crate) fn cost(program: &[&str], case: Case, size: usize, url: &str) -> Cost {
    let output = pinned(MEASURING, program[0])
        .args(&program[1..])
        .args([case.name(), &size.to_string(), url])
        .stderr(Stdio::inherit())
        .output()
        .expect("taskset, of util-linux");
    assert!(
        output.status.success(),
        "{program:?} {} failed",
        case.name()
    );
    serde_json::from_slice(&output.stdout).expect("a cost")
}

struct Options<'a> {
    runs: usize,
    python: Option<&'a str>,
    cases: Vec<(Case, usize)>,
}

impl<'a> Options<'a> {
    fn read(arguments: &[&'a str]) -> Self {
        let mut options = Self {
            runs: 9,
            python: None,
            cases: Vec::new(),
        };
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            match argument {
                "--runs" => {
                    let runs = arguments.next().and_then(|runs| runs.parse().ok());
                    options.runs = runs.expect("a number behind --runs");
                }
                "--python" => options.python = Some(arguments.next().expect("a Python")),
                case => options.cases.push(match case.split_once('=') {
                    Some((case, size)) => (Case::named(case), size.parse().expect("a size")),
                    None => (Case::named(case), Case::named(case).size()),
                }),
            }
        }
        if options.cases.is_empty() {
            options.cases = Case::TABLE.map(|case| (case, case.size())).into();
        }
        options
    }
}

pub(crate) fn table(arguments: &[&str]) {
    let options = Options::read(arguments);
    let responder = Responder::start();
    let python = options.python.map(|python| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/bench_python.py");
        [python, script]
    });
    print!("| case | | floor | SDK |");
    print!("{}", python.map_or("", |_| " Python |"));
    print!(" SDK : floor | at most |");
    println!("{}", python.map_or("", |_| " Python : floor |"));
    print!("| --- | --- | --: | --: | --: | --: |");
    println!("{}", python.map_or("", |_| " --: | --: |"));
    let mut missed = Vec::new();
    for (case, size) in options.cases {
        missed.extend(row(case, size, options.runs, python, &responder.url));
    }
    if !missed.is_empty() {
        println!();
        missed.iter().for_each(|miss| println!("MISSED: {miss}"));
        std::process::exit(1);
    }
}

/// Measures a case and prints it; gives what is not as promised.
fn row(case: Case, size: usize, runs: usize, python: Option<[&str; 2]>, url: &str) -> Vec<String> {
    let this = std::env::current_exe().expect("this program");
    let this = this.to_str().expect("a path of characters");
    let (mut floor, mut sdk) = (Vec::new(), Vec::new());
    for run in 0..runs {
        // who comes first takes turns, since whoever comes second may find a warmer machine
        if run % 2 == 0 {
            floor.push(cost(&[this, "floor"], case, size, url));
            sdk.push(cost(&[this, "sdk"], case, size, url));
        } else {
            sdk.push(cost(&[this, "sdk"], case, size, url));
            floor.push(cost(&[this, "floor"], case, size, url));
        }
    }
    let python: Option<Vec<Cost>> = python.map(|program| {
        let costs = (0..PYTHON_RUNS.min(runs)).map(|_| cost(&program, case, size, url));
        costs.collect()
    });
    let unit = if case == Case::GetTask { size } else { 1 };
    let mut missed = Vec::new();
    for (measure, of) in [("CPU", Cost::cpu as fn(&Cost) -> f64), ("wall", Cost::wall)] {
        let each = |costs: &[Cost]| time(median(costs.iter().map(of)) / unit as f64);
        let pairs = floor.iter().zip(&sdk);
        let ratio = median(pairs.map(|(floor, sdk)| of(sdk) / of(floor)));
        // where the most is waiting, the clock counts, too; elsewhere it also tells what the responder
        // takes
        let promised = measure == "CPU" || case.is_waiting();
        if promised && ratio > case.at_most() {
            let at_most = case.at_most();
            missed.push(format!(
                "{}: {ratio:.2} of the floor's {measure}, not {at_most:.2}",
                case.name()
            ));
        }
        let what = if measure == "CPU" {
            case.what(size)
        } else {
            String::new()
        };
        print!("| {what} | {measure} | {} | {} |", each(&floor), each(&sdk));
        if let Some(python) = &python {
            print!(" {} |", each(python));
        }
        let at_most = match promised {
            true => format!("{:.2}", case.at_most()),
            false => String::new(),
        };
        print!(" {ratio:.2} | {at_most} |");
        if let Some(python) = &python {
            let floor = median(floor.iter().map(of));
            print!(" {:.1} |", median(python.iter().map(of)) / floor);
        }
        println!();
    }
    let peak = |costs: &[Cost]| median(costs.iter().map(|cost| cost.peak as f64)) / 1024.0;
    let (lowest, ours) = (peak(&floor), peak(&sdk));
    print!("| | peak memory | {lowest:.1} MiB | {ours:.1} MiB |");
    if let Some(python) = &python {
        print!(" {:.1} MiB |", peak(python));
    }
    let limit = case.peak_below();
    let at_most = limit.map_or(String::new(), |limit| format!("{} MiB", limit / 1024));
    print!(" {:.2} | {at_most} |", ours / lowest);
    if let Some(python) = &python {
        print!(" {:.1} |", peak(python) / lowest);
    }
    println!();
    if let Some(limit) = limit
        && ours * 1024.0 >= limit as f64
    {
        missed.push(format!(
            "{}: a peak of {ours:.1} MiB, not {at_most}",
            case.name()
        ));
    }
    missed
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
