//! Holds the arrows between files: they lead down from floor to floor, and circles stay small.
//!
//! A path that begins with `crate`, `super` or `self`, or with a child of the file's own in a `use`, is
//! an arrow to the file that it names. A name that a parent re-exports is an arrow to the parent, which
//! has one to each of its children: import it from where it is defined.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Module = Vec<String>;
type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// The house, from the ground up. A room may import what is on its own floor or below.
const FLOORS: [&[&str]; 10] = [
    &["error", "scope", "types"],
    &["operation", "regular_file"],
    &["environment"],
    &["transport"],
    &["call", "client", "pagination", "partial", "token", "wait"],
    &["generated"],
    &["auth"],
    &["groups", "search", "transfer"],
    &["blocking", "globus", "globus_connect", "schema"],
    // lib.rs
    &[""],
];

/// So many files may import each other in a circle.
const LARGEST_CIRCLE: usize = 6;

#[test]
fn imports_lead_down() {
    let room = |module: &Module| module.first().cloned().unwrap_or_default();
    let floor = |module: &Module| {
        let room = room(module);
        let found = FLOORS.iter().position(|rooms| rooms.contains(&&*room));
        found.unwrap_or_else(|| panic!("`{room}` is new: give it a floor in FLOORS"))
    };
    let mut wrong = Vec::new();
    for (from, named) in arrows() {
        let up = named.iter().filter(|to| floor(to) > floor(&from));
        wrong.extend(up.map(|to| format!("{} imports {}", from.join("::"), to.join("::"))));
    }
    assert!(
        wrong.is_empty(),
        "import from where a thing is defined, or move it to the lowest floor that needs it: {wrong:#?}"
    );
}

#[test]
fn circles_of_imports_stay_small() {
    let arrows = arrows();
    let reached: Vec<_> = arrows
        .keys()
        .map(|module| reached(module, &arrows))
        .collect();
    let names: Vec<_> = arrows.keys().map(|module| module.join("::")).collect();
    let circles = (0..names.len()).map(|at| {
        let both = reached[at].iter().filter(|to| reached[**to].contains(&at));
        both.map(|to| &names[*to]).collect::<Vec<_>>()
    });
    let largest = circles.max_by_key(Vec::len).unwrap_or_default();
    assert!(
        largest.len() <= LARGEST_CIRCLE,
        "{} files import each other in a circle: {largest:?}; import from where a thing is defined, \
         or move what both need to a file below",
        largest.len()
    );
}

/// Every file with the files that it names.
fn arrows() -> Arrows {
    let mut code = BTreeMap::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&src, &Module::new(), &mut code);
    let find = |from: &Module, path: Module| {
        let mut to = match path[0].as_str() {
            "crate" => Module::new(),
            "super" => from[..from.len().saturating_sub(1)].to_vec(),
            "self" => from.clone(),
            child => [from.clone(), vec![child.to_owned()]].concat(),
        };
        if !code.contains_key(&to) {
            return None;
        }
        for name in &path[1..] {
            if name == "super" {
                to.pop();
                continue;
            }
            to.push(name.clone());
            if !code.contains_key(&to) {
                to.pop();
                break;
            }
        }
        (to != *from).then_some(to)
    };
    let of = |(from, text): (&Module, &String)| {
        let named = paths(text).into_iter().filter_map(|path| find(from, path));
        (from.clone(), named.collect())
    };
    code.iter().map(of).collect()
}

/// The code of every file, without comments and tests.
fn read(folder: &Path, parent: &Module, code: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let mut module = parent.clone();
        if !["lib", "mod"].contains(&name) {
            module.push(name.to_owned());
        }
        if path.is_dir() {
            read(&path, &module, code);
        } else if !name.ends_with("tests") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("\nmod tests {").next().unwrap_or_default();
            let lines = text.lines().map(|line| line.split("//").next().unwrap());
            code.insert(module, lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The paths in a text that may name a file.
fn paths(text: &str) -> Vec<Module> {
    let mut found = Vec::new();
    for (at, start) in ["use ", "crate::", "super::", "self::"]
        .iter()
        .flat_map(|start| text.match_indices(start))
    {
        // not in the middle of a path or of a name
        if text[..at].ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let mut rest = &text[at..];
        if start == "use " {
            rest = &rest[4..];
        }
        tree(&mut rest, Module::new(), &mut found);
    }
    found
}

/// `a::{b, c::d}` is the paths `a::b` and `a::c::d`.
fn tree(text: &mut &str, mut path: Module, found: &mut Vec<Module>) {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    path.push(name.to_owned());
    *text = rest;
    let Some(rest) = rest.strip_prefix("::") else {
        return found.push(path);
    };
    *text = rest;
    let Some(mut group) = rest.strip_prefix('{') else {
        return tree(text, path, found);
    };
    loop {
        *text = group.trim_start();
        if text.starts_with('}') {
            *text = &text[1..];
            return;
        }
        tree(text, path.clone(), found);
        // `as` another name
        let Some(end) = text.find([',', '}']) else {
            return;
        };
        group = text[end..].trim_start_matches(',');
    }
}

/// The positions of what arrows lead to, the beginning included.
fn reached(from: &Module, arrows: &Arrows) -> BTreeSet<usize> {
    let places: BTreeMap<_, _> = arrows.keys().zip(0..).collect();
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        if seen.insert(places[module]) {
            next.extend(&arrows[module]);
        }
    }
    seen
}
