"""Logging in to the CLI as a client and as a person."""

from checks import check, assert_that, assert_equal
from environment import OTHER_ROBOT, PERSON, ROBOT


@check
def client_mode_needs_no_login(env):
    env.robot("whoami", matches=f"^{ROBOT}@clients.auth.globus.org$")
    env.robot("login", exit_code=2, matches="both set")
    linked = env.robot.json("whoami", "--linked-identities")
    assert_equal([one["sub"] for one in linked], [ROBOT])


@check
def a_person_who_is_not_logged_in_gets_an_error(env):
    env.person("whoami", exit_code=4, matches="globus login")


@check
def a_person_logs_in_by_consent_and_code(env):
    env.person.consents("login", matches="successfully logged in")
    env.person("whoami", matches=f"^{PERSON}$")
    env.person("login", matches="already logged in")
    shown = env.person.json("whoami")
    assert_equal(shown["preferred_username"], PERSON)


@check
def session_show_lists_the_logins(env):
    env.robot("session", "show", matches=ROBOT)
    env.person("session", "show", matches=PERSON)


@check
def session_update_and_consent_log_in_again(env):
    env.person.consents("session", "update", PERSON, matches="successfully updated")
    data_access = f"https://auth.globus.org/scopes/{env.source}/data_access"
    scope = f"urn:globus:auth:scope:transfer.api.globus.org:all[*{data_access}]"
    env.person.consents("session", "consent", scope, matches="successfully")


@check
def get_identities_resolves_both_ways(env):
    found = env.robot.json("get-identities", PERSON, ROBOT)["identities"]
    usernames = {one["id"]: one["username"] for one in found}
    assert_equal(usernames[ROBOT], f"{ROBOT}@clients.auth.globus.org")
    person = next(key for key, name in usernames.items() if name == PERSON)
    env.robot("get-identities", person, matches=f"^{PERSON}$")
    env.robot("get-identities", "--verbose", OTHER_ROBOT, matches=OTHER_ROBOT)
    assert_equal(env.robot("get-identities", "nobody@sandbox.local").strip(), "NO_SUCH_IDENTITY")
    new = env.robot("get-identities", "--provision", "invited@example.org").strip()
    env.robot("get-identities", new, matches="^invited@example.org$")


@check
def a_required_consent_is_given(env):
    path = f"collections/{env.source}/requirements"
    env.control("PUT", path, {"data_access": True})
    try:
        # a client consents automatically; the person has consented above
        env.robot("ls", f"{env.source}:/")
        env.person("ls", f"{env.source}:/")
    finally:
        env.control("PUT", path, {})


@check
def a_required_fresh_login_is_done(env):
    path = f"collections/{env.source}/requirements"
    env.control("PUT", path, {"mfa": True})
    try:
        env.person("ls", f"{env.source}:/", exit_code=4, matches="globus session update")
    finally:
        env.control("PUT", path, {})


@check
def api_calls_each_service(env):
    env.robot("api", "auth", "GET", "/v2/oauth2/userinfo", matches=ROBOT)
    mine = "-Q", "filter_scope=administered-by-me"
    env.robot("api", "transfer", "GET", "/v0.10/endpoint_search", *mine, matches=env.source)
    env.robot("api", "search", "GET", "/v1/index_list", matches="index_list")
    env.robot("api", "groups", "GET", "/v2/groups/my_groups", matches=r"^\[")
    env.robot("api", "transfer", "GET", "/v0.10/no/such/thing", exit_code=1, matches="501")


@check
def logout_revokes_all_tokens(env):
    env.person("logout", "--yes", matches="successfully logged out")
    env.person("whoami", exit_code=4)
    env.robot("logout", "--yes", matches="successfully revoked")
    env.robot("whoami", matches=ROBOT)
    env.person.consents("login", matches="successfully logged in")
    assert_that(env.person("whoami").strip() == PERSON, "after logging in again")
