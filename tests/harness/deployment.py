"""The services of compose.yaml as native processes: two servers, a worker, and nginx.

nginx is Debian's, with the configuration of deploy/. The servers and the worker are the real
commands. PostgreSQL and Valkey are passed in.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from taskstead.config.settings import PREFIX
from tests.harness.commands import SECONDS, Server, running_server, wait_until
from tests.harness.paths import PROGRAM
from tests.harness.servers.ports import find_free_port
from tests.harness.servers.watchdog import Watchdog
from tests.harness.settings import RATE_LIMITS

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "taskstead.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

_MAIN = """
daemon off;
worker_processes 2;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/taskstead.conf;
}}
"""


@dataclass
class Deployment:
    """All running services.

    Attributes:
        url: the URL of the balancer.
        database_url: the URL of the database.
        replicas: the two servers.
        worker: the process that runs the background jobs.
    """

    url: str
    database_url: str
    replicas: list[Server]
    worker: subprocess.Popen[bytes]


def require_nginx() -> str:
    """Return the path of nginx, or skip the test if it is not installed."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian, Ubuntu: apt install nginx-light)")
    return NGINX


@contextmanager
def running_deployment(
    database_url: str, redis_url: str, folder: Path, **changes: str
) -> Iterator[Deployment]:
    """Run all services during the block, on an empty database.

    Keyword arguments are more settings.
    """
    nginx = require_nginx()
    settings = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "RUN_WORKER": "false",
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_POOL_SIZE": "5",
        # No request may be rejected because of a slow disk.
        "DATABASE_WAIT_SECONDS": "60",
        "JOB_POLL_SECONDS": "0.05",
        "PASSWORD_HASH_MEMORY_KIB": "8",
        "PASSWORD_HASH_TIME_COST": "1",
        **{name.upper(): "999999999/day" for name in RATE_LIMITS},
        **{name.upper(): value for name, value in changes.items()},
    }
    environment = {PREFIX + name: value for name, value in settings.items()}
    with ExitStack() as stack:
        # Both start at once. One of them creates the tables.
        replicas = [
            stack.enter_context(running_server(folder / name, **environment))
            for name in ("api-1", "api-2")
        ]
        for replica in replicas:
            assert replica.request("GET", "/health/ready")[0] == 200, replica.error_output
        worker = stack.enter_context(_running_worker(folder, environment))
        ports = [replica.port for replica in replicas]
        url = stack.enter_context(_running_nginx(nginx, ports))
        yield Deployment(url, database_url, replicas, worker)


@contextmanager
def _running_worker(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [PROGRAM, "worker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment},
        )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def write_configuration(folder: Path, ports: list[int], port: int) -> Path:
    """Write an nginx configuration that listens on a port and balances over the servers' ports."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for name, behind in zip(("api-1:8000", "api-2:8000"), ports, strict=True):
        assert name in text
        text = text.replace(name, f"127.0.0.1:{behind}")
    assert "listen 8080;" in text
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    (folder / "taskstead.conf").write_text(text, encoding="utf-8")
    # Workers started by root would run as nobody, which may not read a temporary folder.
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(folder=folder, user=user), encoding="utf-8")
    return main


@contextmanager
def _running_nginx(program: str, ports: list[int]) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="taskstead-nginx-"))
    watchdog = Watchdog(folder)
    port = find_free_port()
    main = write_configuration(folder, ports, port)
    process = subprocess.Popen(
        [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(main)],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    watchdog.watch(process.pid)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or _is_live(url), "nginx")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
        watchdog.forget()
        watchdog.close()


def _is_live(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/live").status_code == 200
    except httpx2.TransportError:
        return False
