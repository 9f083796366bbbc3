"""What the application does meanwhile: tasks that insert, count and read, and note what they were told.

Owns: the operations, their bounds, and which errors are documented. Every operation has a tag, which it sends as its
comment; the model keeps it beside what was written, and puts it into what was read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from random import Random
from typing import Any

from tests.simulation.feed import place
from tests.simulation.runtime import SimulatedRuntime
from tests.simulation.scheduler import Home, Scheduler, Task, Violation
from tests.simulation.server import INTERRUPTED
from tests.simulation.settings import Settings

from petiole._retry.transaction import RETRY_LIMIT, TRANSIENT, UNKNOWN_RESULT
from petiole.asynchronous.client_session import AsyncClientSession
from petiole.asynchronous.collection import AsyncCollection
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.cursor_shared import CursorType
from petiole.errors import (
    AutoReconnect,
    BulkWriteError,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    ProtocolError,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

_SLACK = 0.05
"""Seconds that an operation may end after its bound: the scheduler looks at timers a little late."""


_FOLLOWING = 3.0
"""Seconds that a change stream is asked for events."""
LAST = ".last"
"""Is in the tags of the operations of the last phase."""
_DOCUMENTED = (
    AutoReconnect,
    CursorNotFound,
    ExecutionTimeout,
    ProtocolError,
    WaitQueueTimeoutError,
    WriteConcernError,
)
"""What an application has to expect of a deployment in trouble, besides the errors of servers that fail on purpose."""


class SimulatedClient(AsyncMongoClient[dict[str, Any]]):
    """The asyncio client on the simulated runtime: nothing else of it is different."""

    def __init__(self, runtime: SimulatedRuntime, uri: str) -> None:
        self._configure(runtime, uri, None, {})


class Ledger:
    """What the application was told, to be compared with what the members have in the end."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, int] = {}
        """Tags of writes that a majority has acknowledged, and how many statements they had."""
        self.transactions: dict[str, int] = {}
        """Tags of transactions, and how many statements each has if it is committed."""
        self.followed: list[tuple[str, int, int, list[str]]] = []
        """Change streams: tag, where in the log they began and stopped, and the keys of what they saw."""
        self.outcomes: dict[str, int] = {}
        """How often which outcome occurred."""


class Watch:
    """Sees to it that an operation ends by its bound; seconds in which the process was stopped do not count."""

    def __init__(self, scheduler: Scheduler, name: str, bound: float) -> None:
        self._scheduler = scheduler
        self._name = name
        self._bound = bound
        self._jumped = scheduler.jumped
        self._at = scheduler.now + bound + _SLACK
        self._timer = scheduler.call_at(self._at, self._expire)

    def end(self) -> None:
        """The operation has ended."""
        self._timer.cancel()

    def _expire(self) -> None:
        at = self._at + self._scheduler.jumped - self._jumped
        if self._scheduler.now < at:
            self._timer = self._scheduler.call_at(at, self._expire)
        else:
            raise Violation(f"{self._name} has not ended after {self._bound:.3f} s")


