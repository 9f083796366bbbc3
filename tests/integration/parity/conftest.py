"""Servers behind wiretaps, and the comparison that the tests of this folder make on it."""

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
from tests.proxies.newer import Newer

from petiole.local import LocalServer

Document = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def unraisable_errors_of_pymongo_are_its_own() -> Iterator[None]:
    """PyMongo's cursors stumble over bad sessions again when they are collected.

    Python 3.11 formats such a traceback with `ast.parse`, which fails if the collection happened within
    another `ast.parse`, as pytest and the snippets use it.
    """
    report = sys.unraisablehook

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        if not str(getattr(unraisable.object, "__module__", "")).startswith("pymongo"):
            report(unraisable)

    sys.unraisablehook = report_others
    yield
    sys.unraisablehook = report


@pytest.fixture(scope="session")
def on_replica_set() -> Iterator[Check]:
    """The comparison on a replica set of one member, with the clients that all tests share."""
    # In memory where there is such a folder: each snippet makes and drops collections, which are files.
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        LocalServer(replica_set=1, path=folder) as server,
        Wiretap(server.address) as tap,
        pymongo.MongoClient[Document](*server.address, directConnection=True) as admin,
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
        with pymongo.MongoClient[Document](uri) as through:
            through.admin.command("ping")
        check = Check(uri, tap, admin)
        yield check
        check.close()


@pytest.fixture(scope="session")
def on_standalone(standalone: LocalServer) -> Iterator[Check]:
    """The comparison on a standalone server."""
    with (
        Wiretap(standalone.address) as tap,
        pymongo.MongoClient[Document](*standalone.address, directConnection=True) as admin,
    ):
        host, port = tap.address
        check = Check(f"mongodb://{host}:{port}", tap, admin)
        yield check
        check.close()


@pytest.fixture(scope="session")
def on_newer(replica_set: LocalServer) -> Iterator[Check]:
    """The comparison on the member of a set that looks like a server of 8.2, connected to directly."""
    with (
        Newer(replica_set.address) as newer,
        Wiretap(newer.address) as tap,
        pymongo.MongoClient[Document](*replica_set.address, directConnection=True) as admin,
    ):
        host, port = tap.address
        check = Check(f"mongodb://{host}:{port}/?directConnection=true", tap, admin)
        yield check
        check.close()


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """The comparison, on the documents `SEED` and the server `ON` of the test's module."""
    check: Check = request.getfixturevalue(getattr(request.module, "ON", "on_replica_set"))
    check.seed = getattr(request.module, "SEED", ())
    return check
