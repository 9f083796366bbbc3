"""The cursor of a `find`: its options until it is sent, its batches afterwards.

Iteration itself is the faces': they take documents from `_batch` and call `_advance` when it is empty.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Generic, Self, cast

from petiole._commands.find import FindOptions, build
from petiole._commands.get_more import next_batch_size
from petiole._core.document import Document
from petiole._engine.cursor import ServerCursor
from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from petiole._core.collection import CoreCollection
    from petiole._engine.session import Session
    from petiole._native import Batch

_SLICE = 1_000
"""Documents decoded at a time where an event loop must not be held up for long."""


class CoreCursor(Generic[Document]):
    """Options, chaining, and the batches; without `__next__`, which blocks on one face and awaits on the other."""

    _raw = False
    """Whether a batch is handed out as one piece of bytes."""

    def __init__(self, collection: CoreCollection[Document], *args: Any, **kwargs: Any) -> None:
        self._source: ServerCursor | None = None  # First: `__del__` runs even if what follows raises.
        self._batch: Iterator[Any] = iter(())
        self._session: Session | None = kwargs.pop("session", None)
        self._collection = collection
        self._find = FindOptions(*args, **kwargs)
        self._retrieved = 0
        self._closed = False

    # What it is asked before it is sent.

    def _check_not_sent(self) -> None:
        if self._source is not None or self._closed:
            raise InvalidOperation("cannot set options after executing query")

    def limit(self, limit: int) -> Self:
        """At most that many documents; a negative limit asks for one batch only, 0 for no limit."""
        self._check_not_sent()
        self._find.set_limit(limit)
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

    def add_option(self, mask: int) -> Self:
        """Set flags of the legacy query."""
        self._check_not_sent()
        self._find.add_flags(mask)
        return self

    def remove_option(self, mask: int) -> Self:
        """Unset flags of the legacy query."""
        self._check_not_sent()
        self._find.remove_flags(mask)
        return self

    # Its batches.

    async def _advance(self) -> bool:
        """Fetch until there is a document; False at the end, and for now on a tailable cursor."""
        while True:
            if self._source is None:
                if self._closed:
                    return False
                self._source = ServerCursor(self._collection._executor, self._collection._options.codec, self._session)
                batch = await self._source.open(self._command())
            elif self._source.id:
                batch = await self._source.more(
                    next_batch_size(self._find.limit, self._find.batch_size, self._retrieved),
                    self._find.max_await_time_ms if self._find.awaits_data else None,
                    self._find.comment,
                )
            else:
                return False
            count = len(batch)
            self._retrieved += count
            self._batch = self._pieces(batch)
            if count:
                return True
            if self._find.tailable:
                return False

    def _command(self) -> Any:
        collection = self._collection
        return collection._find_command(build(collection._name, self._find))

    def _pieces(self, batch: Batch) -> Iterator[Any]:
        return iter((batch.raw(),)) if self._raw and batch else batch

    async def _to_list(self, length: int | None = None) -> list[Document]:
        """Up to `length` of the remaining documents, all of them for None."""
        if length is not None and length < 1:
            raise ValueError("to_list() length must be greater than 0")
        documents: list[Document] = []
        while length is None or len(documents) < length:
            wanted = _SLICE if length is None else min(_SLICE, length - len(documents))
            taken = self._take(wanted)
            if taken:
                documents.extend(taken)
                await self._collection._executor.runtime.breathe()
            elif not await self._advance():
                break
        return documents

    def _take(self, count: int) -> Iterable[Any]:
        from itertools import islice

        return list(islice(self._batch, count))

    async def _close(self) -> None:
        """Close the cursor, on its server too. May be called again."""
        self._closed = True
        self._batch = iter(())
        if self._source is not None:
            await self._source.close()

    def __del__(self) -> None:
        source = getattr(self, "_source", None)
        if source is not None:
            source.abandon()

    # What it tells.

    @property
    def alive(self) -> bool:
        """Whether there may be more documents; True does not promise one."""
        if self._closed:
            return False
        return self._source is None or self._source.id != 0 or bool(self._batch)

    @property
    def cursor_id(self) -> int | None:
        """The server's id of the cursor; 0 when it is exhausted, None before it is sent."""
        return None if self._source is None else self._source.id

    @property
    def address(self) -> tuple[str, int | None] | None:
        """Host and port of the server that holds the cursor, or None."""
        return None if self._source is None or self._source.server is None else self._source.server.address

    @property
    def session(self) -> Any:
        """The explicit session, or None."""
        return self._session

    @property
    def retrieved(self) -> int:
        """Documents received from the server so far."""
        return self._retrieved

    def _clone(self) -> Self:
        twin = cast("Self", type(self).__new__(type(self)))
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

    def _projected(self, index: slice | int) -> Mapping[str, int]:
        """Skip and limit for an index or a slice. Raises `IndexError`, `TypeError`."""
        if isinstance(index, slice):
            if index.step is not None:
                raise IndexError("Cursor instances do not support slice steps")
            skip = index.start or 0
            if skip < 0:
                raise IndexError("Cursor instances do not support negative indices")
            if index.stop is None:
                return {"skip": skip, "limit": 0}
            if index.stop < skip:
                raise IndexError(f"stop index must be greater than start index for slice {index!r}")
            return {"skip": skip, "limit": index.stop - skip}
        if not isinstance(index, int):
            raise TypeError(f"index {index!r} cannot be applied to Cursor instances")
        if index < 0:
            raise IndexError("Cursor instances do not support negative indices")
        return {"skip": index + self._find.skip, "limit": -1}
