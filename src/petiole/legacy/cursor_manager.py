"""Cursor managers: what closing a cursor by its id means, until 4.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from petiole.legacy.deprecation import deprecated

if TYPE_CHECKING:
    from petiole.legacy.mongo_client import MongoClient
    from petiole.typings import _Address

__all__ = ["BatchCursorManager", "CursorManager"]

_BATCH = 20
"""How many cursors `BatchCursorManager` closes at a time."""


class CursorManager:
    """Closes cursors at once; a subclass may do so in another way, or later. It does not keep its client alive."""

    def __init__(self, client: MongoClient) -> None:
        deprecated("Cursor managers are deprecated.")
        self._client = ref(client)

    def close(self, cursor_id: int, address: _Address | None = None) -> None:
        """Close the cursor `cursor_id` on the server `address`; the writable one for None.

        Raises `TypeError` if `cursor_id` is no int.
        """
        client: Any = self._client()
        if client is not None:
            client._kill([cursor_id], address)


class BatchCursorManager(CursorManager):
    """Closes cursors in batches, and the last of them with the manager itself: what 1.x and 2.x had."""

    def __init__(self, client: MongoClient) -> None:
        super().__init__(client)
        self._dying: list[int] = []

    def close(self, cursor_id: int, address: _Address | None = None) -> None:
        """Close the cursor `cursor_id` soon, with others."""
        if not isinstance(cursor_id, int):
            raise TypeError("cursor_id must be an instance of (int, long)")
        if address is not None:
            super().close(cursor_id, address)
            return
        self._dying.append(cursor_id)
        if len(self._dying) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        dying, self._dying = self._dying, []
        client: Any = self._client()
        if dying and client is not None:
            client._kill(dying, None)

    def __del__(self) -> None:
        if "_dying" in self.__dict__:
            self._flush()
