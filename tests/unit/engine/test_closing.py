"""What a client says to its servers when it is closed."""

from __future__ import annotations

import gc
from typing import Any

from tests.unit.engine.rig import Rig
from tests.unit.engine.wire_server import Peer

OPEN_CURSOR = {"ok": 1, "cursor": {"id": 77, "ns": "t.c", "firstBatch": [{"a": 1}]}}


async def first_of(cursor: Any) -> Any:
    return await anext(cursor) if hasattr(cursor, "__anext__") else next(cursor)


def test_the_session_of_an_abandoned_cursor_is_ended_too(rig: Rig) -> None:
    def script(peer: Peer, body: dict[str, Any]) -> Any:
        return OPEN_CURSOR if "find" in body else None

    rig.server.replica_set()
    rig.server.script = script
    client = rig.client()
    cursor = client.t.c.find()
    rig.do(lambda: first_of(cursor))
    del cursor
    gc.collect()
    rig.do(client.close)
    bodies = {next(iter(body)): body for body in rig.server.bodies}
    assert list(bodies) == ["find", "killCursors", "endSessions"]
    assert bodies["endSessions"]["endSessions"] == [bodies["find"]["lsid"]]
