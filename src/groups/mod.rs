//! Globus Groups: who belongs together, and may do what.
//!
//! Every operation of the spec is a method of [`Client`]. Members are added, invited and removed by
//! one call, [`batch_membership_action`](Client::batch_membership_action), which answers for each
//! identity; [`types::BatchMembershipResult::outcomes`] reads that answer. By hand come, too, lists
//! by role: [`types::Group::members_as`] and [`types::Group::my_roles`].
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
//! for outcome in result.outcomes() {
//!     match outcome.result {
//!         Ok(membership) => println!("{}: {} is {:?}", outcome.action, membership.identity_id, membership.status),
//!         Err(why) => println!("{}: {} failed: {:?}", outcome.action, outcome.identity_id(), why.detail),
//!     }
//! }
//! # Ok(()) }
//! ```

mod actions;
mod outcomes;
mod roles;

pub use crate::generated::groups::{Client, builders, operations, scopes, types};
pub use outcomes::{Action, Outcome};
