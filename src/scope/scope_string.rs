//! Scopes as they are given and sent: text.

use std::fmt;

/// Scopes as an argument: one text with spaces, or several texts or [`Scope`](super::Scope)s.
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
