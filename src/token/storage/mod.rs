//! Where tokens are kept between calls, and between runs.
//!
//! Apps keep tokens in memory unless they are told otherwise: writing secrets to a disk is for the
//! program to decide.
//!
//! | storage | where | for |
//! | --- | --- | --- |
//! | [`MemoryTokenStorage`] | in this process | the default; robots, and portals that log people in by themselves |
//! | [`JsonTokenStorage`] | a file | one person's program; shared with other programs and the Python SDK |
//! | `SqliteTokenStorage` (feature `sqlite`) | a database | the same, with many namespaces and settings beside the tokens |
//! | `KeyringTokenStorage` (feature `keyring`) | the operating system's keyring | people's machines where no secret may be in a file |
//! | [`ValidatingTokenStorage`] | another storage | refusing tokens that are not as they should be |

mod default_path;
mod file;
mod json;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
pub(crate) mod token_storage;
mod validating;
mod validators;

pub use json::JsonTokenStorage;
#[cfg(feature = "keyring")]
pub use keyring::KeyringTokenStorage;
pub use memory::MemoryTokenStorage;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteTokenStorage;
pub use token_storage::{StorageLock, TokenStorage};
pub use validating::{TokenValidator, ValidatingTokenStorage, ValidationContext};
pub use validators::{
    HasRefreshTokensValidator, NotExpiredValidator, ScopeRequirementsValidator,
    UnchangingIdentityIdValidator,
};
