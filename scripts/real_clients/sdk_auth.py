"""Auth by the Python SDK: grants, apps, tokens, identities, and what developers manage."""

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

from checks import check, holds, refused, same
from lab import NATIVE_APP, PERSON, ROBOT
from sdk_session import person_app, person_tokens, robot_app, robot_client

IDENTITY = ["openid", "profile", "email", AuthScopes.view_identity_set]


@check
def client_credentials_give_a_token_for_each_service(lab):
    scopes = [TransferScopes.all, GroupsScopes.all, "openid"]
    tokens = robot_client().oauth2_client_credentials_tokens(requested_scopes=scopes).by_resource_server
    same(set(tokens), {"transfer.api.globus.org", "groups.api.globus.org", "auth.globus.org"})
    same(tokens["transfer.api.globus.org"]["scope"], str(TransferScopes.all))


@check
def a_token_is_introspected_until_it_is_revoked(lab):
    robot = robot_client()
    tokens = robot.oauth2_client_credentials_tokens(requested_scopes=[TransferScopes.all])
    token = tokens.by_resource_server["transfer.api.globus.org"]["access_token"]
    told = robot.oauth2_token_introspect(token, include="session_info,identity_set,identity_set_detail")
    same((told["active"], told["sub"], told["identity_set"]), (True, ROBOT, [ROBOT]))
    holds(ROBOT in told["session_info"]["authentications"], told.data)
    same(robot.oauth2_revoke_token(token)["active"], False)
    same(robot.oauth2_token_introspect(token).data, {"active": False})
    transfer = TransferClient(authorizer=AccessTokenAuthorizer(token))
    refused(401, "ClientError.AuthenticationFailed", transfer.task_list)


@check
def an_id_token_decodes_against_the_published_keys(lab):
    _, tokens = person_tokens(lab, *IDENTITY)
    claims = tokens.decode_id_token()
    same((claims["aud"], claims["preferred_username"]), (NATIVE_APP, PERSON))
    token = tokens.by_resource_server["auth.globus.org"]["access_token"]
    info = AuthClient(authorizer=AccessTokenAuthorizer(token)).userinfo()
    same((info["sub"], info["preferred_username"]), (claims["sub"], PERSON))


@check
def a_refresh_token_gives_new_tokens_until_it_is_revoked(lab):
    native, tokens = person_tokens(lab, TransferScopes.all)
    mine = tokens.by_resource_server["transfer.api.globus.org"]
    refreshed = native.oauth2_refresh_token(mine["refresh_token"]).by_resource_server[
        "transfer.api.globus.org"
    ]
    holds(refreshed["access_token"] != mine["access_token"], "the same access token")
    authorizer = RefreshTokenAuthorizer(
        mine["refresh_token"], native, access_token="of yesterday", expires_at=1
    )
    same(TransferClient(authorizer=authorizer).task_list().http_status, 200)
    native.oauth2_revoke_token(mine["refresh_token"])
    refused(400, None, lambda: native.oauth2_refresh_token(mine["refresh_token"]))


@check
def an_authorizer_replaces_a_token_that_is_refused(lab):
    native, tokens = person_tokens(lab, TransferScopes.all)
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
    same(len(replaced), 0)
    lab.control("POST", "tokens", {"action": "expire"})
    transfer.task_list()
    same(len(replaced), 1)


@check
def a_service_gets_dependent_tokens_for_a_user(lab):
    its_scope = f"https://auth.globus.org/scopes/{ROBOT}/all"
    _, tokens = person_tokens(lab, its_scope)
    theirs = tokens.by_resource_server[ROBOT]["access_token"]
    dependent = robot_client().oauth2_get_dependent_tokens(
        theirs, scope=[GroupsScopes.all], refresh_tokens=True
    )
    mine = dependent.by_resource_server["groups.api.globus.org"]
    same(mine["scope"], str(GroupsScopes.all))
    holds(mine["refresh_token"], dependent.data)


@check
def identities_resolve_by_id_by_name_and_by_map(lab):
    auth = AuthClient(app=robot_app())
    both = f"{PERSON},new@example.org"
    found = auth.get_identities(usernames=both, provision=True, query_params={"include": "identity_provider"})
    same({one["username"] for one in found["identities"]}, {PERSON, "new@example.org"})
    provider = found["identities"][0]["identity_provider"]
    same(auth.get_identity_providers(ids=provider)["identity_providers"][0]["id"], provider)
    same(auth.get_identities(ids=[str(uuid.uuid4())])["identities"], [])
    names = IdentityMap(auth, [PERSON, "new@example.org", ROBOT])
    same(names[names[PERSON]["id"]]["username"], PERSON)
    same(names[ROBOT]["username"], f"{ROBOT}@clients.auth.globus.org")
    same(names.get("nobody@example.org"), None)


