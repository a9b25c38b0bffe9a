//! Globus Connect Personal on this machine.

use super::{fault, read};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::types::Identity;
use crate::types::Uuid;
use std::path::{Path, PathBuf};

/// The current user's Globus Connect Personal on this machine.
///
/// ```no_run
/// use globus_sdk::globus_connect::LocalGlobusConnectPersonal;
///
/// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// if let Some(here) = LocalGlobusConnectPersonal::new().endpoint_id()? {
///     let home = transfer.operation_ls(here).path("/~/").await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct LocalGlobusConnectPersonal {
    config_dir: Option<PathBuf>,
    environment: Environment,
    windows: bool,
}

impl LocalGlobusConnectPersonal {
    /// Uses the default folder: `.globusonline` in the home folder on Linux and macOS, `Globus
    /// Connect` in `%LOCALAPPDATA%` on Windows. Reads nothing yet.
    pub fn new() -> Self {
        Self {
            config_dir: None,
            environment: Environment::from_env(),
            windows: cfg!(windows),
        }
    }

    /// Uses another folder: the argument of Globus Connect Personal's `-dir` on Linux.
    #[must_use]
    pub fn config_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.config_dir = Some(folder.into());
        self
    }

    /// Uses other environment variables than the process: `HOME` or `LOCALAPPDATA`.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The endpoint, which is also its only collection. `None` when it is not set up.
    ///
    /// # Errors
    ///
    /// Kind `LocalConfig` when the file cannot be read or does not contain a UUID, or the folder is
    /// unknown.
    pub fn endpoint_id(&self) -> Result<Option<Uuid>> {
        let path = self.data_dir()?.join("client-id.txt");
        let Some(text) = read(&path)? else {
            return Ok(None);
        };
        Uuid::try_parse(text.trim()).map(Some).map_err(|e| {
            fault(
                &path,
                "does not contain a UUID; set Globus Connect Personal up again",
            )
            .with_source(e)
        })
    }

    /// Its owner. `None` when it is not set up.
    ///
    /// # Errors
    ///
    /// Kind `LocalConfig` when the file cannot be read or is malformed, or the folder is unknown.
    pub fn get_owner_info(&self) -> Result<Option<GlobusConnectPersonalOwnerInfo>> {
        let path = self.data_dir()?.join("gridmap");
        let Some(text) = read(&path)? else {
            return Ok(None);
        };
        for (index, line) in text.lines().enumerate() {
            let found = owner(line).map_err(|why| {
                fault(
                    &path,
                    format_args!(
                        "has an invalid line {} ({why}); set Globus Connect Personal up again",
                        index + 1,
                    ),
                )
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn data_dir(&self) -> Result<PathBuf> {
        let (variable, folder, data) = if self.windows {
            ("LOCALAPPDATA", "Globus Connect", "")
        } else {
            ("HOME", ".globusonline", "lta")
        };
        let config = match &self.config_dir {
            Some(folder) => folder.clone(),
            None => match self.environment.variable(variable) {
                Some(parent) => Path::new(&parent).join(folder),
                None => {
                    return Err(Error::new(
                        ErrorKind::LocalConfig,
                        format!(
                            "{variable} is not set; set the folder of Globus Connect Personal with `config_dir`"
                        ),
                    ));
                }
            },
        };
        Ok(if data.is_empty() {
            config
        } else {
            config.join(data)
        })
    }
}

impl Default for LocalGlobusConnectPersonal {
    fn default() -> Self {
        Self::new()
    }
}

/// The owner of a Globus Connect Personal: one of the two names of an identity.
///
/// ```no_run
/// use globus_sdk::globus_connect::LocalGlobusConnectPersonal;
///
/// # async fn run(auth: globus_sdk::auth::Client) -> globus_sdk::Result<()> {
/// if let Some(owner) = LocalGlobusConnectPersonal::new().get_owner_info()? {
///     let identity = owner.identity(&auth).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GlobusConnectPersonalOwnerInfo {
    /// The id of the identity.
    Id(Uuid),
    /// The username of the identity, for owners who registered with Globus itself long ago.
    Username(String),
}

impl GlobusConnectPersonalOwnerInfo {
    /// Looks up the identity in Globus Auth; `None` when it does not exist or is not visible.
    ///
    /// # Errors
    ///
    /// Any kind that the call fails with.
    pub async fn identity(
        &self,
        auth: &crate::generated::auth::Client,
    ) -> Result<Option<Identity>> {
        let lookup = auth.get_identities();
        let found = match self {
            Self::Id(id) => lookup.ids([id.to_string()]).await?,
            Self::Username(name) => lookup.usernames([name.as_str()]).await?,
        };
        Ok(found.identities.into_iter().next())
    }
}

/// The prefix of gridmap names that stand for an owner.
const SUBJECT: &str = "/C=US/O=Globus Consortium/OU=Globus Connect User/CN=";

/// Reads a line of a gridmap, split into words by the rules of a shell: a name, and comma-separated
/// local accounts. `None` for other names and for comments.
fn owner(line: &str) -> Result<Option<GlobusConnectPersonalOwnerInfo>, &'static str> {
    let Some(words) = shlex::split(line) else {
        // a malformed line that is not about an owner is ignored
        let about_owner = line.contains("/OU=Globus Connect User/CN=");
        return match about_owner || line.contains("/OU=Globus\\ Connect\\ User/CN=") {
            true => Err("a quote is not closed, or nothing follows a backslash"),
            false => Ok(None),
        };
    };
    let Some(name) = words.first().and_then(|name| name.strip_prefix(SUBJECT)) else {
        return Ok(None);
    };
    match words.len() {
        // a name, and one word with all accounts
        _ if name.is_empty() => return Err("the owner has no name"),
        1 => return Err("no account follows the name"),
        2 => {}
        _ => {
            return Err(
                "more words follow the account; separate several accounts with commas and no spaces",
            );
        }
    }
    Ok(Some(match id(name) {
        Some(id) => GlobusConnectPersonalOwnerInfo::Id(id),
        None => GlobusConnectPersonalOwnerInfo::Username(format!("{name}@globusid.org")),
    }))
}

/// Decodes the UUID in `u_` and 26 letters of base 32 (RFC 4648), the form used in certificates.
fn id(name: &str) -> Option<Uuid> {
    let letters = name
        .strip_prefix("u_")
        .filter(|letters| letters.len() == 26)?;
    let mut number: u128 = 0;
    for (index, letter) in letters.bytes().enumerate() {
        let value = match letter.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => letter - b'a',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        // 26 letters have 130 bits; the last two are padding
        let bits = if index == 25 { 3 } else { 5 };
        number = number << bits | u128::from(value >> (5 - bits));
    }
    Some(Uuid::from_u128(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(windows: bool, environment: Environment) -> LocalGlobusConnectPersonal {
        LocalGlobusConnectPersonal {
            windows,
            ..LocalGlobusConnectPersonal::new().environment(environment)
        }
    }

    #[test]
    fn each_system_has_its_folder() {
        let environment = Environment::empty()
            .with_var("HOME", "/home/me")
            .with_var("LOCALAPPDATA", "appdata");
        let folder = |windows| on(windows, environment.clone()).data_dir().unwrap();
        assert_eq!(folder(false), Path::new("/home/me/.globusonline/lta"));
        assert_eq!(folder(true), Path::new("appdata").join("Globus Connect"));
    }

    #[test]
    fn a_folder_that_is_named_needs_no_variables() {
        let folder = |windows| {
            let personal = on(windows, Environment::empty()).config_dir("/srv/gcp");
            personal.data_dir().unwrap()
        };
        assert_eq!(folder(false), Path::new("/srv/gcp/lta"));
        assert_eq!(folder(true), Path::new("/srv/gcp"));
    }

    #[test]
    fn unknown_folder_is_an_error_that_names_the_variable() {
        for (windows, variable) in [(false, "HOME"), (true, "LOCALAPPDATA")] {
            let error = on(windows, Environment::empty()).endpoint_id().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LocalConfig);
            assert!(error.message().starts_with(variable), "{error}");
        }
    }

    fn written(id: Uuid) -> String {
        let number = id.as_u128();
        let letters = (0..26).map(|index| {
            let value = match index {
                25 => number << 2,
                _ => number >> (123 - 5 * index),
            };
            char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(value & 31) as usize])
        });
        format!("u_{}", letters.collect::<String>())
    }

    proptest! {
        #[test]
        fn every_id_reads_back(number: u128) {
            let id = Uuid::from_u128(number);
            prop_assert_eq!(super::id(&written(id)), Some(id));
            prop_assert_eq!(super::id(&written(id).to_uppercase().replacen('U', "u", 1)), Some(id));
        }

        #[test]
        fn any_line_is_read_or_refused(line: String) {
            let _ = owner(&line);
            let _ = owner(&format!("\"{SUBJECT}{line}"));
        }
    }
}
