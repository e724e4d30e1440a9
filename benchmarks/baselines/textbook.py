"""Baseline server: the same task API in the style of FastAPI and SQLAlchemy tutorials.

It uses SQLAlchemy's async ORM with a session per request, asyncpg or aiosqlite, pydantic response
models created from attributes, a signed bearer token (PyJWT), and a query for its user in every
request. Its responses have the JSON fields of Taskstead, and its SQLite commits are equally durable
(WAL, synchronous=FULL).

Where tutorials differ, it uses the faster way: relationships are loaded eagerly (joined and
selectin), nothing is expired or refreshed after a commit, lists use keyset pagination with an index
instead of OFFSET, and the number of a task is its primary key. It has no workspaces, roles,
revocation or change log, so the comparison favours this server.
"""

import os
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Response, status
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer
from pwdlib import PasswordHash
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.baselines.textbook_tables import (
    SUBTASK_COUNTS,
    Base,
    Category,
    Tag,
    Task,
    User,
    get_now,
)

DATABASE_URL = os.environ.get("TEXTBOOK_DATABASE_URL", "sqlite+aiosqlite:///textbook.db")
SIGNING_KEY = secrets.token_hex(32)
POOL_SIZE = int(os.environ.get("TEXTBOOK_POOL_SIZE", "20"))
TOKEN_LIFETIME = timedelta(days=1)
# Timeout for SQLite's write lock; the default of 5 s is too short for 32 writers.
SQLITE_WAIT_SECONDS = 60

IS_SQLITE = DATABASE_URL.startswith("sqlite")
engine = create_async_engine(
    DATABASE_URL,
    pool_size=POOL_SIZE,
    max_overflow=30,
    connect_args={"timeout": SQLITE_WAIT_SECONDS} if IS_SQLITE else {},
)
open_session = async_sessionmaker(engine, expire_on_commit=False)
password_hash = PasswordHash.recommended()
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="auth/login")

if IS_SQLITE:

    @event.listens_for(engine.sync_engine, "connect")
    def set_sqlite_pragmas(connection: Any, _record: object) -> None:
        """Configure SQLite commits to be as durable as PostgreSQL's."""
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


# ---- Request and response models


class Credentials(BaseModel):
    """Body of registration and login."""

    email: EmailStr
    password: str = Field(min_length=10, max_length=256)


class TokenOut(BaseModel):
    """Response of registration and login."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a scheme, not a secret


class TaskIn(BaseModel):
    """Body of a new task."""

    title: str = Field(min_length=1, max_length=500)
    description: str = Field(default="", max_length=100_000)
    status: Literal["todo", "in_progress", "done", "cancelled"] = "todo"
    priority: int = Field(default=3, ge=1, le=5)
    due_date: str | None = None
    due_time_zone: str | None = None
    category: str | None = None
    tags: list[str] = []


class TaskPatch(BaseModel):
    """Changes to a task."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    priority: int | None = None


class CategoryOut(BaseModel):
    """A category inside a task."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str


class TaskBase(BaseModel):
    """Fields of a task in a list and of a single task."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    number: int
    title: str
    status: str
    completed: bool
    priority: int
    due_date: str | None
    due_time_zone: str | None
    category: CategoryOut | None
    tags: list[str]
    parent: uuid.UUID | None
    assignee: uuid.UUID | None
    position: float
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: datetime | None


class TaskOut(TaskBase):
    """A single task."""

    description: str


class TaskListItem(TaskBase):
    """A task in a list."""

    subtask_count: int
    open_subtask_count: int


class TaskPage(BaseModel):
    """One page of a list."""

    model_config = ConfigDict(from_attributes=True)

    items: list[TaskListItem]
    next_cursor: str | None


# ---- Dependencies


async def get_session() -> AsyncIterator[AsyncSession]:
    """Yield a new session for each request."""
    async with open_session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def get_current_user(
    token: Annotated[str, Depends(oauth2_scheme)], session: SessionDep
) -> User:
    """Return the user of the bearer token."""
    try:
        claims = jwt.decode(token, SIGNING_KEY, algorithms=["HS256"])
        user = await session.get(User, uuid.UUID(claims["sub"]))
    except (jwt.InvalidTokenError, KeyError, ValueError):
        user = None
    if user is None or not user.is_active:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


