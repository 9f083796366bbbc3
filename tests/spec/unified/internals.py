"""What the runner has to know of a driver beyond its public names, in one place.

The format asks for things that no application may ask for: whether a session is dirty or pinned, the state of its
transaction. Each function here reads one of them, for PyMongo or for petiole.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.spec.unified.driver import Driver

QUICK = 0.05
"""Seconds between checks of a server that a test waits for; half a second, as drivers have it, adds up to minutes."""


def check_often(driver: Driver, patch: pytest.MonkeyPatch) -> None:
    """Let clients check their servers sooner than applications may ask for (format, "Executing a Test")."""
    if driver.package == "pymongo":
        patch.setattr("pymongo.common.MIN_HEARTBEAT_INTERVAL", QUICK)
    else:
        patch.setattr("petiole._sdam.schedule.MIN_HEARTBEAT", QUICK)
        patch.setattr("petiole._uri.defaults.MIN_HEARTBEAT_INTERVAL", QUICK)


def is_dirty(session: Any) -> bool:
    server_session = session._lease if hasattr(session, "_lease") else session._server_session
    return bool(server_session.dirty)


def pinned_address(session: Any) -> tuple[str, int | None] | None:
    if hasattr(session, "_pin"):
        # A server or, behind a load balancer, a connection.
        pin = session._held.connection if session._held is not None else session._pin
        return None if pin is None else pin.address
    address: tuple[str, int | None] | None = session._pinned_address
    return address


_STATES = ("", "none", "starting", "in_progress", "committed", "committed", "aborted")
"""PyMongo's states, which are numbers; it tells a commit of nothing from one of something."""


def transaction_state(session: Any) -> str:
    state = session._transaction.state
    return _STATES[state] if isinstance(state, int) else state.name.lower()
