//! Tests that run as several processes. A child is this test program again, told to run one test alone,
//! which takes the child's part and ends the process: no child is a test, and none is counted as one.

use std::process::{Command, ExitStatus};

/// Names the test whose child a process is.
const VARIABLE: &str = "GLOBUS_SDK_TEST_CHILD";
/// How a child ends that did its part. A test program ends by 0 or 101, also when it ran no test.
const ACTED: i32 = 42;

/// Whether this process is a child of this test.
pub fn is_child_of(test: &str) -> bool {
    std::env::var_os(VARIABLE).is_some_and(|name| name == test)
}

/// Ends a child that did its part.
pub fn end() -> ! {
    std::process::exit(ACTED)
}

/// Whether a child did its part to the end.
pub fn acted(status: ExitStatus) -> bool {
    status.code() == Some(ACTED)
}

/// A child of this test.
pub fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments(test)).envs([variable(test)]);
    command
}

/// What makes this program a child of a test, where something else starts it.
pub fn arguments(test: &str) -> [&str; 3] {
    ["--exact", test, "--nocapture"]
}

pub fn variable(test: &str) -> (&'static str, &str) {
    (VARIABLE, test)
}
