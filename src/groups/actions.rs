//! Actions on memberships, one kind and many identities at a time.
//!
//! The names are the Python SDK's. `join`, `leave` and `request_join`, which one does as oneself,
//! are the document's own: they take identities as they are, and replace what was set before.

use crate::generated::groups::types::{
    BatchMembershipActions, GroupPolicies, GroupPoliciesUpdate, GroupRole, MembershipAction,
    MembershipAdd, MembershipInvite, MembershipJoin, MembershipRoleChange,
};
use crate::types::{Nullable, Uuid};

/// What takes many identities and adds to what is there.
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

/// Adds to the actions, where the methods of their plain names set them.
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

    /// Gives members another role.
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
        /// Accepts invitations, for identities of one's own.
        ///
        /// ```
        /// use globus_sdk::groups::types::BatchMembershipActions;
        ///
        /// # let me = globus_sdk::types::Uuid::nil();
        /// let actions = BatchMembershipActions::new().accept_invites([me]);
        /// ```
        accept_invites => accept,
        /// Declines invitations, for identities of one's own.
        ///
        /// ```
        /// use globus_sdk::groups::types::BatchMembershipActions;
        ///
        /// # let me = globus_sdk::types::Uuid::nil();
        /// let actions = BatchMembershipActions::new().decline_invites([me]);
        /// ```
        decline_invites => decline,
        /// Makes members of identities that asked to join.
        ///
        /// ```
        /// use globus_sdk::groups::types::BatchMembershipActions;
        ///
        /// # let ada = globus_sdk::types::Uuid::nil();
        /// let actions = BatchMembershipActions::new().approve_pending([ada]);
        /// ```
        approve_pending => approve,
        /// Turns down identities that asked to join.
        ///
        /// ```
        /// use globus_sdk::groups::types::BatchMembershipActions;
        ///
        /// # let eve = globus_sdk::types::Uuid::nil();
        /// let actions = BatchMembershipActions::new().reject_join_requests([eve]);
        /// ```
        reject_join_requests => reject,
        /// Removes members.
        ///
        /// ```
        /// use globus_sdk::groups::types::BatchMembershipActions;
        ///
        /// # let eve = globus_sdk::types::Uuid::nil();
        /// let actions = BatchMembershipActions::new().remove_members([eve]);
        /// ```
        remove_members => remove,
    }
}

/// An action without a word about its reason.
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

/// All policies of a group as they are, to change one and send all, as the service wants them.
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
