#![doc = include_str!("../README.md")]

mod auth;
mod builder;
mod columns;
mod connections;
mod control;
mod cross_origin;
mod emulator;
mod faults;
mod folders;
mod groups;
mod hosts;
mod limits;
mod options;
mod params;
mod problem;
mod request_body;
mod search;
mod server;
mod service;
mod state;
mod strict;
mod task_control;
mod transfer;

pub use builder::EmulatorBuilder;
pub use control::seed::{Seed, SeedClient, SeedCollection, SeedRequest, SeedUser};
pub use emulator::{Collection, Emulator, StartError};
pub use faults::{Fault, FaultPlan, FaultReport, FaultRule, ServiceName};
pub use limits::Limits;
pub use options::CollectionOptions;
pub use server::RecordedRequest;
pub use service::Service;
pub use state::Identity;
pub use strict::Violation;
pub use task_control::{
    TaskFault, TaskFaultKind, TaskFaultReport, TaskSettings, TaskSide, TaskType,
};
pub use uuid::Uuid;
