"""Statements that are assembled from conditions."""

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    literal_column,
    select,
)

from taskstead.db.sql.assembly import (
    PLACEHOLDER,
    SLOT,
    AssembledStatement,
    Part,
    compile_condition,
)
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, CompiledStatement, compile_statement
from taskstead.db.sql.types import Id, Instant

things = Table(
    "things",
    MetaData(),
    Column("id", Id),
    Column("size", Integer),
    Column("name", String),
    Column("made_at", Instant),
)
IS_MADE = and_(things.c.name == "a", things.c.made_at > bindparam(SLOT, type_=Instant))
IS_ID = things.c.id == bindparam("id", type_=Id)
SELECT = select(things.c.size).where(
    things.c.size > bindparam("least", type_=Integer),
    PLACEHOLDER,
    things.c.made_at < bindparam("end", type_=Instant),
)


def assemble(*parts: str | Part, statement: Select[int] = SELECT) -> AssembledStatement:
    return AssembledStatement(statement, things, parts)


def compile_both(*parts: str | Part) -> tuple[CompiledStatement, CompiledStatement]:
    statement = assemble(*parts)
    return compile_statement(statement, SQLITE), compile_statement(statement, POSTGRESQL)


def flatten(statement: CompiledStatement) -> str:
    return " ".join(statement.sql.split())


def test_condition_replaces_the_placeholder() -> None:
    sqlite, postgresql = compile_both("NOT (", Part("made", IS_MADE, "first"), ")")
    assert flatten(sqlite) == (
        "SELECT things.size FROM things WHERE things.size > ? AND "
        "NOT (things.name = ? AND things.made_at > ?) AND things.made_at < ?"
    )
    assert flatten(postgresql) == (
        "SELECT things.size FROM things WHERE things.size > $1::INTEGER AND "
        "NOT (things.name = $3::VARCHAR AND things.made_at > $4::TIMESTAMP WITH TIME ZONE) "
        "AND things.made_at < $2::TIMESTAMP WITH TIME ZONE"
    )


def test_parameters_are_in_the_order_of_the_placeholders() -> None:
    sqlite, postgresql = compile_both(Part("made", IS_MADE, "first"))
    assert sqlite.names == ("least", "made.name_1", "first", "end")
    assert postgresql.names == ("least", "end", "made.name_1", "first")


def test_values_are_converted_at_their_position() -> None:
    sqlite, _ = compile_both(Part("made", IS_MADE, "first"))
    assert [index for index, _ in sqlite.binders] == [2, 3]


def test_constant_is_a_default() -> None:
    for statement in compile_both(Part("made", IS_MADE, "first")):
        assert statement.defaults == {"made.name_1": "a"}


def test_condition_may_occur_with_different_slots() -> None:
    parts = (Part("made", IS_MADE, "first"), " OR ", Part("made", IS_MADE, "second"))
    sqlite, postgresql = compile_both(*parts)
    assert sqlite.names == ("least", "made.name_1", "first", "made.name_1", "second", "end")
    assert postgresql.names == ("least", "end", "made.name_1", "first", "second")


def test_other_parameters_keep_their_names() -> None:
    sqlite, _ = compile_both(Part("id", IS_ID, "first"))
    assert sqlite.names == ("least", "id", "end")


def test_parameter_is_cast_on_postgresql() -> None:
    _, postgresql = compile_both(Part("id", IS_ID, ""))
    assert "things.id = $3::UUID" in postgresql.sql


def test_statement_without_placeholder_is_rejected() -> None:
    statement = assemble("true", statement=select(things.c.size))
    with pytest.raises(TypeError, match="placeholder"):
        compile_statement(statement, SQLITE)


def test_statement_with_two_placeholders_is_rejected() -> None:
    statement = assemble("true", statement=SELECT.where(PLACEHOLDER))
    with pytest.raises(TypeError, match="placeholder"):
        compile_statement(statement, SQLITE)


def test_question_mark_in_a_statement_is_rejected() -> None:
    statement = assemble("true", statement=SELECT.where(things.c.name == literal_column("'?'")))
    with pytest.raises(TypeError, match="question mark"):
        compile_statement(statement, SQLITE)


def test_colon_in_a_condition_is_rejected() -> None:
    condition = things.c.name == literal_column("':a'")
    with pytest.raises(TypeError, match="parameters"):
        compile_condition(condition, things, "sqlite")
