"""Runs a documentation page: sends the requests of its curl commands and compares the output.

A page is read from top to bottom, block by block:

- ``sh``: curl commands, sent to the application under test; ``NAME=value`` sets a variable for
  later ``$NAME``. A value with an ellipsis stands for the text in the last response that it is the
  beginning of, as the reader would copy it: ``TOKEN=tsk_…``. Other commands are rejected unless
  they are listed as known.
- ``json``: the output of the last command. ``…`` stands for anything: in a string for any text, as
  a value for any value, in an object for more members, in an array for more items.
- ``http``: the output with ``curl -i``: the status line, some of the headers, and then the body, if
  the page shows it.
- ``csv``: the text of the last response.

A job is requested again until it is done. Blocks in other languages are ignored.
"""

import asyncio
import json
import re
import shlex
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2

ANY = "…"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\$\{?([A-Z_]+)\}?")
_FLAGS = {"-s", "-S", "-sS", "-i", "-si", "-f", "-sf"}
_JOB = re.compile("/api/v1/jobs/[^/]+$")
_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ (\d{3})")


class PageError(AssertionError):
    """The page states something wrong, or contains a command that is not supported."""


class Walkthrough:
    """The state of one run: variables and the last response.

    Args:
        http: sends requests to the application under test.
        variables: the variables that the page assumes.
        known: first words of other commands, which are skipped.

    Attributes:
        sent: the number of requests.
        compared: the number of compared responses.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        variables: dict[str, str] | None = None,
        *,
        known: Collection[str] = (),
    ) -> None:
        self.sent = 0
        self.compared = 0
        self._http = http
        self._variables = dict(variables or {})
        self._known = known
        self._answer: httpx2.Response | None = None

    async def follow(self, text: str) -> None:
        """Run a page.

        Raises:
            PageError: a response differs from the page, or a command is not understood.
        """
        for language, block in _BLOCK.findall(text):
            if language == "sh":
                for words in self._read_commands(block):
                    await self._run(words)
            elif language in {"json", "http"}:
                self._compare(language, block)
            elif language == "csv":
                self._compare_text(block)

    def _read_commands(self, block: str) -> Iterator[list[str]]:
        command = ""
        for line in block.replace("\\\n", " ").splitlines(keepends=True):
            command += line
            expanded = _VARIABLE.sub(lambda m: self._variables.get(m[1], m[0]), command)
            try:
                words = shlex.split(expanded, comments=True)
            except ValueError:
                # A quotation continues on the next line.
                continue
            command = ""
            if words:
                yield words
        if command:
            raise PageError(f"a command without end: {command}")

    async def _run(self, words: list[str]) -> None:
        assignment = _ASSIGNMENT.match(words[0])
        if assignment and len(words) == 1:
            name, value = assignment.groups()
            self._variables[name] = self._find(value) if ANY in value else value
        elif words[0] == "curl":
            await self._send(parse_curl(words[1:]))
        elif words[0] not in self._known:
            raise PageError(f"a command that cannot be followed: {shlex.join(words)}")

    async def _send(self, request: dict[str, Any]) -> None:
        self._answer = await self._http.request(**request)
        self.sent += 1
        # A reader of the page would repeat the request until the job is done.
        while _JOB.match(request["url"]) and self._answer.json()["state"] in ("queued", "running"):
            await asyncio.sleep(0.01)
            self._answer = await self._http.request(**request)

    def _find(self, pattern: str) -> str:
        """Return the text in the last response that matches a pattern with an ellipsis."""
        found = [
            text for text in list_texts(self._get_answer().json()) if matches_pattern(text, pattern)
        ]
        if len(found) != 1:
            raise PageError(f"{pattern} is {len(found)} texts in {self._get_answer().text}")
        return found[0]

    def _get_answer(self) -> httpx2.Response:
        if self._answer is None:
            raise PageError("no command was sent before this")
        return self._answer

    def _compare_text(self, block: str) -> None:
        text = self._get_answer().text.replace("\r\n", "\n")
        if not matches_pattern(text, block):
            raise PageError(f"not as shown: {text}")
        self.compared += 1

    def _compare(self, language: str, block: str) -> None:
        answer = self._get_answer()
        body = block
        if language == "http":
            head, _, body = block.partition("\n\n")
            compare_head(answer, head)
        if body.strip():
            expected = parse_with_ellipses(body)
            fault = find_difference(answer.json(), expected)
            if fault:
                raise PageError(f"{fault}; the answer to {answer.request.url} is {answer.text}")
        self.compared += 1


def parse_curl(words: list[str]) -> dict[str, Any]:
    """Return the request of a curl command, as arguments of ``request``."""
    request: dict[str, Any] = {"headers": {}}
    arguments = iter(words)
    for word in arguments:
        if word in _FLAGS:
            continue
        if word in {"-X", "--request"}:
            request["method"] = next(arguments)
        elif word in {"-H", "--header"}:
            name, _, value = next(arguments).partition(":")
            request["headers"][name] = value.strip()
        elif word in {"-d", "--data", "--data-binary", "--json"}:
            request["content"] = next(arguments)
            if word == "--json":
                request["headers"] |= {"Content-Type": "application/json"}
        elif word.startswith("-") or "url" in request:
            raise PageError(f"curl with {word}")
        else:
            parts = urlsplit(word)
            request["url"] = parts.path + (f"?{parts.query}" if parts.query else "")
    request.setdefault("method", "POST" if "content" in request else "GET")
    return request


def compare_head(answer: httpx2.Response, head: str) -> None:
    """Compare the status line and the headers that the page shows."""
    first, *lines = head.strip().splitlines()
    status = _STATUS_LINE.match(first)
    if not status or int(status[1]) != answer.status_code:
        raise PageError(f"not {first} but {answer.status_code}: {answer.text}")
    for line in lines:
        name, _, value = line.partition(":")
        found = answer.headers.get(name)
        if name != ANY and (found is None or not matches_pattern(found, value.strip())):
            raise PageError(f"the header {name} is {found!r} and not {value.strip()!r}")


def parse_with_ellipses(text: str) -> Any:
    """Parse JSON in which an ellipsis may stand for a value, members or items."""
    parts: list[str] = []
    containers: list[str] = []
    is_at_key = False
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[{}\[\],:…]|[^"{}\[\],:…]+', text):
        if token == ANY:
            is_member = bool(containers) and containers[-1] == "{" and is_at_key
            parts.append(f'"{ANY}": null' if is_member else f'"{ANY}"')
            continue
        if token in "{[":
            containers.append(token)
        elif token in "}]":
            containers.pop()
        if token in "{,":
            is_at_key = True
        elif token == ":":
            is_at_key = False
        parts.append(token)
    try:
        return json.loads("".join(parts))
    except ValueError as error:
        raise PageError(f"not JSON: {error}: {text}") from None


def matches_pattern(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern with ellipses."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANY))), text, re.DOTALL) is not None


def list_texts(value: Any) -> Iterator[str]:
    """Yield all strings in JSON data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from list_texts(item)


