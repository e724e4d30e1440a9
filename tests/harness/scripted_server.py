"""Test helper: an HTTP server that gives prepared answers and records the requests."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A prepared answer. A status of 0 closes the connection without an answer.

    ``missing_bytes`` is the part of the announced length that is not sent.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    missing_bytes: int = 0


DROPPED = Answer(status=0)


@dataclass(frozen=True)
class Received:
    """A request that the server received."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class ScriptedServer:
    """A running server.

    Attributes:
        url: its address.
        answers: the answers to give, in order; the last one is repeated.
        received: the requests so far.
    """

    url: str
    answers: list[Answer]
    received: list[Received] = field(default_factory=list)


@contextmanager
def running_scripted_server(*answers: Answer) -> Iterator[ScriptedServer]:
    """Run a server on this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            script.received.append(Received(self.command, self.path, self.headers, body))
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if not answer.status:
                self.close_connection = True
                return
            text = (
                answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            )
            self.send_response(answer.status)
            if "Transfer-Encoding" not in answer.headers:
                self.send_header("Content-Length", str(len(text) + answer.missing_bytes))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_request  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with _running(Handler) as url:
        script = ScriptedServer(url, list(answers))
        yield script


@contextmanager
def running_breaking_proxy(port: int) -> Iterator[ScriptedServer]:
    """Run a proxy until the end of the block. It loses the first answer of a server.

    Args:
        port: the port of the server on this machine.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_first = not proxy.received
            proxy.received.append(Received(self.command, self.path, self.headers, body))
            connection = HTTPConnection("127.0.0.1", port)
            with closing(connection):
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
            if is_first:
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with _running(Handler) as url:
        proxy = ScriptedServer(url, [])
        yield proxy


@contextmanager
def _running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server until the end of the block. Yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
