"""Auth with the Python SDK: grants, apps, tokens, identities, and managing projects and clients."""

import uuid

from globus_sdk import (
    AccessTokenAuthorizer,
    AuthClient,
    ConfidentialAppAuthClient,
    DependentScopeSpec,
    IdentityMap,
    RefreshTokenAuthorizer,
    TransferAPIError,
    TransferClient,
)
from globus_sdk.gare import to_gare
from globus_sdk.scopes import AuthScopes, GCSCollectionScopes, GroupsScopes, TransferScopes

from checks import check, assert_that, assert_error, assert_equal
from environment import NATIVE_APP, PERSON, ROBOT
from sdk_session import person_app, person_tokens, robot_app, robot_client

IDENTITY = ["openid", "profile", "email", AuthScopes.view_identity_set]


@check
def client_credentials_give_a_token_for_each_service(env):
    scopes = [TransferScopes.all, GroupsScopes.all, "openid"]
    tokens = robot_client().oauth2_client_credentials_tokens(requested_scopes=scopes).by_resource_server
    assert_equal(set(tokens), {"transfer.api.globus.org", "groups.api.globus.org", "auth.globus.org"})
    assert_equal(tokens["transfer.api.globus.org"]["scope"], str(TransferScopes.all))


@check
def a_token_is_introspected_until_it_is_revoked(env):
    robot = robot_client()
    tokens = robot.oauth2_client_credentials_tokens(requested_scopes=[TransferScopes.all])
    token = tokens.by_resource_server["transfer.api.globus.org"]["access_token"]
    told = robot.oauth2_token_introspect(token, include="session_info,identity_set,identity_set_detail")
    assert_equal((told["active"], told["sub"], told["identity_set"]), (True, ROBOT, [ROBOT]))
    assert_that(ROBOT in told["session_info"]["authentications"], told.data)
    assert_equal(robot.oauth2_revoke_token(token)["active"], False)
    assert_equal(robot.oauth2_token_introspect(token).data, {"active": False})
    transfer = TransferClient(authorizer=AccessTokenAuthorizer(token))
    assert_error(401, "AuthenticationFailed", transfer.task_list)


@check
def an_id_token_decodes_against_the_published_keys(env):
    _, tokens = person_tokens(env, *IDENTITY)
    claims = tokens.decode_id_token()
    assert_equal((claims["aud"], claims["preferred_username"]), (NATIVE_APP, PERSON))
    token = tokens.by_resource_server["auth.globus.org"]["access_token"]
    info = AuthClient(authorizer=AccessTokenAuthorizer(token)).userinfo()
    assert_equal((info["sub"], info["preferred_username"]), (claims["sub"], PERSON))


@check
def a_refresh_token_gives_new_tokens_until_it_is_revoked(env):
    native, tokens = person_tokens(env, TransferScopes.all)
    mine = tokens.by_resource_server["transfer.api.globus.org"]
    refreshed = native.oauth2_refresh_token(mine["refresh_token"]).by_resource_server[
        "transfer.api.globus.org"
    ]
    assert_that(refreshed["access_token"] != mine["access_token"], "the access token is unchanged")
    authorizer = RefreshTokenAuthorizer(
        mine["refresh_token"], native, access_token="of yesterday", expires_at=1
    )
    assert_equal(TransferClient(authorizer=authorizer).task_list().http_status, 200)
    native.oauth2_revoke_token(mine["refresh_token"])
    assert_error(400, None, lambda: native.oauth2_refresh_token(mine["refresh_token"]))


@check
def an_authorizer_replaces_a_rejected_token(env):
    native, tokens = person_tokens(env, TransferScopes.all)
    mine = tokens.by_resource_server["transfer.api.globus.org"]
    replaced = []
    authorizer = RefreshTokenAuthorizer(
        mine["refresh_token"],
        native,
        access_token=mine["access_token"],
        expires_at=mine["expires_at_seconds"],
        on_refresh=replaced.append,
    )
    transfer = TransferClient(authorizer=authorizer)
    transfer.task_list()
    assert_equal(len(replaced), 0)
    env.control("POST", "tokens", {"action": "expire"})
    transfer.task_list()
    assert_equal(len(replaced), 1)


@check
def a_service_gets_dependent_tokens_for_a_user(env):
    its_scope = f"https://auth.globus.org/scopes/{ROBOT}/all"
    _, tokens = person_tokens(env, its_scope)
    theirs = tokens.by_resource_server[ROBOT]["access_token"]
    dependent = robot_client().oauth2_get_dependent_tokens(
        theirs, scope=[GroupsScopes.all], refresh_tokens=True
    )
    mine = dependent.by_resource_server["groups.api.globus.org"]
    assert_equal(mine["scope"], str(GroupsScopes.all))
    assert_that(mine["refresh_token"], dependent.data)


