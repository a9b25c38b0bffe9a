//! Globus Auth.

use crate::harness::{operations, pages};
use globus_sdk::auth::types::{
    AccessType, ClientCreate, ClientCreateRequest, ClientCredentialCreate,
    ClientCredentialCreateRequest, ClientFqdn, ClientLinksCreate, ClientLinksUpdate, ClientType,
    ClientUpdate, ClientUpdateRequest, ClientVisibility, CodeChallengeMethod, DependentScopeSpec,
    PolicyCreate, PolicyCreateRequest, PolicyUpdate, PolicyUpdateRequest, ProjectCreate,
    ProjectCreateRequest, ProjectUpdate, ProjectUpdateRequest, Prompt, ResponseType, ScopeCreate,
    ScopeCreateRequest, ScopeUpdate, ScopeUpdateRequest, TokenIntrospectRequest, TokenRequest,
    TokenRevokeRequest, TokenTypeHint, TokenValidateRequest,
};
use globus_sdk::types::Uuid;

const CLIENT: Uuid = Uuid::from_u128(0x6133_8d24_54d5_408f_a10d_66c0_6b59_f6d2);
const CREDENTIAL: Uuid = Uuid::from_u128(0xd2a2_bb2c_5e5b_4a9b_8f2e_1c3d_4e5f_6a7b);
const GROUP: Uuid = Uuid::from_u128(0xfdb3_8a24_03c1_11e3_86f7_1231_3809_f035);
const IDENTITY: Uuid = Uuid::from_u128(0xae34_1a98_d274_11e5_b888_dbae_3a8b_a545);
const POLICY: Uuid = Uuid::from_u128(0xf5ee_9ae2_4ba1_4a7d_8a47_b7d2_1b1e_1a2c);
const PROJECT: Uuid = Uuid::from_u128(0xda84_e531_1afb_43cb_8c87_135a_b580_516a);
const SCOPE: Uuid = Uuid::from_u128(0x89ec_abba_4acf_4e2e_a98d_ce59_2ccc_2818);
const TOKEN: &str = "AgzMEjNVpQy7GdnXwqEXAMPLE";

pages!(
    auth.oauth2_get_authorize_url(
        CLIENT,
        "https://auth.globus.org/v2/web/auth-code",
        "openid urn:globus:auth:scope:transfer.api.globus.org:all",
        "a state",
        ResponseType::Code,
    )
    .code_challenge("sXuCcbRAbM-lzgMiCMMTkpDZ6D6CU2IHBkL1CMqRMjQ")
    .code_challenge_method(CodeChallengeMethod::S256)
    .access_type(AccessType::Offline)
    .prompt(Prompt::Login)
    .session_required_single_domain(["uchicago.edu", "anl.gov"])
    .session_required_mfa(true),
    auth.get_logout_url()
        .client_id(CLIENT)
        .redirect_uri("https://portal.example/?back=1")
        .redirect_name("My portal"),
);

operations!(
    auth.get_openid_configuration(),
    auth.get_jwk(),
    auth.oauth2_token(
        TokenRequest::new("authorization_code")
            .code("EwMRgfnyV7a0gYiH8bKbU3cNpIyWJl")
            .code_verifier("4BIPBLOfPmMnTDzTwfK6mPaaeaIJJ0GXbMHfBWlCcE4")
            .redirect_uri("https://auth.globus.org/v2/web/auth-code"),
    )
    .include_consented_scopes(true),
    auth.oauth2_token_introspect(TokenIntrospectRequest::new(TOKEN).include([
        "session_info",
        "identity_set",
        "identity_set_detail",
    ])),
    auth.oauth2_revoke_token(
        TokenRevokeRequest::new(TOKEN).token_type_hint(TokenTypeHint::RefreshToken),
    ),
    auth.oauth2_validate_token(TokenValidateRequest::new(TOKEN)),
    auth.userinfo(),
    auth.post_userinfo(),
    auth.get_identities()
        .usernames(["sagan@globus.org", "a+b@globus.org"])
        .provision(true)
        .include("identity_provider"),
    auth.get_identity(IDENTITY),
    auth.get_identity_providers()
        .domains(["uchicago.edu", "anl.gov"]),
    auth.get_consents(IDENTITY).all(true),
    auth.get_projects(),
    auth.create_project(ProjectCreateRequest::new(
        ProjectCreate::new("Guardians of the Galaxy Portal", "support@guardians.galaxy")
            .admin_ids([IDENTITY])
            .admin_group_ids([GROUP]),
    )),
    auth.get_project(PROJECT),
    auth.update_project(
        PROJECT,
        ProjectUpdateRequest::new(ProjectUpdate::new().display_name("Guardians of the Milky Way")),
    ),
    auth.delete_project(PROJECT),
    auth.get_policies(),
    auth.create_policy(PolicyCreateRequest::new(
        PolicyCreate::new(PROJECT, "Fresh login", "A login of the last half hour")
            .high_assurance(true)
            .authentication_assurance_timeout(1800)
            .required_mfa(true)
            .domain_constraints_include(["greenlight.org"])
            .clear_domain_constraints_exclude(),
    )),
    auth.get_policy(POLICY),
    auth.update_policy(
        POLICY,
        PolicyUpdateRequest::new(
            PolicyUpdate::new()
                .authentication_assurance_timeout(9100)
                .clear_domain_constraints_include(),
        ),
    ),
    auth.delete_policy(POLICY),
    auth.get_clients().fqdn("foo.example.org"),
    auth.create_client(ClientCreateRequest::new(
        ClientCreate::new("FOO")
            .project(PROJECT)
            .client_type(ClientType::ConfidentialClient)
            .visibility(ClientVisibility::Public)
            .redirect_uris(["https://foo.example.org/back"])
            .links(ClientLinksCreate::new("https://foo.org", "https://boo.org")),
    )),
    auth.get_client(CLIENT),
    auth.add_client_fqdn(CLIENT, ClientFqdn::new("globus.org")),
    auth.update_client(
        CLIENT,
        ClientUpdateRequest::new(
            ClientUpdate::new()
                .name("Greater client of FOO")
                .links(ClientLinksUpdate::new().clear_privacy_policy())
                .clear_preselect_idp(),
        ),
    ),
    auth.delete_client(CLIENT),
    auth.get_client_credentials(CLIENT),
    auth.create_client_credential(
        CLIENT,
        ClientCredentialCreateRequest::new(ClientCredentialCreate::new("foo")),
    ),
    auth.delete_client_credential(CLIENT, CREDENTIAL),
    auth.create_scope(
        CLIENT,
        ScopeCreateRequest::new(
            ScopeCreate::new(
                "Client manage scope",
                "Manage configuration of this client",
                "manage",
            )
            .dependent_scopes([DependentScopeSpec::new(SCOPE, true, false)])
            .allows_refresh_token(true),
        ),
    ),
    auth.get_scopes().scope_strings(["openid", "email"]),
    auth.get_scope(SCOPE),
    auth.update_scope(
        SCOPE,
        ScopeUpdateRequest::new(ScopeUpdate::new().advertised(true)),
    ),
    auth.delete_scope(SCOPE),
);
