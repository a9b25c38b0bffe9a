//! Foreign text in an error: one line of bounded length, in which nothing can act as a terminal
//! command or start another log line.

use crate::types::escape::is_escaped;
use std::borrow::Cow;

/// How many characters of a foreign text an error shows.
pub(crate) const LIMIT: usize = 1000;
/// How many characters of a body that is not an error document a message shows.
pub(super) const SHOWN: usize = 500;
/// How much of a page is searched for its text.
const SEARCHED: usize = 16 * 1024;
/// How many characters of a page's text are shown.
const PAGE_LIMIT: usize = 200;

/// Turns a text into one line: white space with a line break becomes one space, control characters
/// and those that change the writing direction are escaped, and it ends in an ellipsis after
/// `limit` characters.
pub(crate) fn one_line(text: &str, limit: usize) -> Cow<'_, str> {
    let text = text.trim_matches(|c| c == ' ' || c == '\t' || is_break(c));
    if text.len() <= limit && !text.chars().any(|c| is_break(c) || is_escaped(c)) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len().min(4 * limit));
    let mut shown = 0;
    // pending white space before the next visible character
    let (mut blanks, mut broken) = (String::new(), false);
    for c in text.chars() {
        if is_break(c) {
            broken = true;
            continue;
        }
        if c == ' ' || c == '\t' {
            // bounded: white space beyond the limit could not be shown anyway
            if blanks.len() < limit {
                blanks.push(c);
            }
            continue;
        }
        if broken {
            blanks.clear();
            blanks.push(' ');
        }
        for c in blanks.drain(..).chain([c]) {
            if shown == limit {
                line.push('…');
                return Cow::Owned(line);
            }
            shown += 1;
            if is_escaped(c) {
                line.extend(c.escape_default());
            } else {
                line.push(c);
            }
        }
        broken = false;
    }
    Cow::Owned(line)
}

/// The same for the SDK's own text, which is nearly always one line already.
pub(super) fn sanitize(text: Cow<'static, str>) -> Cow<'static, str> {
    // twice the limit, since a message may quote two foreign texts
    match text {
        Cow::Borrowed(text) => one_line(text, 2 * LIMIT),
        Cow::Owned(text) => match one_line(&text, 2 * LIMIT) {
            Cow::Borrowed(line) if line.len() == text.len() => Cow::Owned(text),
            line => Cow::Owned(line.into_owned()),
        },
    }
}

fn is_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The text of an HTML page or an XML document: its title, or else its first words.
pub(super) fn page_text(page: &str) -> Option<String> {
    let end = (0..=page.len().min(SEARCHED))
        .rev()
        .find(|end| page.is_char_boundary(*end))?;
    let mut rest = &page[..end];
    let (mut title, mut words) = (String::new(), String::new());
    let mut in_title = false;
    while let Some((before, tag)) = rest.split_once('<') {
        let text = if in_title { &mut title } else { &mut words };
        text.push_str(before);
        // not an HTML parser: gateways' error pages are small, and a wrong guess costs a few words
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            text.push('<');
            rest = tag;
            continue;
        }
        let Some((inner, after)) = tag.split_once('>') else {
            rest = "";
            break;
        };
        let name = inner.split([' ', '\t', '\r', '\n']).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        rest = match &*name {
            "script" | "style" => {
                let close = after.to_ascii_lowercase().find(&format!("</{name}"));
                close.map_or("", |close| &after[close..])
            }
            _ => after,
        };
        in_title = name == "title" && title.trim().is_empty();
        words.push(' ');
    }
    words.push_str(rest);
    [title, words].iter().find_map(|text| {
        let text = unescape(text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then(|| one_line(&text, PAGE_LIMIT).into_owned())
    })
}

/// The entities that occur in gateways' pages.
fn unescape(text: &str) -> String {
    let entities = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        // last, so that its result is not unescaped again
        ("&amp;", "&"),
    ];
    let all = entities.iter();
    all.fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_folded_into_one() {
        assert_eq!(one_line("a\r\n\r\n  b\n", 9), "a b");
        assert_eq!(one_line(" a  b ", 9), "a  b");
        assert_eq!(one_line("a\u{2028}b\u{85}c", 9), "a b c");
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(
            one_line("a\u{1b}[31m\u{7}\tb\u{202e}c\u{9b}d", 99),
            r"a\u{1b}[31m\u{7}\tb\u{202e}c\u{9b}d"
        );
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(one_line("äöüß", 3), "äöü…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }

    #[test]
    fn a_page_is_told_by_its_title_or_its_words() {
        let page = "<!DOCTYPE html><HTML><head><style>b{}</style><TITLE>\n 502 Bad\nGateway </TITLE></head><body><h1>Sorry</h1>";
        assert_eq!(page_text(page).as_deref(), Some("502 Bad Gateway"));
        let page = "<html><title></title><script>var x = '<b>';</script><body><!-- <i> --><h1>Off &amp; on</h1>1 < 2<p>again</p>";
        assert_eq!(page_text(page).as_deref(), Some("Off & on 1 < 2 again"));
        assert_eq!(page_text("<html><body></body></html>"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_one_line_of_bounded_length(text in "(?s)\\PC*|.*", limit in 0usize..40) {
            let line = one_line(&text, limit);
            prop_assert!(!line.chars().any(|c| is_break(c) || is_escaped(c)), "{:?}", line);
            // an escape has up to ten characters
            prop_assert!(line.chars().count() <= 10 * limit + 1);
        }

        #[test]
        fn a_line_stays_as_it_is(text in "(?s).*", limit in 0usize..40) {
            let line = sanitize(Cow::Owned(one_line(&text, limit).into_owned()));
            prop_assert_eq!(&sanitize(line.clone()), &line);
        }

        #[test]
        fn any_page_has_a_text_without_tags_or_none(page in "(<[a-z/!]{0,6}>?|title|script|[ -~\\n]){0,30}") {
            let _ = page_text(&page);
        }
    }
}
