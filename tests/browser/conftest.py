"""Fixtures for tests of the web app in a real Chromium, against a real server.

The tests are skipped if there is no Chromium or no build of the app. A test fails if the page
throws, logs an error, breaks the Content-Security-Policy or sends a request to another host.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    expect,
    sync_playwright,
)

from scripts.web import BUILD
from tests.harness.commands import Server, running_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
# Long, because a busy machine may stall for a while.
WAIT_MILLISECONDS = 20_000
expect.set_options(timeout=WAIT_MILLISECONDS)


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
    arguments.append("--host-resolver-rules=MAP taskstead.test 127.0.0.1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty database that serves the built app."""
    if not (BUILD / "index.html").exists():
        pytest.skip("The web app is not built: `make test-web` builds it.")
    with running_web_server(tmp_path) as running:
        yield running


@contextmanager
def running_web_server(folder: Path, *options: str) -> Iterator[Server]:
    """Run a server on the database of a folder, which is created if it is missing."""
    with running_server(
        folder / "server",
        *options,
        TASKSTEAD_DATABASE_URL=f"sqlite:///{folder}/tasks.db",
        TASKSTEAD_PASSWORD_HASH_MEMORY_KIB="8",
        TASKSTEAD_PASSWORD_HASH_TIME_COST="1",
        TASKSTEAD_RATE_LIMITS="false",
    ) as server:
        yield server


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
    # The app asks who is signed in, and the browser logs the answer 401.
    faults = Faults([], ["the server responded with a status of 401"])
    yield faults
    assert faults.list_unexpected() == []


@pytest.fixture
def context(browser: Browser, url: str, faults: Faults) -> Iterator[BrowserContext]:
    """A browser profile without data, at desktop size, in English and Berlin's time zone."""
    with new_profile(browser, url, faults) as context:
        yield context


@contextmanager
def new_profile(browser: Browser, url: str, faults: Faults) -> Iterator[BrowserContext]:
    """Open a browser profile without data for the duration of the block."""
    context = browser.new_context(
        base_url=url, viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(WAIT_MILLISECONDS)
    faults.watch(context, url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page without content."""
    return context.new_page()


@pytest.fixture
def other_page(browser: Browser, url: str, faults: Faults) -> Iterator[Page]:
    """A page in another browser profile."""
    with new_profile(browser, url, faults) as context:
        yield context.new_page()
