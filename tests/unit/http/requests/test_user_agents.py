"""Names of clients from the header ``User-Agent``."""

import pytest

from taskstead.http.requests.user_agents import describe_user_agent

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"{WINDOWS[:-1]}; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 on Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36", "Chrome 126 on Windows"),
        (
            f"{WINDOWS} {WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Edge 126 on Windows",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome 126 on Android",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/17.5 Safari/605.1.15",
            "Safari 17 on macOS",
        ),
        (
            f"{IPHONE} {APPLE} Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17 on iPhone",
        ),
        ("taskstead/0.1.0 (Python 3.12)", "taskstead/0.1.0"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_client_is_named_by_browser_and_system(header: str, name: str) -> None:
    assert describe_user_agent(header) == name


@pytest.mark.parametrize("header", [None, "", "  ", "\x00\u2028"])
def test_client_without_a_user_agent_has_no_name(header: str | None) -> None:
    assert describe_user_agent(header) is None


def test_unprintable_characters_are_removed() -> None:
    assert describe_user_agent("a\x1b[31mb\u202e/1") == "a[31mb/1"


def test_long_name_is_cut() -> None:
    assert describe_user_agent("x" * 500) == "x" * 100
