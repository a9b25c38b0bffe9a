//! What a user has consented to, as trees.
//!
//! A consent lets a client use a scope. It may hang on another: Transfer may access the data of a
//! collection for a program only as far as the program may use Transfer. The consents of a user
//! therefore make a forest, whose roots are those of the programs that the user logged in to.

use crate::error::{Error, Result};
use crate::generated::auth::types::{Consent, Consents};
use crate::scope::{Scope, ScopeString};
use std::collections::HashMap;

/// The consents of a user, and whether they do for a scope.
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
    /// The trees that they make.
    ///
    /// # Errors
    ///
    /// As [`ConsentForest::new`].
    ///
    /// ```
    /// let none: globus_sdk::auth::types::Consents = serde_json::from_str(r#"{"consents": []}"#)?;
    /// assert!(none.to_forest()?.consents().next().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_forest(&self) -> Result<ConsentForest> {
        ConsentForest::new(self.consents.iter().cloned())
    }
}

impl ConsentForest {
    /// Of the consents of one answer of `get_consents`, in any order.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when they make no forest: one hangs on a consent that is missing or that stands
    /// elsewhere, has a path that does not end with itself, or comes twice.
    ///
    /// ```
    /// assert!(globus_sdk::auth::ConsentForest::new([]).is_ok());
    /// ```
    pub fn new(consents: impl IntoIterator<Item = Consent>) -> Result<Self> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut at = HashMap::new();
        for consent in consents {
            if at.insert(consent.id, nodes.len()).is_some() {
                return Err(no_forest(consent.id, "comes twice"));
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
                return Err(no_forest(id, "has no path"));
            };
            if last != id {
                return Err(no_forest(id, &format!("has a path that ends with {last}")));
            }
            let Some(parent) = above.last() else {
                continue;
            };
            let Some(&parent) = at.get(parent) else {
                return Err(no_forest(
                    id,
                    &format!("hangs on consent {parent}, which is missing"),
                ));
            };
            // which also keeps consents from hanging on each other in circles
            if nodes[parent].consent.dependency_path != above {
                let parent = nodes[parent].consent.id;
                return Err(no_forest(
                    id,
                    &format!("hangs on consent {parent}, whose own path is another"),
                ));
            }
            nodes[parent].children.push(child);
        }
        Ok(Self { nodes })
    }

    /// The trees: what begins at a program.
    ///
    /// ```no_run
    /// # fn run(forest: globus_sdk::auth::ConsentForest) {
    /// for tree in forest.trees() {
    ///     println!("{:?} may use {:?}", tree.consent().client, tree.consent().scope_name);
    /// }
    /// # }
    /// ```
    pub fn trees(&self) -> impl Iterator<Item = ConsentTree<'_>> {
        self.everywhere()
            .filter(|tree| tree.consent().dependency_path.len() == 1)
    }

    /// All consents, in the order in which they came.
    ///
    /// ```no_run
    /// # fn run(forest: globus_sdk::auth::ConsentForest) {
    /// println!("{} consents", forest.consents().count());
    /// # }
    /// ```
    pub fn consents(&self) -> impl Iterator<Item = &Consent> {
        self.nodes.iter().map(|node| &node.consent)
    }

    /// Whether for each of the scopes there is a tree that has it, with everything that it depends
    /// on. What is marked as optional must be there as well: whoever asks wants to use it.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the scopes are not well-formed.
    ///
    /// ```
    /// let nothing = globus_sdk::auth::ConsentForest::new([])?;
    /// assert!(!nothing.meets_scope_requirements("openid")?);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
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

/// A consent with those that hang on it.
#[derive(Clone, Copy, Debug)]
pub struct ConsentTree<'a> {
    forest: &'a ConsentForest,
    node: &'a Node,
}

impl<'a> ConsentTree<'a> {
    /// The consent that the others hang on.
    ///
    /// ```no_run
    /// # fn run(tree: globus_sdk::auth::ConsentTree<'_>) {
    /// println!("{:?}", tree.consent().scope_name);
    /// # }
    /// ```
    pub fn consent(&self) -> &'a Consent {
        &self.node.consent
    }

    /// What hangs directly on it.
    ///
    /// ```no_run
    /// # fn run(tree: globus_sdk::auth::ConsentTree<'_>) {
    /// for below in tree.children() {
    ///     println!("with access to {:?}", below.consent().scope_name);
    /// }
    /// # }
    /// ```
    pub fn children(&self) -> impl Iterator<Item = ConsentTree<'a>> {
        let forest = self.forest;
        self.node.children.iter().map(move |&at| ConsentTree {
            forest,
            node: &forest.nodes[at],
        })
    }

    /// Whether it is the scope's consent, and has everything that the scope depends on.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the text is not one well-formed scope.
    ///
    /// ```no_run
    /// # fn run(tree: globus_sdk::auth::ConsentTree<'_>) -> globus_sdk::Result<()> {
    /// let met = tree.meets_scope_requirements("a[b *c]")?;
    /// # Ok(()) }
    /// ```
    pub fn meets_scope_requirements(&self, scope: impl Into<ScopeString>) -> Result<bool> {
        let scope = Scope::parse(scope.into().as_str())?;
        Ok(self.meets(&scope))
    }

    // as deep as a scope that was parsed
    fn meets(&self, scope: &Scope) -> bool {
        let met = |needed: &Scope| self.children().any(|child| child.meets(needed));
        self.consent().scope_name.as_deref() == Some(scope.name())
            && scope.dependencies().iter().all(met)
    }

    /// How many consents hang on each other at most: 1 for one alone.
    ///
    /// ```no_run
    /// # fn run(tree: globus_sdk::auth::ConsentTree<'_>) {
    /// assert!(tree.max_depth() >= 1);
    /// # }
    /// ```
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

fn no_forest(id: i64, why: &str) -> Error {
    Error::usage(format!(
        "the consents make no forest: consent {id} {why}; take them whole from one answer of get_consents"
    ))
}
