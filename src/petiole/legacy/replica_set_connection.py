"""The client for replica sets of 2.x, `ReplicaSetConnection`, whose writes are not acknowledged unless they say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole.legacy.early.mongo_replica_set_client import MongoReplicaSetClient

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ReplicaSetConnection"]


class ReplicaSetConnection(MongoReplicaSetClient):
    """A connection to a replica set."""

    _acknowledges = False
    _automatic = True

    def __init__(
        self,
        hosts_or_uri: str | Sequence[str] | None = None,
        max_pool_size: int | None = None,
        document_class: type[Any] = dict,
        tz_aware: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(hosts_or_uri, max_pool_size, document_class, tz_aware, **kwargs)
