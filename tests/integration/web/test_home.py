"""Pages for browsers: the home page, unknown paths and icons. API clients get JSON."""

import re

import pytest

from tests.harness.client import Client
from tests.harness.problems import check_problem

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


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
