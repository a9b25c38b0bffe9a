//! What a user has consented to, as trees.
//!
//! A consent lets a client use a scope. It may depend on another: Transfer may access a
//! collection's data for a program only as far as the program may use Transfer. A user's consents
//! therefore form a forest, whose roots are the programs that the user logged in to.

use crate::error::{Error, Result};
use crate::generated::auth::types::{Consent, Consents};
use crate::scope::{Scope, ScopeString};
use std::collections::HashMap;

/// A user's consents, and whether they cover a scope.
///
/// ```no_run
/// # async fn run(globus: globus_sdk::Globus, me: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// use globus_sdk::{CollectionScopes, Scope, transfer};
///
/// let forest = globus.auth().get_consents(me).await?.to_forest()?;
/// let collection = CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
/// let needed = Scope::new(transfer::scopes::ALL).with_dependency(collection.data_access());
/// if !forest.meets_scope_requirements(needed)? {
///     println!("a transfer would fail with ConsentRequired");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ConsentForest {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    consent: Consent,
    children: Vec<usize>,
}

impl Consents {
    /// Builds the forest of these consents.
    ///
    /// # Errors
    ///
    /// See [`ConsentForest::new`].
    pub fn to_forest(&self) -> Result<ConsentForest> {
        ConsentForest::new(self.consents.iter().cloned())
    }
}

impl ConsentForest {
    /// Builds the forest from the consents of one `get_consents` answer, in any order.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when they are not a forest: a consent occurs twice, depends on one that is
    /// missing or has a different path, or has a path that does not end with itself.
    pub fn new(consents: impl IntoIterator<Item = Consent>) -> Result<Self> {
        // a flat list with indices: trees of any depth are built and dropped without recursion
        let mut nodes: Vec<Node> = Vec::new();
        let mut at = HashMap::new();
        for consent in consents {
            if at.insert(consent.id, nodes.len()).is_some() {
                return Err(invalid_forest(consent.id, "occurs twice"));
            }
            nodes.push(Node {
                consent,
                children: Vec::new(),
            });
        }
        for child in 0..nodes.len() {
            let consent = &nodes[child].consent;
            let (id, path) = (consent.id, &consent.dependency_path);
            let Some((&last, above)) = path.split_last() else {
                return Err(invalid_forest(id, "has no path"));
            };
            if last != id {
                return Err(invalid_forest(
                    id,
                    &format!("has a path that ends with {last}"),
                ));
            }
            let Some(parent) = above.last() else {
                continue;
            };
            let Some(&parent) = at.get(parent) else {
                return Err(invalid_forest(
                    id,
                    &format!("depends on consent {parent}, which is missing"),
                ));
            };
            // equal paths also rule out cycles: a path cannot be a proper prefix of itself
            if nodes[parent].consent.dependency_path != above {
                let parent = nodes[parent].consent.id;
                return Err(invalid_forest(
                    id,
                    &format!("depends on consent {parent}, which has a different path"),
                ));
            }
            nodes[parent].children.push(child);
        }
        Ok(Self { nodes })
    }

    /// The trees, one for each consent that a program holds directly.
    pub fn trees(&self) -> impl Iterator<Item = ConsentTree<'_>> {
        self.everywhere()
            .filter(|tree| tree.consent().dependency_path.len() == 1)
    }

    /// All consents, in their original order.
    pub fn consents(&self) -> impl Iterator<Item = &Consent> {
        self.nodes.iter().map(|node| &node.consent)
    }

    /// Whether each of the scopes, with everything it depends on, is covered by a tree. Optional
    /// dependencies must be there as well: the caller asks because it wants to use them.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the scopes are not well-formed.
    pub fn meets_scope_requirements(&self, scopes: impl Into<ScopeString>) -> Result<bool> {
        let scopes = scopes.into().scopes()?;
        let met = |scope: &Scope| self.trees().any(|tree| tree.meets(scope));
        Ok(scopes.iter().all(met))
    }

    fn everywhere(&self) -> impl Iterator<Item = ConsentTree<'_>> {
        self.nodes
            .iter()
            .map(|node| ConsentTree { forest: self, node })
    }
}

/// A consent with those that depend on it.
#[derive(Clone, Copy, Debug)]
pub struct ConsentTree<'a> {
    forest: &'a ConsentForest,
    node: &'a Node,
}

impl<'a> ConsentTree<'a> {
    /// The consent at the root of this tree.
    pub fn consent(&self) -> &'a Consent {
        &self.node.consent
    }

    /// The consents that depend directly on it.
    pub fn children(&self) -> impl Iterator<Item = ConsentTree<'a>> {
        let forest = self.forest;
        self.node.children.iter().map(move |&at| ConsentTree {
            forest,
            node: &forest.nodes[at],
        })
    }

    /// Whether the consent is for this scope and covers everything the scope depends on.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is not one well-formed scope.
    pub fn meets_scope_requirements(&self, scope: impl Into<ScopeString>) -> Result<bool> {
        let scope = Scope::parse(scope.into().as_str())?;
        Ok(self.meets(&scope))
    }

    // the recursion is bounded by the depth of a parsed scope, which the parser limits
    fn meets(&self, scope: &Scope) -> bool {
        let met = |needed: &Scope| self.children().any(|child| child.meets(needed));
        self.consent().scope_name.as_deref() == Some(scope.name())
            && scope.dependencies().iter().all(met)
    }

    /// The depth of the tree: 1 for a consent without dependents.
    pub fn max_depth(&self) -> usize {
        let here = self.consent().dependency_path.len();
        let mut deepest = here;
        let mut open = vec![*self];
        while let Some(tree) = open.pop() {
            deepest = deepest.max(tree.consent().dependency_path.len());
            open.extend(tree.children());
        }
        deepest - here + 1
    }
}

fn invalid_forest(id: i64, why: &str) -> Error {
    Error::usage(format!(
        "the consents are not a forest: consent {id} {why}; pass all consents of one get_consents answer"
    ))
}
