//! The emulator as its callers see it, a module for each subject. What needs a process of its own is in
//! the programs beside this one.
#![allow(unreachable_pub, reason = "a test is one crate")]

mod auth_consent;
mod auth_developer;
mod auth_grants;
mod auth_requirements;
mod auth_tokens;
mod compared_codes;
mod control;
mod coverage;
mod faults;
mod front_door;
mod groups;
mod lifecycle;
mod limits;
mod search_ingest;
mod search_query;
mod strict;
mod task_faults;
mod task_settings;
mod transfer_access;
mod transfer_bookmarks;
mod transfer_copies;
mod transfer_endpoints;
mod transfer_files;
mod transfer_guests;
mod transfer_limits;
mod transfer_manager;
mod transfer_paths;
mod transfer_pauses;
mod transfer_sharing;
mod transfer_submissions;
mod transfer_task_lists;
mod transfer_tasks;
