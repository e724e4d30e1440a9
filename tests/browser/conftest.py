"""Fixtures for tests of the web app in a real Chromium, against a real server.

The tests are skipped if there is no Chromium or no build of the app. A test fails if the page
throws, logs an error, breaks the Content-Security-Policy or sends a request to another host.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

from scripts.web import BUILD
from tests.harness.commands import Server, running_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, so that `make test` does not run them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the system. Nothing is downloaded."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is not installed.")
    # Chromium's sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty database that serves the built app."""
    if not (BUILD / "index.html").exists():
        pytest.skip("The web app is not built: `make test-web` builds it.")
    with running_server(
        tmp_path / "server",
        TASKSTEAD_DATABASE_URL=f"sqlite:///{tmp_path}/tasks.db",
        TASKSTEAD_PASSWORD_HASH_MEMORY_KIB="8",
        TASKSTEAD_PASSWORD_HASH_TIME_COST="1",
    ) as running:
        yield running


@pytest.fixture
def url(server: Server) -> str:
    """The address of the server."""
    return f"http://127.0.0.1:{server.port}"


@dataclass(frozen=True, slots=True)
class Faults:
    """What went wrong in the pages of a test. ``expected`` has parts of messages to ignore."""

    messages: list[str]
    expected: list[str]

    def watch(self, context: BrowserContext, url: str) -> None:
        """Record errors of all pages of a context, and requests to other hosts."""

        def record_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.messages.append(message.text)

        def record_request(request: Request) -> None:
            if not request.url.startswith((url, "data:", "blob:")):
                self.messages.append(f"request to {request.url}")

        context.on("console", record_console)
        context.on("weberror", lambda error: self.messages.append(str(error.error)))
        context.on("request", record_request)

    def list_unexpected(self) -> list[str]:
        """Return the messages that no expected part explains."""
        return [
            message
            for message in self.messages
            if not any(part in message for part in self.expected)
        ]


@pytest.fixture
def faults() -> Iterator[Faults]:
    """The faults of the pages. The test fails at its end if there is an unexpected one."""
    faults = Faults([], [])
    yield faults
    assert faults.list_unexpected() == []


@pytest.fixture
def context(browser: Browser, url: str, faults: Faults) -> Iterator[BrowserContext]:
    """A browser profile without data, at desktop size, in English and Berlin's time zone."""
    context = browser.new_context(
        base_url=url, viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Berlin"
    )
    faults.watch(context, url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page without content."""
    return context.new_page()
