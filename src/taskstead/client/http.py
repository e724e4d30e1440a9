"""HTTP of the client commands: one server, retries with one Idempotency-Key, no redirects.

The module uses ``http.client`` of the standard library. Importing and creating a client of httpx2
takes more processor time than a whole command with ``http.client``.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlencode

from taskstead import __version__
from taskstead.client.addresses import Address, resolve_private_addresses
from taskstead.client.errors import (
    ClientError,
    ExitCode,
    UnreachableError,
    get_exit_code,
    make_problem_error,
)

# Time limit of a connection attempt, and of each wait for data.
TIMEOUT_SECONDS = 60.0
MAX_RETRIES = 3
# A longer Retry-After is not waited for.
MAX_RETRY_AFTER_SECONDS = 30
_FIRST_DELAY_SECONDS = 0.25
_BLOCK_BYTES = 65536
# A proxy answers 502 or 504 if it cannot reach the server.
_RETRIED_STATUSES = (429, 502, 503, 504)

Query = Sequence[tuple[str, str]]
Body = bytes | BinaryIO | None


class ApiObject(dict[str, Any]):
    """A JSON object in a response. A missing name means that another program answered."""

    def __missing__(self, name: str) -> Any:
        raise ForeignAnswerError(f"it has no {name}")

    def get_objects(self, name: str) -> "list[ApiObject]":
        """Return a list of objects.

        Raises:
            ForeignAnswerError: the value is not a list of objects.
        """
        return check_objects(self[name], name)


class ForeignAnswerError(ClientError):
    """The response is not one of Taskstead, but of a proxy or of another program.

    Args:
        reason: what is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The response is not one of Taskstead: {reason}. Check the address of the server.",
            code="foreign_answer",
        )


def check_objects(value: Any, name: str) -> list[ApiObject]:
    """Return a value of a response that is a list of objects.

    Raises:
        ForeignAnswerError: it is not a list of objects.
    """
    if not isinstance(value, list) or not all(isinstance(item, ApiObject) for item in value):
        raise ForeignAnswerError(f"{name} is not a list of objects")
    return value


class Response(NamedTuple):
    """A response.

    Attributes:
        status: the HTTP status.
        reason: the text after the status.
        headers: the headers.
        body: the complete body; empty for a download.
        stream: the open response of a download; otherwise None.
    """

    status: int
    reason: str
    headers: Message
    body: bytes
    stream: HTTPResponse | None = None

    def decode(self, *names: str) -> ApiObject:
        """Return the JSON object in the body.

        Args:
            *names: names that the object must have.

        Raises:
            ForeignAnswerError: the body is not a JSON object with these names.
        """
        try:
            content = json.loads(self.body, object_hook=ApiObject)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, ApiObject):
            raise ForeignAnswerError(f"{self.status} {self.reason} without a JSON object")
        for name in names:
            content[name]
        return content


class _PrivateConnection(HTTPConnection):
    """Connection without encryption. It is refused if the host has a public address."""

    def connect(self) -> None:
        """Connect to the first checked IP address that answers; the Host header keeps the name.

        Raises:
            OSError: no address answers. This is the error of the last one.
        """
        name = self.host
        *others, last = resolve_private_addresses(name, self.port)
        try:
            for self.host in others:
                with contextlib.suppress(OSError):
                    super().connect()
                    return
            self.host = last
            super().connect()
        finally:
            self.host = name


