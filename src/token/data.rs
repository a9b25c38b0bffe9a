//! Tokens as they are held and stored.

use crate::transport::Clock;
use crate::types::{Secret, Uuid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The tokens for one resource server.
///
/// As JSON it has the field names of the Python SDK's token storage, so that files can be shared.
/// `Debug` shows no token.
///
/// ```
/// use globus_sdk::auth::TokenData;
///
/// let data: TokenData = serde_json::from_str(
///     r#"{"resource_server": "transfer.api.globus.org", "identity_id": null,
///         "scope": "urn:globus:auth:scope:transfer.api.globus.org:all", "access_token": "a-token",
///         "refresh_token": null, "expires_at_seconds": 1800000000, "token_type": "Bearer"}"#,
/// )?;
/// assert_eq!(data.expires_at.as_second(), 1_800_000_000);
/// assert!(!format!("{data:?}").contains("a-token"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenData {
    /// The service that the tokens are for.
    pub resource_server: String,
    /// Whose tokens they are: the identity that logged in, as the ID token says which came with them
    /// or at the login before. `None` when there was none, since the scope `openid` was not granted.
    #[serde(default)]
    pub identity_id: Option<Uuid>,
    /// What they may be used for: the names of scopes.
    #[serde(rename = "scope", with = "scope_text")]
    pub scopes: Vec<String>,
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if one was asked for.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    /// When the access token expires.
    #[serde(
        rename = "expires_at_seconds",
        with = "jiff::fmt::serde::timestamp::second::required"
    )]
    pub expires_at: Timestamp,
    /// How the access token is sent: `Bearer`.
    #[serde(default)]
    pub token_type: Option<String>,
}

/// Scopes as one text with spaces.
mod scope_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(scopes: &[String], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&scopes.join(" "))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        let text = String::deserialize(from)?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }
}

impl TokenData {
    /// An access token with its resource server and expiry; the rest can be set afterwards.
    ///
    /// ```
    /// use globus_sdk::auth::TokenData;
    ///
    /// let mut data = TokenData::new("transfer.api.globus.org", "a-token", jiff::Timestamp::MAX);
    /// data.refresh_token = Some("another".into());
    /// ```
    pub fn new(
        resource_server: impl Into<String>,
        access_token: impl Into<Secret>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            resource_server: resource_server.into(),
            identity_id: None,
            scopes: Vec::new(),
            access_token: access_token.into(),
            refresh_token: None,
            expires_at,
            token_type: Some("Bearer".to_owned()),
        }
    }

    /// Whether the access token is valid for longer than `margin` after `now`.
    pub(crate) fn lasts(&self, margin: Duration, now: Timestamp) -> bool {
        match now.checked_add(margin) {
            Ok(until) => self.expires_at > until,
            Err(_) => false,
        }
    }
}

/// The time of day of a clock.
pub(crate) fn now(clock: &dyn Clock) -> Timestamp {
    clock.now().try_into().unwrap_or(Timestamp::MAX)
}
