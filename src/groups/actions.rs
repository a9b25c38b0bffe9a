//! Actions on memberships: many identities for each kind.
//!
//! The names are the Python SDK's. `join`, `leave` and `request_join`, which a user does for their
//! own identities, are the document's own setters: they take membership documents and replace
//! earlier values.

use crate::generated::groups::types::{
    BatchMembershipActions, GroupPolicies, GroupPoliciesUpdate, GroupRole, MembershipAction,
    MembershipAdd, MembershipInvite, MembershipJoin, MembershipRoleChange,
};
use crate::types::{Nullable, Uuid};

/// Methods that take many identities and add them to the earlier ones.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $field:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, identity_ids: impl IntoIterator<Item = Uuid>) -> Self {
            let actions = identity_ids.into_iter().map(MembershipAction::new);
            self.$field.get_or_insert_default().extend(actions);
            self
        }
    )* };
}

/// These methods add actions; the setters with the plain names replace them.
impl BatchMembershipActions {
    /// Makes identities active members with a role.
    ///
    /// ```
    /// use globus_sdk::groups::types::{BatchMembershipActions, GroupRole};
    ///
    /// # let (ada, ben) = (globus_sdk::types::Uuid::nil(), globus_sdk::types::Uuid::nil());
    /// let actions = BatchMembershipActions::new()
    ///     .add_members([ada], GroupRole::Manager)
    ///     .add_members([ben], GroupRole::Member);
    /// assert_eq!(actions.add.map(|added| added.len()), Some(2));
    /// ```
    #[must_use]
    pub fn add_members(
        mut self,
        identity_ids: impl IntoIterator<Item = Uuid>,
        role: GroupRole,
    ) -> Self {
        let each = identity_ids.into_iter();
        let added = each.map(|id| MembershipAdd::new(id).role(role.clone()));
        self.add.get_or_insert_default().extend(added);
        self
    }

    /// Invites identities to a role.
    ///
    /// ```
    /// use globus_sdk::groups::types::{BatchMembershipActions, GroupRole};
    ///
    /// # let ada = globus_sdk::types::Uuid::nil();
    /// let actions = BatchMembershipActions::new().invite_members([ada], GroupRole::Member);
    /// ```
    #[must_use]
    pub fn invite_members(
        mut self,
        identity_ids: impl IntoIterator<Item = Uuid>,
        role: GroupRole,
    ) -> Self {
        let each = identity_ids.into_iter();
        let invited = each.map(|id| MembershipInvite::new(id).role(role.clone()));
        self.invite.get_or_insert_default().extend(invited);
        self
    }

    /// Changes the role of members.
    ///
    /// ```
    /// use globus_sdk::groups::types::{BatchMembershipActions, GroupRole};
    ///
    /// # let ada = globus_sdk::types::Uuid::nil();
    /// let actions = BatchMembershipActions::new().change_roles(GroupRole::Admin, [ada]);
    /// ```
    #[must_use]
    pub fn change_roles(
        mut self,
        role: GroupRole,
        identity_ids: impl IntoIterator<Item = Uuid>,
    ) -> Self {
        let each = identity_ids.into_iter();
        let changed = each.map(|id| MembershipRoleChange::new(id, role.clone()));
        self.change_role.get_or_insert_default().extend(changed);
        self
    }

    actions! {
        /// Accepts invitations, for the caller's own identities.
        accept_invites => accept,
        /// Declines invitations, for the caller's own identities.
        decline_invites => decline,
        /// Approves identities that asked to join.
        approve_pending => approve,
        /// Rejects identities that asked to join.
        reject_join_requests => reject,
        /// Removes members.
        remove_members => remove,
    }
}

/// An action without a reason.
impl From<Uuid> for MembershipAction {
    fn from(identity_id: Uuid) -> Self {
        Self::new(identity_id)
    }
}

/// ```
/// use globus_sdk::groups::types::BatchMembershipActions;
///
/// # let me = globus_sdk::types::Uuid::nil();
/// let actions = BatchMembershipActions::new().join([me]);
/// ```
impl From<Uuid> for MembershipJoin {
    fn from(identity_id: Uuid) -> Self {
        Self::new(identity_id)
    }
}

/// A complete update from a group's current policies: the service expects all of them even when
/// only one changes.
///
/// ```no_run
/// use globus_sdk::groups::types::GroupPoliciesUpdate;
///
/// # async fn run(groups: globus_sdk::groups::Client, group: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let policies = groups.get_group_policies(group).await?;
/// let opened = GroupPoliciesUpdate::from(policies).join_requests(true);
/// groups.set_group_policies(group, opened).await?;
/// # Ok(()) }
/// ```
impl From<GroupPolicies> for GroupPoliciesUpdate {
    fn from(policies: GroupPolicies) -> Self {
        Self {
            is_high_assurance: policies.is_high_assurance,
            authentication_assurance_timeout: policies
                .authentication_assurance_timeout
                .map_or(Nullable::Absent, Nullable::Value),
            group_visibility: policies.group_visibility,
            group_members_visibility: policies.group_members_visibility,
            join_requests: policies.join_requests,
            signup_fields: Some(policies.signup_fields),
            extra: policies.extra,
        }
    }
}
