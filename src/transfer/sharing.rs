//! Constructors of access rules and roles, one for each kind of principal.
//!
//! A rule names its principal by a type and an id, and the id must be empty for some types. Each
//! kind of principal has its own constructor here, so that the two always match.

use crate::generated::transfer::types::{
    AccessCreate, AccessPermissions, AccessPrincipalType, EndpointRole, RoleCreate,
    RolePrincipalType,
};
use crate::types::Uuid;

impl AccessCreate {
    /// For one identity. The path is a directory of the guest collection and ends with `/`.
    ///
    /// ```no_run
    /// use globus_sdk::transfer::types::{AccessCreate, AccessPermissions};
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, guest: globus_sdk::types::Uuid, ada: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let rule = AccessCreate::for_identity(ada, "/dataset1/", AccessPermissions::Rw)
    ///     .notify_email("ada@example.org");
    /// let rule_id = transfer.add_endpoint_acl_rule(guest, rule).await?.access_id;
    /// # Ok(()) }
    /// ```
    pub fn for_identity(
        identity: Uuid,
        path: impl Into<String>,
        permissions: impl Into<AccessPermissions>,
    ) -> Self {
        Self::new(
            AccessPrincipalType::Identity,
            identity.to_string(),
            path,
            permissions,
        )
    }

    /// For the members of a group.
    pub fn for_group(
        group: Uuid,
        path: impl Into<String>,
        permissions: impl Into<AccessPermissions>,
    ) -> Self {
        Self::new(
            AccessPrincipalType::Group,
            group.to_string(),
            path,
            permissions,
        )
    }

    /// For everyone who is logged in.
    pub fn for_all_users(
        path: impl Into<String>,
        permissions: impl Into<AccessPermissions>,
    ) -> Self {
        Self::new(
            AccessPrincipalType::AllAuthenticatedUsers,
            "",
            path,
            permissions,
        )
    }

    /// For everyone, logged in or not.
    pub fn for_anybody(path: impl Into<String>, permissions: impl Into<AccessPermissions>) -> Self {
        Self::new(AccessPrincipalType::Anonymous, "", path, permissions)
    }
}

impl RoleCreate {
    /// For one identity.
    ///
    /// ```no_run
    /// use globus_sdk::transfer::types::{EndpointRole, RoleCreate};
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, collection: globus_sdk::types::Uuid, ada: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let role = RoleCreate::for_identity(ada, EndpointRole::ActivityManager);
    /// let role_id = transfer.add_endpoint_role(collection, role).await?.id;
    /// # Ok(()) }
    /// ```
    pub fn for_identity(identity: Uuid, role: impl Into<EndpointRole>) -> Self {
        Self::new(RolePrincipalType::Identity, identity, role)
    }

    /// For the members of a group.
    pub fn for_group(group: Uuid, role: impl Into<EndpointRole>) -> Self {
        Self::new(RolePrincipalType::Group, group, role)
    }
}
