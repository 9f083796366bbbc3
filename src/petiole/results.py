"""Results of write operations: what the server reported, read through PyMongo's properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.errors import InvalidOperation

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping


class _WriteResult:
    """What all results have: whether the server acknowledged the write."""

    __slots__ = ("_acknowledged",)

    def __init__(self, acknowledged: bool) -> None:
        self._acknowledged = acknowledged

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._acknowledged})"

    def _raise_if_unacknowledged(self, property_name: str) -> None:
        if not self._acknowledged:
            raise InvalidOperation(
                f"A value for {property_name} is not available when the write is unacknowledged. "
                "Check the acknowledged attribute to avoid this error."
            )

    @property
    def acknowledged(self) -> bool:
        """False if the write was sent with ``w=0``: then most other properties raise InvalidOperation."""
        return self._acknowledged


class InsertOneResult(_WriteResult):
    """The result of ``insert_one``."""

    __slots__ = ("_inserted_id",)

    def __init__(self, inserted_id: Any, acknowledged: bool) -> None:
        self._inserted_id = inserted_id
        super().__init__(acknowledged)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._inserted_id!r}, acknowledged={self._acknowledged})"

    @property
    def inserted_id(self) -> Any:
        """The ``_id`` of the inserted document."""
        return self._inserted_id


class InsertManyResult(_WriteResult):
    """The result of ``insert_many``."""

    __slots__ = ("_inserted_ids",)

    def __init__(self, inserted_ids: list[Any], acknowledged: bool) -> None:
        self._inserted_ids = inserted_ids
        super().__init__(acknowledged)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._inserted_ids!r}, acknowledged={self._acknowledged})"

    @property
    def inserted_ids(self) -> list[Any]:
        """The ``_id`` of each document, in the order given."""
        return self._inserted_ids


class UpdateResult(_WriteResult):
    """The result of ``update_one``, ``update_many`` and ``replace_one``."""

    __slots__ = ("_in_client_bulk", "_raw_result")

    def __init__(
        self, raw_result: Mapping[str, Any] | None, acknowledged: bool, in_client_bulk: bool = False
    ) -> None:
        self._raw_result = raw_result
        # The `bulkWrite` command reports {"_id": ...} where `update`, as gathered here, reports the id.
        self._in_client_bulk = in_client_bulk
        super().__init__(acknowledged)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._raw_result!r}, acknowledged={self._acknowledged})"

    @property
    def raw_result(self) -> Mapping[str, Any] | None:
        """The document the server sent."""
        return self._raw_result

    def _report(self) -> Mapping[str, Any]:
        return self._raw_result if self._raw_result is not None else {}

    @property
    def matched_count(self) -> int:
        """How many documents the filter matched; 0 if one was upserted, though 1 in a client's bulk write."""
        self._raise_if_unacknowledged("matched_count")
        if not self._in_client_bulk and self.upserted_id is not None:
            return 0
        return self._report().get("n", 0)  # type: ignore[no-any-return]

    @property
    def modified_count(self) -> int:
        """How many documents were changed."""
        self._raise_if_unacknowledged("modified_count")
        return self._report().get("nModified")  # type: ignore[return-value]

    @property
    def upserted_id(self) -> Any:
        """The ``_id`` of the upserted document; None if there was none (see also `did_upsert`)."""
        self._raise_if_unacknowledged("upserted_id")
        upserted = self._report().get("upserted")
        if self._in_client_bulk and upserted:
            return upserted["_id"]
        return upserted

    @property
    def did_upsert(self) -> bool:
        """Whether a document was upserted, also where its ``_id`` is None."""
        return "upserted" in self._report()


