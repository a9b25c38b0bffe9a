//! What needs processes of its own: the emulator as a program, killed at work, and attacked by another process.
#![allow(unreachable_pub, reason = "a test is one crate")]

mod attacks;
mod crash;
mod program;
mod task_options;
