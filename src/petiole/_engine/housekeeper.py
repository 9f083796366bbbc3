"""What a client has to do besides operations: kill abandoned cursors, look after pools, end sessions.

Runs on the background loop, started with the first monitor. Nothing here may fail an operation: errors
of servers and of the network are dropped, because servers clean up by themselves in time.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from petiole._commands.end_sessions import EndSessions, end_sessions_body
from petiole._commands.kill_cursors import KillCursors, kill_cursors_body
from petiole._engine.log_switch import name_of
from petiole._engine.scope import CURRENT, Scope
from petiole._net.pool_parts import PoolCleared
from petiole.bson.binary import UUID_SUBTYPE, Binary
from petiole.bson.codec_options import DEFAULT_CODEC_OPTIONS
from petiole.errors import ExecutionTimeout, PyMongoError
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole._engine.cursor import Abandoned
    from petiole._engine.executor import Executor
    from petiole._engine.server import Server
    from petiole._engine.topology import Topology

_INTERVAL = 1.0
"""Seconds between rounds."""
_SESSIONS_PER_COMMAND = 10_000
_PATIENCE = 5.0
"""Seconds that a round may wait for servers."""
_FAREWELL = 5.0
"""Seconds that closing a client may take to say so to a server."""


orphans: deque[Topology] = deque()
"""The topologies of clients that were garbage collected unclosed; any client's housekeeper closes them."""


class Housekeeper:
    """One per client."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def run(self) -> None:
        """Go round for ever, on the background loop; ends by cancellation."""
        runtime = self._executor.runtime.background.runtime
        while True:
            await runtime.sleep(_INTERVAL)
            background = self._executor.on(runtime)
            CURRENT.set(Scope(background.runtime.deadline(_PATIENCE)))
            try:
                await self._go_round(background)
            except Exception:
                import logging  # Late: it takes as long to import as half of the engine.

                logging.getLogger(name_of("client")).exception("housekeeping failed; it goes on")

    async def _go_round(self, background: Executor) -> None:
        while orphans:
            orphans.popleft().close()
        for server in self._executor.topology.servers:
            server.maintain(self._executor.runtime)
        await kill_abandoned(background, self._executor)

    async def end(self) -> None:
        """Kill what was abandoned and tell a server that all sessions are over, in good time or not at all."""
        await self._part(True)

    async def clear_up(self) -> None:
        """Kill what was abandoned, in good time or not at all. Server sessions go on."""
        if self._executor.abandoned or self._executor.killing:
            await self._part(False)

    async def _part(self, for_good: bool) -> None:
        if not self._executor.topology.snapshot.select(ReadPreference.PRIMARY_PREFERRED):
            return
        token = CURRENT.set(Scope(self._executor.runtime.deadline(_FAREWELL)))
        try:
            await kill_abandoned(self._executor, self._executor)
            if _take_over(self._executor):
                await kill_abandoned(self._executor, self._executor)
            if for_good:
                # Not before: the cursors' sessions are given back by then.
                await self._end_sessions(self._executor.sessions.drain())
        finally:
            CURRENT.reset(token)

    async def _end_sessions(self, session_ids: list[bytes]) -> None:
        ids = [{"id": Binary(session_id, UUID_SUBTYPE)} for session_id in session_ids]
        for start in range(0, len(ids), _SESSIONS_PER_COMMAND):
            body = end_sessions_body(ids[start : start + _SESSIONS_PER_COMMAND])
            codec = self._executor.codec
            command = EndSessions("admin", body, codec, read_preference=ReadPreference.PRIMARY_PREFERRED)
            try:
                await self._executor.run(command)
            except PyMongoError:
                return


async def kill_abandoned(executor: Executor, owner: Executor) -> None:
    """Kill the cursors whose owners were garbage collected; those that there is no time for wait for the next round.

    So do those whose server cannot be reached at the moment, and all while the client is disconnected.

    :param owner: the same executor on the client's runtime, where cursors that keep a connection have to be killed
    """
    for _ in range(len(executor.abandoned)):  # One that is put back waits for the next round.
        if not executor.abandoned or not executor.topology.opened:
            return
        cursor = executor.abandoned.popleft()
        pin = cursor.pin
        if owner.balanced and pin is not None and pin.key != executor.runtime.key():
            owner.runtime.spawn_at(pin.key, partial(_kill_at_home, owner, cursor))
        elif not await _kill(executor, cursor):
            return


async def _kill_at_home(owner: Executor, cursor: Abandoned) -> None:
    CURRENT.set(Scope(owner.runtime.deadline(_PATIENCE)))
    await _kill(owner, cursor)


def let_go(executor: Executor) -> None:
    """Take back what abandoned cursors keep, without a word to their servers: the client has been closed."""
    while executor.abandoned:
        _take_back(executor, executor.abandoned.popleft())


def keep_for_later(executor: Executor) -> None:
    """The client's connections have been closed, but it may be used again: who keeps house then kills what there is."""
    _take_over(executor)
    for _ in range(len(executor.abandoned)):
        cursor = executor.abandoned.popleft()
        if cursor.pin is not None and executor.balanced:
            _take_back(executor, cursor)  # Only that connection could have reached it.
            continue
        if cursor.pin is not None:
            cursor.pin.release()
        executor.abandoned.append(cursor._replace(pin=None))


