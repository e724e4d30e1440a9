"""Workspaces and their members: separate tasks, roles, removal and leaving."""

import asyncio
from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.workspaces.team import PATH, Team

pytestmark = pytest.mark.balanced


async def test_workspace_is_returned_as_created(owner: Client) -> None:
    answer = await owner.post(PATH, {"name": "  Team 🏡 "})
    assert answer.status_code == 201
    workspace = answer.json()
    assert answer.headers["location"] == f"{PATH}/{workspace['id']}"
    assert (workspace["name"], workspace["personal"]) == ("Team 🏡", False)
    assert (workspace["role"], workspace["revision"]) == ("owner", 2)
    assert (await owner.get(f"{PATH}/{workspace['id']}")).json() == workspace
    assert workspace in (await owner.get(PATH)).json()["items"]
    renamed = (await owner.patch(f"{PATH}/{workspace['id']}", {"name": "Club"})).json()
    assert (renamed["name"], renamed["revision"]) == ("Club", 3)


async def test_invalid_fields_are_rejected(owner: Client) -> None:
    workspace = (await owner.post(PATH, {"name": "Team"})).json()
    for body, pointer in (({"name": ""}, "/name"), ({"personal": True}, "/personal")):
        answer = await owner.patch(f"{PATH}/{workspace['id']}", body)
        check_problem(answer, 422, "validation_failed", pointer)


async def test_workspaces_keep_their_tasks_separate(team: Team) -> None:
    owner = team.users["owner"]
    at_home = await owner.create_task(title="At home", category="Same", tags=["same"])
    in_team = await team.get_client("owner").create_task(title="In the team", category="Same")
    assert at_home["number"] == in_team["number"] == 1
    assert at_home["category"]["id"] != in_team["category"]["id"]
    titles = [task["title"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert titles == ["At home"]
    check_problem(await owner.get(f"/api/v1/tasks/{in_team['id']}"), 404, "not_found")
    inside = await team.get_client("viewer").get(f"/api/v1/tasks/{in_team['id']}")
    assert inside.json() == in_team
    for name in (team.id, make_id()):
        stranger = team.users["stranger"].in_workspace(name)
        check_problem(await stranger.get("/api/v1/tasks"), 404, "not_found")
    broken = await owner.in_workspace("nonsense").get("/api/v1/tasks")
    check_problem(broken, 422, "validation_failed", "header/Taskstead-Workspace")


async def test_members_are_listed_with_their_roles(team: Team) -> None:
    for name in ("owner", "editor", "viewer"):
        listed = (await team.users[name].get(team.members)).json()["items"]
        assert {item["email"]: item["role"] for item in listed} == {
            "owner@example.com": "owner",
            "editor@example.com": "editor",
            "viewer@example.com": "viewer",
        }
        assert (await team.users[name].get(team.path)).json()["role"] == name
    check_problem(await team.users["stranger"].get(team.members), 404, "not_found")


async def test_invalid_member_is_rejected(team: Team) -> None:
    owner = team.users["owner"]
    unknown = await owner.post(team.members, {"email": "nobody@example.com"})
    check_problem(unknown, 422, "validation_failed", "/email")
    again = await owner.post(team.members, {"email": "Editor@example.com", "role": "viewer"})
    check_problem(again, 409, "name_taken")
    wrong = await owner.post(team.members, {"email": "stranger@example.com", "role": "boss"})
    check_problem(wrong, 422, "validation_failed", "/role")


async def test_new_member_is_an_editor_by_default(team: Team) -> None:
    added = await team.users["owner"].post(team.members, {"email": "STRANGER@example.com"})
    assert added.status_code == 201
    assert (added.json()["user_id"], added.json()["role"]) == (team.ids["stranger"], "editor")
    assert (await team.get_client("stranger").create_task())["number"] == 1


async def test_role_applies_from_the_next_request(team: Team) -> None:
    owner, viewer = team.users["owner"], team.get_client("viewer")
    refused = await viewer.post("/api/v1/tasks", {"title": "x"})
    check_problem(refused, 403, "insufficient_role")
    member = f"{team.members}/{team.ids['viewer']}"
    changed = await owner.patch(member, {"role": "editor"})
    assert changed.json()["role"] == "editor"
    await viewer.create_task()
    check_problem(await viewer.patch(team.path, {"name": "Mine"}), 403, "insufficient_role")
    await owner.patch(member, {"role": "owner"})
    assert (await viewer.patch(team.path, {"name": "Ours"})).json()["name"] == "Ours"
    await owner.patch(member, {"role": "viewer"})
    check_problem(await viewer.delete("/api/v1/tasks/1"), 403, "insufficient_role")


async def test_removed_member_loses_access(team: Team) -> None:
    owner = team.users["owner"]
    member = f"{team.members}/{team.ids['editor']}"
    check_problem(await team.users["viewer"].delete(member), 403, "insufficient_role")
    assert (await owner.delete(member)).status_code == 204
    check_problem(await team.get_client("editor").get("/api/v1/tasks"), 404, "not_found")
    check_problem(await owner.delete(member), 404, "not_found")


async def test_tasks_of_a_removed_member_are_unassigned(team: Team) -> None:
    owner = team.get_client("owner")
    task = await owner.create_task(assignee=team.ids["editor"])
    assert task["assignee"] == team.ids["editor"]
    assert (await owner.delete(f"{team.members}/{team.ids['editor']}")).status_code == 204
    after = (await owner.get("/api/v1/tasks/1")).json()
    assert after["assignee"] is None
    assert after["revision"] > task["revision"]


async def test_members_can_leave_except_the_last_owner(team: Team) -> None:
    for name in ("viewer", "editor"):
        member = f"{team.members}/{team.ids[name]}"
        assert (await team.users[name].delete(member)).status_code == 204
        check_problem(await team.users[name].get(team.path), 404, "not_found")
    owner = team.users["owner"]
    oneself = f"{team.members}/{team.ids['owner']}"
    check_problem(await owner.delete(oneself), 409, "last_owner")
    for role in ("editor", "viewer"):
        check_problem(await owner.patch(oneself, {"role": role}), 409, "last_owner")
    assert (await owner.patch(oneself, {"role": "owner"})).status_code == 200
    await owner.post(team.members, {"email": "stranger@example.com", "role": "owner"})
    assert (await owner.delete(oneself)).status_code == 204
    check_problem(await owner.get(team.path), 404, "not_found")


async def test_two_owners_cannot_both_leave_concurrently(team: Team) -> None:
    owner = team.users["owner"]
    await owner.patch(f"{team.members}/{team.ids['editor']}", {"role": "owner"})
    answers = await asyncio.gather(
        *[
            team.users[name].delete(f"{team.members}/{team.ids[name]}")
            for name in ("owner", "editor")
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_personal_workspace_cannot_be_shared_or_left(client: Client) -> None:
    ann = await client.register("ann@example.com")
    await client.register("bob@example.com")
    me: dict[str, Any] = (await ann.get("/auth/me")).json()
    members = f"{PATH}/{me['personal_workspace_id']}/members"
    check_problem(await ann.post(members, {"email": "bob@example.com"}), 409, "conflict")
    check_problem(await ann.delete(f"{members}/{me['id']}"), 409, "last_owner")
    renamed = await ann.patch(f"{PATH}/{me['personal_workspace_id']}", {"name": "Mine"})
    assert (renamed.json()["name"], renamed.json()["personal"]) == ("Mine", True)
