//! Filter rules: which entries of directories are transferred.

use crate::transfer::glob;
use crate::transfer::submit::{AppliesTo, FilterRule, Method};

/// The first matching rule decides; without one, the entry is transferred.
pub(super) fn includes(rules: &[FilterRule], name: &str, is_directory: bool) -> bool {
    let kind = if is_directory {
        AppliesTo::Dir
    } else {
        AppliesTo::File
    };
    rules
        .iter()
        .find(|rule| {
            rule.applies_to.is_none_or(|applies_to| applies_to == kind)
                && glob::matches(&rule.name, name)
        })
        .is_none_or(|rule| rule.method == Method::Include)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(list: &[(&str, &str, Option<&str>)]) -> Vec<FilterRule> {
        let rules: Vec<_> = list
            .iter()
            .map(|(method, name, kind)| json!({ "DATA_TYPE": "filter_rule", "method": method, "name": name, "type": kind }))
            .collect();
        serde_json::from_value(json!(rules)).unwrap_or_default()
    }

    #[test]
    fn the_first_matching_rule_decides() {
        let rules = rules(&[
            ("include", "*.txt", Some("file")),
            ("exclude", "*", Some("file")),
        ]);
        assert_eq!(rules.len(), 2);
        assert!(includes(&rules, "a.txt", false));
        assert!(!includes(&rules, "a.bin", false));
        assert!(includes(&rules, "a.bin", true));
    }

    #[test]
    fn a_rule_without_a_type_is_about_both() {
        let rules = rules(&[("exclude", ".*", None)]);
        assert_eq!(rules.len(), 1);
        assert!(!includes(&rules, ".git", true));
        assert!(!includes(&rules, ".env", false));
        assert!(includes(&rules, "src", true));
    }

    #[test]
    fn without_rules_everything_is_transferred() {
        assert!(includes(&[], "anything", false));
    }
}