# ---- Routes


@asynccontextmanager
async def create_tables(_app: FastAPI) -> AsyncIterator[None]:
    """Create missing tables at startup, close the pool at shutdown."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(title="Textbook", lifespan=create_tables)


def create_token(user: User) -> TokenOut:
    """Return a signed token for a user."""
    claims = {"sub": str(user.id), "exp": get_now() + TOKEN_LIFETIME}
    return TokenOut(access_token=jwt.encode(claims, SIGNING_KEY, algorithm="HS256"))


@app.get("/health")
async def read_health() -> dict[str, str]:
    """Report that the server is running."""
    return {"status": "ok"}


@app.post("/auth/register", status_code=status.HTTP_201_CREATED)
async def register(body: Credentials, session: SessionDep) -> TokenOut:
    """Create an account."""
    if await session.scalar(select(User).where(User.email == body.email)) is not None:
        raise HTTPException(status.HTTP_409_CONFLICT)
    user = User(
        email=body.email, password_hash=await run_in_threadpool(password_hash.hash, body.password)
    )
    session.add(user)
    await session.commit()
    return create_token(user)


@app.post("/auth/login")
async def login(body: Credentials, session: SessionDep) -> TokenOut:
    """Exchange e-mail and password for a token."""
    user = await session.scalar(select(User).where(User.email == body.email))
    if user is None or not await run_in_threadpool(
        password_hash.verify, body.password, user.password_hash
    ):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    return create_token(user)


async def get_or_create_category(session: AsyncSession, owner: User, name: str) -> Category:
    """Return the owner's category with this name; create it if it does not exist."""
    found = await session.scalar(
        select(Category).where(Category.owner_id == owner.id, Category.name == name)
    )
    return found or Category(owner_id=owner.id, name=name)


async def get_or_create_tags(session: AsyncSession, owner: User, names: list[str]) -> list[Tag]:
    """Return the owner's tags with these names; create missing ones."""
    found = await session.scalars(select(Tag).where(Tag.owner_id == owner.id, Tag.name.in_(names)))
    by_name = {tag.name: tag for tag in found}
    return [by_name.get(name) or Tag(owner_id=owner.id, name=name) for name in dict.fromkeys(names)]


@app.post("/tasks", status_code=status.HTTP_201_CREATED, response_model=TaskOut)
async def create_task(
    body: TaskIn, user: CurrentUser, session: SessionDep, response: Response
) -> Task:
    """Create a task with its category and tags."""
    task = Task(
        **body.model_dump(exclude={"category", "tags"}),
        owner_id=user.id,
        category=await get_or_create_category(session, user, body.category)
        if body.category
        else None,
        tag_rows=await get_or_create_tags(session, user, body.tags) if body.tags else [],
        completed_at=get_now() if body.status == "done" else None,
    )
    session.add(task)
    await session.commit()
    response.headers["Location"] = f"/tasks/{task.id}"
    return task


@app.get("/tasks", response_model=TaskPage)
async def list_tasks(
    user: CurrentUser,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: int | None = None,
) -> dict[str, Any]:
    """Return a page of tasks, newest first."""
    statement = select(Task).where(Task.owner_id == user.id, Task.deleted_at.is_(None))
    statement = statement.options(*SUBTASK_COUNTS)
    if cursor is not None:
        statement = statement.where(Task.number < cursor)
    tasks = (await session.scalars(statement.order_by(Task.number.desc()).limit(limit + 1))).all()
    page = tasks[:limit]
    return {"items": page, "next_cursor": str(page[-1].number) if len(tasks) > limit else None}


@app.get("/tasks/{task_id}", response_model=TaskOut)
async def get_task(task_id: uuid.UUID, user: CurrentUser, session: SessionDep) -> Task:
    """Return one task."""
    statement = select(Task).where(
        Task.id == task_id, Task.owner_id == user.id, Task.deleted_at.is_(None)
    )
    task = await session.scalar(statement)
    if task is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return task


@app.patch("/tasks/{task_id}", response_model=TaskOut)
async def update_task(
    task_id: uuid.UUID, body: TaskPatch, user: CurrentUser, session: SessionDep
) -> Task:
    """Change the fields of a task that were sent."""
    task = await get_task(task_id, user, session)
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(task, name, value)
    await session.commit()
    return task
