//! What a collection asks of those who use it.

use std::time::Duration;

use uuid::Uuid;

use crate::auth::requirements::Requirements;

/// How a collection is to be: its id, and what it asks of those who use it. Nothing, unless told
/// otherwise, so that programs run without a person.
///
/// A call that does not have what is asked for is refused: with a 403 `ConsentRequired` and
/// `required_scopes`, or with the `authorization_parameters` that the next login has to be made with.
/// These come with a 502 `ExternalError.DirListingFailed.LoginFailed` or the like from operations on
/// the storage, and with a 403 `PermissionDenied` from submissions.
///
/// ```no_run
/// # async fn example() -> Result<(), globus_emulator::StartError> {
/// use globus_emulator::{CollectionOptions, Emulator};
/// use std::time::Duration;
///
/// let sensitive = CollectionOptions::new()
///     .data_access(true)
///     .required_domains(["uchicago.edu"])
///     .authentication_timeout(Duration::from_secs(30 * 60));
/// let emulator = Emulator::builder()
///     .collection_with("Patients", "/data/patients", sensitive)
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing until a collection is made with them"]
pub struct CollectionOptions {
    pub(crate) id: Option<Uuid>,
    pub(crate) quota: Option<u64>,
    pub(crate) requirements: Requirements,
}

impl CollectionOptions {
    /// Options that ask for nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of the collection; otherwise it follows from folder and name.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// How many bytes the folder may hold. A task that would write more meets `QUOTA_EXCEEDED`, and
    /// tries again until there is room, or fails if it was told to.
    pub fn quota(mut self, bytes: u64) -> Self {
        self.quota = Some(bytes);
        self
    }

    /// Whether users have to consent to the collection's `data_access` scope, as those of a mapped
    /// collection of Globus Connect Server do.
    pub fn data_access(mut self, yes: bool) -> Self {
        self.requirements.data_access = yes;
        self
    }

    /// Asks for a login with one of these identities, by id or username.
    pub fn required_identities(
        mut self,
        identities: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.requirements.identities = identities.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for a login with an identity of one of these domains.
    pub fn required_domains(
        mut self,
        domains: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.requirements.domains = domains.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for a login that satisfies all these authentication policies.
    pub fn required_policies(mut self, policies: impl IntoIterator<Item = Uuid>) -> Self {
        let policies = policies.into_iter();
        self.requirements.policies = policies.map(|id| id.to_string()).collect();
        self
    }

    /// Asks for a login with more than one factor.
    pub fn required_mfa(mut self, yes: bool) -> Self {
        self.requirements.mfa = yes;
        self
    }

    /// Asks for a login that is no longer ago than this, in whole seconds.
    pub fn authentication_timeout(mut self, timeout: Duration) -> Self {
        self.requirements.timeout = Some(i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX));
        self
    }
}