class DeleteResult(_WriteResult):
    """The result of ``delete_one`` and ``delete_many``."""

    __slots__ = ("_raw_result",)

    def __init__(self, raw_result: Mapping[str, Any], acknowledged: bool) -> None:
        self._raw_result = raw_result
        super().__init__(acknowledged)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._raw_result!r}, acknowledged={self._acknowledged})"

    @property
    def raw_result(self) -> Mapping[str, Any]:
        """The document the server sent."""
        return self._raw_result

    @property
    def deleted_count(self) -> int:
        """How many documents were deleted."""
        self._raise_if_unacknowledged("deleted_count")
        return self._raw_result.get("n", 0)  # type: ignore[no-any-return]


class _BulkWriteResultBase(_WriteResult):
    __slots__ = ("_bulk_api_result",)

    def __init__(self, bulk_api_result: MutableMapping[str, Any], acknowledged: bool) -> None:
        self._bulk_api_result = bulk_api_result
        super().__init__(acknowledged)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._bulk_api_result!r}, acknowledged={self._acknowledged})"

    @property
    def bulk_api_result(self) -> MutableMapping[str, Any]:
        """The counts and ids gathered over all batches."""
        return self._bulk_api_result

    def _count(self, property_name: str, field: str) -> int:
        self._raise_if_unacknowledged(property_name)
        return self._bulk_api_result.get(field)  # type: ignore[return-value]

    @property
    def inserted_count(self) -> int:
        """How many documents were inserted."""
        return self._count("inserted_count", "nInserted")

    @property
    def matched_count(self) -> int:
        """How many documents updates matched."""
        return self._count("matched_count", "nMatched")

    @property
    def modified_count(self) -> int:
        """How many documents were changed."""
        return self._count("modified_count", "nModified")

    @property
    def deleted_count(self) -> int:
        """How many documents were deleted."""
        return self._count("deleted_count", "nRemoved")

    @property
    def upserted_count(self) -> int:
        """How many documents were upserted."""
        return self._count("upserted_count", "nUpserted")


class BulkWriteResult(_BulkWriteResultBase):
    """The result of a collection's ``bulk_write``."""

    __slots__ = ()

    @property
    def upserted_ids(self) -> dict[int, Any] | None:
        """The ``_id`` of each upserted document by the index of its operation."""
        self._raise_if_unacknowledged("upserted_ids")
        if not self._bulk_api_result:
            return None
        return {upsert["index"]: upsert["_id"] for upsert in self._bulk_api_result["upserted"]}


class ClientBulkWriteResult(_BulkWriteResultBase):
    """The result of a client's ``bulk_write``."""

    __slots__ = ("_has_verbose_results",)

    def __init__(
        self, bulk_api_result: MutableMapping[str, Any], acknowledged: bool, has_verbose_results: bool
    ) -> None:
        self._has_verbose_results = has_verbose_results
        super().__init__(bulk_api_result, acknowledged)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self._bulk_api_result!r}, "
            f"acknowledged={self._acknowledged}, verbose={self._has_verbose_results})"
        )

    @property
    def has_verbose_results(self) -> bool:
        """Whether results of single operations were asked for."""
        return self._has_verbose_results

    def _results(self, property_name: str, field: str) -> Any:
        self._raise_if_unacknowledged(property_name)
        if not self._has_verbose_results:
            raise InvalidOperation(
                f"A value for {property_name} is not available when the results are not set to be verbose. "
                "Check the verbose_results attribute to avoid this error."
            )
        return self._bulk_api_result.get(field)

    @property
    def deleted_count(self) -> int:
        """How many documents were deleted."""
        return self._count("deleted_count", "nDeleted")

    @property
    def insert_results(self) -> Mapping[int, InsertOneResult]:
        """The result of each insert by the index of its operation."""
        return self._results("insert_results", "insertResults")  # type: ignore[no-any-return]

    @property
    def update_results(self) -> Mapping[int, UpdateResult]:
        """The result of each update by the index of its operation."""
        return self._results("update_results", "updateResults")  # type: ignore[no-any-return]

    @property
    def delete_results(self) -> Mapping[int, DeleteResult]:
        """The result of each delete by the index of its operation."""
        return self._results("delete_results", "deleteResults")  # type: ignore[no-any-return]
