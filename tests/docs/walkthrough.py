"""Follows a page of the documentation: sends what its curl commands send, compares what it shows.

A page is read from top to bottom, block by block:

- ``sh``: curl commands, sent to the application under test; ``NAME=value`` for later ``$NAME``.
  A value with an ellipsis stands for the text in the last answer that it is the beginning of, as
  the reader would copy it: ``TOKEN=tsk_…``. Other commands are refused unless named as known.
- ``json``: what the last command printed. ``…`` stands for anything: in a string for any text, as
  a value for any value, in an object for more members, in an array for more items.
- ``http``: the same with ``curl -i``: the status line, some of the headers, and then the body, if
  it is shown.
- ``csv``: the text of the last answer.

A job is asked for until it is done. Blocks in other languages are not looked at.
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
    """The page says something that is not so, or that cannot be followed."""


class Walkthrough:
    """One reader with a page in one hand and a shell in the other.

    Args:
        http: sends requests to the application under test.
        variables: those that the page takes for granted.
        known: first words of other commands, which are passed over.

    Attributes:
        sent: how many requests were sent.
        compared: how many answers were compared.
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
        """Follow a page.

        Raises:
            PageError: an answer is not what the page shows, or a command is not understood.
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
                # A quotation that goes on in the next line.
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
        # Whoever follows a page asks for a job until it is done.
        while _JOB.match(request["url"]) and self._answer.json()["state"] in ("queued", "running"):
            await asyncio.sleep(0.01)
            self._answer = await self._http.request(**request)

    def _find(self, pattern: str) -> str:
        """Return the text in the last answer that a pattern with an ellipsis means."""
        found = [text for text in list_texts(self._get_answer().json()) if is_like(text, pattern)]
        if len(found) != 1:
            raise PageError(f"{pattern} is {len(found)} texts in {self._get_answer().text}")
        return found[0]

    def _get_answer(self) -> httpx2.Response:
        if self._answer is None:
            raise PageError("no command was sent before this")
        return self._answer

    def _compare_text(self, block: str) -> None:
        text = self._get_answer().text.replace("\r\n", "\n")
        if not is_like(text, block):
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
    """Return what a curl command sends, as arguments of ``request``."""
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
    """Compare the status line and those headers that are shown."""
    first, *lines = head.strip().splitlines()
    status = _STATUS_LINE.match(first)
    if not status or int(status[1]) != answer.status_code:
        raise PageError(f"not {first} but {answer.status_code}: {answer.text}")
    for line in lines:
        name, _, value = line.partition(":")
        found = answer.headers.get(name)
        if name != ANY and (found is None or not is_like(found, value.strip())):
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


def is_like(text: str, pattern: str) -> bool:
    """Tell whether a text is a pattern with ellipses."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANY))), text, re.DOTALL) is not None


def list_texts(value: Any) -> Iterator[str]:
    """Find all strings in JSON data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from list_texts(item)


def find_difference(found: Any, expected: Any, place: str = "") -> str | None:
    """Return where JSON data is not as shown, and how; None when it is."""
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
        return None if is_like(found, expected) else f"{place}: {found!r} and not {expected!r}"
    else:
        is_same = type(found) is type(expected) and found == expected
        return None if is_same else f"{place}: {found!r} and not {expected!r}"
    return next(filter(None, (find_difference(*pair) for pair in pairs)), None)
