"""Compares the spans that a client has made with those that a test expects.

Follows: unified-test-format, "expectedTracingMessagesForClient". Spans are documents of `name`, `attributes` and
`nested` spans, in the order in which they began. All are the one traced client's: no file has several of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tests.collected_spans import collected, collector
from tests.spec.unified.driver import Driver
from tests.spec.unified.matching import Matcher, Mismatch

Span = Mapping[str, Any]


def collect_spans() -> None:
    """Forget all spans of before."""
    collector().clear()


def spans_of(driver: Driver) -> list[dict[str, Any]]:
    """The spans that have been collected; ids of sessions as they are sent, with which the tests compare them."""
    spans = collected()
    binary = driver.bson("binary").Binary
    for span in _all(spans):
        if "db.mongodb.lsid" in span["attributes"]:
            lsid = UUID(span["attributes"]["db.mongodb.lsid"])
            span["attributes"]["db.mongodb.lsid"] = {"id": binary(lsid.bytes, 4)}
    return spans


def _all(spans: Sequence[Any]) -> list[Any]:
    return [inner for span in spans for inner in (span, *_all(span["nested"]))]


def expect_spans(matcher: Matcher, expected: Mapping[str, Any], actual: Sequence[Span]) -> None:
    """Raise Mismatch unless these are the expected spans, in their order."""
    _level(matcher, expected["spans"], actual, "spans", expected.get("ignoreExtraSpans", False))


def _level(
    matcher: Matcher, expected: Sequence[Span], actual: Sequence[Span], path: str, extra_allowed: bool
) -> None:
    candidates = list(actual)
    for index, wanted in enumerate(expected):
        here = f"{path}[{index}]"
        if extra_allowed:
            while candidates and candidates[0]["name"] != wanted["name"]:
                candidates.pop(0)
        if not candidates:
            raise Mismatch(
                f"{here}: there is no span {wanted['name']!r} in {[item['name'] for item in actual]}"
            )
        span = candidates.pop(0)
        matcher.match(wanted["name"], span["name"], f"{here}.name")
        matcher.match(wanted["attributes"], span["attributes"], f"{here}.attributes", root=True)
        _level(matcher, wanted.get("nested", ()), span["nested"], f"{here}.nested", extra_allowed)
    if candidates and not extra_allowed:
        raise Mismatch(f"{path}: unexpected {[item['name'] for item in candidates]}")
