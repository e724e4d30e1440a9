"""OpenTelemetry traces: one span per request and a child span for each SQL statement.

The SDK is imported only if traces are enabled. The span of a request with a ``traceparent`` header
(W3C Trace Context) belongs to the client's trace. OpenTelemetry's own environment variables, such
as ``OTEL_EXPORTER_OTLP_ENDPOINT``, configure the exporter.
"""

# ruff: noqa: PLC0415 - see the module docstring

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

_NAME = "taskstead"
_NANOSECONDS = 1_000_000_000


class Traces:
    """Factory of request spans. It creates spans after :meth:`open` and until :meth:`close`."""

    def __init__(self) -> None:
        self._own_provider: TracerProvider | None = None
        self._tracer: Tracer | None = None

    def open(self) -> None:
        """Use the tracer provider of the process.

        If there is none, create one from the environment variables.
        """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider

        provider = trace.get_tracer_provider()
        if not isinstance(provider, TracerProvider):
            provider = self._own_provider = _make_provider()
        self._tracer = provider.get_tracer(_NAME)

    def close(self) -> None:
        """Export the pending spans, within a time limit."""
        self._tracer = None
        if self._own_provider is not None:
            self._own_provider.shutdown()

    def begin_request(
        self, headers: Iterable[tuple[bytes, bytes]], *, request_id: str, method: str, path: str
    ) -> "RequestTrace | None":
        """Begin the span of a request. Return None if the traces are not open."""
        if self._tracer is None:
            return None
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        names = (b"traceparent", b"tracestate")
        carrier = {
            str(name, "ascii"): str(value, "latin-1") for name, value in headers if name in names
        }
        span = self._tracer.start_span(
            method,
            context=TraceContextTextMapPropagator().extract(carrier),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "url.path": path,
                "taskstead.request_id": request_id,
            },
        )
        return RequestTrace(self._tracer, span)


class RequestTrace:
    """The span of the current request.

    Attributes:
        trace_id: the id of the trace, 32 hexadecimal digits. The log contains it too.
    """

    def __init__(self, tracer: "Tracer", span: "Span") -> None:
        from opentelemetry.trace import set_span_in_context

        self.trace_id = f"{span.get_span_context().trace_id:032x}"
        self._tracer = tracer
        self._span = span
        self._context: Context = set_span_in_context(span)

    def note_statement(self, sql: str, seconds: float) -> None:
        """Add a child span for a completed statement.

        The span does not contain the parameters, which may be user data.
        """
        from opentelemetry.trace import SpanKind

        end = time.time_ns()
        span = self._tracer.start_span(
            sql.split(maxsplit=1)[0],
            context=self._context,
            kind=SpanKind.CLIENT,
            attributes={"db.query.text": sql},
            start_time=end - round(seconds * _NANOSECONDS),
        )
        span.end(end)

    def end(self, *, route: str, status: int, user_id: str | None) -> None:
        """End the request's span."""
        from opentelemetry.trace import StatusCode

        span = self._span
        method = getattr(span, "name", "")
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        if user_id is not None:
            span.set_attribute("user.id", user_id)
        if status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end()


@asynccontextmanager
async def open_traces(traces: Traces | None) -> AsyncGenerator[None]:
    """Open the traces for the duration of the block. If they are None, do nothing."""
    if traces is None:
        yield
        return
    traces.open()
    try:
        yield
    finally:
        # In a thread, because closing waits until the collector has received the pending spans.
        await asyncio.to_thread(traces.close)


def _make_provider() -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME take precedence.
    resource = Resource({SERVICE_NAME: _NAME}).merge(Resource.create())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
