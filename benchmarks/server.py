"""The private real `mongod` of a run: a standalone server, or a replica set for the rows that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from petiole.local import LocalServer


@contextmanager
def running(members: int) -> Iterator[str]:
    """The URI of a standalone server (`members` 1) or of a replica set with that many members."""
    replica_set = members if members > 1 else None
    with LocalServer(replica_set=replica_set, set_parameters={"enableTestCommands": None}) as server:
        yield server.uri