@check
def identities_resolve_by_id_by_name_and_by_map(env):
    auth = AuthClient(app=robot_app())
    both = f"{PERSON},new@example.org"
    found = auth.get_identities(usernames=both, provision=True, query_params={"include": "identity_provider"})
    assert_equal({one["username"] for one in found["identities"]}, {PERSON, "new@example.org"})
    provider = found["identities"][0]["identity_provider"]
    assert_equal(auth.get_identity_providers(ids=provider)["identity_providers"][0]["id"], provider)
    assert_equal(auth.get_identities(ids=[str(uuid.uuid4())])["identities"], [])
    names = IdentityMap(auth, [PERSON, "new@example.org", ROBOT])
    assert_equal(names[names[PERSON]["id"]]["username"], PERSON)
    assert_equal(names[ROBOT]["username"], f"{ROBOT}@clients.auth.globus.org")
    assert_equal(names.get("nobody@example.org"), None)


def list_after_login(app, transfer, collection):
    """Lists a directory, logging in as the SDK's guide does when session requirements come as a 502."""
    try:
        return transfer.operation_ls(collection)
    except TransferAPIError as error:
        assert_equal(error.http_status, 502)
        app.login(auth_params=to_gare(error).authorization_parameters)
        return transfer.operation_ls(collection)


@check
def a_user_app_logs_in_again_to_meet_new_requirements(env):
    app = person_app(env)
    auth = AuthClient(app=app)
    sub = auth.userinfo()["sub"]
    transfer = TransferClient(app=app)
    path = f"collections/{env.source}/requirements"
    try:
        for required in ({"data_access": True}, {"mfa": True}, {"identities": [PERSON]}):
            env.control("PUT", path, required)
            assert_equal(list_after_login(app, transfer, env.source)["DATA_TYPE"], "file_list")
    finally:
        env.control("PUT", path, {})
    auth.add_app_scope(AuthScopes.manage_projects)
    forest = auth.get_consents(sub).to_forest()
    data_access = GCSCollectionScopes(env.source).data_access
    assert_that(forest.meets_scope_requirements(TransferScopes.all.with_dependency(data_access)), forest)
    app.logout()
    assert_equal(app.login_required(), True)


@check
def a_client_app_consents_on_its_own_behalf(env):
    path = f"collections/{env.source}/requirements"
    env.control("PUT", path, {"data_access": True})
    try:
        transfer = TransferClient(app=robot_app())
        transfer.add_app_data_access_scope(env.source)
        assert_equal(transfer.operation_ls(env.source)["DATA_TYPE"], "file_list")
    finally:
        env.control("PUT", path, {})


@check
def projects_clients_scopes_and_policies_are_managed(env):
    auth = AuthClient(app=robot_app())
    auth.add_app_scope(AuthScopes.manage_projects)
    project = auth.create_project("A project", "a@example.org", admin_ids=[ROBOT])["project"]["id"]
    assert_equal(auth.update_project(project, display_name="Renamed")["project"]["display_name"], "Renamed")
    assert_that(project in [one["id"] for one in auth.get_projects()["projects"]], "the project is not listed")
    policy = auth.create_policy(
        project_id=project,
        display_name="A policy",
        description="d",
        high_assurance=True,
        authentication_assurance_timeout=600,
    )["policy"]["id"]
    auth.update_policy(policy, authentication_assurance_timeout=60)
    assert_equal(auth.get_policy(policy)["policy"]["authentication_assurance_timeout"], 60)

    client = auth.create_client("A service", project=project, public_client=False)["client"]["id"]
    credential = auth.create_client_credential(client, "A secret")["credential"]
    assert_equal(auth.get_client_credentials(client)["credentials"][0]["id"], credential["id"])
    transfer = auth.get_scopes(scope_strings=[str(TransferScopes.all)])["scopes"][0]["id"]
    needs = [DependentScopeSpec(transfer, True, False)]
    scope = auth.create_scope(client, "A scope", "d", "do_it", dependent_scopes=needs)["scope"]
    assert_equal(auth.get_scope(scope["id"])["scope"]["scope_string"], scope["scope_string"])
    assert_equal(auth.get_client(client_id=client)["client"]["scopes"], [scope["id"]])

    _, tokens = person_tokens(env, scope["scope_string"])
    theirs = tokens.by_resource_server[client]["access_token"]
    service = ConfidentialAppAuthClient(client, credential["secret"])
    assert_equal(service.oauth2_token_introspect(theirs)["scope"], scope["scope_string"])
    error = assert_error(
        403,
        "DEPENDENT_CONSENT_REQUIRED",
        lambda: service.oauth2_get_dependent_tokens(theirs, scope=[TransferScopes.all]),
    )
    assert_that(to_gare(error).authorization_parameters.required_scopes, error.text)

    auth.delete_scope(scope["id"])
    auth.delete_client_credential(client, credential["id"])
    auth.delete_client(client)
    auth.delete_policy(policy)
    auth.delete_project(project)
    assert_that(project not in [one["id"] for one in auth.get_projects()["projects"]], "the project is still listed")
