#![doc = include_str!("../README.md")]

mod app_state;
mod auth;
mod builder;
mod collection_options;
mod columns;
mod connections;
mod control;
mod cross_origin;
mod data_dirs;
mod emulator;
mod faults;
mod groups;
mod hosts;
mod limits;
mod params;
mod problem;
mod request_body;
mod search;
mod server;
mod service;
mod strict;
mod task_control;
mod transfer;

pub use app_state::Identity;
pub use builder::EmulatorBuilder;
pub use collection_options::CollectionOptions;
pub use control::seed::{Seed, SeedClient, SeedCollection, SeedRequest, SeedUser};
pub use emulator::{Collection, Emulator, StartError};
pub use faults::{Fault, FaultPlan, FaultReport, FaultRule};
pub use limits::Limits;
pub use server::RecordedRequest;
pub use service::Service;
pub use strict::Violation;
pub use task_control::{
    TaskFault, TaskFaultKind, TaskFaultReport, TaskSettings, TaskSide, TaskType,
};
pub use uuid::Uuid;
