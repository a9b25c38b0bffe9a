"""Groups with the Python SDK: its manager and the underlying client."""

import uuid

from globus_sdk import AuthClient, GroupsClient, GroupsManager
from globus_sdk.scopes import GroupsScopes

from checks import check, assert_that, assert_error, assert_equal
from sdk_session import person_app, robot_app


def both(env):
    """The groups managers of the robot and of the person, and the person's id."""
    app = person_app(env)
    robot = GroupsManager(GroupsClient(app=robot_app(), app_scopes=[GroupsScopes.all]))
    person = GroupsManager(GroupsClient(app=app, app_scopes=[GroupsScopes.all]))
    return robot, person, AuthClient(app=app).userinfo()["sub"]


@check
def the_manager_does_every_membership_action(env):
    robot, person, sub = both(env)
    group = robot.create_group("A group", "of checks")["id"]
    robot.set_group_policies(
        group,
        is_high_assurance=False,
        group_visibility="authenticated",
        group_members_visibility="members",
        join_requests=True,
        signup_fields=[],
    )
    assert_equal(robot.client.get_group_policies(group)["join_requests"], True)
    for manager, action, key, status in (
        (robot, "add_member", "add", "active"),
        (robot, "change_role", "change_role", "active"),
        (person, "leave", "leave", "left"),
        (person, "request_join", "request_join", "pending"),
        (robot, "approve_pending", "approve", "active"),
        (robot, "remove_member", "remove", "removed"),
        (robot, "invite_member", "invite", "invited"),
        (person, "decline_invite", "decline", "declined"),
        (robot, "invite_member", "invite", "invited"),
        (person, "accept_invite", "accept", "active"),
        (robot, "remove_member", "remove", "removed"),
        (person, "request_join", "request_join", "pending"),
        (robot, "reject_join_request", "reject", "rejected"),
    ):
        arguments = ["manager"] if action == "change_role" else []
        answer = getattr(manager, action)(group, sub, *arguments)
        assert_equal((action, answer[key][0]["status"]), (action, status))
    robot.client.delete_group(group)


@check
def nested_groups_are_created_shown_and_deleted(env):
    robot, _, _ = both(env)
    outer = robot.create_group("Outer", "of checks")["id"]
    inner = robot.create_group("Inner", "in it", parent_id=outer)["id"]
    shown = robot.client.get_group(
        outer, include=["memberships", "my_memberships", "policies", "allowed_actions", "child_ids"]
    )
    assert_equal((shown["child_ids"], len(shown["memberships"])), ([inner], 1))
    robot.client.update_group(outer, {"description": "other"})
    assert_that(outer in [one["id"] for one in robot.client.get_my_groups()], "it is not listed")
    robot.client.delete_group(inner)
    assert_equal(robot.client.delete_group(outer)["id"], outer)


@check
def a_batch_reports_failures_per_identity(env):
    robot, _, sub = both(env)
    group = robot.create_group("A batch", "of checks")["id"]
    stranger = str(uuid.uuid4())
    robot.add_member(group, sub)
    answer = robot.client.batch_membership_action(
        group, {"add": [{"identity_id": sub}, {"identity_id": stranger}]}
    )
    assert_equal([one["identity_id"] for one in answer["add"]], [stranger])
    assert_equal(answer["errors"]["add"][0]["code"], "ALREADY_ACTIVE")


@check
def fields_and_preferences_are_stored(env):
    robot, person, sub = both(env)
    group = robot.create_group("Fields", "of checks")["id"]
    robot.add_member(group, sub)
    person.client.set_membership_fields(group, {sub: {"institution": "x"}})
    assert_equal(person.client.get_membership_fields(group)[sub]["institution"], "x")
    for allow in (False, True):
        person.client.set_identity_preferences({sub: {"allow_add": allow}})
        assert_equal(person.client.get_identity_preferences()[sub]["allow_add"], allow)


@check
def missing_groups_return_not_found(env):
    robot, _, _ = both(env)
    gone = str(uuid.uuid4())
    assert_error(404, "GROUP_NOT_FOUND", lambda: robot.client.get_group(gone))