def list_after_login(app, transfer, collection):
    """What a collection asks of a session comes as a 502, for which the SDK's guide logs in by hand."""
    try:
        return transfer.operation_ls(collection)
    except TransferAPIError as error:
        same(error.http_status, 502)
        app.login(auth_params=to_gare(error).authorization_parameters)
        return transfer.operation_ls(collection)


@check
def a_user_app_logs_in_and_cures_what_its_login_lacks(lab):
    app = person_app(lab)
    auth = AuthClient(app=app)
    sub = auth.userinfo()["sub"]
    transfer = TransferClient(app=app)
    path = f"collections/{lab.source}/requirements"
    try:
        for required in ({"data_access": True}, {"mfa": True}, {"identities": [PERSON]}):
            lab.control("PUT", path, required)
            same(list_after_login(app, transfer, lab.source)["DATA_TYPE"], "file_list")
    finally:
        lab.control("PUT", path, {})
    auth.add_app_scope(AuthScopes.manage_projects)
    forest = auth.get_consents(sub).to_forest()
    data_access = GCSCollectionScopes(lab.source).data_access
    holds(forest.meets_scope_requirements(TransferScopes.all.with_dependency(data_access)), forest)
    app.logout()
    same(app.login_required(), True)


@check
def a_client_app_consents_for_itself(lab):
    path = f"collections/{lab.source}/requirements"
    lab.control("PUT", path, {"data_access": True})
    try:
        transfer = TransferClient(app=robot_app())
        transfer.add_app_data_access_scope(lab.source)
        same(transfer.operation_ls(lab.source)["DATA_TYPE"], "file_list")
    finally:
        lab.control("PUT", path, {})


@check
def projects_clients_scopes_and_policies_are_managed(lab):
    auth = AuthClient(app=robot_app())
    auth.add_app_scope(AuthScopes.manage_projects)
    project = auth.create_project("A project", "a@example.org", admin_ids=[ROBOT])["project"]["id"]
    same(auth.update_project(project, display_name="Renamed")["project"]["display_name"], "Renamed")
    holds(project in [one["id"] for one in auth.get_projects()["projects"]], "it is not listed")
    policy = auth.create_policy(
        project_id=project,
        display_name="A policy",
        description="d",
        high_assurance=True,
        authentication_assurance_timeout=600,
    )["policy"]["id"]
    auth.update_policy(policy, authentication_assurance_timeout=60)
    same(auth.get_policy(policy)["policy"]["authentication_assurance_timeout"], 60)

    client = auth.create_client("A service", project=project, public_client=False)["client"]["id"]
    credential = auth.create_client_credential(client, "A secret")["credential"]
    same(auth.get_client_credentials(client)["credentials"][0]["id"], credential["id"])
    transfer = auth.get_scopes(scope_strings=[str(TransferScopes.all)])["scopes"][0]["id"]
    needs = [DependentScopeSpec(transfer, True, False)]
    scope = auth.create_scope(client, "A scope", "d", "do_it", dependent_scopes=needs)["scope"]
    same(auth.get_scope(scope["id"])["scope"]["scope_string"], scope["scope_string"])
    same(auth.get_client(client_id=client)["client"]["scopes"], [scope["id"]])

    _, tokens = person_tokens(lab, scope["scope_string"])
    theirs = tokens.by_resource_server[client]["access_token"]
    service = ConfidentialAppAuthClient(client, credential["secret"])
    same(service.oauth2_token_introspect(theirs)["scope"], scope["scope_string"])
    error = refused(
        403,
        "DEPENDENT_CONSENT_REQUIRED",
        lambda: service.oauth2_get_dependent_tokens(theirs, scope=[TransferScopes.all]),
    )
    holds(to_gare(error).authorization_parameters.required_scopes, error.text)

    auth.delete_scope(scope["id"])
    auth.delete_client_credential(client, credential["id"])
    auth.delete_client(client)
    auth.delete_policy(policy)
    auth.delete_project(project)
    holds(project not in [one["id"] for one in auth.get_projects()["projects"]], "it is still listed")
