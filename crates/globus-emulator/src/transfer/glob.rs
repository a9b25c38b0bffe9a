//! The wildcards of Globus: `*`, `?`, `[abc]`, `[a-z]` and `[!abc]`.
//!
//! Used by listing filters, task filters, filter rules and delete items. `/` is not special, since a
//! pattern is always matched against one name.

/// Whether `name` matches `pattern` completely.
///
/// Only backtracks to the last `*`, which bounds the time by `pattern × name`.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            // Only the last star needs to be remembered: an earlier one has matched as little as possible,
            // and giving it more cannot make the rest match.
            retry = Some((p + 1, n));
            p += 1;
            continue;
        }
        if let Some(next) = one(&pattern, p, name[n]) {
            p = next;
            n += 1;
            continue;
        }
        match retry {
            Some((after_star, from)) => {
                p = after_star;
                n = from + 1;
                retry = Some((after_star, from + 1));
            }
            None => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether a text has wildcards.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Matches one character at `p`, and returns the position of the next part of the pattern.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern.get(p)? {
        '?' => Some(p + 1),
        '[' => match set(pattern, p, c) {
            Some((true, next)) => Some(next),
            Some((false, _)) => None,
            // An unclosed bracket is literal.
            None => (c == '[').then_some(p + 1),
        },
        literal => (*literal == c).then_some(p + 1),
    }
}

/// Parses the set at `p`: whether it contains `c`, and where it ends.
fn set(pattern: &[char], p: usize, c: char) -> Option<(bool, usize)> {
    let mut at = p + 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    if negated {
        at += 1;
    }
    let first = at;
    let mut found = false;
    loop {
        let low = *pattern.get(at)?;
        // As in a shell, a bracket directly after the opening one is a member of the set.
        if low == ']' && at > first {
            return Some((found != negated, at + 1));
        }
        if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|high| *high != ']')
        {
            let high = pattern[at + 2];
            found |= low <= c && c <= high;
            at += 3;
        } else {
            found |= low == c;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_whole_names() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "anything"),
            ("*.txt", "a.txt"),
            (".*", ".hidden"),
            ("a*b*c", "a--b--b-c"),
            ("?", "é"),
            ("[abc]x", "bx"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]", "]"),
            ("[-]", "-"),
            ("a[", "a["),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn wildcards_do_not_match_other_names() {
        for (pattern, name) in [
            ("*.txt", "a.txt.gz"),
            ("", "a"),
            ("?", ""),
            ("[abc]", "d"),
            ("[!abc]", "a"),
            ("a", "A"),
            ("[z-a]", "m"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        let pattern = "*a".repeat(2_000);
        assert!(!matches(&pattern, &"a".repeat(1_500)));
    }
}
