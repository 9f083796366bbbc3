"""The cursor of 1.x and 2.x: its parameters, by position, and what they mean to today's servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole.cursor_shared import CursorType
from petiole.errors import OperationFailure
from petiole.legacy.cursor import Cursor as CursorOf3
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.options import as_preference
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from petiole.legacy.early.collection import Collection

__all__ = ["Cursor", "CursorType"]

_OLD_MODIFIERS = {"$orderby": "sort", "$hint": "hint"}
_NO_MAX_SCAN = "MongoDB has no maxScan since version 4.2: use max_time_ms to bound the work of a query"
_UNKNOWN_FIELD = (40415, 2, 9)


class Cursor(CursorOf3):
    """Iterates over the documents that match a query; `Collection.find` makes it."""

    def __init__(
        self,
        collection: Collection,
        spec: Mapping[str, Any] | None = None,
        fields: Any = None,
        skip: int = 0,
        limit: int = 0,
        timeout: bool = True,
        snapshot: bool = False,
        tailable: bool = False,
        sort: Any = None,
        max_scan: int | None = None,
        as_class: type[Any] | None = None,
        slave_okay: bool = False,
        await_data: bool = False,
        partial: bool = False,
        manipulate: bool = True,
        read_preference: Any = None,
        tag_sets: Any = None,
        secondary_acceptable_latency_ms: float | None = None,
        exhaust: bool = False,
        compile_re: bool = True,
        oplog_replay: bool = False,
        modifiers: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """The parameters of 2.9 in their order, of which 1.x had the first eleven.

        :param timeout: whether the server closes the cursor when it is idle for long.
        :param snapshot: whether no document comes twice: carried out by the index on `_id`.
        :param as_class: what documents are decoded into.
        :param slave_okay: whether a secondary may be asked.
        :param compile_re: accepted; regular expressions are `Regex` objects, which `try_compile` compiles.
        :param kwargs: today's names: `filter`, `projection`, `no_cursor_timeout`, `cursor_type`, and further options.
        """
        _check_kinds(spec, skip, limit, timeout, snapshot, tailable)
        preference = _preference(collection, read_preference, tag_sets, slave_okay=slave_okay)
        codec = None
        if as_class is not None:
            codec = collection.codec_options.with_options(document_class=as_class)
        if codec is not None or preference is not None:
            collection = collection.with_options(codec, preference)
        kwargs.setdefault("filter", spec)
        kwargs.setdefault("projection", fields)
        kwargs.setdefault("no_cursor_timeout", not timeout)
        kwargs.setdefault("cursor_type", _cursor_type(tailable, await_data, exhaust))
        kwargs.setdefault("allow_partial_results", partial)
        kwargs.pop("_must_use_master", None)
        kwargs.pop("_is_command", None)
        if max_scan is not None:
            kwargs["max_scan"] = max_scan
        if snapshot:
            deprecated("snapshot is deprecated. Use hint([('_id', 1)]) instead.", 4)
            if sort or kwargs.get("hint") is not None:
                raise TypeError("snapshot cannot be used together with sort or hint")
            kwargs["hint"] = [("_id", 1)]
        super().__init__(
            collection,
            skip=skip,
            limit=limit,
            sort=sort,
            oplog_replay=oplog_replay,
            modifiers=modifiers,
            manipulate=manipulate,
            **kwargs,
        )

    @property
    def conn_id(self) -> Any:
        """The address of the server that was asked."""
        return self.address

    def max_scan(self, max_scan: int | None) -> Cursor:
        """Documents the server may look at. Raises `OperationFailure`, once sent, by all servers since 4.2."""
        deprecated("max_scan is deprecated. Use max_time_ms instead.")
        return super().max_scan(max_scan)

    def close(self) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Close the cursor, as the connection's cursor manager does that, if it has one."""
        self._hand_over()
        super().close()

    def __del__(self) -> None:
        self._hand_over()
        super().__del__()

    def _hand_over(self) -> None:
        source = self._source
        if source is None or not source.id:
            return
        collection: Any = self._collection
        manager = getattr(collection._database._client, "_cursor_manager", None)
        if manager is not None:
            cursor_id, source.id = source.id, 0
            manager.close(cursor_id)

    async def _fetch(self) -> Any:
        try:
            return await super()._fetch()
        except OperationFailure as error:
            if self._find.max_scan is None or error.code not in _UNKNOWN_FIELD:
                raise
            details: Any = error.details
            raise OperationFailure(_NO_MAX_SCAN, error.code, details) from error

    def __next__(self) -> Any:
        document = super().__next__()
        collection: Any = self._collection
        database = collection._database
        if not self._manipulates or not database._outgoing:
            return document
        return database._transform_outgoing(document, collection)

    def next(self) -> Any:
        """Advance the cursor."""
        return self.__next__()


def _check_kinds(spec: Any, skip: Any, limit: Any, timeout: Any, snapshot: Any, tailable: Any) -> None:
    if spec is not None and not isinstance(spec, Mapping):
        raise TypeError("spec must be an instance of dict")
    for name, value in (("skip", skip), ("limit", limit)):
        if not isinstance(value, int):
            raise TypeError(f"{name} must be an instance of int")
    for name, value in (("timeout", timeout), ("snapshot", snapshot), ("tailable", tailable)):
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be an instance of bool")


def _preference(collection: Collection, given: Any, tag_sets: Any, *, slave_okay: bool) -> Any:
    if given is None and tag_sets is None:
        return ReadPreference.SECONDARY_PREFERRED if slave_okay else None
    mode = collection.read_preference if given is None else given
    return as_preference(mode, tag_sets)


def _cursor_type(tailable: bool, await_data: bool, exhaust: bool) -> int:
    if exhaust:
        return CursorType.EXHAUST
    if tailable:
        return CursorType.TAILABLE_AWAIT if await_data else CursorType.TAILABLE
    return CursorType.NON_TAILABLE
