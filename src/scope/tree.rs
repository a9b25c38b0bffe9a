//! One scope with its dependencies, and merging of scopes.
//!
//! A tree is stored as a list in preorder, each node with its depth:
//!
//! ```text
//! a[b[c] *d]     name a,  below: (1 b) (2 c) (1 *d)
//! ```
//!
//! A text from outside determines how deep the tree is. Nested `Vec`s would be dropped, compared
//! and printed by recursion, and a deep enough text would overflow the stack; a flat list cannot.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// One scope, with the scopes it depends on.
///
/// ```
/// use globus_sdk::{CollectionScopes, Scope};
///
/// let collection = CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
/// let scope = Scope::new("urn:globus:auth:scope:transfer.api.globus.org:all")
///     .with_dependency(collection.data_access().with_optional(true));
/// assert!(scope.to_string().ends_with("all[*https://auth.globus.org/scopes/6c54cade-bde5-45c1-bdea-f4bd71dba2cc/data_access]"));
/// assert_eq!(Scope::parse(&scope.to_string())?, scope);
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    pub(super) name: String,
    pub(super) optional: bool,
    /// The dependencies in preorder, which is the order in which they are printed.
    pub(super) below: Vec<Node>,
}

/// A dependency, `depth` levels below the scope.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) optional: bool,
}

impl Scope {
    /// Creates a scope from its name, which is not parsed: for text with brackets, use
    /// [`parse`](Self::parse).
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            optional: false,
            below: Vec::new(),
        }
    }

    /// Parses exactly one scope.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is not one well-formed scope, is nested more than 32 levels deep,
    /// or depends on itself.
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
            (None, _) => Err(super::parse::wrong(text, "does not name a scope")),
            (Some(_), Some(_)) => Err(super::parse::wrong(text, "has more than one scope")),
        }
    }

    /// Parses any number of scopes.
    ///
    /// # Errors
    ///
    /// See [`parse`](Self::parse).
    ///
    /// ```
    /// assert_eq!(globus_sdk::Scope::parse_all("openid a[b] email")?.len(), 3);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn parse_all(text: &str) -> Result<Vec<Self>> {
        super::parse::scopes(text)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user may decline it: it is marked with an asterisk.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// The direct dependencies, each with its own.
    pub fn dependencies(&self) -> Vec<Scope> {
        let mut found: Vec<Self> = Vec::new();
        for node in &self.below {
            // in preorder, everything deeper belongs to the last direct dependency
            match found.last_mut() {
                Some(scope) if node.depth > 1 => scope.below.push(Node {
                    depth: node.depth - 1,
                    ..node.clone()
                }),
                _ => found.push(Self::new(&node.name).with_optional(node.optional)),
            }
        }
        found
    }

    /// Adds a dependency; one of the same name is merged with it.
    ///
    /// ```
    /// use globus_sdk::Scope;
    ///
    /// assert_eq!(Scope::new("a").with_dependency("b").with_dependency("b").to_string(), "a[b]");
    /// ```
    #[must_use]
    pub fn with_dependency(mut self, dependency: impl Into<Scope>) -> Self {
        let Scope {
            name,
            optional,
            below,
        } = dependency.into();
        let known = self.below.iter().any(|n| n.depth == 1 && n.name == name);
        self.below.push(Node {
            depth: 1,
            name,
            optional,
        });
        self.below.extend(below.into_iter().map(|node| Node {
            depth: node.depth + 1,
            ..node
        }));
        // appending keeps the preorder, but a second subtree of the same name must be merged into
        // the first
        if known {
            let mut forest = Forest::default();
            forest.add(&self);
            self.below = forest.trees().flat_map(|tree| tree.below).collect();
        }
        self
    }

    /// Marks whether the user may decline it.
    #[must_use]
    pub fn with_optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// Merges scopes so that each name occurs once at its level: dependencies are joined, and what
    /// is required anywhere is required.
    ///
    /// ```
    /// use globus_sdk::Scope;
    ///
    /// let merged = Scope::merge(Scope::parse_all("a[*b] c a[b d]")?);
    /// assert_eq!(globus_sdk::ScopeString::from(merged).as_str(), "a[b d] c");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn merge(scopes: impl IntoIterator<Item = Scope>) -> Vec<Scope> {
        let mut forest = Forest::default();
        for scope in scopes {
            forest.add(&scope);
        }
        forest.trees().collect()
    }
}

/// Scopes that are being merged: each entry refers to its children by index.
#[derive(Default)]
struct Forest {
    entries: Vec<Entry>,
    roots: Vec<usize>,
}

struct Entry {
    name: String,
    optional: bool,
    children: Vec<usize>,
}

impl Forest {
    fn add(&mut self, scope: &Scope) {
        let root = self.entry(None, &scope.name, scope.optional);
        // the entries from the root to the previous node; truncating it to the depth of a node
        // leaves the node's ancestors
        let mut way = vec![root];
        for node in &scope.below {
            way.truncate(node.depth);
            let entry = self.entry(way.last().copied(), &node.name, node.optional);
            way.push(entry);
        }
    }

    /// The entry with that name under a parent, created if necessary.
    fn entry(&mut self, parent: Option<usize>, name: &str, optional: bool) -> usize {
        let siblings = match parent {
            Some(parent) => &self.entries[parent].children,
            None => &self.roots,
        };
        let known = siblings.iter().find(|&&at| self.entries[at].name == name);
        if let Some(&known) = known {
            // required wins: optional only if it is optional in every scope that was merged
            self.entries[known].optional &= optional;
            return known;
        }
        let new = self.entries.len();
        self.entries.push(Entry {
            name: name.to_owned(),
            optional,
            children: Vec::new(),
        });
        match parent {
            Some(parent) => self.entries[parent].children.push(new),
            None => self.roots.push(new),
        }
        new
    }

    fn trees(&self) -> impl Iterator<Item = Scope> {
        self.roots.iter().map(|&root| {
            let entry = &self.entries[root];
            let mut scope = Scope::new(&entry.name).with_optional(entry.optional);
            let mut open: Vec<(usize, usize)> = Vec::new();
            // a stack instead of recursion; reversed, since the last one pushed comes first
            open.extend(entry.children.iter().rev().map(|&child| (1, child)));
            while let Some((depth, at)) = open.pop() {
                let entry = &self.entries[at];
                scope.below.push(Node {
                    depth,
                    name: entry.name.clone(),
                    optional: entry.optional,
                });
                open.extend(entry.children.iter().rev().map(|&child| (depth + 1, child)));
            }
            scope
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = |optional| if optional { "*" } else { "" };
        write!(f, "{}{}", star(self.optional), self.name)?;
        let mut depth = 0;
        for node in &self.below {
            // a deeper node opens one bracket, since preorder never skips a level; any other closes
            // those above its depth
            if node.depth > depth {
                f.write_str("[")?;
            } else {
                (node.depth..depth).try_for_each(|_| f.write_str("]"))?;
                f.write_str(" ")?;
            }
            depth = node.depth;
            write!(f, "{}{}", star(node.optional), node.name)?;
        }
        (0..depth).try_for_each(|_| f.write_str("]"))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
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
