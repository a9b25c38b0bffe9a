"""Logging in to the CLI, as a client and as a person, and who one is then."""

from checks import check, holds, same
from lab import OTHER_ROBOT, PERSON, ROBOT


@check
def client_mode_needs_no_login(lab):
    lab.robot("whoami", says=f"^{ROBOT}@clients.auth.globus.org$")
    lab.robot("login", exits=2, says="both set")
    linked = lab.robot.json("whoami", "--linked-identities")
    same([one["sub"] for one in linked], [ROBOT])


@check
def a_person_who_is_not_logged_in_is_told_so(lab):
    lab.person("whoami", exits=4, says="globus login")


@check
def a_person_logs_in_by_consent_and_code(lab):
    lab.person.consents("login", says="successfully logged in")
    lab.person("whoami", says=f"^{PERSON}$")
    lab.person("login", says="already logged in")
    shown = lab.person.json("whoami")
    same(shown["preferred_username"], PERSON)


@check
def session_show_lists_the_logins(lab):
    lab.robot("session", "show", says=ROBOT)
    lab.person("session", "show", says=PERSON)


@check
def session_update_and_consent_log_in_again(lab):
    lab.person.consents("session", "update", PERSON, says="successfully updated")
    data_access = f"https://auth.globus.org/scopes/{lab.source}/data_access"
    scope = f"urn:globus:auth:scope:transfer.api.globus.org:all[*{data_access}]"
    lab.person.consents("session", "consent", scope, says="successfully")


@check
def get_identities_resolves_both_ways(lab):
    found = lab.robot.json("get-identities", PERSON, ROBOT)["identities"]
    usernames = {one["id"]: one["username"] for one in found}
    same(usernames[ROBOT], f"{ROBOT}@clients.auth.globus.org")
    person = next(key for key, name in usernames.items() if name == PERSON)
    lab.robot("get-identities", person, says=f"^{PERSON}$")
    lab.robot("get-identities", "--verbose", OTHER_ROBOT, says=OTHER_ROBOT)
    same(lab.robot("get-identities", "nobody@sandbox.local").strip(), "NO_SUCH_IDENTITY")
    new = lab.robot("get-identities", "--provision", "invited@example.org").strip()
    lab.robot("get-identities", new, says="^invited@example.org$")


@check
def a_collection_that_asks_for_a_consent_gets_it(lab):
    path = f"collections/{lab.source}/requirements"
    lab.control("PUT", path, {"data_access": True})
    try:
        # as a client it consents by itself; a person has done so above
        lab.robot("ls", f"{lab.source}:/")
        lab.person("ls", f"{lab.source}:/")
    finally:
        lab.control("PUT", path, {})


@check
def a_collection_that_asks_for_a_fresh_login_gets_it(lab):
    path = f"collections/{lab.source}/requirements"
    lab.control("PUT", path, {"mfa": True})
    try:
        lab.person("ls", f"{lab.source}:/", exits=4, says="globus session update")
    finally:
        lab.control("PUT", path, {})


@check
def api_asks_each_service(lab):
    lab.robot("api", "auth", "GET", "/v2/oauth2/userinfo", says=ROBOT)
    mine = "-Q", "filter_scope=administered-by-me"
    lab.robot("api", "transfer", "GET", "/v0.10/endpoint_search", *mine, says=lab.source)
    lab.robot("api", "search", "GET", "/v1/index_list", says="index_list")
    lab.robot("api", "groups", "GET", "/v2/groups/my_groups", says=r"^\[")
    lab.robot("api", "transfer", "GET", "/v0.10/no/such/thing", exits=1, says="501")


@check
def logout_revokes_what_there_is(lab):
    lab.person("logout", "--yes", says="successfully logged out")
    lab.person("whoami", exits=4)
    lab.robot("logout", "--yes", says="successfully revoked")
    lab.robot("whoami", says=ROBOT)
    lab.person.consents("login", says="successfully logged in")
    holds(lab.person("whoami").strip() == PERSON, "after logging in again")
