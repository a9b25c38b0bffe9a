//! Converts a spec's Markdown to rustdoc's: OpenAPI's markup is kept, and anything that only
//! rustdoc would interpret is escaped.
//!
//! rustdoc runs code blocks as tests, resolves brackets as item links, and warns about HTML and
//! bare URLs.

use std::collections::HashSet;

/// Returns the text escaped for rustdoc.
pub(super) fn rustdoc(text: &str) -> String {
    let labels: HashSet<String> = text.lines().filter_map(link_definition).collect();
    let mut out = String::with_capacity(text.len());
    let mut paragraph: Vec<String> = Vec::new();
    let mut list = 0;
    let mut lines = text.trim().lines().peekable();
    let flush = |paragraph: &mut Vec<String>, out: &mut String| {
        if !paragraph.is_empty() {
            Inline::new(&paragraph.join("\n"), &labels).write(out);
            out.push('\n');
            paragraph.clear();
        }
    };
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        if bare.is_empty() {
            flush(&mut paragraph, &mut out);
            out.push('\n');
            continue;
        }
        let indent = line.len() - bare.len();
        if let Some(fence) = opening_fence(bare) {
            flush(&mut paragraph, &mut out);
            let indent = indent.min(list);
            out += &format!("{}{}\n", " ".repeat(indent), fence_as_text(bare, fence));
            for line in lines.by_ref() {
                let closes = line.trim_start().starts_with(fence)
                    && line.trim().chars().all(|c| fence.starts_with(c));
                if closes {
                    break;
                }
                let held = line.len() - line.trim_start().len();
                let shown = &line[held.min(indent)..];
                out += &format!("{}{shown}\n", " ".repeat(indent));
            }
            out += &format!("{}{fence}\n", " ".repeat(indent));
            continue;
        }
        if link_definition(line).is_some() {
            flush(&mut paragraph, &mut out);
            out += &format!("{bare}\n");
            continue;
        }
        // deeper indentation than the list's would become a code block, and so a doctest
        let indent = match list_marker(bare) {
            Some(width) => {
                let indent = indent.min(list + 1);
                list = indent + width;
                indent
            }
            None => {
                if indent == 0 && paragraph.is_empty() {
                    list = 0;
                }
                indent.min(list)
            }
        };
        paragraph.push(format!("{}{bare}", " ".repeat(indent)));
    }
    flush(&mut paragraph, &mut out);
    out
}

/// The width of a list marker, such as `* ` or `12. `.
fn list_marker(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let width = match line.as_bytes().get(digits)? {
        b'*' | b'-' | b'+' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    line[width..].starts_with(' ').then_some(width + 1)
}

/// The fence that opens a code block.
fn opening_fence(line: &str) -> Option<&str> {
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == first).count();
    let fences = length >= 3 && !(first == '`' && line[length..].contains('`'));
    fences.then(|| &line[..length])
}

/// The opening line of a code block, marked as `text` if rustdoc would run it as a test.
fn fence_as_text(line: &str, fence: &str) -> String {
    let language = line[fence.len()..].trim();
    let word = language.split([',', ' ', '{']).next().unwrap_or_default();
    // rustdoc treats these words, and none at all, as Rust
    let rust = [
        "",
        "rust",
        "should_panic",
        "no_run",
        "ignore",
        "allow_fail",
        "compile_fail",
        "test_harness",
        "standalone",
        "standalone_crate",
    ];
    match rust.contains(&word) || word.starts_with("edition") || word.starts_with("ignore-") {
        true => format!("{fence}text"),
        false => format!("{fence}{language}"),
    }
}

/// The label of a link definition: `[label]: https://...`.
fn link_definition(line: &str) -> Option<String> {
    let (label, address) = line.trim().strip_prefix('[')?.split_once("]:")?;
    let address = address.trim();
    let address = address.strip_prefix('<').unwrap_or(address);
    (!label.is_empty() && !label.contains(['[', ']']) && is_external(address))
        .then(|| label.to_lowercase())
}

/// Whether a link is external rather than to a Rust item.
fn is_external(address: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
}

/// The inline text of one paragraph.
struct Inline<'a> {
    text: &'a str,
    labels: &'a HashSet<String>,
}

impl<'a> Inline<'a> {
    fn new(text: &'a str, labels: &'a HashSet<String>) -> Self {
        Self { text, labels }
    }

    fn write(&self, out: &mut String) {
        let mut at = 0;
        let mut before = ' ';
        while let Some(c) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            let taken = match c {
                '\\' => {
                    let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                    out.push_str(&rest[..=escaped]);
                    1 + escaped
                }
                '`' => write_code_span(rest, out),
                '<' => write_angle_bracket(rest, out),
                '[' => self.bracket(rest, out),
                ']' => {
                    out.push_str("\\]");
                    1
                }
                'h' if !before.is_alphanumeric() && is_url(rest) => {
                    let address = bare_url(rest);
                    out.push_str(&format!("<{address}>"));
                    address.len()
                }
                _ => {
                    out.push(c);
                    c.len_utf8()
                }
            };
            before = self.text[at..at + taken].chars().next_back().unwrap_or(' ');
            at += taken;
        }
    }

    /// Writes an external link, or an escaped bracket.
    fn bracket(&self, rest: &str, out: &mut String) -> usize {
        let plain = |out: &mut String| {
            out.push_str("\\[");
            1
        };
        let Some(end) = closing_bracket(rest) else {
            return plain(out);
        };
        let (text, behind) = (&rest[1..end], &rest[end + 1..]);
        let target = if let Some(inner) = behind.strip_prefix('(') {
            let inner = inner.trim_start_matches('<');
            match behind.find(')') {
                Some(close) if is_external(inner) => &behind[..=close],
                _ => return plain(out),
            }
        } else if let Some(label) = behind.strip_prefix('[').and_then(|b| b.split_once(']')) {
            match self.labels.contains(&label.0.to_lowercase()) {
                true => &behind[..label.0.len() + 2],
                false => return plain(out),
            }
        } else if self.labels.contains(&text.to_lowercase()) {
            ""
        } else {
            return plain(out);
        };
        out.push('[');
        // links cannot be nested
        Inline::new(text, &HashSet::new()).write(out);
        out.push(']');
        out.push_str(target);
        end + 1 + target.len()
    }
}

