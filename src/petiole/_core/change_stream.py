"""A change stream: events of a collection, a database or a deployment, one after the other.

Owns the handing out of events, and with each the place to go on from; cursors and their loss are
`_engine.change_stream`'s. Follows the change streams specification.
"""

from __future__ import annotations

import copy
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from petiole._commands.arguments import is_raw_kind
from petiole._commands.change_stream import TOKEN_MISSING, ChangeStreamAggregate, Position, Watch
from petiole._core.document import Document
from petiole._engine.change_stream import ChangeCursor
from petiole._engine.scope import OneDeadline
from petiole.bson.codec_options import TypeRegistry
from petiole.bson.raw_bson import RawBSONDocument
from petiole.errors import InvalidOperation, PyMongoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._core.options import Options
    from petiole._engine.session import Session
    from petiole._native import Codec
    from petiole._runtime.base import Deadline
    from petiole.bson.timestamp import Timestamp


class Watched(Enum):
    """What a stream has the events of."""

    COLLECTION = "collection"
    DATABASE = "database"
    CLUSTER = "cluster"


class CoreChangeStream(Generic[Document]):
    """Events of what is watched, in the order in which they happened, each once, also across changes of the primary.

    Made by `watch`. A stream goes on after errors that it can be resumed from: a lost connection, a new primary, a
    cursor that the server dropped. Other errors close it, and so does the event "invalidate", after which a new one
    can be started with `start_after=stream.resume_token`. A call that runs out of time, or that is cancelled, loses
    nothing: call again, or close the stream.

    To be able to go on after a restart of the application, store `resume_token` after each event, and from time to
    time when there are none: then it comes from empty replies, and moves on with the oplog. `try_next` gives the
    opportunity.
    """

    _watched: Watched
    _source: ChangeCursor
    _batch: Any = ()
    """Events that are here: a `Batch`, or nothing."""
    _decoder: Codec | None = None
    """Decodes events whose tokens would not survive the application's own decoders."""
    _untraceable = False
    """Whether an event came without its token."""

    def __init__(
        self,
        target: Any,
        pipeline: Sequence[Mapping[str, Any]] | None,
        full_document: str | None,
        resume_after: Mapping[str, Any] | None,
        max_await_time_ms: int | None,
        batch_size: int | None,
        collation: Any,
        start_at_operation_time: Timestamp | None,
        session: Session | None,
        start_after: Mapping[str, Any] | None,
        comment: Any | None = None,
        full_document_before_change: str | None = None,
        show_expanded_events: bool | None = None,
    ) -> None:
        """What `watch` takes.

        :param pipeline: further stages, of those that leave events their `_id`.
        :param full_document: "updateLookup" adds the document to updates; "whenAvailable" and "required" add its
            post-image.
        :param resume_after: begin after the event with this token; not after an "invalidate".
        :param max_await_time_ms: milliseconds that the server waits for events before it answers that there are none.
        :param batch_size: events per reply.
        :param start_at_operation_time: begin at this time; `start_after` and `resume_after` come before it.
        :param start_after: begin after the event with this token, whichever it is; comes before `resume_after`.
        :param full_document_before_change: "whenAvailable" and "required" add the pre-image.
        :param show_expanded_events: also events of indexes and of the creation of collections (MongoDB 6.0).
        :raises TypeError, ValueError: for a bad pipeline, `full_document`, batch size, collation or waiting time.
        """
        self._position = Position(resume_after, start_after, start_at_operation_time)
        stage = {
            "fullDocument": full_document,
            "fullDocumentBeforeChange": full_document_before_change,
            "showExpandedEvents": show_expanded_events or None,
            "allChangesForCluster": self._watched is Watched.CLUSTER or None,
        }
        watch = Watch(
            pipeline,
            self._position,
            stage,
            batch_size=batch_size,
            collation=collation,
            comment=comment,
            max_await_time_ms=max_await_time_ms,
        )
        options: Options = target._options
        self._executor = target._executor
        make = partial(_command, *_place(self._watched, target), options, watch)
        self._source = ChangeCursor(self._executor, self._codec(options), session, watch, make)

    def _codec(self, options: Options) -> Codec:
        """Events' own; but what the application's decoders make of a token, servers might not understand."""
        given = options.codec_options
        if not given.type_registry._decoder_map or is_raw_kind(given.document_class):
            return options.codec
        self._decoder = options.codec
        return given.with_options(document_class=RawBSONDocument, type_registry=TypeRegistry())._codec

    async def _open(self) -> None:
        """Send the `aggregate`."""
        await self._source.begin()
        self._batch = self._source.batch

    # Events.

    def _take(self) -> Document | None:
        """The next event that is here, which moves the stream's position; None if there is none."""
        for event in self._batch:
            try:
                token = event["_id"]
            except KeyError:
                self._untraceable = True
                self._batch = ()
                return None
            self._position.handed_out(
                token, last=not self._batch, post_batch_token=self._source.post_batch_token
            )
            return event if self._decoder is None else self._decoder.decode(event.raw)  # type: ignore[no-any-return]
        return None

    async def _advance(self, *, once: bool = False) -> bool:
        """Wait until an event is here; False if the stream has ended, or if there was none at `once`.

        Raises `InvalidOperation` if the last event had no token.
        """
        if self._untraceable:
            self._untraceable = False
            await self._source.close()
            raise InvalidOperation(TOKEN_MISSING)
        with OneDeadline(self._executor) as deadline:
            while not self._batch and self.alive:
                await self._fetch(deadline)
                if once:
                    break
        return bool(self._batch)

    async def _fetch(self, deadline: Deadline) -> None:
        source = self._source
        try:
            await source.fetch(deadline)
        except PyMongoError:
            if source.closed:  # By another thread or task, while this one waited.
                return
            if not source.lost:
                await source.close()
            raise
        if not source.closed:
            self._batch = source.batch

    async def _try_next(self) -> Document | None:
        """The next event if there is one, or None; asks the server once at most."""
        event = self._take()
        while event is None and await self._advance(once=True):
            event = self._take()
        return event

    @property
    def alive(self) -> bool:
        """Whether there may be more events: not once the stream is closed or invalidated."""
        source = self._source
        return not source.closed and bool(self._batch or source.id or source.lost)

    @property
    def resume_token(self) -> Mapping[str, Any] | None:
        """The token after which the stream would be resumed at this moment; None before the first is known."""
        return copy.deepcopy(self._position.token)  # type: ignore[no-any-return]

    async def _close(self) -> None:
        """Close the stream, and its cursor on the server. May be called again, and while others wait for events."""
        await self._source.close()

    def __del__(self) -> None:
        source = self.__dict__.get("_source")
        if source is not None:
            source.forsake()


def _place(watched: Watched, target: Any) -> tuple[str, str | int]:
    """The database whose `aggregate` it is, and the collection, or 1."""
    if watched is Watched.COLLECTION:
        return target._database_name, target._name
    return ("admin" if watched is Watched.CLUSTER else target._name), 1


def _command(database: str, target: str | int, options: Options, watch: Watch) -> ChangeStreamAggregate:
    """The `aggregate` that goes on from the stream's position. Knows no stream, so that one can die."""
    return ChangeStreamAggregate(
        database,
        watch.body(target),
        options.codec,
        concern=options.read,
        read_preference=options.read_preference,
        read_concern=options.read_concern,
    )
