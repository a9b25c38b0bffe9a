//! Scopes: what a token may be used for, and what it brings along.
//!
//! A scope string names scopes with spaces between them; what a scope depends on follows it in
//! brackets, and an asterisk marks what the user may leave out: `a[*b c] d`.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// Deeper nesting than any real scope has; a limit, so that no input exhausts the stack.
const MAX_DEPTH: usize = 32;

/// One scope, with the scopes that it depends on.
///
/// ```
/// use globus_sdk::Scope;
///
/// let data_access = "https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/data_access";
/// let scope = Scope::new("urn:globus:auth:scope:transfer.api.globus.org:all")
///     .with_dependency(Scope::new(data_access).with_optional(true));
/// assert!(scope.to_string().ends_with("all[*https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/data_access]"));
/// assert_eq!(Scope::parse(&scope.to_string())?, scope);
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    name: String,
    optional: bool,
    dependencies: Vec<Scope>,
}

impl Scope {
    /// A scope by its name, which is taken as it is: for text with brackets there is
    /// [`parse`](Self::parse).
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::new("openid").name(), "openid");
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            optional: false,
            dependencies: Vec::new(),
        }
    }

    /// Reads exactly one scope.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is not one well-formed scope, is nested too deeply, or depends on
    /// itself.
    ///
    /// ```
    /// use globus_sdk::Scope;
    ///
    /// assert_eq!(Scope::parse("a[*b c]")?.dependencies().len(), 2);
    /// assert!(Scope::parse("a b").is_err());
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let mut scopes = Self::parse_all(text)?.into_iter();
        match (scopes.next(), scopes.next()) {
            (Some(scope), None) => Ok(scope),
            (None, _) => Err(wrong(text, "names no scope")),
            (Some(_), Some(_)) => Err(wrong(text, "names more than one scope")),
        }
    }

    /// Reads any number of scopes.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::parse_all("openid a[b] email")?.len(), 3);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn parse_all(text: &str) -> Result<Vec<Self>> {
        // the last list is that of the innermost open bracket
        let mut open: Vec<Vec<Self>> = vec![Vec::new()];
        let mut optional = false;
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            match first {
                '*' if optional => return Err(wrong(text, "has an asterisk after an asterisk")),
                '*' => {
                    optional = true;
                    rest = &rest[1..];
                    if rest.starts_with([' ', '[', ']']) || rest.is_empty() {
                        return Err(wrong(text, "has an asterisk without a scope after it"));
                    }
                    continue;
                }
                '[' => return Err(wrong(text, "has a bracket without a scope before it")),
                ']' => {
                    let inner = open.pop().unwrap_or_default();
                    let parent = open.last_mut().and_then(|scopes| scopes.last_mut());
                    let Some(parent) = parent else {
                        return Err(wrong(text, "closes a bracket that is not open"));
                    };
                    if inner.is_empty() {
                        return Err(wrong(text, "has empty brackets"));
                    }
                    parent.dependencies = inner;
                    rest = &rest[1..];
                    if !rest.is_empty() && !rest.starts_with([' ', ']']) {
                        return Err(wrong(text, "needs a space after a closing bracket"));
                    }
                }
                _ => {
                    let end = rest.find([' ', '[', ']', '*']).unwrap_or(rest.len());
                    let (name, after) = rest.split_at(end);
                    if after.starts_with('*') {
                        return Err(wrong(text, "has an asterisk within a name"));
                    }
                    // the scopes whose brackets are open are the ancestors of this one
                    let parents = open.split_last().map_or(&[][..], |(_, outer)| outer);
                    let mut ancestors = parents.iter().filter_map(|scopes| scopes.last());
                    if ancestors.any(|ancestor| ancestor.name == name) {
                        return Err(wrong(text, "has a scope that depends on itself"));
                    }
                    if let Some(scopes) = open.last_mut() {
                        scopes.push(Self {
                            optional,
                            ..Self::new(name)
                        });
                    }
                    optional = false;
                    rest = after;
                    if let Some(inside) = rest.strip_prefix('[') {
                        if open.len() > MAX_DEPTH {
                            return Err(wrong(text, "is nested too deeply"));
                        }
                        open.push(Vec::new());
                        rest = inside;
                    }
                }
            }
            rest = rest.trim_start_matches(' ');
        }
        match (open.pop(), open.is_empty()) {
            (Some(scopes), true) => Ok(scopes),
            _ => Err(wrong(text, "leaves a bracket open")),
        }
    }

    /// The name.
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::parse("*a[b]")?.name(), "a");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user may leave it out: it was marked by an asterisk.
    ///
    /// ```
    /// assert!(globus_sdk::Scope::parse("*a")?.is_optional());
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// What it depends on.
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::parse("a[b c]")?.dependencies()[1].name(), "c");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn dependencies(&self) -> &[Scope] {
        &self.dependencies
    }

    /// With one more scope that it depends on; one of the same name is merged with it.
    ///
    /// ```
    /// use globus_sdk::Scope;
    ///
    /// assert_eq!(Scope::new("a").with_dependency("b").with_dependency("b").to_string(), "a[b]");
    /// ```
    #[must_use]
    pub fn with_dependency(mut self, dependency: impl Into<Scope>) -> Self {
        merge_into(&mut self.dependencies, dependency.into());
        self
    }

    /// The same scope, marked as one that the user may leave out, or not.
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::new("a").with_optional(true).to_string(), "*a");
    /// ```
    #[must_use]
    pub fn with_optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// The same scopes with each name once at its level: dependencies are joined, and what is
    /// required anywhere is required.
    ///
    /// ```
    /// use globus_sdk::Scope;
    ///
    /// let merged = Scope::merge(Scope::parse_all("a[*b] c a[b d]")?);
    /// assert_eq!(globus_sdk::ScopeString::from(merged).as_str(), "a[b d] c");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn merge(scopes: impl IntoIterator<Item = Scope>) -> Vec<Scope> {
        let mut merged = Vec::new();
        for scope in scopes {
            merge_into(&mut merged, scope);
        }
        merged
    }
}

