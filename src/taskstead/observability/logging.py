"""Logging configuration, the handler of all log records, and the access log.

``build_logging`` returns a configuration for ``logging.config.dictConfig``. Uvicorn receives it too
and applies it in its worker processes. ``log_format.py`` formats the lines and ``log_writer.py``
writes them.
"""

import asyncio
import atexit
import logging
import os
from typing import Any

from taskstead.clock import get_now, render_instant
from taskstead.config.settings import LogFormat, Settings
from taskstead.observability.log_format import make_console_renderer, make_event, render_json_line
from taskstead.observability.log_writer import LineWriter

ACCESS_LOGGER = "taskstead.access"
_STANDARD_ERROR = 2


def build_logging(settings: Settings) -> dict[str, Any]:
    """Return the configuration of all loggers in this process."""
    level = settings.log_level.upper()
    # Third-party loggers: warnings and errors only.
    third_party = max(logging.WARNING, logging.getLevelNamesMapping()[level])
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"()": LineHandler, "log_format": settings.log_format.value}},
        "root": {"level": third_party, "handlers": ["lines"]},
        "loggers": {
            "taskstead": {"level": level},
            ACCESS_LOGGER: {"level": "INFO" if settings.access_log else "CRITICAL"},
        },
    }


def write_access_line(level: int, fields: dict[str, Any]) -> None:
    """Write the access log line of a request.

    It calls the handler directly, because creating a log record takes three times as long as
    formatting the line.
    """
    for handler in logging.root.handlers:
        if isinstance(handler, LineHandler):
            handler.write_event(
                {
                    # Logging is configured before there is an application with a clock.
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
    """Logging handler that writes lines to standard error without blocking.

    Args:
        log_format: a value of ``LogFormat``. ``auto`` means ``console`` if standard error is a
            terminal, otherwise JSON.
    """

    def __init__(self, *, log_format: str) -> None:
        super().__init__()
        is_terminal = os.isatty(_STANDARD_ERROR)
        if log_format == LogFormat.CONSOLE or (log_format == LogFormat.AUTO and is_terminal):
            colors = is_terminal and not os.environ.get("NO_COLOR")
            self._render = make_console_renderer(colors=colors)
        else:
            self._render = render_json_line
        self._writer = LineWriter(_STANDARD_ERROR, self._render_dropped)
        self.addFilter(_is_not_cancellation)
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record for writing."""
        try:
            self.write_event(make_event(record))
        except Exception:  # noqa: BLE001 - the caller must not fail because logging fails
            self.handleError(record)

    def write_event(self, event: dict[str, Any]) -> None:
        """Queue an event for writing."""
        self._writer.write(self._render(event))

    def close(self) -> None:
        """Write the queued lines."""
        self._writer.close()
        atexit.unregister(self.close)
        super().close()

    def _render_dropped(self, count: int) -> bytes:
        level = logging.WARNING
        message = "%s log lines were dropped because the reader was too slow or the disk was full."
        record = logging.LogRecord(__name__, level, __file__, 0, message, (count,), None)
        return self._render(make_event(record))


def _is_not_cancellation(record: logging.LogRecord) -> bool:
    """Return False for the tracebacks of requests that were cancelled at shutdown."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
