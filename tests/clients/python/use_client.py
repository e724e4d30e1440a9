"""Uses the client that openapi-python-client generates, and prints the results as JSON."""

import json
import sys

from taskstead_client import AuthenticatedClient
from taskstead_client.api.tasks import create_task, get_task, list_tasks, update_task
from taskstead_client.models import Problem, Task, TaskCreate, TaskPage, TaskPatch, TaskPatchStatus
from taskstead_client.models.list_tasks_status_item import ListTasksStatusItem


def main(address: str, token: str) -> None:
    """Create, list and change tasks, and handle an error."""
    client = AuthenticatedClient(base_url=address, token=token)
    created = create_task.sync(client=client, body=TaskCreate(title="From Python"))
    assert isinstance(created, Task), created
    body = TaskCreate(title="In full", priority=1, tags=["errand"], due_date=None, completed=False)
    key = "from-python"
    assert isinstance(create_task.sync(client=client, body=body, idempotency_key=key), Task)
    page = list_tasks.sync(
        client=client, status=[ListTasksStatusItem.TODO], priority_min=2, limit=10, sort="title"
    )
    assert isinstance(page, TaskPage), page
    updated = update_task.sync(
        task=str(created.id),
        client=client,
        body=TaskPatch(status=TaskPatchStatus.DONE),
        if_match=f'"{created.revision}"',
    )
    assert isinstance(updated, Task), updated
    missing = get_task.sync(task="99", client=client)
    assert isinstance(missing, Problem), missing
    print(
        json.dumps(
            {
                "created": created.title,
                "listed": [item.title for item in page.items],
                "status": updated.status.value,
                "missing": missing.code,
                "is_uuid": created.id.version == 7,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
