"""A replica set of one member behind a wiretap, and the comparison that the tests of this folder make on it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from tests.integration.parity.check import Check
from tests.integration.parity.wiretap import Wiretap

from petiole.local import LocalServer


@pytest.fixture(scope="session")
def tapped_server() -> Iterator[tuple[str, Wiretap, pymongo.MongoClient[dict[str, Any]]]]:
    """A connection string through a wiretap, the wiretap, and a client that goes past it."""
    # In memory where there is such a folder: each snippet makes and drops collections, which are files.
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        LocalServer(replica_set=1, path=folder) as server,
        Wiretap(server.address) as tap,
        pymongo.MongoClient[dict[str, Any]](*server.address, directConnection=True) as admin,
    ):
        # The set announces the tap's address, so clients that discover it stay on this side of the tap.
        host, port = tap.address
        config = admin.admin.command("replSetGetConfig")["config"]
        config["members"][0]["host"] = f"{host}:{port}"
        config["version"] += 1
        admin.admin.command("replSetReconfig", config, force=True)
        # Writes that nobody asked to be durable need not wait for the journal.
        admin.admin.command("setDefaultRWConcern", defaultWriteConcern={"w": 1})
        uri = f"mongodb://{host}:{port}/?replicaSet={server.set_name}"
        with pymongo.MongoClient[dict[str, Any]](uri) as through:
            through.admin.command("ping")
        yield uri, tap, admin


@pytest.fixture(scope="session")
def comparison(
    tapped_server: tuple[str, Wiretap, pymongo.MongoClient[dict[str, Any]]],
) -> Iterator[Check]:
    """The comparison, with the clients that all tests share."""
    report = sys.unraisablehook

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        # PyMongo's cursors stumble over bad sessions again when they are collected. Python 3.11 formats such
        # a traceback with `ast.parse`, which fails if the collection happened within another `ast.parse`.
        if not str(getattr(unraisable.object, "__module__", "")).startswith("pymongo"):
            report(unraisable)

    sys.unraisablehook = report_others
    check = Check(*tapped_server)
    yield check
    check.close()
    sys.unraisablehook = report


@pytest.fixture
def check(comparison: Check, request: pytest.FixtureRequest) -> Check:
    """The comparison, on the documents `SEED` of the test's module."""
    comparison.seed = getattr(request.module, "SEED", ())
    return comparison
