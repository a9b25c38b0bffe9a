//! Scopes whose names hold an ID: those of a collection, and of an endpoint.

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
    /// Those of this collection.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID.
    ///
    /// ```
    /// use globus_sdk::CollectionScopes;
    ///
    /// assert!(CollectionScopes::new("my collection").is_err());
    /// ```
    pub fn new(collection_id: impl Into<Id>) -> Result<Self> {
        uuid("collection_id", &collection_id.into()).map(Self)
    }

    /// Access to the data of a mapped collection. A transfer needs it as a dependency of Transfer's
    /// own scope: [`Globus::add_data_access`](crate::Globus::add_data_access).
    ///
    /// ```
    /// let scopes = globus_sdk::CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// assert!(scopes.data_access().name().ends_with("f4bd71dba2cc/data_access"));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn data_access(&self) -> Scope {
        self.named("data_access")
    }

    /// Reading and writing files over HTTPS.
    ///
    /// ```
    /// let scopes = globus_sdk::CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// assert!(scopes.https().name().ends_with("f4bd71dba2cc/https"));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn https(&self) -> Scope {
        self.named("https")
    }

    /// The resource server that tokens with these scopes are for: the collection's ID.
    ///
    /// ```
    /// let scopes = globus_sdk::CollectionScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// assert_eq!(scopes.resource_server(), "6c54cade-bde5-45c1-bdea-f4bd71dba2cc");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
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
    /// Those of this endpoint.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID.
    ///
    /// ```
    /// use globus_sdk::EndpointScopes;
    ///
    /// assert!(EndpointScopes::new("my endpoint").is_err());
    /// ```
    pub fn new(endpoint_id: impl Into<Id>) -> Result<Self> {
        uuid("endpoint_id", &endpoint_id.into()).map(Self)
    }

    /// Managing the collections on the endpoint.
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

    /// The resource server that tokens with these scopes are for: the endpoint's ID.
    ///
    /// ```
    /// let scopes = globus_sdk::EndpointScopes::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc")?;
    /// assert_eq!(scopes.resource_server(), "6c54cade-bde5-45c1-bdea-f4bd71dba2cc");
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn resource_server(&self) -> String {
        self.0.to_string()
    }
}

fn uuid(name: &str, id: &Id) -> Result<Uuid> {
    id.uuid().map_err(|text| {
        Error::usage(format!(
            "{name} is `{text}`, which is no UUID; pass one such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc"
        ))
    })
}
