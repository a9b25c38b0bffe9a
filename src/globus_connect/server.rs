//! Globus Connect Server on this machine.

use super::{fault, read};
use crate::error::Result;
use crate::types::{Json, Uuid};
use serde_json::Map;
use std::path::PathBuf;

/// The Globus Connect Server node on this machine.
///
/// ```no_run
/// use globus_sdk::globus_connect::LocalGlobusConnectServer;
///
/// # fn main() -> globus_sdk::Result<()> {
/// if let Some(endpoint) = LocalGlobusConnectServer::new().endpoint_id()? {
///     println!("this is a node of {endpoint}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct LocalGlobusConnectServer {
    info_path: PathBuf,
}

impl LocalGlobusConnectServer {
    /// Uses the file that Globus Connect Server writes, `/var/lib/globus-connect-server/info.json`.
    /// Reads nothing yet.
    pub fn new() -> Self {
        Self {
            info_path: "/var/lib/globus-connect-server/info.json".into(),
        }
    }

    /// Uses another file, such as one in a folder of the host that is mounted in a container.
    #[must_use]
    pub fn info_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.info_path = path.into();
        self
    }

    /// The contents of the file; `None` when it does not exist.
    ///
    /// # Errors
    ///
    /// Kind `LocalConfig` when the file cannot be read or is not a JSON object.
    pub fn info_dict(&self) -> Result<Option<Map<String, Json>>> {
        let Some(text) = read(&self.info_path)? else {
            return Ok(None);
        };
        crate::types::json::from_str(&text).map(Some).map_err(|e| {
            fault(
                &self.info_path,
                "is not a JSON object; set Globus Connect Server up again",
            )
            .with_source(e)
        })
    }

    /// The endpoint that the node belongs to.
    ///
    /// # Errors
    ///
    /// See [`info_dict`](Self::info_dict); also when the value is not a UUID.
    pub fn endpoint_id(&self) -> Result<Option<Uuid>> {
        let Some(text) = self.text("endpoint_id")? else {
            return Ok(None);
        };
        Uuid::try_parse(&text).map(Some).map_err(|e| {
            fault(
                &self.info_path,
                "has an invalid UUID as `endpoint_id`; set Globus Connect Server up again",
            )
            .with_source(e)
        })
    }

    /// The domain name of the endpoint.
    ///
    /// # Errors
    ///
    /// See [`info_dict`](Self::info_dict); also when the value is not a text.
    pub fn domain_name(&self) -> Result<Option<String>> {
        self.text("domain_name")
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        match self.info_dict()?.and_then(|mut info| info.remove(name)) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(fault(
                &self.info_path,
                format_args!(
                    "has a `{name}` that is not a text; set Globus Connect Server up again"
                ),
            )),
        }
    }
}

impl Default for LocalGlobusConnectServer {
    fn default() -> Self {
        Self::new()
    }
}
