//! Whether an endpoint of the old kind is activated, and for how long.

use crate::generated::transfer::types::ActivationRequirements;
use crate::types::Deadline;

impl ActivationRequirements {
    /// Whether the endpoint will be active until a time, or for a duration counted from the
    /// service's answer.
    ///
    /// `false` for an endpoint that is not activated; `true` for one that always is.
    ///
    /// ```
    /// use globus_sdk::transfer::types::ActivationRequirements;
    /// use std::time::{Duration, SystemTime};
    ///
    /// // transfer.endpoint_get_activation_requirements(endpoint).await?
    /// let requirements: ActivationRequirements = serde_json::from_str(r#"{
    ///     "DATA_TYPE": "activation_requirements", "DATA": [], "activated": true,
    ///     "expires_in": 7200, "expire_time": "2026-11-22 11:54:38+00:00"
    /// }"#)?;
    /// // the task takes an hour, and half an hour more to be safe
    /// assert!(requirements.active_until(Duration::from_secs(3600 + 1800)));
    /// assert!(!requirements.active_until(Duration::from_secs(7201)));
    /// assert!(requirements.active_until("2026-11-22 11:00Z"));
    /// assert!(!requirements.active_until("2026-11-23"));
    /// // as a POSIX timestamp: 2016-10-18
    /// assert!(requirements.active_until(SystemTime::UNIX_EPOCH + Duration::from_secs(1_476_803_436)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn active_until(&self, until: impl Into<Deadline>) -> bool {
        if self.always_activated() {
            return true;
        }
        if self.activated == Some(false) {
            return false;
        }
        let until = until.into();
        match (until.duration(), until.time().and_then(|t| t.instant())) {
            (Some(duration), _) => self
                .expires_in
                .and_then(|seconds| u64::try_from(seconds).ok())
                .is_some_and(|seconds| duration.as_secs_f64() <= seconds as f64),
            (None, Some(time)) => self
                .expire_time
                .as_ref()
                .and_then(|end| end.instant())
                .is_some_and(|end| time <= end),
            // an unreadable time: better to activate once too often
            (None, None) => false,
        }
    }

    /// Whether the activation never expires, as for guest collections and Globus Connect Personal.
    ///
    /// ```
    /// use globus_sdk::transfer::types::ActivationRequirements;
    ///
    /// let requirements: ActivationRequirements =
    ///     serde_json::from_str(r#"{"DATA": [], "activated": true, "expires_in": -1}"#)?;
    /// assert!(requirements.always_activated());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn always_activated(&self) -> bool {
        self.expires_in == Some(-1)
    }

    /// Whether the endpoint can be activated without the user; otherwise they have to do it on the
    /// web.
    ///
    /// ```
    /// use globus_sdk::transfer::types::ActivationRequirements;
    ///
    /// let requirements: ActivationRequirements =
    ///     serde_json::from_str(r#"{"DATA": [], "auto_activation_supported": false}"#)?;
    /// if !requirements.supports_auto_activation() {
    ///     println!("activate the endpoint at https://app.globus.org/file-manager");
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn supports_auto_activation(&self) -> bool {
        self.auto_activation_supported == Some(true)
    }

    /// Whether the endpoint can be activated on the web in any known way: automatically, by an
    /// OAuth server, or by MyProxy.
    ///
    /// ```
    /// use globus_sdk::transfer::types::ActivationRequirements;
    ///
    /// let requirements: ActivationRequirements =
    ///     serde_json::from_str(r#"{"DATA": [{"type": "myproxy", "name": "username"}]}"#)?;
    /// assert!(requirements.supports_web_activation());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn supports_web_activation(&self) -> bool {
        let by_myproxy = |kind: Option<&str>| kind == Some("myproxy");
        self.supports_auto_activation()
            || self.oauth_server.is_some()
            || self.data.iter().any(|r| by_myproxy(r.r#type.as_deref()))
    }
}
