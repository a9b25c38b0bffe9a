//! Scopes: what a token may be used for.
//!
//! A scope string lists scopes separated by spaces. Brackets contain what a scope depends on, and
//! an asterisk marks what the user may decline: `a[*b c] d`.

mod dynamic;
mod parse;
pub(crate) mod scope_string;
mod tree;

use crate::error::Result;

pub use dynamic::{CollectionScopes, EndpointScopes};
pub use scope_string::ScopeString;
pub use tree::Scope;

impl ScopeString {
    /// The scopes in it.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is malformed.
    ///
    /// ```
    /// assert_eq!(globus_sdk::ScopeString::from("a b[c]").scopes()?.len(), 2);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn scopes(&self) -> Result<Vec<Scope>> {
        Scope::parse_all(self.as_str())
    }
}

impl From<Scope> for ScopeString {
    fn from(scope: Scope) -> Self {
        scope.to_string().into()
    }
}

impl From<&Scope> for ScopeString {
    fn from(scope: &Scope) -> Self {
        scope.to_string().into()
    }
}

#[cfg(test)]
mod tests;
