"""Pages for browsers: the home page, unknown paths and icons. API clients get JSON."""

import re

import pytest
from starlette.datastructures import Headers

from taskstead.http.responses.negotiation import prefers_html
from tests.harness.client import Client
from tests.harness.problems import check_problem

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)


@pytest.mark.parametrize(
    "accept",
    [
        *(FIREFOX, CHROME, "text/html", "TEXT/HTML", "text/*", "text/html;charset=utf-8"),
        *("text/html;q=0.2, application/*;q=0.1", "application/json;q=0.9,text/html"),
        *("*/*;q=0.1, text/html;q=0.101", "text/html, */*;q=0", "text/html;q=0.1;q=1, x/y"),
    ],
)
def test_html_is_preferred(accept: str) -> None:
    assert prefers_html(Headers({"accept": accept}))


@pytest.mark.parametrize(
    "accept",
    [
        *("", "*/*", "application/json", "application/problem+json", "text/plain", "text/css"),
        *("application/json, text/plain, */*", "text/html, application/json", "text/html;q=0"),
        *("text/html;q=0.5, application/problem+json;q=0.6", "text/html;q=0.5, */*"),
        *("text/html;q=0, text/*, */*;q=0.1", "text/html;q=2", "text/html;q=high", "html", ";,;"),
        *(
            "text/html;q=0.0001",
            "text/html;q=-1",
            "text/html;q=\u0661",
            "*/html",
            'x;y="text/html"',
        ),
    ],
)
def test_json_is_preferred(accept: str) -> None:
    assert not prefers_html(Headers(raw=[(b"accept", accept.encode())]))


def test_several_accept_headers_form_one_list() -> None:
    accept = [(b"accept", b"text/html;q=0.5"), (b"accept", b"application/json;q=0.4")]
    assert prefers_html(Headers(raw=accept))
    assert not prefers_html(Headers(raw=[*accept, (b"accept", b"application/*")]))
    assert not prefers_html(Headers(raw=[]))


async def test_browser_gets_html_pages(client: Client) -> None:
    for path, status, words in (
        ("/", 200, "This server is running."),
        ("/nowhere", 404, "Page not found"),
        ("/api/v1/nowhere", 404, "Page not found"),
        ("/docs/assets/nowhere", 404, "Page not found"),
    ):
        answer = await client.get(path, headers={"Accept": FIREFOX})
        assert answer.status_code == status, path
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "accept" in answer.headers["Vary"].lower().split(", ")
        assert words in answer.text
        assert answer.headers["X-Request-ID"]
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        head = await client.request("HEAD", path, headers={"Accept": FIREFOX})
        assert (head.status_code, head.content) == (status, b"")
        for name in ("Content-Type", "Vary", "Content-Security-Policy"):
            assert head.headers[name] == answer.headers[name]


async def test_api_client_gets_problems(client: Client) -> None:
    for path in ("/", "/nowhere", "/docs/assets/nowhere"):
        for accept in ("*/*", "application/json"):
            answer = await client.get(path, headers={"Accept": accept})
            problem = check_problem(answer, 404, "not_found")
            assert "/docs" in problem["detail"]
            assert "accept" in answer.headers["Vary"].lower().split(", ")


async def test_browser_gets_problem_document_for_api_errors(owner: Client) -> None:
    browser = {"Accept": FIREFOX}
    check_problem(await owner.get("/api/v1/tasks/99", headers=browser), 404, "not_found")
    check_problem(await owner.get("/auth/login", headers=browser), 405, "method_not_allowed")


async def test_page_does_not_contain_the_url(client: Client) -> None:
    answer = await client.get("/<script>alert(1)</script>", headers={"Accept": FIREFOX})
    assert answer.status_code == 404
    assert "alert" not in answer.text


async def test_favicons_are_served(client: Client) -> None:
    svg = await client.get("/favicon.svg")
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    ico = await client.get("/favicon.ico")
    assert ico.headers["Content-Type"] == "image/vnd.microsoft.icon"
    assert ico.content.startswith(b"\x00\x00\x01\x00")


async def test_robots_file_disallows_everything(client: Client) -> None:
    robots = await client.get("/robots.txt")
    assert robots.text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/docs", "/redoc", "/docs/errors"])
async def test_icons_of_pages_exist(path: str, client: Client) -> None:
    page = await client.get(path, headers={"Accept": FIREFOX})
    icons = re.findall(r'<link rel="(?:shortcut )?icon" href="([^"]+)"', page.text)
    assert icons
    for icon in {*icons, *re.findall(r'<img src="([^"]+)"', page.text)}:
        assert (await client.get(icon)).headers["Content-Type"].startswith("image/")


async def test_errors_page_shows_no_backticks(client: Client) -> None:
    text = (await client.get("/docs/errors")).text
    assert "`" not in text
    assert "<code>TASKSTEAD_ALLOWED_HOSTS</code>" in text
