"""The settings of the server: names, types, defaults, bounds and descriptions.

``config/loader.py`` reads the values from the environment. docs/reference/settings.md is generated
from this module.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from taskstead.config import validators
from taskstead.domain.registration import Registration

PREFIX = "TASKSTEAD_"


class Environment(StrEnum):
    """Kind of deployment. It determines which ``.env.*`` file is read."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    """Format of log lines."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """Minimum level of the log lines that the server writes."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


RateLimit = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$")]

# Sections of docs/reference/settings.md by their first setting. A section ends where the next
# section begins.
SECTIONS = {
    "environment": "Server",
    "allowed_hosts": "HTTP",
    "database_url": "Database",
    "redis_url": "Cache and Redis",
    "registration": "Accounts and security",
    "max_body_bytes": "Requests",
    "rate_limits": "Rate limits",
    "trash_days": "Data retention",
    "run_worker": "Background jobs",
    "events_heartbeat_seconds": "Event streams",
    "log_format": "Logging, metrics and traces",
}


class Settings(BaseSettings):
    """All settings of the server. Other code must not read settings from the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True
    )

    # Server

    environment: Annotated[
        Environment,
        Field(
            description="Kind of deployment. The file `.env.{environment}` is read in addition to "
            "`.env`."
        ),
    ] = Environment.DEVELOPMENT
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port to listen on; 0 selects a free port.")
    ] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="Number of server processes.")] = 1
    drain_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            description="Drain period: how long the server continues to serve after SIGTERM. "
            "During this time `/health/ready` returns 503, so that load balancers stop sending "
            "requests. A second SIGTERM ends the drain period.",
        ),
    ] = 0.0
    processes_dir: Annotated[
        Path | None,
        Field(
            description="Folder in which server processes that share a port exchange metrics, so "
            "that each of them can return the metrics of all processes at `/metrics`. `taskstead "
            "serve --workers` creates a folder automatically."
        ),
    ] = None

    # HTTP

    allowed_hosts: Annotated[
        str,
        Field(
            description="Host names and addresses of the server, without ports, separated by "
            "commas; `*.example.org` allows all subdomains. Requests for other hosts get 421. "
            "This protects a server on a private network from DNS rebinding. Include the names "
            "that health checks use. Default: any host."
        ),
    ] = ""
    cors_origins: Annotated[
        str,
        Field(
            description="Origins of other web pages that may use the API, such as "
            "`https://tasks.example.org`, separated by commas; `*` allows all. Default: none."
        ),
    ] = ""
    web_app: Annotated[bool, Field(description="Whether the server serves the web app at `/`.")] = (
        True
    )
    web_dir: Annotated[
        Path | None,
        Field(
            description="The folder of a built web app that is served instead of the one in the "
            "package. Default: none."
        ),
    ] = None
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses and networks of reverse proxies, separated by commas, such as "
            "`127.0.0.1, ::1, 10.0.0.0/8`. The headers `X-Forwarded-For` and `X-Forwarded-Proto` "
            "are accepted only from these proxies. Default: none."
        ),
    ] = ""
    keep_alive_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=3600,
            description="How long an idle client connection stays open. Set it higher than the "
            "idle timeout of a load balancer in front of the server, so that the balancer never "
            "sends a request on a connection that the server is closing.",
        ),
    ] = 75
    slow_client_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=3600,
            description="Time limit for a client to send the headers of a request. It is also the "
            "time limit for the body, which increases by one second per 500 bytes received, and "
            "the maximum time that a client may stop reading a response.",
        ),
    ] = 30.0

    # Database

    database_url: Annotated[
        str | None,
        Field(
            description="`sqlite:///relative/path.db`, `sqlite:////absolute/path.db` or "
            "`postgresql://user:password@host:port/database` (several hosts: `host1,host2`). "
            "Default: the file `taskstead.db` in `TASKSTEAD_DATA_DIR`."
        ),
    ] = None
    data_dir: Annotated[
        Path,
        Field(
            description="Folder of the SQLite file. Default: the user's data folder on this "
            "platform (`~/.local/share/taskstead` on Linux)."
        ),
    ] = Field(default_factory=lambda: platformdirs.user_data_path("taskstead", appauthor=False))
    migrate_on_start: Annotated[
        bool,
        Field(description="Migrate the database to the current schema when the server starts."),
    ] = True
    database_pool_size: Annotated[
        int,
        Field(
            ge=1, le=500, description="Maximum number of PostgreSQL connections of each process."
        ),
    ] = 10
    database_wait_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="Stall timeout: if no request receives a connection or the write lock for "
            "this long, the waiting requests get 503. It is also the maximum wait for a row lock "
            "or file lock.",
        ),
    ] = 5.0
    database_queue_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=600,
            description="Maximum time that a request waits for a connection or the write lock "
            "while other requests receive them. After that, it gets 503. It is longer than the "
            "stall timeout, so that a burst of requests is served rather than rejected.",
        ),
    ] = 60.0
    database_read_url: Annotated[
        str | None,
        Field(
            description="`postgresql://…` of a streaming replica that serves reads. If the replica "
            "does not have the client's latest writes yet or is unreachable, the primary database "
            "serves the read. Default: none."
        ),
    ] = None

    # Cache and Redis

    redis_url: Annotated[
        str | None,
        Field(
            description="`redis://user:password@host:6379/0` or `rediss://…` (TLS): a Redis or "
            "Valkey server that several server processes share for the response cache and rate "
            "limits. While it is unreachable, each process uses its own memory; no data is lost. "
            "Default: none."
        ),
    ] = None
    cache_bytes: Annotated[
        int,
        Field(
            ge=0,
            le=1 << 40,
            description="Maximum size of the response cache of each process, in bytes; 0 disables "
            "the cache. If the cache is in Redis, the `maxmemory` of Redis is the limit instead.",
        ),
    ] = 32 << 20

    # Accounts and security

    registration: Annotated[
        Registration,
        Field(
            description="Who may register an account: everybody (`open`), people with an "
            "invitation (`invitation`) or nobody (`closed`)."
        ),
    ] = Registration.OPEN
    setup_token: Annotated[
        str | None,
        Field(
            min_length=16,
            max_length=200,
            description="Secret that `POST /auth/register` requires while the server has no "
            "account, regardless of `TASKSTEAD_REGISTRATION`. Default: no secret is required if "
            "the server listens on a loopback address and the environment is not production. "
            "Otherwise `taskstead serve` generates and prints a secret at each start until there "
            "is an account.",
        ),
    ] = None
    access_token_minutes: Annotated[
        int, Field(ge=1, le=1440, description="Lifetime of an access token.")
    ] = 30
    refresh_token_days: Annotated[
        int,
        Field(
            ge=1,
            le=365,
            description="Lifetime of a refresh token, and of a session that is not used.",
        ),
    ] = 30
    session_days: Annotated[
        int, Field(ge=1, le=3650, description="Maximum lifetime of a session, even if it is used.")
    ] = 180
    invitation_days: Annotated[
        int, Field(ge=1, le=365, description="Lifetime of an invitation.")
    ] = 7
    password_hash_memory_kib: Annotated[
        int, Field(ge=8, le=1 << 21, description="Argon2id memory cost of a password hash, in KiB.")
    ] = 65536
    password_hash_time_cost: Annotated[
        int,
        Field(ge=1, le=100, description="Argon2id time cost: number of passes over the memory."),
    ] = 3
    password_hash_concurrency: Annotated[
        int,
        Field(
            ge=1,
            le=64,
            description="Maximum number of password hashes that a process computes concurrently.",
        ),
    ] = 2

    # Requests

    max_body_bytes: Annotated[
        int,
        Field(
            ge=1024,
            le=1 << 30,
            description="Maximum size of a request body, in bytes; larger ones get 413.",
        ),
    ] = 1 << 20
    max_import_bytes: Annotated[
        int, Field(ge=1024, le=1 << 33, description="Maximum size of an import file, in bytes.")
    ] = 64 << 20
    require_if_match: Annotated[
        bool,
        Field(
            description="Reject PATCH, PUT and DELETE requests without `If-Match` (428), so that a "
            "client cannot overwrite changes that it has not seen."
        ),
    ] = False
    idempotency_hours: Annotated[
        int,
        Field(
            ge=1,
            le=720,
            description="How long the response to a request with an `Idempotency-Key` is stored. "
            "If the request is repeated within this time, the stored response is returned.",
        ),
    ] = 24

    # Rate limits

    rate_limits: Annotated[
        bool, Field(description="Enforce the rate limits below; requests over a limit get 429.")
    ] = True
    rate_limit_reads: RateLimit = Field(
        default="6000/minute",
        description="Read requests per API token, per user or (without a valid token) per address.",
    )
    rate_limit_writes: RateLimit = Field(
        default="3000/minute",
        description="Write requests, counted as for `TASKSTEAD_RATE_LIMIT_READS`.",
    )
    rate_limit_search: RateLimit = Field(
        default="600/minute",
        description="Requests that search for text (`q=`), have a `filter=` or render Markdown, "
        "counted as for `TASKSTEAD_RATE_LIMIT_READS`.",
    )
    rate_limit_login: RateLimit = Field(
        default="5/minute",
        description="Failed logins per account and address, including wrong current passwords. "
        "Each time the limit is exceeded again, further attempts are rejected for twice as long, "
        "up to an hour.",
    )
    rate_limit_login_address: RateLimit = Field(
        default="100/minute", description="Login attempts per address."
    )
    rate_limit_login_account: RateLimit = Field(
        default="100/hour",
        description="Failed logins per account, in total from all addresses without an earlier "
        "successful login to the account.",
    )
    rate_limit_registration: RateLimit = Field(
        default="100/hour", description="Attempts to register an account, per address."
    )

    # Data retention

    trash_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long tasks, categories, tags and workspaces stay in the trash before "
            "they are deleted permanently. With 0, nothing is deleted automatically.",
        ),
    ] = 30
    log_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long changes stay in the change log, which history, undo and sync "
            "read. A client that was offline for longer needs a full sync. 0 stores them forever.",
        ),
    ] = 365
    audit_days: Annotated[
        int,
        Field(
            ge=0,
            le=36500,
            description="How long events stay in the audit log: logins, tokens, members and "
            "actions of administrators. 0 stores them forever.",
        ),
    ] = 365

    # Background jobs

    run_worker: Annotated[
        bool,
        Field(
            description="Run background jobs in the server processes. If false, also start "
            "`taskstead worker`, which runs them."
        ),
    ] = True
    jobs_at_once: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="Maximum number of background jobs that a process runs concurrently.",
        ),
    ] = 2
    job_poll_seconds: Annotated[
        float,
        Field(
            ge=0.05,
            le=60,
            description="Interval at which a worker polls for jobs enqueued by other processes.",
        ),
    ] = 1.0
    job_lease_seconds: Annotated[
        float,
        Field(
            ge=1,
            le=3600,
            description="Duration of the lease of a running job. If the worker does not renew the "
            "lease within this time, another worker takes over the job.",
        ),
    ] = 30.0

    # Event streams

    events_heartbeat_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="Interval at which an event stream sends a heartbeat and checks the access "
            "of the client. It also checks it before events, at most once per second.",
        ),
    ] = 15.0
    events_waiting: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Maximum number of events that are buffered for a slow client. If there "
            "are more, its stream is closed.",
        ),
    ] = 1000
    events_streams: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="Maximum number of event streams and long polls that a user may have open "
            "in each process; further ones get 429. Enforced only with `TASKSTEAD_RATE_LIMITS`.",
        ),
    ] = 100

    # Logging, metrics and traces

    log_format: Annotated[
        LogFormat,
        Field(
            description="Format of log lines: `json` (one object per line), `console` "
            "(human-readable), or `auto` (`console` on a terminal, otherwise `json`)."
        ),
    ] = LogFormat.AUTO
    log_level: Annotated[LogLevel, Field(description="Minimum level of log lines.")] = LogLevel.INFO
    access_log: Annotated[bool, Field(description="Log one line per request.")] = True
    slow_query_ms: Annotated[
        float,
        Field(
            ge=0,
            le=60000,
            description="Log SQL statements that take at least this many milliseconds. Their "
            "parameters are not logged. 0 disables this log.",
        ),
    ] = 200
    metrics_token: Annotated[
        str | None,
        Field(
            min_length=16,
            description="Bearer token with which Prometheus reads `/metrics`. Default: none. "
            "Without it, `/metrics` requires an administrator's API token with the scope `admin`.",
        ),
    ] = None
    traces: Annotated[
        bool,
        Field(
            description="Record OpenTelemetry traces; requires `pip install taskstead[otel]`. "
            "OpenTelemetry's own variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`, configure the "
            "exporter."
        ),
    ] = False

    _check_traces = field_validator("traces")(validators.check_traces)
    _check_database_url = field_validator("database_url")(validators.check_database_url)
    _check_database_read_url = field_validator("database_read_url")(
        validators.check_database_read_url
    )
    _check_redis_url = field_validator("redis_url")(validators.check_redis_url)
    _check_hosts = field_validator("allowed_hosts")(validators.check_hosts)
    _check_origins = field_validator("cors_origins")(validators.check_origins)
    _check_proxies = field_validator("trusted_proxies")(validators.check_networks)

    @property
    def needs_setup_token(self) -> bool:
        """Whether registering the first account requires the setup token."""
        return (
            self.setup_token is not None
            or self.environment is Environment.PRODUCTION
            or not validators.is_loopback(self.host)
        )

    @property
    def effective_database_url(self) -> str:
        """The database URL, or the default file in the data folder."""
        if self.database_url is not None:
            return self.database_url
        return f"sqlite:///{self.data_dir.expanduser().absolute() / 'taskstead.db'}"
