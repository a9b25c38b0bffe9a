//! The results of a batch of membership actions, one by one.

use crate::generated::groups::types::{
    BatchMembershipErrors, BatchMembershipResult, Membership, MembershipError,
};
use std::fmt;

/// The result of one action on one identity.
///
/// ```no_run
/// # fn run(result: globus_sdk::groups::types::BatchMembershipResult) {
/// for each in result.action_results() {
///     println!("{} {}: {}", each.action, each.identity_id(), each.result.is_ok());
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MembershipActionResult<'a> {
    /// The action.
    pub action: MembershipActionKind,
    /// The membership after the action, or why it failed.
    pub result: Result<&'a Membership, &'a MembershipError>,
}

impl MembershipActionResult<'_> {
    /// The identity that the action applies to. Empty where a failure does not name it.
    pub fn identity_id(&self) -> String {
        match self.result {
            Ok(membership) => membership.identity_id.to_string(),
            Err(why) => why.identity_id.clone().unwrap_or_default(),
        }
    }
}

/// Defines the actions with all of their names, and finds each one's part of a result.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $field:ident),* $(,)?) => {
        /// An action on memberships.
        ///
        /// ```
        /// use globus_sdk::groups::MembershipActionKind;
        ///
        /// assert_eq!(MembershipActionKind::ChangeRole.to_string(), "change_role");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum MembershipActionKind {
            $($(#[$doc])* $variant,)*
        }

        impl MembershipActionKind {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field),)*
                }
            }

            fn done(self, result: &BatchMembershipResult) -> &[Membership] {
                match self {
                    $(Self::$variant => &result.$field,)*
                }
            }

            fn failed(self, errors: &BatchMembershipErrors) -> &[MembershipError] {
                match self {
                    $(Self::$variant => &errors.$field,)*
                }
            }
        }
    };
}

actions! {
    /// Accepting an invitation.
    Accept = accept,
    /// Adding a member.
    Add = add,
    /// Approving a request to join.
    Approve = approve,
    /// Giving a member another role.
    ChangeRole = change_role,
    /// Declining an invitation.
    Decline = decline,
    /// Inviting.
    Invite = invite,
    /// Joining.
    Join = join,
    /// Leaving.
    Leave = leave,
    /// Turning down a request to join.
    Reject = reject,
    /// Removing a member.
    Remove = remove,
    /// Asking to join.
    RequestJoin = request_join,
}

impl fmt::Display for MembershipActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl BatchMembershipResult {
    /// The result for each identity, action by action: the successes, then the failures.
    ///
    /// ```no_run
    /// # async fn run(groups: globus_sdk::groups::Client, group: globus_sdk::types::Uuid, actions: globus_sdk::groups::types::BatchMembershipActions) -> globus_sdk::Result<()> {
    /// let result = groups.batch_membership_action(group, &actions).await?;
    /// let failed = result.action_results().filter(|each| each.result.is_err());
    /// println!("{} failed", failed.count());
    /// # Ok(()) }
    /// ```
    pub fn action_results(&self) -> impl Iterator<Item = MembershipActionResult<'_>> {
        MembershipActionKind::ALL.iter().flat_map(move |&action| {
            let errors = self.errors.as_ref();
            let failed = errors.map_or(&[][..], |errors| action.failed(errors));
            let done = action.done(self).iter().map(Ok);
            let each = done.chain(failed.iter().map(Err));
            each.map(move |result| MembershipActionResult { action, result })
        })
    }
}
