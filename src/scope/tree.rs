//! One scope with what it depends on, and scopes merged.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// One scope, with the scopes that it depends on.
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
    /// What it depends on, what that depends on, and so on, in the order in which it is printed. A
    /// list in place of a tree, so that no depth exhausts the stack, not even when it is dropped.
    pub(super) below: Vec<Node>,
}

/// A dependency, so many levels below the scope.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) optional: bool,
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
            below: Vec::new(),
        }
    }

    /// Reads exactly one scope.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is not one well-formed scope, is nested more than 32 deep, or
    /// depends on itself.
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
            (None, _) => Err(super::parse::wrong(text, "names no scope")),
            (Some(_), Some(_)) => Err(super::parse::wrong(text, "names more than one scope")),
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
        super::parse::scopes(text)
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
    pub fn dependencies(&self) -> Vec<Scope> {
        let mut found: Vec<Self> = Vec::new();
        for node in &self.below {
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

    /// With one more scope that it depends on; one of the same name is merged with it.
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
        if known {
            let mut forest = Forest::default();
            forest.add(&self);
            self.below = forest.trees().flat_map(|tree| tree.below).collect();
        }
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
        let mut forest = Forest::default();
        for scope in scopes {
            forest.add(&scope);
        }
        forest.trees().collect()
    }
}

/// Scopes that are being merged: each entry knows where its children are.
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
        // the entries from the root to the node before
        let mut way = vec![root];
        for node in &scope.below {
            way.truncate(node.depth);
            let entry = self.entry(way.last().copied(), &node.name, node.optional);
            way.push(entry);
        }
    }

    /// The entry of that name below another one, new or known.
    fn entry(&mut self, parent: Option<usize>, name: &str, optional: bool) -> usize {
        let siblings = match parent {
            Some(parent) => &self.entries[parent].children,
            None => &self.roots,
        };
        let known = siblings.iter().find(|&&at| self.entries[at].name == name);
        if let Some(&known) = known {
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
