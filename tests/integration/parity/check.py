"""The comparison itself: one snippet on two drivers, each on the same fresh data.

Owns the data between runs, and what counts as the same: values and errors exactly, commands exactly, the messages of
errors by most of their words (exactly with `PARITY_MESSAGES=exact`). With `PARITY_SELF=1` PyMongo is compared with
itself, which tells whether the snippets are deterministic.
"""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Sequence
from typing import Any

import pymongo
from tests.integration.parity.differences import accepted, is_accidental, stumbles
from tests.integration.parity.drivers import Clients, Driver
from tests.integration.parity.outcome import Outcome, Reader
from tests.integration.parity.snippets import run
from tests.integration.parity.wiretap import Request, Wiretap

_SELF = bool(os.environ.get("PARITY_SELF"))
_OURS = "pymongo" if _SELF else "petiole"
_EXACT = os.environ.get("PARITY_MESSAGES") == "exact"
_CLASSES = {"blocking": "MongoClient", "asyncio": "AsyncMongoClient"}
_READS = frozenset(
    {"find", "getMore", "count", "distinct", "explain", "listCollections", "listIndexes", "listDatabases"}
)
_ALIKE = 0.5
_MARKER = "parity-marker"
# Seconds in which the server has carried out a write that nobody waits for.
_SETTLING = 0.05


class Check:
    """Compares the drivers on a server that is reached through `tap`, and prepared through `admin`."""

    def __init__(self, uri: str, tap: Wiretap, admin: pymongo.MongoClient[dict[str, Any]]) -> None:
        self._uri, self._tap, self._admin = uri, tap, admin
        self._through = pymongo.MongoClient[dict[str, Any]](*tap.address, directConnection=True)
        self._clients: dict[Driver, Clients] = {}
        self._data: Sequence[dict[str, Any]] | None = None
        self.seed: Sequence[dict[str, Any]] = ()

    def __call__(self, face: str, snippet: str) -> None:
        theirs = self.outcome(Driver("pymongo", _CLASSES[face]), snippet)
        ours = self.outcome(Driver(_OURS, _CLASSES[face]), snippet)
        found = _differences(ours, theirs)
        reasons = accepted(snippet, found)
        wrong = [text for aspect, text in found.items() if aspect not in reasons]
        assert not wrong, "\n".join(["", snippet, *wrong])
        gone = {aspect: reason for aspect, reason in reasons.items() if aspect not in found and not _SELF}
        assert not gone, f"no difference any more, though differences.py says so: {gone}"

    def outcome(self, driver: Driver, snippet: str) -> Outcome:
        """What comes of a snippet on one driver."""
        clients = self._clients_of(driver)
        self._prepare()
        reader = Reader()
        self._tap.take()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                outcome = reader.returned(run(snippet, clients.scope()))
            except Exception as error:
                outcome = reader.raised(error)
            finally:
                clients.close_own()
        requests = self._taken()
        outcome.commands = reader.commands(requests)
        if any("startTransaction" in request for request in requests):
            self._admin.admin.command("killAllSessions", [])  # What a snippet leaves open holds locks.
        if not all(_only_reads(request) for request in requests):
            self._data = None
        if any("(unacknowledged)" in request for request in requests):
            time.sleep(_SETTLING)
        return outcome

    def _taken(self) -> list[Request]:
        # A round trip through the tap: what was sent before and not waited for has reached it as well.
        self._through[_MARKER].command("ping")
        return [request for request in self._tap.take() if request["$db"] != _MARKER]

    def _clients_of(self, driver: Driver) -> Clients:
        if driver not in self._clients:
            self._clients[driver] = Clients(driver, self._uri)
        return self._clients[driver]

    def _prepare(self) -> None:
        if self._data is self.seed:
            return
        for name in self._admin.list_database_names():
            if name.startswith("parity"):
                self._empty(name)
        if self.seed:
            self._admin["parity"]["things"].insert_many(list(self.seed))
        self._data = self.seed

    def _empty(self, name: str) -> None:
        names = self._admin[name].list_collection_names()
        if any(collection.startswith("system.") for collection in names):
            self._admin.drop_database(name)
        for collection in names:
            self._admin[name].drop_collection(collection)

    def close(self) -> None:
        for clients in self._clients.values():
            clients.close()
        self._through.close()


def _only_reads(request: Request) -> bool:
    name = next(iter(request))
    if name == "aggregate":
        stages = request["pipeline"] if isinstance(request["pipeline"], list) else []
        return not any(isinstance(stage, dict) and {"$out", "$merge"} & set(stage) for stage in stages)
    return name in _READS


def _differences(ours: Outcome, theirs: Outcome) -> dict[str, str]:
    """How two outcomes differ, by aspect."""
    found: dict[str, str] = {}
    if stumbles(ours.value, theirs.value):
        return found
    for aspect, one, other in (
        ("value", ours.value, theirs.value),
        ("commands", "\n         ".join(ours.commands), "\n         ".join(theirs.commands)),
    ):
        if one != other:
            found[aspect] = f"{aspect}\n petiole: {one}\n PyMongo: {other}"
    # Where the errors differ in kind, so will their messages.
    if ours.value == theirs.value and not all(map(_alike, ours.messages, theirs.messages)):
        found["messages"] = f"messages\n petiole: {ours.messages}\n PyMongo: {theirs.messages}"
    return found


def _alike(one: str, other: str) -> bool:
    if _EXACT or one == other or is_accidental(other):
        return one == other or is_accidental(other)
    words, others = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    return words == others or len(words & others) >= _ALIKE * min(len(words), len(others))
