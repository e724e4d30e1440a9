"""Format of log lines: fields, escaping and tracebacks."""

import json
import logging
import sys
from typing import Any

from taskstead.observability.log_format import make_console_renderer, make_event, render_json_line

DIFFICULT_TEXTS = "a\nfake line \x1b[2J \ud800"


def make_record(message: str, *values: object, **fields: Any) -> logging.LogRecord:
    record = logging.LogRecord("a.logger", logging.WARNING, __file__, 1, message, values, None)
    vars(record).update(fields)
    return record


def make_failure() -> logging.LogRecord:
    failure = None
    try:
        password = "the secret"
        int(password[:0])
    except ValueError:
        failure = sys.exc_info()
    return make_record("It failed.", exc_info=failure)


def test_record_is_rendered_as_json_on_one_line() -> None:
    line = render_json_line(make_event(make_record("%s of %s", 1, 2, job_id="x")))
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {"level": "warning", "logger": "a.logger", "event": "1 of 2", "job_id": "x"}
    assert line.count(b"\n") == 1


def test_client_input_cannot_break_lines() -> None:
    for render in (render_json_line, make_console_renderer(colors=False)):
        line = render(
            make_event(make_record("%s", DIFFICULT_TEXTS, path=DIFFICULT_TEXTS, it=object))
        )
        assert line.count(b"\n") == 1
        assert b"\x1b" not in line


def test_tracebacks_contain_no_values_of_variables() -> None:
    event = json.loads(render_json_line(make_event(make_failure())))
    assert event["exception"].startswith("Traceback")
    assert event["exception"].count("ValueError: ") == 1
    text = make_console_renderer(colors=False)(make_event(make_failure())).decode()
    assert "\nTraceback" in text
    assert "the secret" not in text
