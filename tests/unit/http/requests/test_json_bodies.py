"""Request bodies."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from taskstead.errors import MalformedRequestError
from taskstead.http.requests.json_bodies import read_body


async def test_disconnect_during_a_body_is_an_error_of_the_client() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(MalformedRequestError):
        await read_body(request)
