"""JSON representation of changes."""

from collections.abc import Mapping
from typing import Any

from taskstead.tables.changes import (
    REFERENCED_KINDS,
    ChangeRow,
    EntityNameRow,
    list_referred_ids,
)


def render_change(row: ChangeRow, entities: Mapping[str, EntityNameRow]) -> dict[str, Any]:
    """Return a row of the log as JSON data of ``Change``.

    Args:
        row: the change.
        entities: by id, the kind, name and number of all rows that the change refers to.
    """
    entity = entities.get(row["entity_id"])
    user_id, credential_id = row["user_id"], row["credential_id"]
    return {
        "revision": row["revision"],
        "batch": row["batch_id"],
        "at": row["at"],
        "kind": row["kind"],
        "id": row["entity_id"],
        "name": entity and entity["name"],
        "number": entity and entity["number"],
        "action": row["action"],
        "user": user_id and {"id": user_id, "name": _find_name(user_id, entities)},
        "credential": credential_id and _render_credential(credential_id, entities),
        "fields": [
            {
                "field": name,
                "old": old,
                "new": new,
                "old_name": _find_names(name, old, entities),
                "new_name": _find_names(name, new, entities),
            }
            for name, (old, new) in row["fields"].items()
        ],
    }


def _render_credential(credential_id: str, entities: Mapping[str, EntityNameRow]) -> dict[str, Any]:
    credential = entities.get(credential_id)
    if credential is None:
        return {"id": credential_id, "kind": "ended", "name": None}
    return {"id": credential_id, "kind": credential["kind"], "name": credential["name"]}


def _find_name(id_: str, entities: Mapping[str, EntityNameRow]) -> str | None:
    entity = entities.get(id_)
    return entity and entity["name"]


def _find_names(field: str, value: Any, entities: Mapping[str, EntityNameRow]) -> Any:
    if field not in REFERENCED_KINDS:
        return None
    names = [_find_name(id_, entities) for id_ in list_referred_ids(value)]
    if field == "tag_ids":
        return names if value is not None else None
    return names[0] if names else None
