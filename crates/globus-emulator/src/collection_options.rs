//! Options of collections.

use std::time::Duration;

use uuid::Uuid;

use crate::auth::requirements::Requirements;

/// Options of a collection: its id, its quota, and its requirements on users. By default there are no
/// requirements, so that programs can run without a person.
///
/// Calls that do not meet a requirement fail: with status 403, `ConsentRequired` and `required_scopes`, or
/// with the `authorization_parameters` for the next login. The latter come with status 502 and a code such
/// as `ExternalError.DirListingFailed.LoginFailed` from operations on the storage, and with status 403 and
/// `PermissionDenied` from submissions.
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
    /// Options without requirements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id; by default it is derived from folder and name.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the quota of the folder, in bytes. A task that would exceed it gets the error `QUOTA_EXCEEDED`,
    /// and retries until there is space, or fails if it has `fail_on_quota_errors`.
    pub fn quota(mut self, bytes: u64) -> Self {
        self.quota = Some(bytes);
        self
    }

    /// Whether users have to consent to the collection's `data_access` scope, as on mapped collections of
    /// Globus Connect Server.
    pub fn data_access(mut self, yes: bool) -> Self {
        self.requirements.data_access = yes;
        self
    }

    /// Requires a login with one of these identities (ids or usernames).
    pub fn required_identities(
        mut self,
        identities: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.requirements.identities = identities.into_iter().map(Into::into).collect();
        self
    }

    /// Requires a login with an identity of one of these domains.
    pub fn required_domains(
        mut self,
        domains: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.requirements.domains = domains.into_iter().map(Into::into).collect();
        self
    }

    /// Requires a login that satisfies all of these authentication policies.
    pub fn required_policies(mut self, policies: impl IntoIterator<Item = Uuid>) -> Self {
        let policies = policies.into_iter();
        self.requirements.policies = policies.map(|id| id.to_string()).collect();
        self
    }

    /// Whether a multi-factor login is required.
    pub fn required_mfa(mut self, yes: bool) -> Self {
        self.requirements.mfa = yes;
        self
    }

    /// Sets the maximum age of the login, in whole seconds.
    pub fn authentication_timeout(mut self, timeout: Duration) -> Self {
        self.requirements.timeout = Some(i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX));
        self
    }
}
