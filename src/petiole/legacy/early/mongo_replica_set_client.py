"""The client for replica sets of 2.x: `replicaSet` must be given, and the members are its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._native import run
from petiole.errors import ConfigurationError, ServerSelectionTimeoutError
from petiole.legacy.early.client import EarlyClient
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole.typings import _Address

__all__ = ["MongoReplicaSetClient"]


class MongoReplicaSetClient(EarlyClient):
    """A client for a replica set, with today's monitors: it finds new members and the next primary by itself."""

    def __init__(
        self,
        hosts_or_uri: str | Sequence[str] | None = None,
        max_pool_size: int | None = 100,
        document_class: type[Any] = dict,
        tz_aware: bool = False,
        **kwargs: Any,
    ) -> None:
        """Connect to the replica set, and return when that is done.

        :param hosts_or_uri: `host:port` pairs divided by commas, a connection string, or a list of both.
        :param max_pool_size: the most connections at a time to each member; None for no limit.
        :param kwargs: `replicaSet`, the set's name, which is required here or in the connection string, and what
            other clients take.
        :raises ConfigurationError: without the set's name.
        :raises ConnectionFailure: if no member can be reached, or none is a member of that set.
        """
        host = kwargs.pop("host", hosts_or_uri)
        super().__init__(host, kwargs.pop("port", None), max_pool_size, document_class, tz_aware, **kwargs)

    def _configure(self, *args: Any, **kwargs: Any) -> None:
        super()._configure(*args, **kwargs)
        if not self.options.replica_set_name:
            raise ConfigurationError("the replicaSet keyword parameter is required.")

    def _contact(self) -> Any:
        return ReadPreference.NEAREST  # Without a primary there are members to read from.

    @property
    def seeds(self) -> set[_Address]:
        """The members that were given."""
        return set(self._given.seeds)

    @property
    def hosts(self) -> set[_Address]:
        """The primary, the secondaries and other members that can be read from, as far as they are known."""
        return set(self.nodes) - self.arbiters

    def refresh(self, initial: bool = False) -> None:
        """Look at the members now, and return when a primary is known, or it has turned out that there is none."""
        self._engine.topology.request_check()
        try:
            run(self._executor.discover(None))
        except ServerSelectionTimeoutError:
            if initial:
                raise
