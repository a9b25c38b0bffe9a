//! The session of each browser. The browser has a random cookie; everything else stays here.

use axum_extra::extract::cookie::{Cookie, SameSite};
use globus_sdk::Globus;
use globus_sdk::auth::{AuthorizationCodeFlow, Tokens};
use globus_sdk::types::Uuid;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const COOKIE: &str = "portal_session";

/// How long a user has to log in.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(600);

/// The maximum number of logins in progress, so that they cannot fill the memory.
const MOST_PENDING: usize = 10_000;

/// A user who has logged in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) username: String,
    /// Globus as this user, with the shared connections.
    pub(crate) globus: Globus,
    /// What to revoke at logout.
    pub(crate) tokens: Tokens,
}

/// All sessions of this process. A portal with several processes keeps them in a database.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    pending: HashMap<String, (AuthorizationCodeFlow, Instant)>,
    users: HashMap<String, User>,
}

impl Sessions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a login in progress; the cookie ties it to the browser that started it.
    pub(crate) fn begin(&self, flow: AuthorizationCodeFlow, secure: bool) -> Cookie<'static> {
        let id = Uuid::new_v4().to_string();
        let mut state = self.state();
        state
            .pending
            .retain(|_, (_, begun)| begun.elapsed() < LOGIN_TIMEOUT);
        if state.pending.len() < MOST_PENDING {
            state.pending.insert(id.clone(), (flow, Instant::now()));
        }
        cookie(id, secure)
    }

    /// The login that this browser started, which can be finished once.
    pub(crate) fn take_login(&self, id: &str) -> Option<AuthorizationCodeFlow> {
        let (flow, begun) = self.state().pending.remove(id)?;
        (begun.elapsed() < LOGIN_TIMEOUT).then_some(flow)
    }

    /// Starts a session for a user who has logged in. It gets a new id, since an attacker may have
    /// planted the old one in the browser (session fixation).
    pub(crate) fn admit(&self, user: User, secure: bool) -> Cookie<'static> {
        let id = Uuid::new_v4().to_string();
        self.state().users.insert(id.clone(), user);
        cookie(id, secure)
    }

    pub(crate) fn user(&self, id: &str) -> Option<User> {
        self.state().users.get(id).cloned()
    }

    pub(crate) fn dismiss(&self, id: &str) -> Option<User> {
        self.state().users.remove(id)
    }
}

fn cookie(id: String, secure: bool) -> Cookie<'static> {
    Cookie::build((COOKIE, id))
        .path("/")
        .http_only(true)
        .secure(secure)
        // `Lax`: sent when Globus redirects the browser back, but not when another site posts a
        // form
        .same_site(SameSite::Lax)
        .build()
}

/// The session id in the browser's cookie.
pub(crate) fn id_in(jar: &axum_extra::extract::CookieJar) -> Option<String> {
    jar.get(COOKIE).map(|cookie| cookie.value().to_owned())
}

/// The header that deletes the cookie.
pub(crate) fn forgotten() -> Cookie<'static> {
    Cookie::build(COOKIE).path("/").build()
}
