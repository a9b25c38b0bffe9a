//! The services of Globus, and how they are distinguished on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service that the emulator provides. In JSON, its name in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Service {
    /// Identities, clients, tokens and consents.
    Auth,
    /// Collections, file operations and tasks.
    Transfer,
    /// Indices, entries and queries.
    Search,
    /// Groups and memberships.
    Groups,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 4] = [Self::Auth, Self::Transfer, Self::Search, Self::Groups];

    /// The resource server, whose tokens the service accepts.
    #[must_use]
    pub const fn resource_server(self) -> &'static str {
        match self {
            Self::Auth => "auth.globus.org",
            Self::Transfer => "transfer.api.globus.org",
            Self::Search => "search.api.globus.org",
            Self::Groups => "groups.api.globus.org",
        }
    }

    /// The name of the service in environment variables, such as `GLOBUS_SDK_SERVICE_URL_AUTH`.
    #[must_use]
    pub const fn variable_name(self) -> &'static str {
        match self {
            Self::Auth => "AUTH",
            Self::Transfer => "TRANSFER",
            Self::Search => "SEARCH",
            Self::Groups => "GROUPS",
        }
    }

    /// The service that a request path belongs to.
    pub(crate) fn from_path(path: &str) -> Self {
        let in_beta = ["/v2/tunnels", "/v2/stream_access_points", "/v2/bookmarks"];
        if path.starts_with("/v0.10") || in_beta.iter().any(|beta| path.starts_with(beta)) {
            Self::Transfer
        } else if path.starts_with("/v1") || path.starts_with("/beta") {
            Self::Search
        } else if ["/v2/groups", "/v2/preferences", "/v2/subscription_info"]
            .iter()
            .any(|start| path.starts_with(start))
        {
            Self::Groups
        } else {
            Self::Auth
        }
    }
}

/// Whether a path belongs to the emulator itself (the control API and the page).
pub(crate) fn is_control_path(path: &str) -> bool {
    path == "/" || path == "/_emulator" || path.starts_with("/_emulator/")
}
