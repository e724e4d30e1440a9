"""The settings: names, defaults, bounds. docs/reference/settings.md is generated from this module.

Where they are read from is in loading.py.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from taskstead import setting_checks as checks

PREFIX = "TASKSTEAD_"


class Environment(StrEnum):
    """Where the server runs; it picks the ``.env.*`` file."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Registration(StrEnum):
    """Who may make an account over the API; the command line can always make one."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


class LogFormat(StrEnum):
    """How log lines look."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """From which level on the server's own messages are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


RateLimit = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$")]


class Settings(BaseSettings):
    """All settings of the server. Constructing one reads the environment; nothing else does."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True
    )

    environment: Annotated[
        Environment, Field(description="Which `.env.{environment}` file is read besides `.env`.")
    ] = Environment.DEVELOPMENT
    data_dir: Annotated[
        Path,
        Field(
            description="Folder for the SQLite file. Default: the user's data folder by the "
            "platform's convention (`~/.local/share/taskstead` on Linux)."
        ),
    ] = Field(default_factory=lambda: platformdirs.user_data_path("taskstead", appauthor=False))
    database_url: Annotated[
        str | None,
        Field(
            description="`sqlite:///relative/path.db`, `sqlite:////absolute/path.db` or "
            "`postgresql://user:password@host:port/database` (several hosts: `host1,host2`). "
            "Default: the file `taskstead.db` in the data folder."
        ),
    ] = None
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port; 0 picks a free one.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="Server processes.")] = 1
    migrate_on_start: Annotated[
        bool, Field(description="Bring the database up to date before serving.")
    ] = True
    database_pool_size: Annotated[
        int,
        Field(ge=1, le=500, description="PostgreSQL connections of each process; a fixed number."),
    ] = 10
    database_wait_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="How long nobody at all may get a connection or the turn to write, before "
            "those who wait get 503; also the longest wait for a lock.",
        ),
    ] = 5.0
    database_queue_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=600,
            description="Longest wait for a connection or for the turn to write while others do "
            "get theirs; then 503. A crowd is served to its end rather than sent away.",
        ),
    ] = 60.0
    cache_bytes: Annotated[
        int,
        Field(
            ge=0,
            le=1 << 40,
            description="Memory of each process for answers that are kept; 0 keeps none. With "
            "Redis, its own `maxmemory` is the bound.",
        ),
    ] = 32 << 20
    max_body_bytes: Annotated[
        int, Field(ge=1024, le=1 << 30, description="Largest request body; larger ones get 413.")
    ] = 1 << 20
    require_if_match: Annotated[
        bool,
        Field(
            description="Refuse a PATCH, PUT or DELETE without If-Match (428), so that nobody "
            "overwrites what they have not seen."
        ),
    ] = False
    registration: Annotated[
        Registration,
        Field(description="Who may make an account: `open`, `invitation` or `closed`."),
    ] = Registration.OPEN
    setup_token: Annotated[
        str | None,
        Field(
            min_length=16,
            max_length=200,
            description="A secret that `POST /auth/register` needs while there is no account, "
            "whatever `TASKSTEAD_REGISTRATION` says. Default: none on a loopback address outside "
            "of production; otherwise `taskstead serve` makes one at each start and prints it, "
            "until there is an account.",
        ),
    ] = None
    access_token_minutes: Annotated[
        int, Field(ge=1, le=1440, description="Life of an access token.")
    ] = 30
    refresh_token_days: Annotated[
        int, Field(ge=1, le=365, description="Life of a refresh token.")
    ] = 30
    invitation_days: Annotated[int, Field(ge=1, le=365, description="Life of an invitation.")] = 7
    trash_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long a task or a workspace lies in the trash before it is deleted for "
            "good; 0 keeps it there, tasks until the trash is emptied.",
        ),
    ] = 30
    log_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long changes stay in the log, for history, undo and clients that "
            "sync; one that was away for longer fetches everything anew. 0 keeps them for ever.",
        ),
    ] = 365
    audit_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long events stay in the audit log: logins, tokens, members and what "
            "administrators do. 0 keeps them for ever.",
        ),
    ] = 365
    max_import_bytes: Annotated[
        int, Field(ge=1024, le=1 << 33, description="Largest file of tasks to import.")
    ] = 64 << 20
    idempotency_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="How long a request with an `Idempotency-Key` can be repeated for the same "
            "answer.",
        ),
    ] = 24
    run_worker: Annotated[
        bool,
        Field(
            description="Do background jobs in the server processes too. Without it, "
            "`taskstead worker` has to run."
        ),
    ] = True
    jobs_at_once: Annotated[
        int, Field(ge=1, le=100, description="Background jobs that a process does side by side.")
    ] = 2
    job_poll_seconds: Annotated[
        float,
        Field(
            ge=0.05,
            le=60,
            description="How often to look for jobs that other processes have enqueued.",
        ),
    ] = 1.0
    job_lease_seconds: Annotated[
        float,
        Field(
            ge=1,
            le=3600,
            description="After how long another worker takes over a job whose worker is not heard "
            "of any more.",
        ),
    ] = 30.0
    allowed_hosts: Annotated[
        str,
        Field(
            description="Names and addresses that clients reach the server by, without ports, with "
            "commas between; `*.example.org` for all below it. Requests for others get 421, which "
            "keeps web pages of others from reaching a server at home. Default: any. Name what "
            "health checks use too."
        ),
    ] = ""
    cors_origins: Annotated[
        str,
        Field(
            description="Web pages of other origins that may use the API, as "
            "`https://tasks.example.org`, with commas between; `*` for all. Default: none."
        ),
    ] = ""
    slow_client_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=3600,
            description="How long a client may take to send its headers; a body may take a second "
            "longer for each 500 bytes. Also the longest pause in fetching an answer.",
        ),
    ] = 30.0
    database_read_url: Annotated[
        str | None,
        Field(
            description="`postgresql://…`: a streaming replica of the database, to take reads "
            "off it. What the replica does not have yet is read from the database itself, so "
            "that nobody sees less than was acknowledged; nothing fails when it is gone. "
            "Default: none."
        ),
    ] = None
    redis_url: Annotated[
        str | None,
        Field(
            description="`redis://user:password@host:6379/0` or `rediss://…` (TLS): a Redis or "
            "Valkey that several processes share. Default: none, each process keeps to itself. "
            "Nothing is lost when it is gone."
        ),
    ] = None
    rate_limits: Annotated[
        bool, Field(description="Refuse what is more than the limits below, with 429.")
    ] = True
    rate_limit_login: RateLimit = Field(
        default="5/minute",
        description="Failed attempts to log in to one account from one address, and to give one's "
        "current password. Whoever goes on waits twice as long each time, up to an hour.",
    )
    rate_limit_login_address: RateLimit = Field(
        default="100/minute", description="Attempts to log in from one address."
    )
    rate_limit_login_account: RateLimit = Field(
        default="100/hour",
        description="Failed attempts to log in to one account, from anywhere but where somebody "
        "has logged in to it before.",
    )
    rate_limit_registration: RateLimit = Field(
        default="100/hour", description="Attempts to make an account from one address."
    )
    rate_limit_reads: RateLimit = Field(
        default="6000/minute",
        description="Requests that read, by API token, user or (without a valid token) address.",
    )
    rate_limit_writes: RateLimit = Field(
        default="3000/minute", description="Requests that write, likewise."
    )
    rate_limit_search: RateLimit = Field(
        default="600/minute",
        description="Requests that search for text (`q=`) or render Markdown, likewise.",
    )
    keep_alive_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=3600,
            description="How long a connection stays open without a request. Longer than a "
            "balancer in front keeps its own open, so that it never writes to one that is closing.",
        ),
    ] = 75
    drain_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            description="How long to serve on after SIGTERM, while `/health/ready` already answers "
            "503: the time in which balancers notice. A second SIGTERM ends it.",
        ),
    ] = 0.0
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses and networks of proxies in front, with commas between: from "
            "them, and from nobody else, `X-Forwarded-For` and `X-Forwarded-Proto` are believed. "
            "Example: `127.0.0.1, ::1, 10.0.0.0/8`."
        ),
    ] = ""
    events_heartbeat_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="How often a stream of events shows that it is alive, and its token is "
            "checked.",
        ),
    ] = 15.0
    events_waiting: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="How many events may wait for a client that is slow; beyond that its "
            "stream is ended.",
        ),
    ] = 1000
    events_streams: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="How many streams of events and requests that wait for changes a user may "
            "have open at once in each process; more get 429. Goes with `TASKSTEAD_RATE_LIMITS`.",
        ),
    ] = 100
    log_format: Annotated[
        LogFormat,
        Field(
            description="How log lines look: `json`, one object a line; `console`, for people; "
            "`auto` is `console` at a terminal and `json` elsewhere."
        ),
    ] = LogFormat.AUTO
    log_level: Annotated[
        LogLevel, Field(description="From which level on messages are logged.")
    ] = LogLevel.INFO
    access_log: Annotated[bool, Field(description="Log a line for each request.")] = True
    metrics_token: Annotated[
        str | None,
        Field(
            min_length=16,
            description="The bearer token with which Prometheus reads `/metrics`. Default: none, "
            "then an administrator's API token with the scope `admin` is needed.",
        ),
    ] = None
    processes_dir: Annotated[
        Path | None,
        Field(
            description="Folder in which server processes that share a port meet, so that any of "
            "them can answer `/metrics` for all. `taskstead serve --workers` makes one by itself."
        ),
    ] = None
    traces: Annotated[
        bool,
        Field(
            description="Make traces for OpenTelemetry; needs `pip install taskstead[otel]`. Where "
            "they go is said by OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT`)."
        ),
    ] = False
    slow_query_ms: Annotated[
        float,
        Field(
            ge=0,
            le=60000,
            description="SQL statements that take so many milliseconds are logged, without their "
            "values; 0 logs none.",
        ),
    ] = 200
    password_hash_memory_kib: Annotated[
        int, Field(ge=8, le=1 << 21, description="Argon2id memory for one hash, in KiB.")
    ] = 65536
    password_hash_time_cost: Annotated[
        int, Field(ge=1, le=100, description="Argon2id passes over that memory.")
    ] = 3
    password_hash_concurrency: Annotated[
        int, Field(ge=1, le=64, description="Password hashes computed at once in a process.")
    ] = 2

    _check_traces = field_validator("traces")(checks.check_traces)
    _check_database_url = field_validator("database_url")(checks.check_database_url)
    _check_database_read_url = field_validator("database_read_url")(checks.check_database_read_url)
    _check_redis_url = field_validator("redis_url")(checks.check_redis_url)
    _check_hosts = field_validator("allowed_hosts")(checks.check_hosts)
    _check_origins = field_validator("cors_origins")(checks.check_origins)
    _check_proxies = field_validator("trusted_proxies")(checks.check_networks)

    @property
    def needs_setup_token(self) -> bool:
        """Whether the first account can be registered with the setup token only."""
        return (
            self.setup_token is not None
            or self.environment is Environment.PRODUCTION
            or not checks.is_loopback(self.host)
        )

    @property
    def effective_database_url(self) -> str:
        """The database URL, with the default in the data folder filled in."""
        if self.database_url is not None:
            return self.database_url
        return f"sqlite:///{self.data_dir.expanduser().absolute() / 'taskstead.db'}"
