"""The load generator wrk: its script, and the parsing of its output."""

import pytest

from benchmarks.workloads import Request
from benchmarks.wrk import WrkError, parse_output, quote_lua, render_script

OUTPUT = """\
Running 4s test @ http://127.0.0.1:8000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    85.31ms   32.36ms 304.60ms   81.08%
    Req/Sec   358.62     82.43   484.00     66.67%
  1404 requests in 4.01s, 1.02MB read
Requests/sec:    350.12
wrk-result {"requests": 1404, "seconds": 4.010000, "bytes": 1069547, "p50_ms": 83.100, \
"p99_ms": 304.600, "status": 0, "connect": 0, "read": 3, "write": 0, "timeout": 1}
"""


def test_parse_output() -> None:
    result = parse_output(OUTPUT)

    assert (result.requests, result.p50_ms, result.p99_ms) == (1404, 83.1, 304.6)
    assert result.requests_per_second == pytest.approx(350.12, abs=0.01)
    assert result.errors == {"read": 3, "timeout": 1}


def test_parse_output_without_result() -> None:
    with pytest.raises(WrkError, match="unable to connect"):
        parse_output("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_parse_output_without_answers() -> None:
    with pytest.raises(WrkError, match="no response"):
        parse_output(OUTPUT.replace('"requests": 1404', '"requests": 0'))


def test_quote_lua() -> None:
    assert quote_lua('{"a": "é\n\\"}') == r'"{\034a\034: \034\195\169\010\092\034}"'


def test_render_script_holds_every_request() -> None:
    requests = [Request("GET", "/a"), Request("POST", "/b", "{}", {"Content-Type": "x"})]

    script = render_script(requests, seed=7)

    assert 'method = "GET", path = "/a", headers = {}}' in script
    assert 'headers = {["Content-Type"] = "x"}, body = "{}"}' in script
    assert "math.randomseed(7)" in script
