"""The query analyser: mongocryptd, a process beside this one that marks what has to be encrypted in a command.

Owns the connections to it, which are a client's of their own: nobody is told what goes over them, for it is in clear.
Follows the Client Side Encryption specification, "Managing mongocryptd": it is started when it is first needed and
cannot be found later (it ends by itself when it has nothing to do), except where `mongocryptd_bypass_spawn` says that
somebody else does that.
"""

from __future__ import annotations

from functools import partial
from subprocess import CalledProcessError
from typing import TYPE_CHECKING

from petiole._commands.base import Command
from petiole._commands.encryption import RAW
from petiole._runtime.daemon import start_daemon
from petiole._sdam.selectors import writable_server_selector
from petiole.errors import AutoReconnect, NetworkTimeout, ServerSelectionTimeoutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole._engine.executor import Executor
    from petiole._runtime.base import Deadline

SELECTION_TIMEOUT_MS = 10_000
_PATIENCE = 1.0
"""Seconds for one that has run before to be found; then another is started."""


class Mark(Command):
    """A command to be marked. It is in clear, so nobody is shown it."""

    name = "mark"
    sessions = False
    timed = False  # Client side operations timeout specification, prose test 2.
    sensitive = True

    __slots__ = ()


class Spawner:
    """How mongocryptd is started."""

    def __init__(self, program: str, arguments: Sequence[str]) -> None:
        self.program = program
        self.arguments = [str(argument) for argument in arguments]
        self.started_at: float | None = None
        """When it was last started, by the runtime's clock."""
        self.failure: Exception | None = None
        """Why that did not succeed."""


class Analyser:
    """Marks commands."""

    def __init__(self, executor: Executor, spawner: Spawner | None) -> None:
        self._executor = executor
        self._spawner = spawner
        self._guard = executor.runtime.guard()

    async def mark(self, database: str, command: bytes) -> bytes:
        """The analyser's reply to a command.

        Raises `ServerSelectionTimeoutError` if it cannot be reached, `OperationFailure` if it refuses the command.
        """
        try:
            return await self._ask(database, command)
        except (ServerSelectionTimeoutError, NetworkTimeout):
            raise
        except AutoReconnect:
            return await self._ask(
                database, command
            )  # It has ended. Marking changes nothing: another may do it.

    async def _ask(self, database: str, command: bytes) -> bytes:
        await self._find(self._executor.deadline())
        body = RAW.inflate(command)
        body.pop("$db", None)
        reply = await self._executor.run(Mark(database, body, RAW))
        assert reply is not None
        return reply.raw

    async def _find(self, deadline: Deadline) -> None:
        """Wait until there is one, started here if it has to be."""
        spawner, select = self._spawner, self._executor.topology.select
        if spawner is None:
            await select(writable_server_selector, deadline)
            return
        if spawner.started_at is not None:
            try:
                await select(writable_server_selector, deadline.sooner(_PATIENCE))
            except ServerSelectionTimeoutError:
                if deadline.expired():
                    raise
            else:
                return
        await self._start(spawner, deadline)
        try:
            await select(writable_server_selector, deadline)
        except ServerSelectionTimeoutError as error:
            if spawner.failure is None:
                raise
            raise _not_started(error, spawner) from spawner.failure

    async def _start(self, spawner: Spawner, deadline: Deadline) -> None:
        """Start one, but for those who come while another is at it."""
        runtime = self._executor.runtime
        with self._guard:
            now = runtime.clock()
            if spawner.started_at is not None and now - spawner.started_at < _PATIENCE:
                return
            spawner.started_at = now
        spawner.failure = None
        try:
            await runtime.offload(partial(start_daemon, spawner.program, spawner.arguments), deadline)
        except (
            OSError,
            CalledProcessError,
        ) as error:  # One that somebody else has started may be there all the same.
            spawner.failure = error

    def renew_after_fork(self) -> None:
        """In a forked child."""
        self._guard = self._executor.runtime.guard()


def _not_started(error: ServerSelectionTimeoutError, spawner: Spawner) -> ServerSelectionTimeoutError:
    return ServerSelectionTimeoutError(f"{spawner.program} could not be started: {spawner.failure}; {error}")