class Workload:
    """One client's tasks."""

    def __init__(
        self,
        client: SimulatedClient,
        scheduler: Scheduler,
        settings: Settings,
        random: Random,
        note: Callable[..., None],
    ) -> None:
        self.ledger = Ledger()
        self.strict = False
        """Whether every operation has to succeed, and soon: when no faults are left."""
        self.hidden = False
        """Whether all that can be retried has to succeed: when one thing at a time goes wrong."""
        self.writable_since: Callable[[], float | None] = lambda: None
        """Since when the client knows a primary without interruption."""
        self._client = client
        self._closed = False
        self._scheduler = scheduler
        self._settings = settings
        self._random = random
        self._note = note
        database = client["sim"]
        self._events = database["events"]
        self._counters = database["counters"]
        self._static = database["static"]
        self._weak = database.get_collection("events", write_concern=WriteConcern(w=1))
        self._several = (
            self._scan,
            self._leave_cursor,
            self._stream,
            self._in_session,
            self._transact,
            self._follow,
        )
        """Operations of several commands."""
        self._near = database.get_collection("static", read_preference=ReadPreference.SECONDARY_PREFERRED)
        self._kinds: tuple[Callable[[str], Awaitable[None]], ...] = (
            self._insert,
            self._insert,
            self._insert_many,
            self._increment,
            self._increment,
            self._insert_weakly,
            self._find_one,
            self._scan,
            self._scan,
            self._leave_cursor,
            self._stream,
            self._in_session,
            self._transact,
            self._transact,
            self._follow,
            self._follow,
        )

    def start(self, home: Home, name: str, end: float) -> Task:
        """Begin one task, which works until that time."""
        return self._scheduler.spawn(self._work(name, end), home, f"task {name}")

    async def _work(self, name: str, end: float) -> None:
        random, number = self._random, 0
        while self._scheduler.now < end and not self._closed:
            number += 1
            kind = random.choice(self._kinds)
            tag = f"{name}.{number}"
            if not (self.strict or self.hidden) and random.random() < 0.1:
                await self._cancelled(kind, tag)
            else:
                await self.operate(kind, tag)
            await self._scheduler.sleep(2.0 * random.random() ** 2)

    async def last(self, name: str) -> None:
        """One of everything, when nothing is wrong any more."""
        for number, kind in enumerate(dict.fromkeys(self._kinds)):
            await self.operate(kind, f"{name}{LAST}{number}")

    async def _cancelled(self, kind: Callable[[str], Awaitable[None]], tag: str) -> None:
        """An operation whose task is cancelled somewhere in the middle."""
        assert self._scheduler.current is not None
        home = self._scheduler.current.home
        work: Coroutine[Any, Any, None] = self.operate(kind, tag)
        task = self._scheduler.spawn(work, home, f"operation {tag}")
        await self._scheduler.sleep(0.02 * self._random.random() ** 2 + (self._random.random() < 0.2))
        task.cancel()
        await task.done
        if task.error is not None:
            raise task.error

    async def operate(self, kind: Callable[[str], Awaitable[None]], tag: str) -> None:
        """One operation: it ends in time, with a result or a documented error."""
        ledger, name = self.ledger, kind.__name__.strip("_")
        watch = Watch(self._scheduler, f"{name} {tag}", self._bound(kind))
        outcome = "cancelled"
        try:
            await kind(tag)
            outcome = "ok"
        except InvalidOperation as error:
            outcome = "refused"
            self._closed = True
            if not self._client._engine.topology.closed:
                raise Violation(f"{name} {tag} was refused: {error!r}") from error
        except PyMongoError as error:
            outcome = type(error).__name__
            self._note("%s %s: %s", name, tag, _told(error))
            self._check_error(kind, tag, error)
        finally:
            watch.end()
            ledger.outcomes[f"{name} {outcome}"] = ledger.outcomes.get(f"{name} {outcome}", 0) + 1
            self._note("%s %s ends: %s", name, tag, outcome)

    def _bound(self, kind: Callable[[str], Awaitable[None]]) -> float:
        if self.strict:
            return 1.5
        commands = 1
        if kind == self._transact:
            limit = 0.0 if self._settings.timeout is not None else RETRY_LIMIT
            return limit + 10 * self._settings.bound  # The last attempt begins within the limit.
        if kind == self._follow:
            return _FOLLOWING + 9 * self._settings.bound  # Watch, write twice, lose the cursor, and kill it.
        if kind in self._several:
            commands = 2 + self._settings.static  # Each batch, and the kill.
        return commands * self._settings.bound

    def _check_error(self, kind: Callable[[str], Awaitable[None]], tag: str, error: PyMongoError) -> None:
        if self.strict or (self.hidden and kind not in self._several):
            raise Violation(f"{tag} failed, and had no reason to: {error!r}") from error
        if isinstance(error, DuplicateKeyError):
            raise Violation(f"{tag} was applied twice: {error!r}") from error
        since = self.writable_since()
        missed = since is not None and self._scheduler.now - since > _SLACK
        if isinstance(error, ServerSelectionTimeoutError) and missed:
            raise Violation(f"{tag} missed a server that had been there since {since:.3f}") from error
        told = isinstance(error, OperationFailure) and ("on purpose" in str(error) or _is_interruption(error))
        told = told or error.has_error_label(TRANSIENT)
        if not told and not isinstance(error, _DOCUMENTED):
            raise Violation(f"{tag} raised what nobody told: {error!r}") from error

    # The operations.

    async def _insert(self, tag: str) -> None:
        await self._events.insert_one({"_id": f"{tag}:0"}, comment=tag)
        self.ledger.acknowledged[tag] = 1

    async def _insert_weakly(self, tag: str) -> None:
        await self._weak.insert_one({"_id": f"{tag}:0"}, comment=tag)

    async def _insert_many(self, tag: str) -> None:
        count = self._random.randrange(2, 5)
        await self._events.insert_many([{"_id": f"{tag}:{number}"} for number in range(count)], comment=tag)
        self.ledger.acknowledged[tag] = count

    async def _increment(self, tag: str) -> None:
        key = self._random.randrange(3)
        result = await self._counters.update_one({"_id": key}, {"$inc": {"n": 1}}, upsert=True, comment=tag)
        if result.matched_count != 1:
            raise Violation(f"{tag} was told of another operation: {result!r}")
        self.ledger.acknowledged[tag] = 1

    async def _find_one(self, tag: str) -> None:
        wanted = self._random.randrange(self._settings.static)
        self._check_document(tag, wanted, await self._static.find_one({"_id": wanted}, comment=tag))

    async def _scan(self, tag: str) -> None:
        """Read all documents of a collection that nobody changes, batch by batch."""
        collection: AsyncCollection[dict[str, Any]] = self._random.choice((self._static, self._near))
        number = 0
        async for document in collection.find({}, comment=tag, batch_size=self._random.choice((1, 2, 3))):
            self._check_document(tag, number, document)
            number += 1
        if number != self._settings.static:
            raise Violation(f"{tag} saw {number} documents of {self._settings.static}")

    async def _leave_cursor(self, tag: str) -> None:
        """Read one document, and forget the cursor, or close it."""
        cursor = self._static.find({}, comment=tag, batch_size=1)
        self._check_document(tag, 0, await cursor.next())
        if self._random.random() < 0.5:
            await cursor.close()

    async def _stream(self, tag: str) -> None:
        """As a scan, but the server sends the batches unasked, and now and then nobody reads them all."""
        closes = self.strict or self._random.random() < 0.5
        read = self._settings.static - (self._random.random() < 0.3)
        cursor = self._static.find({}, comment=tag, batch_size=2, cursor_type=CursorType.EXHAUST)
        for number in range(read):
            self._check_document(tag, number, await cursor.next())
        if (
            read < self._settings.static and closes
        ):  # Else it keeps its connection until the housekeeper comes.
            await cursor.close()

    async def _in_session(self, tag: str) -> None:
        """Write, and read it back, from wherever: a session sees what it has written."""
        near = self._events.with_options(read_preference=ReadPreference.SECONDARY_PREFERRED)
        async with self._client.start_session() as session:
            await self._events.insert_one({"_id": f"{tag}:0"}, comment=tag, session=session)
            self.ledger.acknowledged[tag] = 1
            found = await near.find_one({"_id": f"{tag}:0"}, comment=tag, session=session)
        if found is None:
            raise Violation(f"{tag} was acknowledged, but is not there")

    async def _transact(self, tag: str) -> None:
        """Write three things, or nothing; as the driver does it, or as an application that heeds the labels."""
        self.ledger.transactions[tag] = 3
        key = self._random.randrange(3)

        async def write(session: Any) -> None:
            events = [{"_id": f"{tag}:{number}"} for number in range(2)]
            await self._events.insert_many(events, comment=tag, session=session)
            increment = {"$inc": {"n": 1}}
            await self._counters.update_one(
                {"_id": key}, increment, upsert=True, comment=tag, session=session
            )
            if await self._events.find_one({"_id": f"{tag}:0"}, comment=tag, session=session) is None:
                raise Violation(f"{tag} does not see what it has written")

        async with self._client.start_session() as session:
            if self.strict or self.hidden or self._random.random() < 0.6:
                await session.with_transaction(write)
            else:
                await self._by_hand(session, write)
        self.ledger.acknowledged[tag] = 3

    async def _by_hand(self, session: AsyncClientSession, write: Callable[[Any], Awaitable[None]]) -> None:
        async with await session.start_transaction():
            await write(session)
            for _ in range(2):
                try:
                    return await session.commit_transaction()
                except PyMongoError as error:
                    if not error.has_error_label(UNKNOWN_RESULT):
                        raise
            return await session.commit_transaction()

    async def _follow(self, tag: str) -> None:
        """Watch what happens to a collection, at least until what is inserted meanwhile is seen."""
        choose = self._random.choice
        stream = await self._events.watch(
            comment=tag, batch_size=choose((1, 2, 3)), max_await_time_ms=choose((10, 100))
        )
        seen: list[str] = []
        async with stream:
            begun = place(_known(stream.resume_token))
            keys = [f"{tag}:{number}" for number in range(2)]
            try:
                for key in keys:
                    await self._events.insert_one({"_id": key}, comment=tag)
                self.ledger.acknowledged[tag] = len(keys)
                end = self._scheduler.now + _FOLLOWING
                while not set(keys) <= set(seen) and self._scheduler.now < end:
                    await self._see(stream, tag, seen)
            finally:
                self.ledger.followed.append((tag, begun, place(_known(stream.resume_token)), seen))
        if self.strict and not set(keys) <= set(seen):
            raise Violation(f"{tag} has not seen its own writes, but {seen}")

    async def _see(self, stream: Any, tag: str, seen: list[str]) -> None:
        try:
            event = await stream.try_next()
        except PyMongoError as error:
            if not stream.alive or self.strict:
                raise
            self._note("%s: %s", tag, _told(error))
            return
        if event is not None:
            if event["asked"] != tag:
                raise Violation(f"{tag} was given the event of {event['asked']}")
            seen.append(event["documentKey"]["_id"])

    def _check_document(self, tag: str, key: int, document: dict[str, Any] | None) -> None:
        if document != {"_id": key, "asked": tag}:
            raise Violation(f"{tag} asked for {key} and was given {document!r}")


def _known(token: Mapping[str, Any] | None) -> dict[str, Any]:
    assert token is not None
    return dict(token)


def _told(error: PyMongoError) -> str:
    """What an error says, without request ids and topology ids: those count up, or are drawn, beyond the seed."""
    if isinstance(error, ProtocolError):
        return "ProtocolError"
    return str(error).partition(", full error")[0].partition(", Topology Description")[0]


def _is_interruption(error: OperationFailure) -> bool:
    """Whether an election came in between."""
    if isinstance(error, BulkWriteError):
        return any(concern["code"] == INTERRUPTED for concern in error.details["writeConcernErrors"])
    return error.code == INTERRUPTED