def find_difference(found: Any, expected: Any, place: str = "") -> str | None:
    """Return where and how JSON data differs from the page, or None."""
    if expected == ANY:
        return None
    if isinstance(expected, dict) and isinstance(found, dict):
        wanted = expected.keys() - {ANY}
        missing = wanted - found.keys()
        surplus = set() if ANY in expected else found.keys() - wanted
        if missing or surplus:
            return f"{place or '/'}: missing {sorted(missing)}, not shown {sorted(surplus)}"
        pairs = [(found[name], expected[name], f"{place}/{name}") for name in sorted(wanted)]
    elif isinstance(expected, list) and isinstance(found, list):
        shown = [item for item in expected if item != ANY]
        if len(found) < len(shown) or (len(shown) == len(expected) and len(found) > len(shown)):
            return f"{place or '/'}: {len(found)} items and not {len(shown)}"
        pairs = [(*pair, f"{place}/{i}") for i, pair in enumerate(zip(found, shown, strict=False))]
    elif isinstance(expected, str) and isinstance(found, str):
        return (
            None if matches_pattern(found, expected) else f"{place}: {found!r} and not {expected!r}"
        )
    else:
        is_same = type(found) is type(expected) and found == expected
        return None if is_same else f"{place}: {found!r} and not {expected!r}"
    return next(filter(None, (find_difference(*pair) for pair in pairs)), None)
