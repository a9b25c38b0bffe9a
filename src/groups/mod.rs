//! Globus Groups: who belongs together, and may do what.
//!
//! Every operation of the spec is a method of [`Client`]. Members are added, invited and removed by
//! one call, [`batch_membership_action`](Client::batch_membership_action), which answers for each
//! identity.
//!
//! ```no_run
//! use globus_sdk::groups::types::{BatchMembershipActions, GroupRole, MembershipAdd};
//!
//! # async fn run(groups: globus_sdk::groups::Client, group: globus_sdk::types::Uuid, who: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
//! let actions = BatchMembershipActions::default()
//!     .add([MembershipAdd::new(who).role(GroupRole::Manager)]);
//! let result = groups.batch_membership_action(group, &actions).await?;
//! # Ok(()) }
//! ```

pub use crate::generated::groups::{Client, builders, operations, scopes, types};
