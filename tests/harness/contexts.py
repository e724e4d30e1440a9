"""Contexts for tests that call use cases directly."""

from taskstead.clock import Clock, get_now
from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.services.context import ReadContext, WriteContext


def make_write_context(
    database: Database, principal: Principal, clock: Clock = get_now
) -> WriteContext:
    return WriteContext(principal, database, clock)


def make_read_context(database: Database, principal: Principal) -> ReadContext:
    return ReadContext(principal, database, get_now())
