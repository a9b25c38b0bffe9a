//! Authentication: authorizers, login flows, apps.
//!
//! | who is calling | use |
//! | --- | --- |
//! | an unattended program | [`ClientApp`] and [`Globus`](crate::Globus) |
//! | the user at this machine | [`UserApp`] and [`Globus`](crate::Globus) |
//! | a user of a web portal | [`ConfidentialAppAuthClient`], [`AuthorizationCodeFlow`], [`RefreshTokenAuthorizer`] |
//! | anyone whose access token you have | [`AccessTokenAuthorizer`] |
//! | a service, on behalf of its caller | [`ConfidentialAppAuthClient::oauth2_get_dependent_tokens`] |

mod app;
mod app_auth_client;
mod consents;
mod flow;
mod id_token;
mod identity_map;
mod jwk;
mod login;
mod login_clients;
mod pkce;
mod renewing_authorizers;
mod token_request_builder;
mod tokens;

pub use crate::error::authorization_parameters::AuthorizationParameters;
pub use crate::error::authorization_requirements::AuthorizationRequirements;
pub use crate::generated::auth::{Client, builders, operations, scopes, types};
pub use crate::token::data::TokenData;
pub use crate::transport::authorizer::{Authorizer, BoxFuture};
pub use crate::transport::static_authorizers::{
    AccessTokenAuthorizer, BasicAuthorizer, NullAuthorizer,
};
pub use app::{App, ClientApp, Session, UserApp};
pub use app_auth_client::AppAuthClient;
pub use consents::{ConsentForest, ConsentTree};
pub use flow::{AuthorizationCodeFlow, NativeAppFlow};
#[cfg(feature = "id-token")]
pub use id_token::{IdToken, IdTokenDecoder};
pub use identity_map::{IdentityMap, IdentityName, is_username, split_ids_and_usernames};
pub use login::{CommandLineLogin, LoginFlow, LoginRequest};
#[cfg(feature = "login")]
pub use login::{DetectedLogin, LocalServerLogin};
pub use login_clients::{ConfidentialAppAuthClient, NativeAppAuthClient};
pub use renewing_authorizers::{
    AuthorizerBuilder, ClientCredentialsAuthorizer, RefreshTokenAuthorizer,
};
pub use token_request_builder::TokenRequestBuilder;
pub use tokens::Tokens;
