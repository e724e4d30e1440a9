"""Tables of the textbook server as mapped classes of SQLAlchemy's ORM."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    column_property,
    mapped_column,
    relationship,
    undefer,
)


def get_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base class of the mapped classes."""


class User(Base):
    """A user who can sign in."""

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)


class Category(Base):
    """A category of tasks."""

    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]


class Tag(Base):
    """A label of tasks."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]


task_tags = Table(
    "task_tags",
    Base.metadata,
    Column("task_number", ForeignKey("tasks.number"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Task(Base):
    """A task."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_by_owner", "owner_id", "number"),
        Index("tasks_by_parent", "parent"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("categories.id"))
    parent: Mapped[uuid.UUID | None]
    assignee: Mapped[uuid.UUID | None]
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int]
    due_date: Mapped[str | None]
    due_time_zone: Mapped[str | None]
    position: Mapped[float] = mapped_column(default=0.0)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=get_now)
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=get_now, onupdate=get_now
    )
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    category: Mapped[Category | None] = relationship(lazy="joined")
    tag_rows: Mapped[list[Tag]] = relationship(secondary=task_tags, lazy="selectin")

    @property
    def completed(self) -> bool:
        """Whether the task is done."""
        return self.status == "done"

    @property
    def tags(self) -> list[str]:
        """The names of the task's tags."""
        return [tag.name for tag in self.tag_rows]


# Sub-tasks are counted in the list statement only.
child = aliased(Task)
live_children = select(func.count()).where(child.parent == Task.id, child.deleted_at.is_(None))
Task.subtask_count = column_property(
    live_children.correlate_except(child).scalar_subquery(), deferred=True
)
Task.open_subtask_count = column_property(
    live_children.where(child.status.in_(["todo", "in_progress"]))
    .correlate_except(child)
    .scalar_subquery(),
    deferred=True,
)
SUBTASK_COUNTS = (
    undefer(Task.subtask_count),  # type: ignore[attr-defined]
    undefer(Task.open_subtask_count),  # type: ignore[attr-defined]
)
