"""Cursor managers: what closing a cursor by its id means, until 4.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from petiole.legacy.deprecation import deprecated

if TYPE_CHECKING:
    from petiole.legacy.mongo_client import MongoClient
    from petiole.typings import _Address

__all__ = ["CursorManager"]


class CursorManager:
    """Closes cursors at once; a subclass may do so in another way, or later. It does not keep its client alive."""

    def __init__(self, client: MongoClient) -> None:
        deprecated("Cursor managers are deprecated.")
        self._client = ref(client)

    def close(self, cursor_id: int, address: _Address | None) -> None:
        """Close the cursor `cursor_id` on the server `address`; the writable one for None.

        Raises `TypeError` if `cursor_id` is no int.
        """
        client: Any = self._client()
        if client is not None:
            client._kill([cursor_id], address)
