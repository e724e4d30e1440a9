"""The kinds of rows whose changes are in the change log."""

from typing import Literal

# Kinds of the workspace itself. No `Entity` describes them.
WorkspaceKind = Literal["workspace", "member"]
# Kinds with an `Entity`, in the order of the registry.
EntityKind = Literal["category", "tag", "task", "occurrence", "filter"]
ChangeKind = Literal[WorkspaceKind, EntityKind]
