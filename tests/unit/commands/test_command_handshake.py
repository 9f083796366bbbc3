"""`hello`: its body, and what is read from the reply."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._commands.hello import (
    Hello,
    chosen_compressor,
    hello_body,
    limits,
    supported_mechanisms,
)
from petiole.bson.int64 import Int64

VERSION = {"processId": b"x" * 12, "counter": Int64(3)}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"hello": 1}),
        ({"legacy": True}, {"isMaster": 1, "helloOk": True}),
        (
            {"legacy": True, "client": {"driver": {}}, "compressors": ["zstd"], "load_balanced": True},
            {
                "isMaster": 1,
                "helloOk": True,
                "client": {"driver": {}},
                "backpressure": "2",
                "compression": ["zstd"],
                "loadBalanced": True,
            },
        ),
        ({"compressors": []}, {"hello": 1, "compression": []}),
        (
            {"topology_version": VERSION, "max_await_time_ms": 10_000},
            {"hello": 1, "topologyVersion": VERSION, "maxAwaitTimeMS": 10_000},
        ),
        (
            {"sasl_supported_mechs": "admin.ann", "speculative": {"saslStart": 1}},
            {"hello": 1, "saslSupportedMechs": "admin.ann", "speculativeAuthenticate": {"saslStart": 1}},
        ),
    ],
)
def test_the_body(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    body = hello_body(**arguments)
    assert list(body.items()) == list(expected.items())


def test_it_takes_no_session() -> None:
    assert not Hello.sessions


def test_limits_of_a_reply() -> None:
    found = limits({"maxBsonObjectSize": 1, "maxMessageSizeBytes": 2, "maxWriteBatchSize": 3})
    assert (found.max_bson_size, found.max_message_size, found.max_write_batch_size) == (1, 2, 3)


def test_limits_a_reply_does_not_give() -> None:
    found = limits({})
    assert found.max_bson_size == 16 * 1024 * 1024
    assert found.max_message_size == 48_000_000
    assert found.max_write_batch_size == 100_000


@pytest.mark.parametrize(
    ("offered", "reply", "expected"),
    [
        (["zstd", "zlib"], {"compression": ["zlib", "zstd"]}, "zstd"),
        (["snappy", "zlib"], {"compression": ["zlib"]}, "zlib"),
        (["snappy"], {"compression": ["zlib"]}, None),
        (["snappy"], {}, None),
        ([], {"compression": ["zlib"]}, None),
    ],
)
def test_our_order_of_compressors_counts(
    offered: list[str], reply: dict[str, Any], expected: str | None
) -> None:
    assert chosen_compressor(offered, reply) == expected


def test_mechanisms_of_a_user() -> None:
    assert supported_mechanisms({}) is None
    assert supported_mechanisms({"saslSupportedMechs": ["SCRAM-SHA-256"]}) == ("SCRAM-SHA-256",)
