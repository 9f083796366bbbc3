"""The `MongoClient` of 2.x: acknowledged writes, and requests for those who ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.legacy.early.client import EarlyClient

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MongoClient"]


class MongoClient(EarlyClient):
    """A client for a MongoDB server, a replica set, or a set of mongoses, as PyMongo 2.x had it."""

    def __init__(
        self,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        max_pool_size: int | None = 100,
        document_class: type[Any] = dict,
        tz_aware: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(host, port, max_pool_size, document_class, tz_aware, **kwargs)
