"""Traces: a span for each request and each statement, within the client's trace."""

import subprocess
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from taskstead.config.settings import Settings
from tests.harness.client import Client
from tests.harness.settings import make_settings

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """The exporter of this process. OpenTelemetry accepts only one tracer provider."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def settings(database_url: str, exporter: InMemorySpanExporter) -> Settings:
    exporter.clear()
    # The worker's polling belongs to no request.
    return make_settings(database_url, traces=True, run_worker=False)


def take(exporter: InMemorySpanExporter) -> tuple[ReadableSpan, list[ReadableSpan]]:
    """Return the span of the only request, and the spans of its statements."""
    spans = exporter.get_finished_spans()
    exporter.clear()
    (request,) = (span for span in spans if span.kind is SpanKind.SERVER)
    return request, [span for span in spans if span is not request]


async def test_statements_are_in_the_trace_of_the_client(
    owner: Client, exporter: InMemorySpanExporter
) -> None:
    me = (await owner.get("/auth/me")).json()
    exporter.clear()
    headers = {"traceparent": PARENT, "X-Request-ID": "the-traced-one"}
    await owner.post("/api/v1/tasks", {"title": "private thoughts"}, headers=headers)
    request, statements = take(exporter)
    assert request.name == "POST /api/v1/tasks"
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == PARENT[3:35]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT[36:52]
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/tasks",
        "http.response.status_code": 201,
        "url.path": "/api/v1/tasks",
        "taskstead.request_id": "the-traced-one",
        "user.id": me["id"],
    }
    assert {"SELECT", "COMMIT"} <= {span.name for span in statements}
    for span in statements:
        assert span.parent is not None
        assert span.parent.span_id == request.context.span_id
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.start_time <= span.end_time
        assert "private" not in str(span.attributes)


async def test_request_without_a_trace_starts_one(
    client: Client, exporter: InMemorySpanExporter
) -> None:
    await client.get("/nothing/here?q=x", headers={"traceparent": "nonsense"})
    request, _ = take(exporter)
    assert request.parent is None
    assert request.name == "GET unmatched"
    assert request.status.status_code is StatusCode.UNSET
    assert "q=x" not in str(request.attributes)


def test_opentelemetry_is_not_imported_when_off() -> None:
    code = (
        "import sys\n"
        "from taskstead.app import create_app\n"
        "from taskstead.config.settings import Settings\n"
        "create_app(Settings())\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
