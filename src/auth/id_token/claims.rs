//! What an ID token says, its signature unread.

use crate::types::{Secret, Uuid, json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The claim `aud`: one client, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    /// Whether the token was issued to this client (OpenID Connect Core 3.1.3.7, 3 to 5): it is for it,
    /// and a party that is said to be authorized, as has to be for several clients, is this one too.
    pub(super) fn is_ours(&self, authorized: Option<&str>, ours: impl Fn(&str) -> bool) -> bool {
        let all = self.all();
        all.iter().any(|id| ours(id)) && authorized.map_or(all.len() == 1, ours)
    }
}

/// What an ID token says that came with tokens, its signature unread.
#[derive(Debug, Deserialize)]
pub(crate) struct UnverifiedClaims {
    sub: Uuid,
    aud: Audience,
    azp: Option<String>,
    #[cfg_attr(
        feature = "id-token",
        allow(dead_code, reason = "the decoder checks it")
    )]
    nonce: Option<String>,
}

impl UnverifiedClaims {
    /// `None` for what cannot be read: nothing is known then, and nothing claimed.
    pub(crate) fn read(id_token: &Secret) -> Option<Self> {
        let payload = id_token.expose().split('.').nth(1)?;
        json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// The identity that logged in, if it did so for this client.
    pub(crate) fn identity(&self, client_id: Uuid) -> Option<Uuid> {
        let ours = |id: &str| Uuid::try_parse(id).is_ok_and(|id| id == client_id);
        self.aud
            .is_ours(self.azp.as_deref(), ours)
            .then_some(self.sub)
    }

    /// Whether it belongs to the login that sent this nonce.
    #[cfg(not(feature = "id-token"))]
    pub(crate) fn has_nonce(&self, nonce: &str) -> bool {
        self.nonce.as_deref() == Some(nonce)
    }
}
