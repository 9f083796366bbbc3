"""The cursor of a `find`: its options until it is sent, its batches afterwards."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Generic, Self

from petiole._commands.distinct import cursor_distinct_body
from petiole._commands.error_codes import END_OF_TAIL
from petiole._commands.explain import Explain
from petiole._commands.find import FindOptions, build, explain
from petiole._commands.get_more import next_batch_size
from petiole._core.cursor_base import CoreCursorBase
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole.errors import InvalidOperation, OperationFailure

if TYPE_CHECKING:
    from petiole._core.collection_reads import CollectionReads
    from petiole._native import Batch


class CoreCursor(CoreCursorBase[Document], Generic[Document]):
    """Options and chaining, on top of the batches."""

    _empty = False
    """A slice without documents: nothing is sent."""

    def __init__(self, collection: CollectionReads[Document], *args: Any, **kwargs: Any) -> None:
        self._session = kwargs.pop("session", None)
        self._collection: CollectionReads[Document] = collection
        self._executor = collection._executor
        self._find = FindOptions(*args, **kwargs)

    # What it is asked before it is sent.

    def _check_not_sent(self) -> None:
        if self._source is not None:
            raise InvalidOperation("cannot set options after executing query")

    def limit(self, limit: int) -> Self:
        """At most that many documents; a negative limit asks for one batch only, 0 for no limit."""
        self._check_not_sent()
        self._find.set_limit(limit)
        self._empty = False
        return self

    def batch_size(self, batch_size: int) -> Self:
        """Documents per reply; 0 leaves it to the server."""
        self._check_not_sent()
        self._find.set_batch_size(batch_size)
        return self

    def skip(self, skip: int) -> Self:
        """Leave out that many documents."""
        self._check_not_sent()
        self._find.set_skip(skip)
        return self

    def sort(self, key_or_list: Any, direction: int | str | None = None) -> Self:
        """Sort by one key and direction, or by a list of them."""
        self._check_not_sent()
        self._find.set_sort(key_or_list, direction)
        return self

    def max_time_ms(self, max_time_ms: int | None) -> Self:
        """Milliseconds the server may work on the query."""
        self._check_not_sent()
        self._find.set_max_time_ms(max_time_ms)
        return self

    def max_scan(self, max_scan: int | None) -> Self:
        """Documents the server may look at; servers since 4.2 refuse it."""
        self._check_not_sent()
        self._find.max_scan = max_scan
        return self

    def max_await_time_ms(self, max_await_time_ms: int | None) -> Self:
        """Milliseconds a `getMore` of a tailable await cursor waits for new documents."""
        self._check_not_sent()
        self._find.set_max_await_time_ms(max_await_time_ms)
        return self

    def hint(self, index: Any) -> Self:
        """Use that index; None removes the hint."""
        self._check_not_sent()
        self._find.set_hint(index)
        return self

    def comment(self, comment: Any) -> Self:
        """A comment that shows in the server's log and profiler."""
        self._check_not_sent()
        self._find.set_comment(comment)
        return self

    def where(self, code: Any) -> Self:
        """Restrict the filter by JavaScript."""
        self._check_not_sent()
        self._find.set_where(code)
        return self

    def collation(self, collation: Any) -> Self:
        """Compare strings by that collation."""
        self._check_not_sent()
        self._find.set_collation(collation)
        return self

    def min(self, spec: Any) -> Self:
        """The inclusive lower bound of index keys; needs a hint."""
        self._check_not_sent()
        self._find.set_min(spec)
        return self

    def max(self, spec: Any) -> Self:
        """The exclusive upper bound of index keys; needs a hint."""
        self._check_not_sent()
        self._find.set_max(spec)
        return self

    def allow_disk_use(self, allow_disk_use: bool) -> Self:
        """Let the server sort on disk."""
        self._check_not_sent()
        self._find.set_allow_disk_use(allow_disk_use)
        return self

    def _add_option(self, mask: int) -> None:
        self._check_not_sent()
        self._find.add_flags(mask)

    def remove_option(self, mask: int) -> Self:
        """Unset flags of the legacy query."""
        self._check_not_sent()
        self._find.remove_flags(mask)
        return self

    # Its batches.

    async def _fetch(self) -> Batch | None:
        options, source = self._find, self._source
        if source is None:
            if self._closed or self._empty:
                return None
            collection = self._collection
            self._source = source = ServerCursor(
                self._executor, collection._options.codec, self._session, exhaust=options.exhaust
            )
            batch = await source.open(self._command())
        elif not source.id:
            return None
        else:
            try:
                batch = await source.more(
                    next_batch_size(options.limit, options.batch_size, self._retrieved),
                    options.max_await_time_ms if options.awaits_data else None,
                    options.comment,
                )
            except OperationFailure as error:
                # What was there has been read; a program that tails sees that the cursor is dead, and asks again.
                if options.tailable and error.code in END_OF_TAIL:
                    return None
                raise
        if (
            options.limit
            and source.id
            and not self._raw
            and self._retrieved + len(batch) >= abs(options.limit)
        ):
            await source.close()  # A tailable cursor would wait for more.
        return batch

    @property
    def _tails(self) -> bool:
        return self._find.tailable

    def _command(self) -> Any:
        collection = self._collection
        return collection._find_command(build(collection._name, self._find), raw_data=self._find.raw_data)

    async def _explain(self) -> Any:
        """How the server would run the query, with the statistics of a run."""
        collection = self._collection
        body = explain(collection._name, self._find, read_concern=collection.read_concern)
        command = collection._find_command(body, Explain, self._find.raw_data)
        command.concern = b""  # The read concern belongs to the command explained.
        command.read_concern = None
        reply = await self._executor.run(command, self._session)
        assert reply is not None
        return reply.document(collection._options.codec)

    async def _distinct(self, key: str) -> list[Any]:
        """The different values of `key` among the documents that match."""
        collection = self._collection
        body = cursor_distinct_body(collection._name, key, self._find)
        return await collection._distinct_values(body, self._session, self._find.raw_data)

    # What it tells.

    @property
    def retrieved(self) -> int:
        """Documents received from the server so far."""
        return self._retrieved

    def _clone(self) -> Self:
        twin: Self = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._find = self._find.copy()
        twin._reset()
        return twin

    def _reset(self) -> None:
        self._source = None
        self._batch = iter(())
        self._retrieved = 0
        self._closed = False

    def clone(self) -> Self:
        """A new cursor with the same options, not sent yet."""
        return self._clone()

    def __copy__(self) -> Self:
        return self._clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = self._clone()
        twin._find.filter = copy.deepcopy(self._find.filter, memo)
        return twin

    def _window(self, index: slice) -> tuple[int, int]:
        """Skip and limit of a slice. Raises `IndexError`."""
        if index.step is not None:
            raise IndexError("Cursor instances do not support slice steps")
        skip = index.start or 0
        if skip < 0:
            raise IndexError("Cursor instances do not support negative indices")
        if index.stop is None:
            return skip, 0
        if index.stop < skip:
            raise IndexError(f"stop index must be greater than start index for slice {index!r}")
        return skip, index.stop - skip

    def _sliced(self, index: slice) -> Self:
        """This cursor, restricted to a slice of what the query matches."""
        skip, limit = self._window(index)
        self._find.set_skip(skip)
        self._find.limit = limit
        self._empty = index.stop is not None and limit == 0
        return self

    def _at(self, index: int) -> Self:
        """A cursor for the one document at that position. Raises `IndexError`, `TypeError`."""
        if not isinstance(index, int):
            raise TypeError(f"index {index!r} cannot be applied to Cursor instances")
        if index < 0:
            raise IndexError("Cursor instances do not support negative indices")
        clone = self._clone()
        clone._find.set_skip(index + self._find.skip)
        clone._find.set_limit(-1)
        return clone
