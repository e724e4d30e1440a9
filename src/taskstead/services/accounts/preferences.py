"""Preferences: settings of the clients, which follow the user and not the workspace.

The server does not interpret them. They are not in the change log, because they belong to no
workspace.
"""

import json
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, insert, update

from taskstead.formats.json.preferences import check_depth, encode_preferences, merge_patch
from taskstead.queries.accounts.preferences import get_preferences
from taskstead.queries.workspaces.memberships import lock_user
from taskstead.services.context import WriteContext
from taskstead.services.preconditions import Precondition, check_precondition
from taskstead.tables.users import PreferencesRow, preferences

# The first revision of a user is a random number below this one. The entity tag is the revision, so
# two users of a browser do not have the same tag for different preferences.
_FIRST_REVISIONS = 2**48
_INSERT = insert(preferences)
_UPDATE = (
    update(preferences)
    .where(preferences.c.user_id == bindparam("user"))
    .values(
        content=bindparam("content"),
        revision=bindparam("revision"),
        updated_at=bindparam("updated_at"),
    )
)


async def replace_preferences(
    ctx: WriteContext, content: dict[str, Any], precondition: Precondition
) -> PreferencesRow:
    """Replace the user's preferences; return the row. Equal preferences are not written.

    Raises:
        ValidationFailedError: the preferences are too large or nested too deeply.
        RevisionMismatchError, AlreadyExistsError: the precondition is not met.
    """
    text = encode_preferences(content)
    return await _write(ctx, lambda _: text, precondition)


async def patch_preferences(
    ctx: WriteContext, patch: dict[str, Any], precondition: Precondition
) -> PreferencesRow:
    """Apply a merge patch (RFC 7396) to the user's preferences; return the row.

    If the patch changes nothing, nothing is written.

    Raises:
        ValidationFailedError: the patch or the preferences after it are too large or nested too
            deeply.
        RevisionMismatchError, AlreadyExistsError: the precondition is not met.
    """
    check_depth(patch)
    return await _write(
        ctx,
        lambda content: encode_preferences(merge_patch(json.loads(content), patch)),
        precondition,
    )


async def _write(
    ctx: WriteContext, change: Callable[[str], str], precondition: Precondition
) -> PreferencesRow:
    user_id = ctx.principal.user_id
    async with ctx.database.transaction() as transaction:
        # The preferences may have no row to lock yet.
        await lock_user(transaction, user_id)
        old = await get_preferences(transaction, user_id)
        check_precondition(precondition, old)
        content = change(old["content"])
        if content == old["content"]:
            return old
        revision = (old["revision"] or secrets.randbelow(_FIRST_REVISIONS)) + 1
        row: PreferencesRow = {"content": content, "revision": revision}
        now = ctx.clock()
        if old["revision"]:
            await transaction.execute(_UPDATE, {"user": user_id, **row, "updated_at": now})
        else:
            await transaction.execute(_INSERT, {"user_id": user_id, **row, "updated_at": now})
        return row
