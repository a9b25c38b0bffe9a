//! Path patterns.

use crate::transfer::name_matches;

/// Maximum length. Longer patterns are mistakes, and slow to match.
const LONGEST: usize = 1_000;

/// A path pattern: wildcards within names, and `**` for any number of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathPattern {
    names: Vec<String>,
    is_directory: bool,
}

impl PathPattern {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err(String::from(
                "the path is empty; leave it out for all files",
            ));
        }
        if text.chars().count() > LONGEST {
            return Err(format!("a path has at most {LONGEST} characters"));
        }
        if text.contains(char::is_control) {
            return Err(String::from("the path has a control character"));
        }
        let anywhere = !text.contains('/');
        if !anywhere && !text.starts_with('/') && !text.starts_with("~/") {
            return Err(format!(
                "the path {text:?} must begin with / or be one name; **/ stands for any folder"
            ));
        }
        let mut names = Vec::new();
        if anywhere {
            names.push(String::from("**"));
        }
        for name in names_of(text) {
            if name == ".." {
                return Err(String::from("a path has no .. in it"));
            }
            // Consecutive `**` are equivalent to one.
            if name != "**" || names.last().is_none_or(|last| last != "**") {
                names.push(name.to_owned());
            }
        }
        Ok(Self {
            names,
            is_directory: text.ends_with('/'),
        })
    }

    /// Whether it matches this path. Only backtracks to the last `**`, which bounds the time by pattern ×
    /// path.
    pub(super) fn matches(&self, path: &str, is_directory: bool) -> bool {
        if is_directory != self.is_directory {
            return false;
        }
        let path: Vec<&str> = names_of(path).collect();
        let (mut p, mut n) = (0, 0);
        // As in the matching of a single name: the last `**` is the only one to come back to.
        let mut retry: Option<(usize, usize)> = None;
        while n < path.len() {
            match self.names.get(p) {
                Some(name) if name == "**" => {
                    retry = Some((p + 1, n));
                    p += 1;
                }
                Some(name) if name_matches(name, path[n]) => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((after, from)) = retry else {
                        return false;
                    };
                    p = after;
                    n = from + 1;
                    retry = Some((after, from + 1));
                }
            }
        }
        self.names[p..].iter().all(|name| name == "**")
    }
}

/// The names of a path as a collection reads it: a leading `~` is the root.
fn names_of(path: &str) -> impl Iterator<Item = &str> {
    let names = path.split('/').filter(|name| !name.is_empty()).enumerate();
    names.filter_map(|(place, name)| match name {
        "~" if place == 0 => None,
        "." => None,
        name => Some(name),
    })
}

#[cfg(test)]
mod tests {
    use super::PathPattern;

    fn matches(pattern: &str, path: &str, is_directory: bool) -> Result<bool, String> {
        Ok(PathPattern::parse(pattern)?.matches(path, is_directory))
    }

    #[test]
    fn patterns_match_files_by_name_and_by_path() -> Result<(), String> {
        for (pattern, path) in [
            ("*.csv", "/a/b/c.csv"),
            ("/a/*.csv", "/a/c.csv"),
            ("/~/a/*.csv", "/a/c.csv"),
            ("~/a/?", "/a/b"),
            ("/a/**", "/a/b/c"),
            ("/**/c.csv", "/c.csv"),
            ("/**/b/**/d", "/a/b/c/d"),
            ("/a[", "/a["),
        ] {
            assert!(matches(pattern, path, false)?, "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/a/*.csv", "/a/b/c.csv"),
            ("/a/*", "/a"),
            ("/*", "/a/b"),
            ("*.csv", "/a.csv/b"),
            ("/a/", "/a"),
        ] {
            assert!(!matches(pattern, path, false)?, "{pattern} {path}");
        }
        Ok(())
    }

    #[test]
    fn a_slash_at_the_end_means_directories() -> Result<(), String> {
        assert!(matches("/a/", "/a", true)?);
        assert!(matches("/", "/", true)?);
        assert!(matches("/**/b/", "/a/b", true)?);
        assert!(!matches("/a", "/a", true)?);
        Ok(())
    }

    #[test]
    fn absurd_patterns_are_refused() {
        let long = "a".repeat(1_001);
        for pattern in ["", "a/b", "/a/../b", "/a\0", "a\r\nb", &long] {
            assert!(PathPattern::parse(pattern).is_err(), "{pattern:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() -> Result<(), String> {
        let (pattern, path) = ("/**/*a*a*a".repeat(90), "/aaaaaaaaab".repeat(2_000));
        assert!(!matches(&pattern, &path, false)?);
        Ok(())
    }
}
