"""How busy the database connections are."""

from pydantic import Field

from taskstead.schemas.base import Output


class Pool(Output):
    """The connections of one process."""

    process: int = Field(description="The number of the process, from 0.")
    pid: int
    engine: str = Field(description="`sqlite` or `postgresql`.")
    size: int = Field(
        description="Connections there can be. On SQLite it is the one that writes; reads do not "
        "wait."
    )
    in_use: int
    waiting: int = Field(description="Callers that wait for a connection now.")
    waits: int = Field(description="How many have had to wait since the start.")
    wait_seconds: float = Field(description="For how long, all together.")
    longest_wait_seconds: float


class Pools(Output):
    """The connections of all processes of the server that share a port."""

    processes: list[Pool]
