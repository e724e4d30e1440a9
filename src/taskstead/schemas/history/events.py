"""Schemas of live events: entries of the change log without field values."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from taskstead.schemas.base import Output


class ChangeEvent(Output):
    """The data of a `change` event. Fetch the changed row for its current values."""

    revision: Annotated[
        int, Field(description="The revision of the change, and the `id` of the event.")
    ]
    kind: Annotated[
        str, Field(description="workspace, member, category, tag, task, occurrence or filter.")
    ]
    id: Annotated[str, Field(description="The id of the changed row; for a member, the user id.")]
    action: Annotated[str, Field(description="created, updated, trashed, restored or purged.")]
    batch_id: Annotated[
        str, Field(description="The batch id, shared by all changes of one request.")
    ]
    user_id: Annotated[str | None, Field(description="The user; null for changes by the server.")]
    at: datetime


class ResetEvent(Output):
    """The data of a `reset` event: earlier changes are no longer available."""

    revision: Annotated[int, Field(description="The revision after which the stream is complete.")]
