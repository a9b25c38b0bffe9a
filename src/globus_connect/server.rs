//! Globus Connect Server on this machine.

use super::{fault, read};
use crate::error::Result;
use crate::types::{Json, Uuid};
use serde_json::Map;
use std::path::PathBuf;

/// The Globus Connect Server node that this machine is.
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
    /// By the file that Globus Connect Server writes,
    /// `/var/lib/globus-connect-server/info.json`. Reads nothing yet.
    ///
    /// ```
    /// let server = globus_sdk::globus_connect::LocalGlobusConnectServer::new();
    /// ```
    pub fn new() -> Self {
        Self {
            info_path: "/var/lib/globus-connect-server/info.json".into(),
        }
    }

    /// By a file elsewhere: a mounted folder of the host, in a container.
    ///
    /// ```
    /// let server = globus_sdk::globus_connect::LocalGlobusConnectServer::new().info_path("/host/info.json");
    /// ```
    #[must_use]
    pub fn info_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.info_path = path.into();
        self
    }

    /// Everything that the file says; `None` when there is no such file.
    ///
    /// # Errors
    ///
    /// Kind `LocalConfig` when the file cannot be read, or is no JSON object.
    ///
    /// ```no_run
    /// # fn main() -> globus_sdk::Result<()> {
    /// let info = globus_sdk::globus_connect::LocalGlobusConnectServer::new().info_dict()?;
    /// # Ok(()) }
    /// ```
    pub fn info_dict(&self) -> Result<Option<Map<String, Json>>> {
        let Some(text) = read(&self.info_path)? else {
            return Ok(None);
        };
        crate::types::json::from_str(&text)
            .map(Some)
            .map_err(|e| fault(&self.info_path, "is no JSON object").with_source(e))
    }

    /// The endpoint that the node belongs to.
    ///
    /// # Errors
    ///
    /// As [`info_dict`](Self::info_dict), and when what it names is no UUID.
    ///
    /// ```no_run
    /// # fn main() -> globus_sdk::Result<()> {
    /// let endpoint = globus_sdk::globus_connect::LocalGlobusConnectServer::new().endpoint_id()?;
    /// # Ok(()) }
    /// ```
    pub fn endpoint_id(&self) -> Result<Option<Uuid>> {
        let Some(text) = self.text("endpoint_id")? else {
            return Ok(None);
        };
        Uuid::try_parse(&text).map(Some).map_err(|e| {
            fault(&self.info_path, "has an `endpoint_id` that is no UUID").with_source(e)
        })
    }

    /// The domain name of the endpoint.
    ///
    /// # Errors
    ///
    /// As [`info_dict`](Self::info_dict), and when what it names is no text.
    ///
    /// ```no_run
    /// # fn main() -> globus_sdk::Result<()> {
    /// let domain = globus_sdk::globus_connect::LocalGlobusConnectServer::new().domain_name()?;
    /// # Ok(()) }
    /// ```
    pub fn domain_name(&self) -> Result<Option<String>> {
        self.text("domain_name")
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        match self.info_dict()?.and_then(|mut info| info.remove(name)) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(fault(
                &self.info_path,
                format_args!("has a `{name}` that is no text"),
            )),
        }
    }
}

impl Default for LocalGlobusConnectServer {
    fn default() -> Self {
        Self::new()
    }
}
