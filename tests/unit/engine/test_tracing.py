"""Servers of 9.0 are told which span a command belongs to ("Propagating Trace Context to the Server")."""

from __future__ import annotations

from functools import partial
from typing import Any

import bson
import pytest
from tests.collected_spans import collected, collector
from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.wire_server import Peer

from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS

ON = {"enabled": True}
RETRYABLE = {"ok": 0, "code": 91, "errmsg": "shutting down"}


def sections(rig: Rig, wire_version: int, *answers: Any, **options: Any) -> list[bytes]:
    """What a find's messages have beside their bodies; the answers are given in turn."""
    told: list[bytes] = []
    left = [*answers, EMPTY_BATCH]

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        if "find" not in body:
            return None
        told.append(peer.rest)
        return left.pop(0)

    rig.server.script = script
    rig.server.hello["maxWireVersion"] = wire_version
    client = rig.client(**options)
    collector().clear()
    rig.do(lambda: client.test.things.find_one({}))
    return told


def test_each_attempt_tells_its_own_span(rig: Rig) -> None:
    first, second = sections(rig, 29, RETRYABLE, tracing=ON)
    (operation,) = collected()
    for section, span in zip((first, second), operation["nested"], strict=True):
        known = span["span"].context
        assert section[0] == 3
        ids = f"{known.trace_id:032x}-{known.span_id:016x}"
        assert bson.decode(section[1:]) == {"otel": {"traceparent": f"00-{ids}-{known.trace_flags:02x}"}}


@pytest.mark.parametrize(("wire_version", "options"), [(28, {"tracing": ON}), (29, {})])
def test_others_are_told_nothing(rig: Rig, wire_version: int, options: dict[str, Any]) -> None:
    assert sections(rig, wire_version, **options) == [b""]


def test_a_message_that_is_as_long_as_may_be_is_sent_without(rig: Rig) -> None:
    codec = DEFAULT_CODEC_OPTIONS._codec
    rig.server.hello["maxMessageSizeBytes"] = 3000
    short, long = "x" * 1000, "x" * 2850
    rest: list[bytes] = []

    def script(peer: Peer, body: dict[str, Any]) -> Any:
        rest.append(peer.rest)
        return {"ok": 1}

    rig.server.script = script
    rig.server.hello["maxWireVersion"] = 29
    client = rig.client(tracing=ON)
    for text in (short, long):
        rig.do(partial(client.test.command, "comment", text))
    assert codec.decode(rest[0][1:]).keys() == {"otel"}
    assert rest[1] == b""