/// Writes a code span unchanged, or escapes unmatched backticks.
fn write_code_span(rest: &str, out: &mut String) -> usize {
    let ticks = |text: &str| text.bytes().take_while(|b| *b == b'`').count();
    let opening = ticks(rest);
    let mut at = opening;
    while let Some(found) = rest[at..].find('`') {
        let closing = ticks(&rest[at + found..]);
        at += found + closing;
        if closing == opening {
            out.push_str(&rest[..at]);
            return at;
        }
    }
    out.push_str(&"\\`".repeat(opening));
    opening
}

/// Writes a link in angle brackets, or escapes a `<` that would start HTML.
fn write_angle_bracket(rest: &str, out: &mut String) -> usize {
    let inner = rest[1..].split_once('>').map_or("", |(inner, _)| inner);
    if is_external(inner) && !inner.contains([' ', '\n', '<']) {
        let taken = inner.len() + 2;
        out.push_str(&rest[..taken]);
        return taken;
    }
    out.push_str("\\<");
    1
}

/// The position of the bracket that closes the one at the start of the text.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The URL at the start of the text, without the punctuation of the sentence that it is in.
fn bare_url(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"`|*[]".contains(c));
    let mut address = &text[..end.unwrap_or(text.len())];
    while let Some(last) = address.chars().next_back() {
        let open = address.matches('(').count() >= address.matches(')').count();
        if ".,;:!?'_~".contains(last) || (last == ')' && !open) {
            address = &address[..address.len() - 1];
        } else {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::rustdoc;

    #[track_caller]
    fn becomes(text: &str, shown: &str) {
        assert_eq!(rustdoc(text), format!("{shown}\n"));
    }

    #[test]
    fn emphasis_stays_emphasis() {
        becomes(
            "**Bold**, *slanted*, __bold__ and _slanted_ of `*code*`",
            "**Bold**, *slanted*, __bold__ and _slanted_ of `*code*`",
        );
    }

    #[test]
    fn links_to_addresses_stay_links() {
        becomes(
            "See [the **docs**](https://docs.globus.org/a_b(c)), <https://a.org> and [it].\n\n[it]: https://b.org",
            "See [the **docs**](https://docs.globus.org/a_b(c)), <https://a.org> and [it].\n\n[it]: https://b.org",
        );
        becomes(
            "[a\nb][c]\n\n[c]: http://d.org",
            "[a\nb][c]\n\n[c]: http://d.org",
        );
    }

    #[test]
    fn brackets_that_lead_nowhere_are_shown() {
        becomes(
            "In <i>, [x], [y](z), [q][r] or a] and a[0]",
            "In \\<i>, \\[x\\], \\[y\\](z), \\[q\\]\\[r\\] or a\\] and a\\[0\\]",
        );
    }

    #[test]
    fn a_bare_address_becomes_a_link_without_its_sentence() {
        becomes(
            "At https://docs.globus.org/api. (Or http://a.org/b_(c)) xhttps://d",
            "At <https://docs.globus.org/api>. (Or <http://a.org/b_(c)>) xhttps://d",
        );
    }

    #[test]
    fn code_spans_of_any_length_are_left_alone() {
        becomes(
            "``a ` <b> [c]`` and `d\n[e]`",
            "``a ` <b> [c]`` and `d\n[e]`",
        );
        becomes("a ` [b]", "a \\` \\[b\\]");
    }

    #[test]
    fn what_is_escaped_stays_so() {
        becomes(r"\*no\* \[x\] \", r"\*no\* \[x\] \");
    }

    #[test]
    fn an_indented_line_is_no_code_block() {
        becomes("a\n      b\n\n    c", "a\nb\n\nc");
    }

    #[test]
    fn lists_keep_their_levels_and_their_lines() {
        becomes(
            "* a\n  more\n  * b\n    c\n\n  d\n\n1. e\n   f\n\nend",
            "* a\n  more\n  * b\n    c\n\n  d\n\n1. e\n   f\n\nend",
        );
        becomes("- a\n\n          b", "- a\n\n  b");
    }

    #[test]
    fn a_block_of_code_is_never_a_test() {
        becomes(
            "```\nlet [a] = <b>;\n  c\n```",
            "```text\nlet [a] = <b>;\n  c\n```",
        );
        becomes("```rust\na\n```\nb", "```text\na\n```\nb");
        becomes("~~~json\n{}\n~~~", "~~~json\n{}\n~~~");
        becomes("```\nnever closed", "```text\nnever closed\n```");
        becomes("* a\n  ```\n  b\n  ```", "* a\n  ```text\n  b\n  ```");
    }

    #[test]
    fn a_table_stays_a_table() {
        becomes(
            "| a | b |\n| - | - |\n| `c` | *d* |",
            "| a | b |\n| - | - |\n| `c` | *d* |",
        );
    }
}
