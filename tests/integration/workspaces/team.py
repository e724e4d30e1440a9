"""A shared workspace with members of each role, for tests."""

from tests.harness.client import Client

PATH = "/api/v1/workspaces"


class Team:
    """A shared workspace with an owner, an editor and a viewer, and a user outside it.

    Attributes:
        users: the clients of the users by name, each in their personal workspace.
        ids: the ids of the users by name.
        id: the id of the workspace.
        path: the path of the workspace.
        members: the path of its members.
    """

    def __init__(self, users: dict[str, Client], ids: dict[str, str], workspace_id: str) -> None:
        self.users = users
        self.ids = ids
        self.id = workspace_id
        self.path = f"{PATH}/{workspace_id}"
        self.members = f"{self.path}/members"

    def get_client(self, name: str) -> Client:
        """Return a user's client in the workspace."""
        return self.users[name].in_workspace(self.id)
