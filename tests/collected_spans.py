"""Spans as documents, for tests: what OpenTelemetry's own collector in memory has collected.

There is one collector for the whole process, since OpenTelemetry takes only one: a test empties it before it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@cache
def collector() -> InMemorySpanExporter:
    """The collector; from the first call on, all spans that end are in it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def collected() -> list[dict[str, Any]]:
    """The spans that have ended, as trees in the order in which they began."""
    return trees(collector().get_finished_spans())


def trees(spans: Sequence[ReadableSpan]) -> list[dict[str, Any]]:
    """Each span with its `name`, `attributes`, `status`, `events` and the spans `nested` in it."""
    made: dict[int, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for span in spans:
        assert span.context is not None
        made[span.context.span_id] = {
            "name": span.name,
            "kind": span.kind.name,
            "attributes": dict(span.attributes or {}),
            "status": span.status.status_code.name,
            "events": [(event.name, dict(event.attributes or {})) for event in span.events],
            "nested": [],
            "span": span,
        }
    for span in sorted(spans, key=lambda span: span.start_time or 0):
        assert span.context is not None
        document = made[span.context.span_id]
        parent = None if span.parent is None else made.get(span.parent.span_id)
        (roots if parent is None else parent["nested"]).append(document)
    return roots