class Api:
    """Client of one server, which receives the token of the user.

    Args:
        address: the server. The client sends requests to no other one.
        token: the token for the Authorization header, if any.
        workspace: the id of the workspace; None for the personal one.
        pause: waits for a number of seconds before a retry.
    """

    def __init__(
        self,
        address: Address,
        *,
        token: str | None = None,
        workspace: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self._token = token
        self._workspace = workspace
        self._pause = pause
        self._connection: HTTPConnection | None = None
        self._key = os.urandom(16).hex()
        self._writes = 0

    def get(self, path: str, query: Query = ()) -> ApiObject:
        """Return the JSON object of a resource; raise the same errors as :meth:`call`."""
        return self.call("GET", path, query=query).decode()

    def call(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        text: str | None = None,
    ) -> Response:
        """Send a request and return the response if it is a success.

        Args:
            method: the method.
            path: the path below the address of the server.
            data: the body as JSON data, if any.
            query: the query parameters.
            headers: additional headers.
            text: the text that positions in an error refer to.

        Raises:
            ClientError: the server reported an error or cannot be reached.
        """
        body = None if data is None else json.dumps(data).encode()
        sent = {**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})}
        response = self.send(method, path, body, query=query, headers=sent)
        check_success(response, text)
        return response

    def send(
        self,
        method: str,
        path: str,
        body: Body = None,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request and return the response, whatever its status.

        Raises:
            ClientError: the server cannot be reached.
        """
        return self._repeat(method, path, query, body, self._make_headers(method, headers or {}))

    @contextlib.contextmanager
    def opened(self, path: str, query: Query) -> Iterator[Iterator[bytes]]:
        """Open a download for the duration of the block.

        Yields:
            The blocks of the body.

        Raises:
            ClientError: the server reported an error, cannot be reached, or aborted the response.
        """
        headers = self._make_headers("GET", {})
        response = self._repeat("GET", path, query, None, headers, is_download=True)
        check_success(response)
        try:
            yield self._read_blocks(response)
        finally:
            self.close()

    def _repeat(
        self,
        method: str,
        path: str,
        query: Query,
        body: Body,
        headers: dict[str, str],
        *,
        is_download: bool = False,
    ) -> Response:
        """Send a request until it gets a final response or the retries are used up."""
        try:
            target = self.address.path + path + (f"?{urlencode(query)}" if query else "")
        except UnicodeEncodeError:
            raise ClientError(
                "An argument is not valid UTF-8.", exit_code=ExitCode.INVALID, code="invalid_text"
            ) from None
        for attempt in range(MAX_RETRIES + 1):
            is_last = attempt == MAX_RETRIES
            delay = _FIRST_DELAY_SECONDS * 2**attempt
            try:
                response = self._exchange(method, target, body, headers, is_download=is_download)
            except UnreachableError:
                if is_last:
                    raise
            else:
                asked_delay = find_delay(response, is_repeated=attempt > 0)
                if is_last or asked_delay is None:
                    return response
                delay = asked_delay
            self._pause(delay)
        raise AssertionError("the last attempt returns or raises")

    def _read_blocks(self, response: Response) -> Iterator[bytes]:
        while response.stream is not None:
            with self._connection_errors():
                block = response.stream.read(_BLOCK_BYTES)
            if block:
                yield block
            elif response.stream.length:
                raise UnreachableError(f"The server {self.address} aborted the download.")
            else:
                return

    def _make_headers(self, method: str, headers: Mapping[str, str]) -> dict[str, str]:
        sent = {"Accept": "application/json", "User-Agent": f"taskstead-cli/{__version__}"}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        if self._workspace:
            sent["Taskstead-Workspace"] = self._workspace
        if method not in {"GET", "HEAD"}:
            self._writes += 1
            # Further writes of the same command are other requests and need a key of their own.
            sent["Idempotency-Key"] = (
                self._key if self._writes == 1 else f"{self._key}-{self._writes}"
            )
        return {**sent, **headers}

    def _exchange(
        self,
        method: str,
        target: str,
        body: Body,
        headers: dict[str, str],
        *,
        is_download: bool,
    ) -> Response:
        """Send a request once."""
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        with self._connection_errors():
            connection = self._connect()
            # If the server refuses a large body before its end, the response is still there.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, target, body, headers)
            response = connection.getresponse()
            if is_download and response.status == 200:
                return Response(200, response.reason, response.headers, b"", response)
            content = response.read()
        if response.will_close:
            self.close()
        return Response(response.status, response.reason, response.headers, content)

    def _connect(self) -> HTTPConnection:
        """Return the open connection.

        Raises:
            ClientError: the connection would be unencrypted outside a private network.
            OSError: the server cannot be reached.
        """
        if self._connection is None:
            host, port = self.address.host, self.address.port
            if self.address.scheme == "https":
                from http.client import HTTPSConnection  # noqa: PLC0415 - the TLS context is slow

                self._connection = HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS)
            else:
                self._connection = _PrivateConnection(host, port, timeout=TIMEOUT_SECONDS)
        if self._connection.sock is None:
            self._connection.connect()
        return self._connection

    def close(self) -> None:
        """Close the connection. The next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _connection_errors(self) -> Iterator[None]:
        """Raise an error of the connection as ``UnreachableError`` and close the connection."""
        try:
            yield
        except (OSError, HTTPException) as error:
            self.close()
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            message = f"The server {self.address} cannot be reached: {reason}."
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise ClientError(message, code="certificate_invalid") from None
            raise UnreachableError(message) from None


def find_delay(response: Response, *, is_repeated: bool) -> float | None:
    """Return the seconds to wait before a request is repeated; None if the response is final.

    Args:
        response: the response.
        is_repeated: whether the request was sent before. The server may then still process it.
    """
    is_in_progress = (
        is_repeated and response.status == 409 and b'"request_under_way"' in response.body
    )
    if response.status not in _RETRIED_STATUSES and not is_in_progress:
        return None
    text = response.headers.get("Retry-After", "1")
    seconds = int(text) if text.isascii() and text.isdigit() else 1
    return seconds if seconds <= MAX_RETRY_AFTER_SECONDS else None


def check_success(response: Response, text: str | None = None) -> None:
    """Check that a response is a success.

    Args:
        response: the response.
        text: the text that positions in an error refer to.

    Raises:
        ClientError: the status is not 2xx. The message is that of the problem document.
    """
    if 200 <= response.status < 300:
        return
    if 300 <= response.status < 400:
        place = response.headers.get("Location", "another address")
        raise ClientError(
            f"The server redirects to {place}. Redirects are not followed, because the token is "
            "sent to one server only. Sign in with the right address: taskstead login URL",
            code="redirected",
        )
    try:
        problem = json.loads(response.body)
    except (ValueError, RecursionError):
        problem = None
    if not isinstance(problem, dict):
        raise ClientError(
            f"The server answered {response.status} {response.reason}.",
            exit_code=get_exit_code(response.status),
        )
    raise make_problem_error(response.status, problem, text)
