"""Query for the preferences of a user."""

from sqlalchemy import bindparam, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.tables.users import PreferencesRow, preferences

_GET = Query(
    PreferencesRow,
    select(preferences.c.content, preferences.c.revision).where(
        preferences.c.user_id == bindparam("user_id")
    ),
)
_EMPTY: PreferencesRow = {"content": "{}", "revision": 0}


async def get_preferences(reader: Reader, user_id: str) -> PreferencesRow:
    """Return the preferences of a user; ``{}`` at revision 0 if none are stored."""
    return await reader.fetch_one(_GET, {"user_id": user_id}) or _EMPTY
