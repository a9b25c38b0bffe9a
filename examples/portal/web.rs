//! The portal's four routes.

use crate::pages;
use crate::sessions::{Sessions, User, forgotten, id_in};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use globus_sdk::auth::{
    self, AccessTokenAuthorizer, AuthorizationParameters, ConfidentialAppAuthClient,
    RefreshTokenAuthorizer, TokenData, Tokens,
};
use globus_sdk::transfer::types::EndpointSearchScope;
use globus_sdk::{Error, ErrorKind, Globus, transfer};
use std::sync::Arc;
use url::Url;

/// The state of the portal.
const SCOPES: [&str; 4] = ["openid", "profile", "email", transfer::scopes::ALL];

/// The maximum number of collections on a page.
const SHOWN: i64 = 100;

pub(crate) struct Portal {
    /// The connections that all users share.
    globus: Globus,
    client: ConfidentialAppAuthClient,
    callback: Url,
    /// Cookies are restricted to https if the portal is served that way.
    secure: bool,
    sessions: Sessions,
}

impl Portal {
    pub(crate) fn new(
        globus: Globus,
        client: ConfidentialAppAuthClient,
        address: &Url,
    ) -> Result<Self, url::ParseError> {
        Ok(Self {
            globus,
            client,
            callback: address.join("/callback")?,
            secure: address.scheme() == "https",
            sessions: Sessions::default(),
        })
    }

    /// Finishes a login: from the URL that Globus redirected to, to a user with a name.
    async fn admit(&self, flow: &auth::AuthorizationCodeFlow, query: &str) -> Result<User, Error> {
        // checks the state, then exchanges the code
        let tokens = flow.exchange_redirect(query).await?;
        let for_auth = token_for(&tokens, "auth.globus.org")?;
        let for_transfer = token_for(&tokens, "transfer.api.globus.org")?;
        let who = self
            .globus
            .with_authorizer(AccessTokenAuthorizer::new(for_auth.access_token.clone()))
            .auth()
            .userinfo()
            .await?;
        let refresh_token = for_transfer.refresh_token.clone().unwrap_or_default();
        // renewed for as long as the session lasts
        let authorizer = RefreshTokenAuthorizer::builder(refresh_token, &self.client)
            .access_token(for_transfer.access_token.clone(), for_transfer.expires_at)
            .build();
        let username = who
            .preferred_username
            .unwrap_or_else(|| who.sub.to_string());
        Ok(User {
            name: who.name.unwrap_or_else(|| username.clone()),
            username,
            globus: self.globus.with_authorizer(authorizer),
            tokens,
        })
    }
}

pub(crate) fn routes(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(portal)
}

/// The collections of the logged-in user.
async fn home(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let Some(user) = id_in(&jar).and_then(|id| portal.sessions.user(&id)) else {
        return pages::welcome().into_response();
    };
    let found = user
        .globus
        .transfer()
        .endpoint_search()
        .filter_scope(EndpointSearchScope::MyEndpoints)
        .limit(SHOWN)
        .await;
    match found {
        Ok(page) => pages::collections(&user, &page.data).into_response(),
        Err(error) => failed(&error),
    }
}

/// Redirects the browser to Globus.
async fn login(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let flow = portal
        .client
        .oauth2_start_flow(portal.callback.as_str(), SCOPES)
        .pkce()
        .refresh_tokens(true)
        .parameters(AuthorizationParameters::default().session_message("Log in to the portal"));
    match flow.authorize_url() {
        Ok(page) => {
            let jar = jar.add(portal.sessions.begin(flow, portal.secure));
            (jar, Redirect::to(page.as_str())).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// The redirect URI, to which Globus sends the browser back.
async fn callback(
    State(portal): State<Arc<Portal>>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
) -> Response {
    let Some(flow) = id_in(&jar).and_then(|id| portal.sessions.take_login(&id)) else {
        return pages::refusal("This login was not begun here, or took too long. Log in again.")
            .into_response();
    };
    match portal.admit(&flow, &query.unwrap_or_default()).await {
        Ok(user) => {
            let jar = jar.add(portal.sessions.admit(user, portal.secure));
            (jar, Redirect::to("/")).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// Revokes the tokens, then ends the session at Globus, too.
async fn logout(State(portal): State<Arc<Portal>>, jar: CookieJar) -> Response {
    let user = id_in(&jar).and_then(|id| portal.sessions.dismiss(&id));
    let jar = jar.remove(forgotten());
    if let Some(user) = user
        && let Err(error) = revoke(&portal.client, &user).await
    {
        return (jar, failed(&error)).into_response();
    }
    (jar, Redirect::to("/")).into_response()
}

async fn revoke(client: &ConfidentialAppAuthClient, user: &User) -> Result<(), Error> {
    for data in user.tokens.iter() {
        if let Some(refresh_token) = &data.refresh_token {
            client.oauth2_revoke_token(refresh_token.clone()).await?;
        }
        client
            .oauth2_revoke_token(data.access_token.clone())
            .await?;
    }
    Ok(())
}

fn token_for<'a>(tokens: &'a Tokens, resource_server: &str) -> Result<&'a TokenData, Error> {
    tokens.by_resource_server(resource_server).ok_or_else(|| {
        let message = format!("the login returned no token for {resource_server}; log in again");
        Error::custom(ErrorKind::Login, message)
    })
}

/// An error of the SDK says what to do next, and never contains a secret.
fn failed(error: &Error) -> Response {
    let page = pages::refusal(&error.to_string());
    (StatusCode::BAD_GATEWAY, page).into_response()
}