fn merge_into(scopes: &mut Vec<Scope>, scope: Scope) {
    let dependencies = Scope::merge(scope.dependencies);
    match scopes.iter_mut().find(|known| known.name == scope.name) {
        Some(known) => {
            known.optional &= scope.optional;
            for dependency in dependencies {
                merge_into(&mut known.dependencies, dependency);
            }
        }
        None => scopes.push(Scope {
            dependencies,
            ..scope
        }),
    }
}

fn wrong(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(120).collect();
    Error::usage(format!(
        "the scope string `{shown}` {why}; write it as in `scope_a[*scope_b scope_c] scope_d`"
    ))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.optional {
            f.write_str("*")?;
        }
        f.write_str(&self.name)?;
        for (i, dependency) in self.dependencies.iter().enumerate() {
            f.write_str(if i == 0 { "[" } else { " " })?;
            dependency.fmt(f)?;
        }
        if !self.dependencies.is_empty() {
            f.write_str("]")?;
        }
        Ok(())
    }
}

impl FromStr for Scope {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<&str> for Scope {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<&Scope> for Scope {
    fn from(scope: &Scope) -> Self {
        scope.clone()
    }
}

/// Scopes as an argument: one text with spaces, or several texts or [`Scope`]s.
///
/// ```
/// use globus_sdk::{Scope, ScopeString};
///
/// assert_eq!(ScopeString::from("openid email"), ScopeString::from(["openid", "email"]));
/// assert_eq!(ScopeString::from(Scope::new("a").with_dependency("b")).as_str(), "a[b]");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeString(String);

impl ScopeString {
    /// As it is sent.
    ///
    /// ```
    /// assert_eq!(globus_sdk::ScopeString::from(["a", "b"]).as_str(), "a b");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scopes in it.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when it is not well-formed.
    ///
    /// ```
    /// assert_eq!(globus_sdk::ScopeString::from("a b[c]").scopes()?.len(), 2);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn scopes(&self) -> Result<Vec<Scope>> {
        Scope::parse_all(&self.0)
    }
}

impl fmt::Display for ScopeString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Into<ScopeString>> FromIterator<S> for ScopeString {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        let texts: Vec<String> = items.into_iter().map(|item| item.into().0).collect();
        Self(texts.join(" "))
    }
}

impl From<&str> for ScopeString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for ScopeString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&String> for ScopeString {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<Scope> for ScopeString {
    fn from(scope: Scope) -> Self {
        Self(scope.to_string())
    }
}

impl From<&Scope> for ScopeString {
    fn from(scope: &Scope) -> Self {
        Self(scope.to_string())
    }
}

impl<S: Into<ScopeString>, const N: usize> From<[S; N]> for ScopeString {
    fn from(items: [S; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<S: Into<ScopeString>> From<Vec<S>> for ScopeString {
    fn from(items: Vec<S>) -> Self {
        items.into_iter().collect()
    }
}

impl<S: Clone + Into<ScopeString>> From<&[S]> for ScopeString {
    fn from(items: &[S]) -> Self {
        items.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Trees in which a name says how deep it stands, so that none depends on itself.
    fn tree() -> impl Strategy<Value = Scope> {
        let leaf = ("[a-z:/.-]{1,12}", any::<bool>())
            .prop_map(|(name, optional)| Scope::new(name).with_optional(optional));
        leaf.prop_recursive(5, 40, 4, |inner| {
            (
                "[a-z]{1,8}",
                any::<bool>(),
                prop::collection::vec(inner, 0..4),
            )
                .prop_map(|(name, optional, mut dependencies)| {
                    deepen(&mut dependencies);
                    Scope {
                        name,
                        optional,
                        dependencies,
                    }
                })
        })
    }

    fn deepen(scopes: &mut [Scope]) {
        for scope in scopes {
            scope.name.push('1');
            deepen(&mut scope.dependencies);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(scope in tree()) {
            prop_assert_eq!(Scope::parse(&scope.to_string()).unwrap(), scope);
        }

        #[test]
        fn any_text_parses_or_is_refused(text in ".*") {
            let _ = Scope::parse_all(&text);
        }

        #[test]
        fn any_brackets_parse_or_are_refused(text in "[ab \\[\\]*]{0,40}") {
            if let Ok(scopes) = Scope::parse_all(&text) {
                let printed = ScopeString::from(scopes.clone());
                prop_assert_eq!(printed.scopes().unwrap(), scopes);
            }
        }

        #[test]
        fn merging_twice_changes_nothing(scopes in prop::collection::vec(tree(), 0..4)) {
            let once = Scope::merge(scopes);
            prop_assert_eq!(Scope::merge(once.clone()), once);
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_a_stack_overflow() {
        let names: Vec<String> = (0..200_000).map(|n| format!("s{n}")).collect();
        let deep = names.join("[") + &"]".repeat(names.len() - 1);
        let error = Scope::parse(&deep).unwrap_err();
        assert!(error.message().contains("nested too deeply"), "{error}");
    }

    #[test]
    fn a_scope_that_depends_on_itself_is_refused() {
        let error = Scope::parse("a[b[c a]]").unwrap_err();
        assert!(error.message().contains("depends on itself"), "{error}");
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in [
            "", "[a]", "a[", "a]", "a[]", "a[b", "a[b]]", "*", "a[*]", "**a", "a*b", "a[b]c", "* a",
        ] {
            assert!(Scope::parse(text).is_err(), "{text}");
        }
    }
}
