"""What errors on connections mean for the server, the pool and the monitor."""

from collections.abc import Mapping
from typing import Any

import pytest

from petiole._sdam.errors import (
    OVERLOAD_LABELS,
    Decision,
    ErrorKind,
    Failure,
    Phase,
    establishment_labels,
    on_monitor_error,
    on_operation_error,
    state_change_code,
)
from petiole._sdam.server import describe_server
from petiole.errors import AutoReconnect, NetworkTimeout, OperationFailure

VERSION = {"processId": 1, "counter": 5}
NEWER = {"processId": 1, "counter": 6}
SERVER = describe_server(
    ("a", 27017),
    {"ok": 1, "setName": "rs", "isWritablePrimary": True, "maxWireVersion": 21, "topologyVersion": VERSION},
    round_trip_time=0.1,
    last_update_time=0.0,
)
BROKEN = AutoReconnect("connection closed")


def decide(kind: ErrorKind, phase: Phase = Phase.READY, **more: Any) -> Decision:
    balanced = more.pop("load_balanced", False)
    return on_operation_error(
        SERVER, 3, Failure(kind, phase, BROKEN, **{"generation": 3, **more}), load_balanced=balanced
    )


def does_nothing(decision: Decision) -> bool:
    return decision == Decision(decision.reason)


def reply(code: int, version: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"ok": 0, "code": code, "errmsg": "x", **({"topologyVersion": version} if version else {})}


def test_a_broken_connection_loses_the_server() -> None:
    decision = decide(ErrorKind.NETWORK)
    assert decision.description is not None
    assert decision.description.server_type_name == "Unknown"
    assert decision.description.error is BROKEN
    assert decision.description.topology_version is None
    assert decision.clear_pool
    assert decision.cancel_check
    assert not decision.close_in_use
    assert not decision.request_check


@pytest.mark.parametrize("kind", [ErrorKind.TIMEOUT, ErrorKind.AUTH])
def test_a_ready_connections_own_troubles_say_nothing_about_the_server(kind: ErrorKind) -> None:
    assert does_nothing(decide(kind))
    assert does_nothing(decide(ErrorKind.COMMAND, reply=reply(11000)))


@pytest.mark.parametrize("kind", list(ErrorKind))
@pytest.mark.parametrize("phase", list(Phase))
def test_errors_of_cleared_connections_are_stale(kind: ErrorKind, phase: Phase) -> None:
    assert does_nothing(decide(kind, phase, generation=2, reply=reply(91)))


@pytest.mark.parametrize("code", [10058, 10107, 13435, 189, 11602, 13436, 91, 11600])
def test_a_state_change_loses_the_server_and_asks_the_monitor(code: int) -> None:
    decision = decide(ErrorKind.COMMAND, reply=reply(code, NEWER))
    assert decision.description is not None
    assert decision.description.topology_version == NEWER
    assert decision.request_check
    assert decision.clear_pool == (code in (91, 11600))
    assert not decision.cancel_check
    assert decide(ErrorKind.COMMAND, Phase.AUTH, reply=reply(code, NEWER)).cancel_check
    assert does_nothing(decide(ErrorKind.COMMAND, reply=reply(code, VERSION)))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (None, None),
        ({}, None),
        ({"ok": 1}, None),
        ({"ok": 1, "writeErrors": [{"code": 10107}]}, None),
        ({"ok": 1, "writeConcernError": {"code": 91, "errmsg": "shutting down"}}, 91),
        ({"ok": 1, "writeConcernError": {"code": 64}}, None),
        ({"ok": 0, "errmsg": "not master"}, 10107),
        ({"ok": 0, "errmsg": "not master or secondary; cannot"}, 13436),
        ({"ok": 0, "errmsg": "node is recovering"}, 13436),
        ({"ok": 0, "errmsg": "not master", "code": 1}, None),
        ({"ok": 0, "errmsg": "no such command"}, None),
        ({"ok": 0.0, "errmsg": "x", "code": 189}, 189),
    ],
)
def test_which_replies_are_state_changes(document: dict[str, Any] | None, code: int | None) -> None:
    assert state_change_code(document) == code


@pytest.mark.parametrize("phase", [Phase.CONNECTING, Phase.HELLO])
@pytest.mark.parametrize("kind", [ErrorKind.NETWORK, ErrorKind.TIMEOUT])
def test_an_overloaded_server_stays_known(kind: ErrorKind, phase: Phase) -> None:
    assert does_nothing(decide(kind, phase))
    assert establishment_labels(kind, phase) == OVERLOAD_LABELS == ("SystemOverloadedError", "RetryableError")


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        (ErrorKind.DNS, Phase.CONNECTING),
        (ErrorKind.TLS, Phase.CONNECTING),
        (ErrorKind.COMMAND, Phase.HELLO),
        (ErrorKind.NETWORK, Phase.AUTH),
        (ErrorKind.TIMEOUT, Phase.AUTH),
        (ErrorKind.COMMAND, Phase.AUTH),
        (ErrorKind.AUTH, Phase.AUTH),
    ],
)
def test_other_failures_on_the_way_to_a_ready_connection_lose_the_server(
    kind: ErrorKind, phase: Phase
) -> None:
    decision = decide(kind, phase, reply=reply(18) if kind is ErrorKind.COMMAND else None)
    assert decision.description is not None
    assert decision.clear_pool
    assert decision.cancel_check  # A streaming check would not tell for ten seconds that the server is well.
    assert establishment_labels(kind, phase) == ()


def test_a_load_balancer_is_never_lost_but_its_service_is() -> None:
    decision = decide(ErrorKind.NETWORK, service_id="s", load_balanced=True)
    assert decision == Decision(decision.reason, clear_pool=True, service_id="s")
    shutdown = decide(ErrorKind.COMMAND, service_id="s", load_balanced=True, reply=reply(91))
    assert (shutdown.clear_pool, shutdown.description) == (True, None)
    assert does_nothing(decide(ErrorKind.COMMAND, service_id="s", load_balanced=True, reply=reply(10107)))
    assert does_nothing(decide(ErrorKind.TIMEOUT, service_id="s", load_balanced=True))
    assert does_nothing(decide(ErrorKind.NETWORK, load_balanced=True))
    assert does_nothing(decide(ErrorKind.NETWORK, service_id="s", generation=2, load_balanced=True))


def test_a_failed_check_loses_the_server_and_a_hung_one_its_operations() -> None:
    broken = on_monitor_error(SERVER, Failure(ErrorKind.NETWORK, Phase.READY, BROKEN))
    assert broken.description is not None
    assert broken.description.error is BROKEN
    assert (broken.clear_pool, broken.close_in_use) == (True, False)
    hung = on_monitor_error(SERVER, Failure(ErrorKind.TIMEOUT, Phase.READY, NetworkTimeout("slow")))
    assert (hung.clear_pool, hung.close_in_use) == (True, True)
    refused = on_monitor_error(
        SERVER, Failure(ErrorKind.COMMAND, Phase.HELLO, OperationFailure("no"), reply=reply(91, NEWER))
    )
    assert refused.description is not None
    assert refused.description.topology_version == NEWER