def _take_over(executor: Executor) -> bool:
    """Let whoever closes the client kill what the housekeeper is at, and will not get done; whether there was any."""
    found = False
    while executor.killing:
        executor.abandoned.append(executor.killing.popleft())
        found = True
    return found


def _take_back(executor: Executor, cursor: Abandoned) -> None:
    if cursor.pin is not None:
        cursor.pin.release()
    if cursor.lease is not None:
        executor.sessions.give_back(cursor.lease)


def _as_it_is_now(executor: Executor, server: Server | None) -> Server | None:
    """A client that was closed and used again knows the same servers as other objects."""
    known = executor.topology.servers
    if server is None or server in known:
        return server
    return next((one for one in known if one.address == server.address), server)


async def _kill(executor: Executor, cursor: Abandoned) -> bool:
    """Kill a cursor and take back what it keeps; False if the time was over before that was sent.

    One that could not be killed, but may be later, is put back.
    """
    if cursor.pin is not None and not executor.balanced:
        cursor.pin.release()  # First: the command may need the place of that connection in the pool.
        cursor = cursor._replace(pin=None)
    pin = cursor.pin
    mine = executor.killing if pin is None else deque()
    mine.append(cursor)
    in_time, done = True, True
    server = _as_it_is_now(executor, cursor.server)
    known = server in executor.topology.servers
    try:
        if cursor.cursor_id and (pin.usable if pin is not None else not executor.balanced):
            database, _, name = cursor.namespace.partition(".")
            body = kill_cursors_body(name, [cursor.cursor_id])
            command = KillCursors(database, body, DEFAULT_CODEC_OPTIONS._codec)
            command.server = server
            command.pin = pin
            await executor.run(command, None, cursor.lease)
    except ExecutionTimeout:
        in_time = done = False
    except PoolCleared:  # It has not been sent.
        topology = executor.topology
        done = topology.opened and _as_it_is_now(executor, server) not in topology.servers
    except PyMongoError:
        topology = executor.topology  # If the client was disconnected meanwhile, it may be used again.
        done = topology.opened and (not known or server in topology.servers)
    except BaseException:
        done = False  # The client is disconnected, and may be used again.
        raise
    finally:
        try:
            mine.remove(cursor)
        except ValueError:
            pass  # Somebody else has taken it over, with what it keeps.
        else:
            if done:
                _take_back(executor, cursor)
            else:
                executor.abandoned.append(cursor)
    return in_time
