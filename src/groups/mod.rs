//! Globus Groups: memberships and roles.
//!
//! Every operation of the spec is a method of [`Client`]. One call,
//! [`batch_membership_action`](Client::batch_membership_action), adds, invites and removes members.
//! It reports a result for each identity; [`types::BatchMembershipResult::action_results`] iterates
//! over them. Lists by role are [`types::Group::members_with_role`] and [`types::Group::my_roles`].
//!
//! ```no_run
//! use globus_sdk::groups::types::{BatchMembershipActions, GroupRole};
//!
//! # async fn run(groups: globus_sdk::groups::Client, group: globus_sdk::types::Uuid, [ada, ben, eve]: [globus_sdk::types::Uuid; 3]) -> globus_sdk::Result<()> {
//! let actions = BatchMembershipActions::new()
//!     .add_members([ada], GroupRole::Manager)
//!     .invite_members([ben], GroupRole::Member)
//!     .remove_members([eve]);
//! let result = groups.batch_membership_action(group, &actions).await?;
//! for each in result.action_results() {
//!     match each.result {
//!         Ok(membership) => println!("{}: {} is {:?}", each.action, membership.identity_id, membership.status),
//!         Err(why) => println!("{}: {} failed: {:?}", each.action, each.identity_id(), why.detail),
//!     }
//! }
//! # Ok(()) }
//! ```

mod action_results;
mod actions;
mod roles;

pub use crate::generated::groups::{Client, builders, operations, scopes, types};
pub use action_results::{MembershipActionKind, MembershipActionResult};
