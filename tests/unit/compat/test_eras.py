"""The 3.x era: what programs written for PyMongo 3 get. PyMongo 3.11.4 was seen to give the same results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.compat.program import Program

import petiole.compat


def on_3(program: Program, code: str) -> list[Any]:
    return program.run(code, "-m", "petiole.compat", "--era", "3")


NAMES = """
import importlib.metadata, json, sys
import pymongo, bson, gridfs
from pymongo import MongoClient, MongoReplicaSetClient
from pymongo.collection import Collection, ReturnDocument
from pymongo.cursor import Cursor, CursorType, RawBatchCursor
from pymongo.database import Database
from pymongo.errors import NotMasterError, ExceededMaxWaiters, DuplicateKeyError
from pymongo.ismaster import IsMaster
from pymongo.cursor_manager import CursorManager
from pymongo.son_manipulator import SONManipulator, AutoReference
from pymongo.bulk import BulkOperationBuilder
from pymongo.mongo_replica_set_client import MongoReplicaSetClient as Other
from bson.py3compat import PY3, string_type, iteritems
say = lambda *values: print(json.dumps(values))
say(pymongo.version, pymongo.__version__, pymongo.get_version_string(), pymongo.version_tuple, pymongo.has_c())
say(importlib.metadata.version("pymongo"), importlib.metadata.distribution("pymongo").version)
import petiole.legacy
say(MongoClient is petiole.legacy.MongoClient, Other is MongoReplicaSetClient)
say(pymongo.collection.Collection is Collection)
say(pymongo.ALL, pymongo.OFF, pymongo.SLOW_ONLY, pymongo.GEOHAYSTACK, pymongo.ASCENDING)
client = MongoClient(connect=False)
say(isinstance(client.a, Database), isinstance(client.a.b, Collection), isinstance(client.a.b.find(), Cursor))
say(client.a.b._Collection__database.name, client.a._Database__client is client)
say([hasattr(pymongo, name) for name in ("AsyncMongoClient", "timeout", "MongoClient", "database")])
for name in ("pymongo.asynchronous", "pymongo.synchronous.collection", "gridfs.asynchronous", "pymongo.server_api"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        say(error.name)
names = {}
for line in ("from pymongo import *", "from bson import *"):
    exec(line, names)
say(names["MongoClient"] is MongoClient, names["encode"] is bson.encode, "ObjectId" in names)
"""


def test_names(program: Program) -> None:
    assert on_3(program, NAMES) == [
        ["3.11.4", "3.11.4", "3.11.4", [3, 11, 4], True],
        ["3.11.4", "3.11.4"],
        [True, True],
        [True],
        [2, 0, 1, "geoHaystack", 1],
        [True, True, True],
        ["a", True],
        [[False, False, True, True]],
        ["pymongo.asynchronous"],
        ["pymongo.synchronous"],
        ["gridfs.asynchronous"],
        ["pymongo.server_api"],
        [True, True, True],
    ]


DEFAULTS = """
import datetime, json, uuid
import bson
from bson import BSON, Int64, json_util
from bson.binary import Binary, UUIDLegacy
from bson.codec_options import CodecOptions, DEFAULT_CODEC_OPTIONS
from bson.json_util import JSONOptions
from pymongo import MongoClient
say = lambda *values: print(json.dumps(values, default=str))
five = uuid.UUID(int=5)
say(CodecOptions().uuid_representation, DEFAULT_CODEC_OPTIONS.uuid_representation, CodecOptions(dict, True).tz_aware)
say(isinstance(CodecOptions(), CodecOptions), isinstance(MongoClient(connect=False).codec_options, CodecOptions))
say(bson.encode({"u": five}).hex(), bson.decode(bson.encode({"u": five})))
say(type(BSON.encode({"a": 1})) is BSON, BSON.encode({"a": 1}).decode(), bson.BSON is BSON)
old = UUIDLegacy(five)
say(repr(old), old.uuid, old.subtype, bson.encode({"a": old}).hex(), old == Binary(five.bytes, 3))
try:
    UUIDLegacy(5)
except TypeError as error:
    say(str(error))
value = {"l": Int64(2**40), "d": datetime.datetime(2020, 1, 1), "u": five, "b": b"x", "n": float("nan")}
say(json_util.dumps(value))
back = json_util.loads(json_util.dumps(value))
say(back["d"].utcoffset(), back["u"], back["l"])
say([JSONOptions().json_mode, JSONOptions().tz_aware, JSONOptions(tz_aware=False).tz_aware])
say(isinstance(json_util.RELAXED_JSON_OPTIONS, JSONOptions), JSONOptions(json_mode=1).tz_aware)
say(json_util.dumps(value, json_options=json_util.STRICT_JSON_OPTIONS))
say(json.dumps({"d": value["d"]}, default=json_util.default))
say(json.loads('{"$date": 5}', object_hook=json_util.object_hook))
say(list(bson.SON([("a", 1)]).iteritems()))
say(list(bson.decode_iter(bson.encode({"u": five}))), bson.decode_all(bson.encode({"u": five})))
"""


def test_defaults(program: Program) -> None:
    five = "00000000-0000-0000-0000-000000000005"
    encoded = "1d000000057500100000000300000000000000000000000000000005" + "00"
    assert on_3(program, DEFAULTS) == [
        [3, 3, True],
        [True, True],
        [encoded, {"u": five}],
        [True, {"a": 1}, True],
        [f"UUIDLegacy('{five}')", five, 3, encoded.replace("0575", "0561"), True],
        ["obj must be an instance of uuid.UUID"],
        [
            '{"l": 1099511627776, "d": {"$date": 1577836800000}, "u": {"$uuid": "00000000000000000000000000000005"}, '
            '"b": {"$binary": "eA==", "$type": "00"}, "n": NaN}'
        ],
        ["0:00:00", five, 1099511627776],
        [[0, True, False]],
        [True, True],
        [
            '{"l": {"$numberLong": "1099511627776"}, "d": {"$date": "2020-01-01T00:00:00Z"}, '
            '"u": {"$binary": "AAAAAAAAAAAAAAAAAAAABQ==", "$type": "03"}, "b": {"$binary": "eA==", "$type": "00"}, '
            '"n": NaN}',
        ],
        ['{"d": {"$date": 1577836800000}}'],
        ["1970-01-01 00:00:00.005000+00:00"],
        [[["a", 1]]],
        [[{"u": five}], [{"u": five}]],
    ]


EARLY_NAMES = """
import json, sys
import pymongo, bson, gridfs
from pymongo import Connection, ReplicaSetConnection, MongoClient, MongoReplicaSetClient, ReadPreference
from pymongo import ASCENDING, DESCENDING, GEO2D, connection, replica_set_connection, master_slave_connection
from pymongo.connection import Connection as Same
from pymongo.master_slave_connection import MasterSlaveConnection
from pymongo.cursor_manager import BatchCursorManager
from pymongo.errors import AutoReconnect, TimeoutError, OperationFailure
from pymongo.collection import Collection
from pymongo.cursor import Cursor
from pymongo.database import Database
from pymongo.pool import Request
from pymongo.common import BaseObject, WriteConcern
from bson import BSON
import petiole.legacy
say = lambda *values: print(json.dumps(values))
say(pymongo.version, Connection is Same is petiole.legacy.Connection, MongoClient is petiole.legacy.MongoClient)
client = Connection("localhost", _connect=False)
say(repr(client.a), isinstance(client, BaseObject), isinstance(client.start_request(), Request))
say(isinstance(client.a, Database), isinstance(client.a.b, Collection), isinstance(client.a.b.find(), Cursor))
say(ReadPreference.SECONDARY_ONLY == ReadPreference.SECONDARY, issubclass(TimeoutError, OperationFailure))
data = BSON.from_dict({"a": 1})
say(data.to_dict(), bson.decode_all(data, dict, True), bson.has_uuid(), BSON.encode({"a": 1}) == data)
client.write_concern = WriteConcern(w=2)
say(client.safe, client.write_concern.document)
for wrong in (dict(w=-1), dict(j=5)):
    try:
        WriteConcern(**wrong)
    except (ValueError, TypeError) as error:
        say(type(error).__name__)
"""


@pytest.mark.parametrize(("era", "version"), [("2", "2.9.5"), ("1", "1.11")])
def test_names_of_the_eras_before(program: Program, era: str, version: str) -> None:
    assert program.run(EARLY_NAMES, "-m", "petiole.compat", "--era", era) == [
        [version, True, False],
        ["Database(Connection('localhost', 27017), 'a')", True, True],
        [True, True, True],
        [True, True],
        [{"a": 1}, [{"a": 1}], True, True],
        [True, {"w": 2}],
        ["ValueError"],
        ["TypeError"],
    ]


VALIDATORS = """
import json
from pymongo import common
for name in ("validate_positive_integer_or_none", "validate_int_or_basestring", "validate_auth_option"):
    for value in (None, 0, 5, "5", "a"):
        try:
            result = getattr(common, name)("authSource", value)
        except Exception as error:
            result = type(error).__name__
        print(json.dumps([name, value, result]))
"""


def test_validators_that_only_3_had(program: Program) -> None:
    found = [row[2] for row in on_3(program, VALIDATORS)]
    error = ["ValueError", "TypeError"]
    assert found[:5] == [None, error[0], 5, 5, error[0]]
    assert found[5:10] == [error[1], 0, 5, 5, "a"]
    assert found[10:] == [*[error[1]] * 3, ["authsource", "5"], ["authsource", "a"]]


CHOICE = """
import json, os
import petiole.compat
say = lambda *values: print(json.dumps(values))
def attempt(*arguments):
    try:
        petiole.compat.install(*arguments)
    except (RuntimeError, ValueError) as error:
        say(type(error).__name__, str(error))
attempt(5)
attempt("3")
os.environ["PETIOLE_ERA"] = "5"
attempt()
os.environ["PETIOLE_ERA"] = "3"
attempt()
attempt()
attempt(4)
import pymongo
say(pymongo.version)
petiole.compat.uninstall()
attempt(4)
import pymongo
say(pymongo.version)
petiole.compat.uninstall()
petiole.compat.install(3)
import pymongo, bson.binary
say(pymongo.version, hasattr(bson.binary, "UUIDLegacy"))
"""


def test_choosing_the_era(program: Program) -> None:
    assert program.run(CHOICE) == [
        ["ValueError", "era must be 4, 3, 2 or 1, not 5"],
        ["ValueError", "era must be 4, 3, 2 or 1, not '3'"],
        ["ValueError", "the environment variable PETIOLE_ERA must be 4, 3, 2 or 1, not '5'"],
        ["RuntimeError", "petiole.compat is installed for the era 3: uninstall it first"],
        ["3.11.4"],
        ["4.20.0"],
        ["3.11.4", True],
    ]


@pytest.mark.parametrize(
    ("era", "version"), [(None, "4.20.0"), ("4", "4.20.0"), ("3", "3.11.4"), ("2", "2.9.5"), ("1", "1.11")]
)
def test_the_environment_chooses_too(program: Program, tmp_path: Path, era: str | None, version: str) -> None:
    code = "import json, pymongo; print(json.dumps(pymongo.version))"
    chosen = {} if era is None else {petiole.compat.ERA_VARIABLE: era}
    assert program.run(code, "-m", "petiole.compat", **chosen) == [version]
    folder = subprocess.check_output([sys.executable, "-m", "petiole.compat", "--path"], text=True).strip()
    path = os.pathsep.join([folder, *sys.path])
    assert program.run(code, PYTHONPATH=path, **chosen) == [version]


def test_the_command_line_wins_over_the_environment(program: Program) -> None:
    code = "import json, sys, pymongo; print(json.dumps([pymongo.version, sys.argv[1:]]))"
    assert program.run(code, "-m", "petiole.compat", "--era", "4", PETIOLE_ERA="3") == [
        ["4.20.0", ["argument"]]
    ]


def test_the_command_refuses_other_eras(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "petiole.compat", "--era", "5", "x.py"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, "--era 1|2|3|4" in done.stderr) == (2, True)


def test_modules_run_in_that_era(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text("import json, pymongo; print(json.dumps(pymongo.version))")
    command = [sys.executable, "-m", "petiole.compat", "--era", "3", "-m", "part"]
    assert json.loads(subprocess.check_output(command, text=True, cwd=tmp_path)) == "3.11.4"
