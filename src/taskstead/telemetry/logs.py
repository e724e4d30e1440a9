"""How the server logs: everything through the standard library's loggers, to one handler.

``build_logging`` gives the configuration, for ``logging.config.dictConfig`` or for uvicorn, which
takes it along into its processes. What the lines look like: lines.py; how they get out: writing.py.
"""

import asyncio
import atexit
import logging
import os
from typing import Any

from taskstead.clock import get_now, render_instant
from taskstead.settings import LogFormat, Settings
from taskstead.telemetry.lines import make_console_renderer, make_event, render_json_line
from taskstead.telemetry.writing import LineWriter

ACCESS_LOGGER = "taskstead.access"
_STANDARD_ERROR = 2


def build_logging(settings: Settings) -> dict[str, Any]:
    """Return the configuration of all loggers in this process."""
    level = settings.log_level.upper()
    # Of others, whose lower levels are about their own inside, only what went wrong.
    others = max(logging.WARNING, logging.getLevelNamesMapping()[level])
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"()": LineHandler, "log_format": settings.log_format.value}},
        "root": {"level": others, "handlers": ["lines"]},
        "loggers": {
            "taskstead": {"level": level},
            ACCESS_LOGGER: {"level": "INFO" if settings.access_log else "CRITICAL"},
        },
    }


def write_access_line(level: int, fields: dict[str, Any]) -> None:
    """Log the end of a request.

    Straight to the handler, if it is ours: a record's way through the loggers costs three times as
    much as the line.
    """
    for handler in logging.root.handlers:
        if isinstance(handler, LineHandler):
            handler.write_event(
                {
                    "timestamp": render_instant(get_now()),
                    "level": "info" if level == logging.INFO else "error",
                    "logger": ACCESS_LOGGER,
                    "event": "request",
                    **fields,
                }
            )
            return
    logging.getLogger(ACCESS_LOGGER).log(level, "request", extra=fields)


class LineHandler(logging.Handler):
    """Writes records as lines to the standard error, without waiting for it.

    Args:
        log_format: a value of ``LogFormat``; ``auto`` looks whether there is a terminal.
    """

    def __init__(self, *, log_format: str) -> None:
        super().__init__()
        is_terminal = os.isatty(_STANDARD_ERROR)
        if log_format == LogFormat.CONSOLE or (log_format == LogFormat.AUTO and is_terminal):
            colors = is_terminal and not os.environ.get("NO_COLOR")
            self._render = make_console_renderer(colors=colors)
        else:
            self._render = render_json_line
        self._writer = LineWriter(_STANDARD_ERROR, self._render_loss)
        self.addFilter(_is_worth_telling)
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        """Have the record written soon."""
        try:
            self.write_event(make_event(record))
        except Exception:  # noqa: BLE001 - logging must not break what is logged
            self.handleError(record)

    def write_event(self, event: dict[str, Any]) -> None:
        """Have an event written soon."""
        self._writer.write(self._render(event))

    def close(self) -> None:
        """Write what waits."""
        self._writer.close()
        atexit.unregister(self.close)
        super().close()

    def _render_loss(self, count: int) -> bytes:
        level = logging.WARNING
        loss = "%s log lines were dropped: they were not read in time, or the disk was full."
        record = logging.LogRecord(__name__, level, __file__, 0, loss, (count,), None)
        return self._render(make_event(record))


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Drop the tracebacks of requests that were cut off by the end of the server."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
