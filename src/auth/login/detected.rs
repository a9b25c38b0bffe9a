//! Logging in with a browser where there is one, and in the terminal elsewhere.

use super::command_line::CommandLineLogin;
use super::local_server::{Failure, LocalServerLogin};
use super::{LoginFlow, LoginRequest};
use crate::auth::tokens::Tokens;
use crate::environment::Environment;
use crate::error::Result;
use crate::transport::authorizer::BoxFuture;
use tracing::debug;

/// Opens a browser if the user sits at this machine, and asks for a code in the terminal otherwise.
///
/// The terminal is used in an SSH session (`SSH_TTY`, `SSH_CONNECTION` or `SSH_CLIENT` is set), on
/// Linux and similar systems without a display (none of `DISPLAY`, `WAYLAND_DISPLAY` and
/// `WSL_DISTRO_NAME` is set), when `BROWSER` names a text browser, and when no browser opens or no
/// port is free. The browser is sent back to `http://localhost`, which the client must allow as a
/// redirect URI.
///
/// ```
/// use globus_sdk::auth::{DetectedLogin, UserApp};
///
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").login_flow(DetectedLogin::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct DetectedLogin {
    local_server: LocalServerLogin,
    command_line: CommandLineLogin,
    environment: Environment,
}

impl DetectedLogin {
    /// Detects by the environment variables of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// The flow to use when there is a browser.
    #[must_use]
    pub fn local_server(mut self, flow: LocalServerLogin) -> Self {
        self.local_server = flow;
        self
    }

    /// The flow to use in the terminal.
    #[must_use]
    pub fn command_line(mut self, flow: CommandLineLogin) -> Self {
        self.command_line = flow;
        self
    }

    /// Detects by other environment variables than those of this process.
    ///
    /// ```
    /// use globus_sdk::{Environment, auth::DetectedLogin};
    ///
    /// let remote = Environment::empty().with_var("SSH_TTY", "/dev/pts/0");
    /// let flow = DetectedLogin::new().environment(remote);
    /// ```
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }
}

impl LoginFlow for DetectedLogin {
    fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>> {
        Box::pin(async move {
            if browser_is_here(&self.environment, std::env::consts::OS) {
                match self.local_server.run(&request).await {
                    Ok(tokens) => return Ok(tokens),
                    // nothing has been asked of the user yet, so the terminal can take over
                    Err(Failure::Here(error)) => {
                        debug!(%error, "no browser login; logging in from the terminal")
                    }
                    Err(Failure::There(error)) => return Err(error),
                }
            }
            self.command_line.login(request).await
        })
    }
}

/// They take over the terminal, and cannot handle the login page.
const TEXT_BROWSERS: [&str; 5] = ["lynx", "www-browser", "links", "elinks", "w3m"];

/// Whether a browser opened here appears in front of the user.
fn browser_is_here(variables: &Environment, os: &str) -> bool {
    let any = |names: &[&str]| names.iter().any(|name| variables.variable(name).is_some());
    if any(&["SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"]) {
        return false;
    }
    let preferred = variables.variable("BROWSER").unwrap_or_default();
    let program = preferred.split([':', ' ']).next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    if TEXT_BROWSERS.contains(&program) {
        return false;
    }
    // these always have a display when a user is present
    matches!(os, "macos" | "windows") || any(&["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_where_a_display_is_and_no_ssh_in_between() {
        for (os, variables, here) in [
            ("linux", &[][..], false),
            ("linux", &[("DISPLAY", ":0")], true),
            ("linux", &[("WAYLAND_DISPLAY", "wayland-0")], true),
            ("linux", &[("WSL_DISTRO_NAME", "Debian")], true),
            ("linux", &[("DISPLAY", "")], false),
            (
                "linux",
                &[("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/0")],
                false,
            ),
            (
                "linux",
                &[("DISPLAY", ":0"), ("BROWSER", "/usr/bin/w3m")],
                false,
            ),
            (
                "linux",
                &[("DISPLAY", ":0"), ("BROWSER", "firefox:lynx")],
                true,
            ),
            ("macos", &[], true),
            (
                "macos",
                &[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")],
                false,
            ),
            ("windows", &[], true),
            ("windows", &[("SSH_CLIENT", "10.0.0.1 1 22")], false),
        ] {
            let set = |all: Environment, &(name, value): &(&str, &str)| all.with_var(name, value);
            let environment = variables.iter().fold(Environment::empty(), set);
            assert_eq!(
                browser_is_here(&environment, os),
                here,
                "{os} {variables:?}"
            );
        }
    }
}
