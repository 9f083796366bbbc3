"""The names of `petiole.motor`, and the parameters of its methods, are those of Motor."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import motor.motor_asyncio
import motor.motor_tornado
import pytest
from tests.unit.inventories.exceptions import excepted

import petiole
import petiole.motor
from petiole.motor import motor_asyncio, motor_tornado

CLASSES = [
    "Client", "ClientSession", "Database", "Collection", "Cursor", "CommandCursor", "LatentCommandCursor",
    "ChangeStream", "GridFSBucket", "GridIn", "GridOut", "GridOutCursor", "ClientEncryption",
]  # fmt: skip
PAIRS = [
    pytest.param(theirs, ours, f"{prefix}Motor{name}", id=f"{prefix}Motor{name}")
    for theirs, ours, prefix in (
        (motor.motor_asyncio, motor_asyncio, "AsyncIO"),
        (motor.motor_tornado, motor_tornado, ""),
    )
    for name in CLASSES
]
DOCUMENTED = [
    "alive", "close", "close_cursor", "copy_database", "database_names", "disconnect",
    "document_class", "drop_database", "fsync", "get_default_database", "host", "is_mongos",
    "is_primary", "kill_cursors", "max_bson_size", "max_message_size", "max_pool_size",
    "max_wire_version", "min_wire_version", "nodes", "open", "port", "read_preference",
    "secondary_acceptable_latency_ms", "server_info", "tag_sets", "tz_aware", "unlock",
    "write_concern",
]  # fmt: skip


def _parameters(function: Any) -> list[str]:
    """All but `raw_data`, which came to PyMongo after Motor's last version."""
    return [name for name in inspect.signature(function).parameters if name not in ("self", "raw_data")]


@pytest.mark.parametrize(("theirs", "ours", "name"), PAIRS)
def test_public_names(theirs: Any, ours: Any, name: str) -> None:
    public = {each for each in dir(getattr(theirs, name)) if not each.startswith("_")}
    assert public - set(dir(getattr(ours, name))) == set()


@pytest.mark.parametrize(("theirs", "ours", "name"), PAIRS)
def test_parameters(theirs: Any, ours: Any, name: str) -> None:
    different = {}
    for method, function in inspect.getmembers(getattr(theirs, name), inspect.isfunction):
        if method.startswith("_"):
            continue
        wanted, found = _parameters(function), _parameters(getattr(getattr(ours, name), method))
        takes_anything = found[-2:] == ["args", "kwargs"]
        if found[: len(wanted)] != wanted and not takes_anything:
            different[method] = (found, wanted)
    assert different == {}


@pytest.mark.parametrize("module", ["motor_asyncio", "motor_tornado"])
def test_modules(module: str) -> None:
    theirs, ours = getattr(motor, module), getattr(petiole.motor, module)
    names = {name for name in vars(theirs) if "Motor" in name and name[0] != "_"}
    absent = {name for name in names if not hasattr(ours, name)}
    assert [name for name in absent if not excepted("motor-3.7.1", f"motor.{module}.{name}")] == []
    for name in names & set(vars(ours)):
        assert getattr(ours, name).__module__ == f"petiole.motor.{module}"


@pytest.mark.parametrize("client", [motor_asyncio.AsyncIOMotorClient, motor_tornado.MotorClient])
def test_documented_names_of_the_client(client: Any) -> None:
    assert [name for name in DOCUMENTED if not hasattr(client, name)] == []


def test_the_package_has_tornados_classes() -> None:
    assert petiole.motor.MotorClient is motor_tornado.MotorClient
    assert {"MotorClient", "version", "get_version_string"} <= set(dir(petiole.motor))
    assert petiole.motor.get_version_string() == petiole.__version__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = petiole.motor.nothing


def test_asyncio_needs_no_tornado_and_the_package_neither() -> None:
    code = (
        "import sys, petiole.motor, petiole.motor.motor_asyncio as m; m.AsyncIOMotorClient(); "
        "print([name for name in ('tornado', 'aiohttp') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_classes_are_made_once() -> None:
    client = motor_asyncio.AsyncIOMotorClient()
    assert type(client.db.c) is motor_asyncio.AsyncIOMotorCollection
    assert type(client.db.c.find()) is motor_asyncio.AsyncIOMotorCursor
    kind: Any = motor_asyncio.AsyncIOMotorClient
    assert kind[dict] is kind
