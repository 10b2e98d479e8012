"""Traces by OpenTelemetry, to whoever speaks OTLP over HTTP: a collector, or X-Ray itself.

Imported only where `EV_TRACE` is set. Errors are named by their class alone: what an
exception says may be what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id

from chalicelib.values import dataclass

from .lines import Facts, lambda_name

XRAY = re.compile(
    r"https://xray\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
)  # AWS docs: OTLP endpoints
ANNOTATED = ("site", "command", "platform")  # what X-Ray's filters know (AWS docs: annotations)
TIMEOUT = 10  # seconds for an export
ON_LAMBDA = 1  # … where somebody waits for it


class Traces:
    """Spans, on their way to an exporter."""

    def __init__(self, exporter: SpanExporter, store: str) -> None:
        about = {"service.name": "ev-concierge", "ev.store": store}
        self._provider = TracerProvider(resource=Resource.create(about))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("ev-concierge")
        self._freezes = bool(lambda_name())  # once it has answered

    @contextmanager
    def span(self, name: str, facts: Facts, *, root: bool) -> Iterator[Traced]:
        """A server's span is what X-Ray calls a segment; the others are its parts."""
        kind = SpanKind.SERVER if root else SpanKind.INTERNAL
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as begun:
            traced = Traced(begun, format_trace_id(begun.get_span_context().trace_id))
            traced.note(facts)
            if root:
                begun.set_attribute("aws.xray.annotations", ANNOTATED)
            try:
                yield traced
            except BaseException as error:
                begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def flush(self) -> None:
        """At the end of a piece of work: Lambda would freeze what has not been sent."""
        if self._freezes:
            self._provider.force_flush(1000 * ON_LAMBDA)

    def close(self) -> None:
        self._provider.shutdown()


@dataclass(frozen=True, slots=True)
class Traced:
    """A span, as the rest of the house knows it."""

    span: Span
    trace: str

    def note(self, facts: Facts) -> None:
        self.span.set_attributes(facts)


def traces(address: str, store: str, signer: Callable[[str], Any] | None = None) -> Traces:
    """Traces to an address such as `http://127.0.0.1:4318/v1/traces`.

    `signer` signs for an AWS region, as X-Ray wants it.
    """
    session = requests.Session()
    found = XRAY.match(address)
    if found is not None and signer is not None:
        session.auth = signer(found.group(1))
    exporter = OTLPSpanExporter(
        address, timeout=ON_LAMBDA if lambda_name() else TIMEOUT, session=session
    )
    return Traces(exporter, store)
