"""When and how a monitor checks next."""

from typing import Any

import pytest

from petiole._sdam.schedule import (
    CheckKind,
    NextCheck,
    awaitable_fields,
    is_faas,
    may_stream,
    next_check,
    retries_at_once,
    srv_poll_delay,
)
from petiole._sdam.server import ServerDescription, describe_server, unknown_server

VERSION = {"processId": 1, "counter": 5}


def server(**reply: Any) -> ServerDescription:
    return describe_server(("a", 1), {"ok": 1, **reply}, round_trip_time=0.1, last_update_time=0.0)


STREAMING, OLD, LOST = server(topologyVersion=VERSION), server(), unknown_server(("a", 1), OSError("gone"))


def ask(description: ServerDescription, mode: str = "auto", faas: bool = False, **more: Any) -> NextCheck:
    settings: dict[str, Any] = {"heartbeat_frequency": 10.0, "connect_timeout": 20.0, **more}
    return next_check(description, mode=mode, faas=faas, **settings)


def test_a_server_that_can_stream_is_asked_to_at_once() -> None:
    assert ask(STREAMING) == NextCheck(CheckKind.AWAITABLE, 0.0, 0.0, 30.0, False)
    assert ask(STREAMING, more_to_come=True) == NextCheck(CheckKind.STREAM, 0.0, 0.0, 30.0, False)
    assert ask(STREAMING, connect_timeout=None).read_timeout is None


@pytest.mark.parametrize(
    ("description", "mode", "faas"),
    [(OLD, "auto", False), (OLD, "stream", False), (STREAMING, "poll", False), (STREAMING, "auto", True)],
)
def test_others_are_polled(description: ServerDescription, mode: str, faas: bool) -> None:
    assert ask(description, mode, faas) == NextCheck(CheckKind.POLL, 10.0, 0.5, 20.0, True)


def test_streaming_can_be_insisted_on_in_a_function() -> None:
    assert ask(STREAMING, "stream", faas=True).kind is CheckKind.AWAITABLE


def test_a_lost_server_is_polled_even_if_its_error_has_a_version() -> None:
    lost = unknown_server(("a", 1), topology_version=VERSION)
    assert ask(lost).kind is CheckKind.POLL
    assert ask(LOST) == NextCheck(CheckKind.POLL, 10.0, 0.5, 20.0, True)
    assert ask(LOST, retry_now=True) == NextCheck(CheckKind.POLL, 0.0, 0.0, 20.0, True)


def test_only_a_known_server_is_asked_again_at_once() -> None:
    assert retries_at_once(STREAMING, network_error=True)
    assert not retries_at_once(STREAMING, network_error=False)
    assert not retries_at_once(LOST, network_error=True)


@pytest.mark.parametrize(
    ("environ", "faas"),
    [
        ({}, False),
        ({"AWS_EXECUTION_ENV": "EC2"}, False),
        ({"AWS_EXECUTION_ENV": "AWS_Lambda_python3.11"}, True),
        ({"AWS_LAMBDA_RUNTIME_API": "x"}, True),
        ({"FUNCTIONS_WORKER_RUNTIME": "python"}, True),
        ({"K_SERVICE": "s"}, True),
        ({"FUNCTION_NAME": "f"}, True),
        ({"VERCEL": "1"}, True),
        ({"VERCEL": ""}, False),
    ],
)
def test_functions_as_a_service_are_recognised(environ: dict[str, str], faas: bool) -> None:
    assert is_faas(environ) == faas
    assert may_stream("auto", is_faas(environ)) != faas


def test_the_fields_of_an_awaitable_hello() -> None:
    assert awaitable_fields(STREAMING, 2.5) == {"topologyVersion": VERSION, "maxAwaitTimeMS": 2500}


@pytest.mark.parametrize(
    ("ttl", "failed", "delay"), [(5.0, False, 60.0), (300.0, False, 300.0), (300.0, True, 10.0)]
)
def test_srv_records_are_polled_by_their_time_to_live(ttl: float, failed: bool, delay: float) -> None:
    assert srv_poll_delay(ttl, failed=failed, heartbeat_frequency=10.0) == delay
