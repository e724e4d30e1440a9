"""Log line formats: JSON, and columns with colors for a terminal.

msgspec encodes JSON in half a microsecond per line. structlog renders the human-readable format. It
is imported only for that format, because the import takes a tenth of a second.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from taskstead.clock import render_instant
from taskstead.observability.request_record import current_request

Render = Callable[[dict[str, Any]], bytes]

# The standard attributes of a log record. All other attributes were passed as ``extra``.
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "color_message",
}
_encoder = msgspec.json.Encoder(enc_hook=repr)


def make_event(record: logging.LogRecord) -> dict[str, Any]:
    """Convert a log record to a mapping. Within a request, add the request id and trace id."""
    event: dict[str, Any] = {
        "timestamp": render_instant(datetime.fromtimestamp(record.created, UTC)),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": record.getMessage(),
    }
    request = current_request.get()
    if request is not None:
        event["request_id"] = request.request_id
        if request.trace is not None:
            event["trace_id"] = request.trace.trace_id
    event |= {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
    if record.exc_info and record.exc_info[1] is not None:
        # The traceback is logged without the values of variables, which may be user data.
        event["exception"] = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
    return event


def render_json_line(event: dict[str, Any]) -> bytes:
    """Render an event as one line of JSON."""
    try:
        return _encoder.encode(event) + b"\n"
    except UnicodeEncodeError:
        # A text from a client contains a lone surrogate, which UTF-8 cannot encode.
        printable = {name: _make_printable(value) for name, value in event.items()}
        return _encoder.encode(printable) + b"\n"


def make_console_renderer(*, colors: bool) -> Render:
    """Return a function that renders an event in the human-readable format."""
    from structlog.dev import ConsoleRenderer  # noqa: PLC0415 - see above

    renderer = ConsoleRenderer(colors=colors, sort_keys=False, pad_event_to=0)

    def render(event: dict[str, Any]) -> bytes:
        exception = event.pop("exception", None)
        # Control characters are escaped, so that data from clients cannot move the cursor or forge
        # log lines.
        printable = {name: _make_printable(value) for name, value in event.items()}
        line = str(renderer(None, "", printable))
        text = line if exception is None else f"{line}\n{exception}"
        return text.encode("utf-8", "backslashreplace") + b"\n"

    return render


def _make_printable(value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    return value.encode("unicode_escape").decode("ascii")
