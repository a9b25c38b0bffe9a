//! Cost as work grows: time has to grow as the work does, and memory not at all.

use crate::case::Case;
use crate::driver::{Responder, cost, median};
use crate::measure::Cost;
use std::fmt::Write as _;

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const RUNS: usize = 3;

/// One line of the picture.
struct Line {
    case: Case,
    name: &'static str,
    color: &'static str,
    /// Seconds of the processor's time and MiB at the peak, by size.
    points: Vec<(f64, f64)>,
}

pub(crate) fn growth(picture: &str) {
    let responder = Responder::start();
    let this = std::env::current_exe().expect("this program");
    let this = this.to_str().expect("a path of characters");
    println!("| work | items | CPU | an item | peak memory |");
    println!("| --- | --: | --: | --: | --: |");
    let mut lines = Vec::new();
    for (case, name, color) in [
        (Case::TaskList, "paging", "#0b6fa4"),
        (Case::QuickWalk, "recursive ls", "#b5530f"),
        (Case::Ingest, "ingest_all", "#2e7d32"),
    ] {
        let mut points = Vec::new();
        for size in SIZES {
            let costs: Vec<Cost> = (0..RUNS)
                .map(|_| cost(&[this, "sdk"], case, size, &responder.url))
                .collect();
            let cpu = median(costs.iter().map(|cost| cost.cpu));
            let peak = median(costs.iter().map(|cost| cost.peak as f64)) / 1024.0;
            let each = cpu / size as f64 * 1e6;
            println!("| {name} | {size} | {cpu:.3} s | {each:.2} µs | {peak:.1} MiB |");
            points.push((cpu, peak));
        }
        lines.push(Line {
            case,
            name,
            color,
            points,
        });
    }
    std::fs::write(picture, svg(&lines)).expect("a picture that can be written");
    let missed: Vec<String> = lines.iter().filter_map(Line::missed).collect();
    if !missed.is_empty() {
        println!();
        missed.iter().for_each(|miss| println!("MISSED: {miss}"));
        std::process::exit(1);
    }
}

impl Line {
    /// Whether a hundred times the work took more than a hundred times the time, or ten times the work
    /// more memory; the first full page or batch takes its own.
    fn missed(&self) -> Option<String> {
        let (of_all, of_few) = (self.points.last()?, self.points.get(1)?);
        let growth = (SIZES[3] / SIZES[1]) as f64;
        if of_all.0 > of_few.0 * growth * 1.3 {
            return Some(format!("{}: time grows faster than work", self.name));
        }
        let flat = self.points.get(2)?.1;
        (of_all.1 > flat * 1.25).then(|| {
            format!(
                "{}: {:.1} MiB became {:.1}",
                self.case.name(),
                flat,
                of_all.1
            )
        })
    }
}

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 240.0;

/// Two plots side by side: time over items, both logarithmic, and memory over items.
fn svg(lines: &[Line]) -> String {
    let mut out = concat!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 340" "#,
        r#"font-family="sans-serif" font-size="13" fill="none">"#,
        "\n",
        r##"<title>Time and memory as work grows</title>"##,
        "\n",
        r##"<rect width="960" height="340" fill="#ffffff"/>"##,
        "\n"
    )
    .to_owned();
    let most = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|point| point.1));
    let most = (most.fold(0.0, f64::max) / 10.0).ceil() * 10.0;
    let time = Plot {
        left: 60.0,
        title: "CPU time, seconds",
        // from a millisecond to a hundred seconds
        height: Box::new(|(cpu, _)| (cpu.log10() + 3.0) / 5.0),
        marks: ["1 ms", "10 ms", "0.1 s", "1 s", "10 s", "100 s"]
            .map(str::to_owned)
            .into(),
    };
    let memory = Plot {
        left: 540.0,
        title: "peak memory, MiB",
        height: Box::new(move |(_, peak)| peak / most),
        marks: (0..=5)
            .map(|n| format!("{:.0}", most / 5.0 * f64::from(n)))
            .collect(),
    };
    time.draw(&mut out, lines);
    memory.draw(&mut out, lines);
    out.push_str("</svg>\n");
    out
}

struct Plot {
    left: f64,
    title: &'static str,
    /// Where a point is, from 0 at the bottom to 1 at the top.
    height: Box<dyn Fn((f64, f64)) -> f64>,
    /// What stands at the left, from the bottom to the top.
    marks: Vec<String>,
}

impl Plot {
    fn draw(&self, out: &mut String, lines: &[Line]) {
        let (left, top) = (self.left, 40.0);
        let bottom = top + HEIGHT;
        let right = left + WIDTH - 40.0;
        let mut put = |text: String| writeln!(out, "{text}").expect("a string takes everything");
        put(format!(
            r##"<text x="{left}" y="24" fill="#222222" font-size="15">{}</text>"##,
            self.title
        ));
        for (n, mark) in self.marks.iter().enumerate() {
            let y = bottom - HEIGHT * n as f64 / (self.marks.len() - 1) as f64;
            put(format!(
                r##"<path d="M{left} {y}H{right}" stroke="#dddddd"/><text x="{}" y="{}" text-anchor="end" fill="#555555">{mark}</text>"##,
                left - 8.0,
                y + 4.0
            ));
        }
        let x = |n: usize| left + 20.0 + (right - left - 40.0) * n as f64 / 3.0;
        for (n, items) in ["1,000", "10,000", "100,000", "1,000,000 items"]
            .iter()
            .enumerate()
        {
            put(format!(
                r##"<text x="{}" y="{}" text-anchor="middle" fill="#555555">{items}</text>"##,
                x(n),
                bottom + 20.0
            ));
        }
        for (n, line) in lines.iter().enumerate() {
            let y = |point: &(f64, f64)| bottom - HEIGHT * (self.height)(*point).clamp(0.0, 1.0);
            let points = line.points.iter().enumerate();
            let points: Vec<String> = points
                .map(|(n, point)| format!("{:.1},{:.1}", x(n), y(point)))
                .collect();
            put(format!(
                r#"<polyline points="{}" stroke="{}" stroke-width="2"/>"#,
                points.join(" "),
                line.color
            ));
            for point in &points {
                let (x, y) = point.split_once(',').unwrap_or_default();
                put(format!(
                    r#"<circle cx="{x}" cy="{y}" r="3" fill="{}"/>"#,
                    line.color
                ));
            }
            put(format!(
                r#"<text x="{}" y="{}" fill="{}">{}</text>"#,
                left + 120.0 * n as f64,
                bottom + 48.0,
                line.color,
                line.name
            ));
        }
    }
}
