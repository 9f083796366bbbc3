"""Watches one server: a coroutine on the process's background loop.

Follows the server monitoring specification: the first check is a handshake; servers that report a
topologyVersion then stream their changes over the same connection, while a second one measures the round
trip; others are polled. When and how to check next is decided by `_sdam.schedule`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from petiole._commands.hello import hello_body
from petiole._net.listeners import publish
from petiole._sdam.errors import ErrorKind, Failure, Phase, on_monitor_error
from petiole._sdam.hello import Hello
from petiole._sdam.rtt import RoundTripTimes
from petiole._sdam.schedule import (
    CheckKind,
    NextCheck,
    awaitable_fields,
    is_faas,
    next_check,
    retries_at_once,
)
from petiole._sdam.server import describe_server, unknown_server
from petiole.errors import AutoReconnect, NetworkTimeout, NotPrimaryError, OperationFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from petiole._net.connection import Connection
    from petiole._net.connector import Connector
    from petiole._runtime.base import Task, Waiter
    from petiole._sdam.errors import Decision
    from petiole._sdam.server import ServerDescription

    Report = Callable[[ServerDescription, Decision | None], None]


class Monitor:
    """Reports descriptions of one server until it is cancelled."""

    def __init__(
        self,
        connector: Connector,
        report: Report,
        *,
        heartbeat_frequency: float,
        mode: str,
        listeners: tuple[Any, ...] = (),
    ) -> None:
        self._connector = connector
        self._runtime = connector.runtime
        self._report = report
        self._frequency = heartbeat_frequency
        self._mode = mode
        self.listeners = listeners
        self._faas = is_faas(os.environ)
        self._connect_timeout = connector.stream_options.connect_timeout
        self._connection: Connection | None = None
        self._more_to_come = False
        self._document: dict[str, Any] = {}
        """The server's last hello reply."""
        self._description = unknown_server(connector.address)
        self._round_trips = RoundTripTimes()
        self._measuring: Task | None = None
        self._measured: Connection | None = None
        """The second connection, which only the round trip is measured on."""
        self._wake: Waiter | None = None
        self._asked = False
        self._cancelled = False
        self._at_once = True
        """Whether the check after a cancelled one is not to wait."""

    def request_check(self) -> None:
        """Ask for a check soon. Callable from any thread."""
        self._asked = True
        wake = self._wake
        if wake is not None:
            wake.set()

    def cancel_check(self, *, at_once: bool = True) -> None:
        """Give up a check under way, whose connection is likely as dead as the one that just broke.

        The next one follows at once, or when somebody asks for it: a server that breaks off handshakes or refuses
        users is not asked again and again for its own sake.
        """
        self._at_once = at_once
        if at_once:
            self.request_check()
        connection = self._connection
        if connection is not None:
            self._cancelled = True
            connection.interrupt()

    def forget(self) -> None:
        """In a forked child: let go of the parent's connections."""
        for connection in (self._connection, self._measured):
            if connection is not None:
                connection.stream.forget()

    async def run(self) -> None:
        """Check for ever; ends by cancellation."""
        try:
            while True:
                planned = self._plan()
                previous = self._description
                try:
                    if self.listeners:
                        self._description = await self._watched_check(planned)
                    else:
                        self._description = await self._check(planned)
                    self._report(self._description, None)
                    planned = self._plan()
                except Exception as error:
                    planned = self._resumed() if self._cancelled else self._failed(previous, error)
                await self._pause(planned)
        finally:
            self._disconnect()
            if self._measuring is not None:
                self._measuring.cancel()

    def _plan(self, *, retry_now: bool = False) -> NextCheck:
        return next_check(
            self._description,
            mode=self._mode,
            faas=self._faas,
            heartbeat_frequency=self._frequency,
            connect_timeout=self._connect_timeout,
            more_to_come=self._more_to_come,
            retry_now=retry_now,
        )

    def _resumed(self) -> NextCheck:
        """After a check that was given up: nothing is known about the server that the topology does not know."""
        self._disconnect()
        self._cancelled = False
        self._description = unknown_server(self._connector.address)
        return self._plan(retry_now=self._at_once)

    def _failed(self, previous: ServerDescription, error: Exception) -> NextCheck:
        self._disconnect()
        self._round_trips = RoundTripTimes()
        kind = _kind_of(error)
        reply = error.details if isinstance(error, (OperationFailure, AutoReconnect)) else None
        document = reply if isinstance(reply, Mapping) else None
        decision = on_monitor_error(previous, Failure(kind, Phase.READY, error, reply=document))
        self._description = decision.description or unknown_server(self._connector.address, error)
        self._report(self._description, decision)
        return self._plan(retry_now=retries_at_once(previous, network_error=kind is not ErrorKind.COMMAND))

    async def _pause(self, planned: NextCheck) -> None:
        """Wait for the next check, or for somebody who asks; never less than the minimum."""
        if planned.delay <= 0:
            return
        await self._runtime.sleep(planned.min_delay)
        self._wake = self._runtime.waiter()
        if not self._asked:
            await self._wake.wait(self._runtime.deadline(planned.delay - planned.min_delay))
        self._wake = None
        self._asked = False

    async def _watched_check(self, planned: NextCheck) -> ServerDescription:
        """A check, with its events for the heartbeat listeners."""
        from petiole import _topology_events as public  # Late: most clients have no listeners.

        address = self._connector.address
        awaited = self._connection is not None and planned.kind is not CheckKind.POLL
        publish(self.listeners, "started", public.ServerHeartbeatStartedEvent(address, awaited))
        started = self._runtime.clock()
        try:
            description = await self._check(planned)
        except Exception as error:
            duration = self._runtime.clock() - started
            failed = public.ServerHeartbeatFailedEvent(duration, error, address, awaited)
            publish(self.listeners, "failed", failed)
            raise
        duration = self._runtime.clock() - started
        hello = Hello(self._document, awaited)
        succeeded = public.ServerHeartbeatSucceededEvent(duration, hello, address, awaited)
        publish(self.listeners, "succeeded", succeeded)
        return description

    async def _check(self, planned: NextCheck) -> ServerDescription:
        if self._connection is None:
            started = self._runtime.clock()
            self._connection = await self._connector.establish(0, 0, self._runtime.never)
            document = self._connection.hello
            self._round_trips = self._round_trips.with_sample(self._runtime.clock() - started)
        else:
            document = await self._ask(self._connection, planned)
        self._document = document
        return describe_server(
            self._connector.address,
            document,
            round_trip_time=self._round_trips.average or 0.0,
            min_round_trip_time=self._round_trips.minimum,
            last_update_time=self._runtime.clock(),
        )

    async def _ask(self, connection: Connection, planned: NextCheck) -> dict[str, Any]:
        deadline = self._runtime.never.sooner(planned.read_timeout)
        if not planned.measures_rtt and self._measuring is None:
            # Not after the reply: it is held back, and operations have to know the way's length before.
            self._measuring = self._runtime.spawn(self._measure)
        started = self._runtime.clock()
        if planned.kind is CheckKind.STREAM:
            reply = await connection.receive(deadline)
        elif planned.kind is CheckKind.AWAITABLE:
            body = self._body() | awaitable_fields(self._description, self._frequency)
            reply = await self._connector.hello(connection, body, deadline, exhaust=True)
        else:
            reply = await self._connector.hello(connection, self._body(), deadline)
        self._more_to_come = reply.more_to_come
        if planned.measures_rtt:
            self._round_trips = self._round_trips.with_sample(self._runtime.clock() - started)
        return self._connector.read_hello(reply)

    def _body(self) -> dict[str, Any]:
        fields = self._connector.api_fields
        return hello_body(legacy=not (fields or self._description.hello_ok)) | fields

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._more_to_come = False
        if connection is not None:
            connection.close()

    async def _measure(self) -> None:
        """Measure the round trip on a second connection: a reply that the server holds back does not tell it."""
        try:
            while True:
                try:
                    if self._measured is None:
                        self._measured = await self._connector.establish(0, 0, self._runtime.never)
                    started = self._runtime.clock()
                    await self._connector.hello(
                        self._measured, self._body(), self._runtime.never.sooner(self._connect_timeout)
                    )
                    self._round_trips = self._round_trips.with_sample(self._runtime.clock() - started)
                except Exception:
                    self._stop_measuring()  # What is wrong, the check itself finds out.
                await self._runtime.sleep(self._frequency)
        finally:
            self._stop_measuring()

    def _stop_measuring(self) -> None:
        connection, self._measured = self._measured, None
        if connection is not None:
            connection.close()


def _kind_of(error: Exception) -> ErrorKind:
    if isinstance(error, (OperationFailure, NotPrimaryError)):
        return ErrorKind.COMMAND
    return ErrorKind.TIMEOUT if isinstance(error, NetworkTimeout) else ErrorKind.NETWORK
