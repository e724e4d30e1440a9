"""The runner of documentation pages (walkthrough.py) detects errors in the pages."""

from typing import Any

import pytest

from tests.docs.walkthrough import (
    PageError,
    Walkthrough,
    find_difference,
    parse_curl,
    parse_with_ellipses,
)
from tests.harness.client import Client

PAGE = """
Some text.

```sh
AUTH="Authorization: Bearer $TOKEN"
curl -s http://127.0.0.1:8000/api/v1/tasks -H "$AUTH" \\
  --json '{"title": "Buy oat milk",
           "tags": ["errand"]}'   # the first one
```

```json
{"number": 1, "title": "Buy …", "tags": ["errand"], "due_date": null, "id": "0…", …}
```

```sh
curl -s 'http://127.0.0.1:8000/api/v1/tasks?fields=id' -H "$AUTH"
ID=0…-7…
curl -si http://127.0.0.1:8000/api/v1/tasks/$ID -H "$AUTH" -X PATCH --json '{"priority": 9}'
```

```http
HTTP/1.1 422 Unprocessable Content
Content-Type: application/problem+json
X-Request-ID: …

{"code": "validation_failed", "errors": […], …}
```

```python
this is not followed
```
"""


async def run_page(client: Client, page: str) -> Walkthrough:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    walkthrough = Walkthrough(client.http, {"TOKEN": token}, known=["make"])
    await walkthrough.follow(page)
    return walkthrough


async def test_correct_page_passes(owner: Client) -> None:
    walkthrough = await run_page(owner, PAGE)
    assert (walkthrough.sent, walkthrough.compared) == (3, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Buy …", "Sell …"),
        ('"number": 1', '"number": true'),
        (', "id": "0…", …', ""),
        ('["errand"]}', "[]}"),
        ('"errand"], "due', '"errand", "home"], "due'),
        ("422", "200"),
        ("application/problem", "application"),
        ("X-Request-ID: …", "X-Missing: …"),
        ('"errors": […]', '"errors": []'),
        ("ID=0…-7…", "ID=Buy…y"),
        ("curl -si", "wget"),
        ("9}'", "9}"),
        ("curl -si", "curl --unknown"),
        ('"due_date": null', '"due_date" null'),
    ],
)
@pytest.mark.engines("sqlite")
async def test_errors_in_a_page_are_detected(owner: Client, old: str, new: str) -> None:
    assert old in PAGE
    with pytest.raises(PageError):
        await run_page(owner, PAGE.replace(old, new))


async def test_response_needs_a_command(owner: Client) -> None:
    with pytest.raises(PageError):
        await run_page(owner, "```sh\nmake run\n```\n```json\n{}\n```\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("…", "…"),
        ('{"a": …}', {"a": "…"}),
        ('{"a": 1, …}', {"a": 1, "…": None}),
        ('{…, "a": [1, …]}', {"…": None, "a": [1, "…"]}),
        ('{"a": [{…}, {"b": "x…y, {…"}]}', {"a": [{"…": None}, {"b": "x…y, {…"}]}),
        ('[{"a": {"b": 1}, …}]', [{"a": {"b": 1}, "…": None}]),
    ],
)
def test_ellipses_are_understood(text: str, value: Any) -> None:
    assert parse_with_ellipses(text) == value


@pytest.mark.parametrize(
    ("found", "shown", "is_so"),
    [
        ([1, 2, 3], "[1, …]", True),
        ([2, 3], "[1, …]", False),
        ([1, 2], "[1]", False),
        ([1], "[1, 2]", False),
        ({"a": 1}, "{…}", True),
        ({"a": 1}, "{}", False),
        ({"a": {"b": 1, "c": 2}}, '{"a": {"b": …, "c": 2}}', True),
        ({"a": {"b": 1, "c": 2}}, '{"a": {"b": …, "c": 3}}', False),
        (1, "true", False),
        (None, "…", True),
    ],
)
def test_data_is_compared_with_the_page(found: Any, shown: str, *, is_so: bool) -> None:
    assert (find_difference(found, parse_with_ellipses(shown)) is None) == is_so


def test_curl_is_understood() -> None:
    words = ["-s", "-X", "PUT", "http://127.0.0.1:8000/a/b?c=d", "-H", "X: y", "-d", "{}"]
    assert parse_curl(words) == {
        "method": "PUT",
        "url": "/a/b?c=d",
        "headers": {"X": "y"},
        "content": "{}",
    }
    assert parse_curl(["http://127.0.0.1:8000/a", "--json", "[]"])["method"] == "POST"
