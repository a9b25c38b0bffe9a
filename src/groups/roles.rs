//! Members and the caller's memberships by role.

use crate::generated::groups::types::{Group, GroupRole, Membership, MembershipStatus};

impl Group {
    /// The active members with a role. Empty unless the group was requested with its `memberships`.
    ///
    /// ```no_run
    /// use globus_sdk::groups::types::GroupRole;
    ///
    /// # async fn run(groups: globus_sdk::groups::Client, group: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let group = groups.get_group(group).include(["memberships"]).await?;
    /// for admin in group.members_with_role(GroupRole::Admin) {
    ///     println!("{:?}", admin.username);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn members_with_role(&self, role: GroupRole) -> impl Iterator<Item = &Membership> {
        active(&self.memberships).filter(move |membership| membership.role.as_ref() == Some(&role))
    }

    /// The roles of the caller's identities that are active members, as listed by
    /// [`get_my_groups`](super::Client::get_my_groups).
    ///
    /// ```no_run
    /// use globus_sdk::groups::types::GroupRole;
    ///
    /// # async fn run(groups: globus_sdk::groups::Client) -> globus_sdk::Result<()> {
    /// let mine = groups.get_my_groups().await?;
    /// let ruled = mine.iter().filter(|group| group.my_roles().any(|role| *role == GroupRole::Admin));
    /// for group in ruled {
    ///     println!("{:?}", group.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn my_roles(&self) -> impl Iterator<Item = &GroupRole> {
        active(&self.my_memberships).filter_map(|membership| membership.role.as_ref())
    }
}

fn active(memberships: &[Membership]) -> impl Iterator<Item = &Membership> {
    let all = memberships.iter();
    all.filter(|membership| membership.status == Some(MembershipStatus::Active))
}
