"""A client-side replica of a workspace, built only from ``/api/v1/changes``."""

from typing import Any

from tests.harness.client import Client

KINDS = {
    "member": "members",
    "category": "categories",
    "tag": "tags",
    "task": "tasks",
    "occurrence": "occurrences",
    "filter": "filters",
}
CHANGES = "/api/v1/changes"

Data = dict[str, Any]


class Replica:
    """The state of a client that applies page after page.

    Attributes:
        token: the token for the next page; None to start from the beginning.
        revision: the workspace's revision at the last page.
        is_current: the last page was the final one.
        rows: the workspace's objects by kind and id.
    """

    def __init__(self) -> None:
        self.token: str | None = None
        self.revision = 0
        self.is_current = False
        self.rows: dict[str, dict[str, Data]] = {kind: {} for kind in ("workspace", *KINDS)}

    def apply(self, page: Data) -> None:
        """Apply a page."""
        assert page["revision"] >= self.revision
        if page["workspace"]:
            self.rows["workspace"] = {page["workspace"]["id"]: page["workspace"]}
        shown: set[str] = set()
        for kind, name in KINDS.items():
            ids = [row["id"] for row in page[name]]
            assert len(set(ids)) == len(ids)
            assert not shown & set(ids), "each object once"
            shown |= set(ids)
            self.rows[kind] |= {row["id"]: row for row in page[name]}
        for tombstone in page["removed"]:
            assert tombstone["action"] == "purged"
            assert tombstone["id"] not in shown
            self.rows[tombstone["kind"]].pop(tombstone["id"], None)
        self.token, self.revision = page["next"], page["revision"]
        self.is_current = not page["has_more"]

    async def pull(self, client: Client, **parameters: Any) -> Data:
        """Fetch one page and apply it."""
        since = {} if self.token is None else {"since": self.token}
        answer = await client.get(CHANGES, params={**since, **parameters})
        assert answer.status_code == 200, answer.text
        page: Data = answer.json()
        self.apply(page)
        return page

    async def catch_up(self, client: Client, **parameters: Any) -> int:
        """Fetch pages until there are no more. Return their number."""
        count = 0
        self.is_current = False
        while not self.is_current:
            await self.pull(client, **parameters)
            count += 1
        return count


async def take_snapshot(client: Client, **parameters: Any) -> Replica:
    """Return a new replica that has caught up."""
    replica = Replica()
    await replica.catch_up(client, **parameters)
    return replica
