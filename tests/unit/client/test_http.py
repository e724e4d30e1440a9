"""When a request is repeated."""

from email.message import Message

import pytest

from taskstead.client.http import Response, find_delay


def make_response(status: int, body: bytes = b"", **headers: str) -> Response:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Response(status, "", message, body)


@pytest.mark.parametrize("status", [200, 304, 400, 401, 409, 422, 500])
def test_other_status_is_final(status: int) -> None:
    assert find_delay(make_response(status, Retry_After="1"), is_repeated=True) is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_status_of_an_outage_is_repeated(status: int) -> None:
    assert find_delay(make_response(status), is_repeated=False) == 1


@pytest.mark.parametrize(
    ("text", "delay"), [("0", 0), ("30", 30), ("31", None), ("soon", 1), ("-1", 1), ("٣", 1)]
)
def test_delay_is_that_of_the_server(text: str, delay: int | None) -> None:
    assert find_delay(make_response(503, Retry_After=text), is_repeated=False) == delay


def test_delay_is_a_second_without_the_header() -> None:
    assert find_delay(make_response(429), is_repeated=False) == 1
