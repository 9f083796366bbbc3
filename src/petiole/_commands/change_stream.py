"""`aggregate` with `$changeStream`: what a stream asks for, and where in the oplog it stands.

Pure. Owns the stage, the body, and the rules by which the resume token is kept (change streams specification,
"Resume Process" and "Updating the Cached Resume Token"). A stream always asks to go on from its `Position`, so that
to resume is to send the same body once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petiole._commands import aggregate
from petiole._commands.arguments import integer_or_none, list_of

TOKEN_MISSING = "Cannot provide resume functionality when the resume token is missing."


class ChangeStreamAggregate(aggregate.Aggregate):
    """The `aggregate` of a change stream. Whatever its pipeline ends in, it reads; the server refuses the rest."""

    operation = "watch"
    __slots__ = ()


class Position:
    """Where a stream stands: after a token, at a time, or nowhere in particular yet."""

    __slots__ = ("_after_start", "_begun", "_time", "token")

    def __init__(self, resume_after: Any = None, start_after: Any = None, time: Any = None) -> None:
        self._after_start = start_after is not None
        """Whether the token may be an invalidate event's, after which only `startAfter` goes on."""
        self._begun = False
        """Whether an event has been handed out."""
        self.token = resume_after if start_after is None else start_after
        """After which event to go on; None if none is known."""
        self._time = time

    def options(self) -> dict[str, Any]:
        """The option of the stage that begins here, if there is one; of several given, the first of these."""
        if self.token is not None:
            return {"startAfter" if self._after_start and not self._begun else "resumeAfter": self.token}
        return {} if self._time is None else {"startAtOperationTime": self._time}

    def opened(self, *, empty: bool, post_batch_token: Any, operation_time: Any) -> None:
        """After the first reply to an `aggregate`."""
        self.received(empty=empty, post_batch_token=post_batch_token)
        # Servers before 4.0.7 send no token with an empty batch: what happens from now on is what is to come.
        if empty and self.token is None and self._time is None:
            self._time = operation_time

    def received(self, *, empty: bool, post_batch_token: Any) -> None:
        """After any reply: a token without events says how far the server has looked."""
        if empty and post_batch_token is not None:
            self.token = post_batch_token

    def handed_out(self, token: Any, *, last: bool, post_batch_token: Any) -> None:
        """After an event was given to the application; `last` if its batch holds no more."""
        self._begun = True
        self.token = post_batch_token if last and post_batch_token is not None else token


class Watch:
    """What a stream was asked for: makes its `aggregate` from wherever it stands."""

    __slots__ = (
        "_collation",
        "_pipeline",
        "_stage",
        "batch_size",
        "comment",
        "max_await_time_ms",
        "position",
    )

    def __init__(
        self,
        pipeline: Any,
        position: Position,
        stage: Mapping[str, Any],
        *,
        batch_size: int | None,
        collation: Any,
        comment: Any,
        max_await_time_ms: int | None,
    ) -> None:
        """:param stage: further options of `$changeStream` by their own names; None for one not given.

        :raises TypeError: if `pipeline` is no list, `fullDocument` no str, or `max_await_time_ms` no int.
        """
        self._pipeline = [] if pipeline is None else list(list_of("pipeline", pipeline))
        self._stage = {name: value for name, value in stage.items() if value is not None}
        full_document = self._stage.get("fullDocument", "")
        if not isinstance(full_document, str):
            raise TypeError(
                f"Wrong type for full_document, value must be an instance of str, not {type(full_document)}"
            )
        self.position = position
        self.batch_size = batch_size
        self._collation = collation
        self.comment = comment
        self.max_await_time_ms = integer_or_none("max_await_time_ms", max_await_time_ms)

    def body(self, target: str | int) -> dict[str, Any]:
        """The `aggregate` of a collection's name or of a database (1), from the stream's position on.

        :raises TypeError, ValueError: for a bad batch size or collation.
        """
        stage = {"$changeStream": {**self._stage, **self.position.options()}}
        options = {"batchSize": self.batch_size, "collation": self._collation}
        return aggregate.build(target, [stage, *self._pipeline], None, self.comment, options).body


def next_batch_size(batch_size: int | None) -> int:
    """Documents to ask for in a `getMore`; 0 leaves it to the server, and 1 would be taken for a last batch."""
    return 2 if batch_size == 1 else batch_size or 0
