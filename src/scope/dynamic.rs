//! Scopes whose names contain an id: those of a collection and of an endpoint.

use super::tree::Scope;
use crate::error::{Error, Result};
use crate::types::{Id, Uuid};

/// The scopes of a collection of Globus Connect Server.
///
/// ```
/// use globus_sdk::{CollectionScopes, Globus, auth::ClientApp};
///
/// let scopes = CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
/// // to read its files over HTTPS
/// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
/// let globus = Globus::builder(app).build()?;
/// let authorizer = globus.authorizer(&scopes.resource_server(), scopes.https())?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[doc(alias = "GCSCollectionScopes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectionScopes(Uuid);

impl CollectionScopes {
    /// The scopes of a collection.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID.
    pub fn new(collection_id: impl Into<Id>) -> Result<Self> {
        uuid("collection_id", &collection_id.into()).map(Self)
    }

    /// Access to the data of a mapped collection. A transfer needs it as a dependency of Transfer's
    /// own scope: see [`Globus::add_data_access`](crate::Globus::add_data_access).
    pub fn data_access(&self) -> Scope {
        self.named("data_access")
    }

    /// Access to files over HTTPS.
    pub fn https(&self) -> Scope {
        self.named("https")
    }

    /// The resource server of these scopes: the collection's id.
    pub fn resource_server(&self) -> String {
        self.0.to_string()
    }

    fn named(&self, name: &str) -> Scope {
        Scope::new(format!("https://auth.globus.org/scopes/{}/{name}", self.0))
    }
}

/// The scopes of an endpoint of Globus Connect Server.
///
/// ```
/// use globus_sdk::EndpointScopes;
///
/// let scopes = EndpointScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
/// assert!(scopes.manage_collections().name().ends_with(":manage_collections"));
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[doc(alias = "GCSEndpointScopes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointScopes(Uuid);

impl EndpointScopes {
    /// The scopes of an endpoint.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID.
    pub fn new(endpoint_id: impl Into<Id>) -> Result<Self> {
        uuid("endpoint_id", &endpoint_id.into()).map(Self)
    }

    /// Management of the endpoint's collections.
    ///
    /// ```
    /// let scopes = globus_sdk::EndpointScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// assert_eq!(
    ///     scopes.manage_collections().name(),
    ///     "urn:globus:auth:scope:6c54cade-bde5-45c1-bdea-f4bd71dba2cc:manage_collections",
    /// );
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn manage_collections(&self) -> Scope {
        Scope::new(format!(
            "urn:globus:auth:scope:{}:manage_collections",
            self.0
        ))
    }

    /// The resource server of these scopes: the endpoint's id.
    pub fn resource_server(&self) -> String {
        self.0.to_string()
    }
}

fn uuid(name: &str, id: &Id) -> Result<Uuid> {
    id.uuid().map_err(|text| Error::invalid_uuid(name, text))
}
