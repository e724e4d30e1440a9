"""Content negotiation: which `Accept` headers get HTML."""

import pytest
from starlette.datastructures import Headers

from taskstead.http.responses.negotiation import prefers_html

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
