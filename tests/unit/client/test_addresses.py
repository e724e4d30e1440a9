"""Addresses of servers, and the private networks where plain HTTP is allowed."""

import pytest

from taskstead.client.addresses import is_private, parse_address
from taskstead.client.errors import UsageFault


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://tasks.example.org", "https://tasks.example.org"),
        ("tasks.example.org", "https://tasks.example.org"),
        (" https://Tasks.Example.org:443/ ", "https://tasks.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "https://localhost:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://example.org/tasks//", "https://example.org/tasks"),
    ],
)
def test_address_has_one_form(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://ada:secret@example.org",
        "https://example.org?x=1",
        "https://example.org#x",
        "https://example.org:port",
        "https://example.org:99999",
        "http://[::1",
    ],
)
def test_invalid_address_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.1.1", True),
        ("100.64.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("8.8.8.8", False),
        ("172.32.0.1", False),
        ("100.128.0.1", False),
        ("2001:4860:4860::8888", False),
        ("::ffff:8.8.8.8", False),
        ("224.0.0.1", False),
    ],
)
def test_private_networks_are_known(text: str, *, is_so: bool) -> None:
    assert is_private(text) == is_so
