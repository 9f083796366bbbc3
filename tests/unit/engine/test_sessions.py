"""Sessions against a scripted server: what real servers can hardly be made to do."""

from __future__ import annotations

from typing import Any

from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.wire_server import Peer

from petiole.errors import ConfigurationError


def empty(_: Peer, body: dict[str, Any]) -> Any:
    return EMPTY_BATCH if "find" in body else None


def test_operations_that_wait_for_a_connection_need_no_server_session(rig: Rig) -> None:
    """Prose test 14 of the sessions specification: one connection, one server session."""
    rig.server.replica_set().script = empty
    things = rig.client(maxPoolSize=1).t.c
    operations = [
        lambda: things.insert_one({}),
        lambda: things.delete_one({}),
        lambda: things.update_one({}, {"$set": {"a": 1}}),
        lambda: things.find_one_and_delete({}),
        lambda: things.find_one(),
    ]
    for running in [rig.start(operation) for operation in operations * 4]:
        running.result(10)
    used = {bytes(body["lsid"]["id"]) for body in rig.server.bodies}
    assert len(rig.server.bodies) == 20
    assert len(used) < 3  # One is given back only after the connection was: the next may not find it yet.


def test_a_deployment_without_sessions(rig: Rig) -> None:
    """Prose tests 18 and 19 of the sessions specification."""
    del rig.server.hello["logicalSessionTimeoutMinutes"]
    rig.server.script = empty
    client = rig.client()
    rig.do(lambda: client.t.c.find_one())
    rig.do(lambda: client.t.c.insert_one({}))
    assert ["lsid" in body for body in rig.server.bodies] == [False, False]
    session = client.start_session()
    for operation in (
        lambda: client.t.c.find_one(session=session),
        lambda: client.t.c.insert_one({}, session=session),
    ):
        error = rig.fail(operation, ConfigurationError)
        assert str(error) == "Sessions are not supported by this MongoDB deployment"
    assert len(rig.server.bodies) == 2


def test_snapshots_need_a_server_that_keeps_them(rig: Rig) -> None:
    rig.server.replica_set().hello["maxWireVersion"] = 12
    rig.server.script = empty
    client = rig.client()
    session = client.start_session(snapshot=True)
    error = rig.fail(lambda: client.t.c.find_one(session=session), ConfigurationError)
    assert str(error) == "Snapshot reads require MongoDB 5.0 or later"
    assert rig.server.bodies == []
