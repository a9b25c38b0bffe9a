//! Parsing scope strings.

use super::tree::{Node, Scope};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// More levels of nesting than any real scope has.
const MAX_DEPTH: usize = 32;

pub(super) fn scopes(text: &str) -> Result<Vec<Scope>> {
    let wrong = |why: &str| wrong(text, why);
    let mut scopes: Vec<Scope> = Vec::new();
    let mut depth = 0;
    // whether the innermost open brackets are still empty
    let mut empty = false;
    let mut optional = false;
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        match first {
            '*' if optional => return Err(wrong("has two asterisks in a row")),
            '*' => {
                optional = true;
                rest = &rest[1..];
                if rest.starts_with([' ', '[', ']']) || rest.is_empty() {
                    return Err(wrong("has an asterisk that no scope follows"));
                }
                continue;
            }
            '[' => return Err(wrong("has a bracket that follows no scope")),
            ']' if empty => return Err(wrong("has empty brackets")),
            ']' if depth == 0 => return Err(wrong("has an unmatched closing bracket")),
            ']' => {
                depth -= 1;
                rest = &rest[1..];
                if !rest.is_empty() && !rest.starts_with([' ', ']']) {
                    return Err(wrong("needs a space after a closing bracket"));
                }
            }
            _ => {
                let end = rest.find([' ', '[', ']', '*']).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                if after.starts_with('*') {
                    return Err(wrong("has an asterisk within a name"));
                }
                if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    return Err(wrong("has white space other than spaces"));
                }
                // dependencies are stored flat, with their depth: see `Scope::below`
                match scopes.last_mut() {
                    Some(scope) if depth > 0 => scope.below.push(Node {
                        depth,
                        name: name.to_owned(),
                        optional,
                    }),
                    _ => scopes.push(Scope::new(name).with_optional(optional)),
                }
                optional = false;
                empty = false;
                rest = after;
                if let Some(inside) = rest.strip_prefix('[') {
                    if depth == MAX_DEPTH {
                        return Err(wrong("is nested too deeply"));
                    }
                    depth += 1;
                    empty = true;
                    rest = inside;
                }
            }
        }
        rest = rest.trim_start_matches(' ');
    }
    if depth > 0 {
        return Err(wrong("has an unclosed bracket"));
    }
    match cycle(&scopes) {
        Some(name) => Err(wrong(&format!(
            "has a scope that depends on itself, `{name}`"
        ))),
        None => Ok(scopes),
    }
}

/// Finds a scope that depends on itself, possibly through others: Globus Auth treats all of them as
/// one graph, in which a name is one scope wherever it occurs.
fn cycle(scopes: &[Scope]) -> Option<&str> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for scope in scopes {
        // the names from the scope to the current node, rebuilt from the depths
        let mut way = vec![&*scope.name];
        for node in &scope.below {
            way.truncate(node.depth);
            if let Some(parent) = way.last() {
                below.entry(parent).or_default().push(&node.name);
            }
            way.push(&node.name);
        }
    }
    // depth-first search without recursion: true while a scope is on the current path, false when
    // done
    let mut open: BTreeMap<&str, bool> = BTreeMap::new();
    for &start in below.keys() {
        if open.contains_key(start) {
            continue;
        }
        open.insert(start, true);
        let mut way = vec![(start, 0)];
        while let Some((name, next)) = way.last_mut() {
            match below.get(name).and_then(|below| below.get(*next)) {
                Some(&dependency) => {
                    *next += 1;
                    match open.get(dependency) {
                        Some(true) => return Some(dependency),
                        Some(false) => {}
                        None => {
                            open.insert(dependency, true);
                            way.push((dependency, 0));
                        }
                    }
                }
                None => {
                    open.insert(name, false);
                    way.pop();
                }
            }
        }
    }
    None
}

pub(super) fn wrong(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(120).collect();
    Error::usage(format!(
        "the scope string `{shown}` {why}; write it like `scope_a[*scope_b scope_c] scope_d`"
    ))
}
