"""Schemas of the connection pool statistics."""

from pydantic import Field

from taskstead.schemas.base import Output


class Pool(Output):
    """The connection pool of one process."""

    process: int = Field(description="The number of the process, from 0.")
    pid: int
    engine: str = Field(description="`sqlite` or `postgresql`.")
    size: int = Field(
        description="The maximum number of connections. On SQLite, it is 1, the write connection. "
        "Reads do not wait for it."
    )
    in_use: int
    waiting: int = Field(description="The number of requests and jobs waiting for a connection.")
    waits: int = Field(description="The number of waits since the start.")
    wait_seconds: float = Field(description="The total wait time.")
    longest_wait_seconds: float


class Pools(Output):
    """The connection pools of all processes of the server that share a port."""

    processes: list[Pool]
