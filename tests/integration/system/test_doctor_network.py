"""Doctor checks of the network: port and Redis."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from taskstead.cli.doctor.network import check_port, check_redis
from taskstead.config.settings import Settings
from tests.harness.findings import expect_finding
from tests.harness.servers.ports import find_free_port
from tests.harness.servers.valkey import ValkeyServer
from tests.harness.settings import make_settings


def make(**changes: Any) -> Settings:
    return make_settings("sqlite:///x.db", **changes)


def test_port_in_use_is_reported() -> None:
    with socket.socket() as other:
        port = find_free_port()
        other.bind(("127.0.0.1", port))
        expect_finding(check_port(make(port=port)), "problem", "is in use")
    expect_finding(check_port(make(port=port)), "ok", "is free")


class LivenessHandler(BaseHTTPRequestHandler):
    """Answers as /health/live does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')


def test_port_in_use_by_taskstead_itself_is_ok() -> None:
    with HTTPServer(("127.0.0.1", 0), LivenessHandler) as server:
        threading.Thread(target=server.handle_request).start()
        expect_finding(check_port(make(port=server.server_port)), "ok", "is using port")


async def test_unused_redis_is_ok() -> None:
    expect_finding(await check_redis(make()), "ok", "not used")


async def test_unreachable_redis_is_reported() -> None:
    settings = make(redis_url=f"redis://127.0.0.1:{find_free_port()}/0")
    expect_finding(await check_redis(settings), "problem", "cannot be reached")


async def test_unsuitable_redis_configuration_is_reported(valkey: ValkeyServer) -> None:
    settings = make(redis_url=valkey.url)
    try:
        expect_finding(await check_redis(settings), "warning", "all memory")
        valkey.send("CONFIG", "SET", "maxmemory", "100mb")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "noeviction")
        expect_finding(await check_redis(settings), "warning", "noeviction")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        expect_finding(await check_redis(settings), "ok", "100 MiB")
    finally:
        valkey.send("CONFIG", "SET", "maxmemory", "0")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "noeviction")
