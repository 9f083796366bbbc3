"""`petiole.compat`: what programs that import PyMongo get. Each test runs them in a process of its own.

The processes of one group of questions are one process: what is asked is printed as JSON, and looked at here.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec

import motor
import pymongo.common
from tests.unit import test_api
from tests.unit.compat.program import Program
from tests.unit.inventories.exceptions import excepted

from petiole.compat.table import COMPOSED, MODULES

IDENTITIES = """
import importlib, json, petiole, sys
from petiole.compat.table import MODULES
import pymongo, bson, gridfs, motor
from bson import ObjectId, codec_options, json_util
from pymongo import MongoClient, errors, monitoring
from pymongo.synchronous import collection
import pymongo.asynchronous.collection
say = lambda *values: print(json.dumps(values))
say([name for name, ours in MODULES.items() if importlib.import_module(name) is not importlib.import_module(ours)])
say(MongoClient is petiole.MongoClient, ObjectId is petiole.bson.ObjectId, gridfs.GridFS is petiole.gridfs.GridFS)
say(motor.motor_asyncio.AsyncIOMotorClient is petiole.motor.motor_asyncio.AsyncIOMotorClient)
say(collection is pymongo.collection is sys.modules["pymongo.synchronous.collection"] is petiole.collection)
say(pymongo.__name__, bson.__name__, petiole.__name__, petiole.__spec__.name, petiole.collection.__spec__.name)
names = {}
for line in ("from pymongo import *", "from bson import *", "from gridfs import *"):
    exec(line, names)
say(names["MongoClient"] is MongoClient, names["encode"] is petiole.bson.encode, "NoFile" in names)
say({"MongoClient", "common", "asynchronous", "version"} <= set(dir(pymongo)), hasattr(pymongo, "nothing"))
"""


def test_the_modules_are_petioles_own(program: Program) -> None:
    assert program.on_petiole(IDENTITIES) == [
        [[]],
        [True, True, True],
        [True],
        [True],
        ["pymongo", "bson", "petiole", "petiole", "petiole.collection"],
        [True, True, True],
        [True, False],
    ]


def test_every_documented_module_is_in_the_table() -> None:
    documented = test_api.MODULES
    assert [name for name in documented if name not in MODULES and name not in COMPOSED] == []


def test_every_module_of_motors_that_petiole_has_is_in_the_table() -> None:
    theirs = [f"motor.{module.name}" for module in pkgutil.iter_modules(motor.__path__)]
    here = [name for name in theirs if find_spec(f"petiole.{name}") is not None]
    assert [name for name in here if name not in MODULES and name not in COMPOSED] == []
    assert "motor.motor_asyncio" in here


def test_every_name_of_pymongos_modules_is_there(program: Program) -> None:
    """Also those without documentation, in the modules that the table has."""
    theirs = {
        name: test_api.public(importlib.import_module(name))
        for name in (*MODULES, *COMPOSED)
        if name.split(".")[0] != "motor"
    }
    code = f"import importlib, json\nfor name, members in {theirs!r}.items():\n" + (
        "    module = importlib.import_module(name)\n"
        "    print(json.dumps([name, [one for one in members if not hasattr(module, one)]]))\n"
    )
    missing = [f"{name}.{member}" for name, members in program.on_petiole(code) for member in members]
    assert [path for path in missing if not excepted("pymongo-4.20.0", path)] == []


VALIDATORS = """
import json, sys
from bson.codec_options import TypeRegistry
from pymongo import common, database_shared, read_preferences
values = [None, True, 0, 1, -1, 1.5, "", "a", "1", "true", "standard", "primary", "x.y", " ", [], [1], {}, {"a": 1},
          {"$set": 1}, [{"$set": 1}], "localhost:27018", "[::1]:5", "HOST", "h:x", len, "strict", "auto"]

def ask(function, *arguments):
    try:
        result = repr(function(*arguments))
    except Exception as error:
        result = type(error).__name__
    print(json.dumps([name, repr(arguments), result.replace("petiole.", "")]))

for name in NAMES:
    value = getattr(common, name)
    if name.startswith("validate_"):
        for one in values:
            ask(value, *((one,) if "_ok_for_" in name else ("option", one)))
    elif name.isupper():
        text = sorted(value) if isinstance(value, frozenset) else repr(value).replace("petiole.", "")
        print(json.dumps([name, text]))
for name in ("", "a.b", "a b", "a", "x\\0", "a/b"):
    ask(database_shared._check_name, name)
name = ""
for node in ("HOST", "h:1", "[::1]:5", "a.sock", "h:x"):
    ask(common.clean_node, node)
    ask(common.partition_node, node)
for pair in (("w", "1"), ("maxPoolSize", "5"), ("nope", 1), ("journal", "maybe")):
    ask(common.validate, *pair)
ask(common.raise_config_error, "maxpolsize")
ask(common.raise_config_error, "maxpolsize", ["maxpoolsize"])
ask(common.get_validated_options, {"w": "1"})
ask(common.get_validated_options, {"x": 1}, False)
print(json.dumps([common._UUID_REPRESENTATIONS, read_preferences._MONGOS_MODES, common.has_c()]))
"""


def test_limits_and_validators_are_pymongos(program: Program) -> None:
    named = {name for name in dir(pymongo.common) if name.isupper() or name.startswith("validate_")}
    absent = {name for name in named if excepted("pymongo-4.20.0", f"pymongo.common.{name}")}
    names = sorted(name for name in named if name[0] != "_" and (name not in absent or name.islower()))
    code = VALIDATORS.replace("NAMES", repr(names))
    theirs, ours = program.run(code), program.on_petiole(code)
    pairs = list(zip(ours, theirs, strict=True))
    assert [pair for pair in pairs if pair[0] != pair[1] and pair[0][0] not in UNHASHABLE] == []


UNHASHABLE = {
    "validate_compressors",
    "validate_server_monitoring_mode",
    "validate_unicode_decode_error_handler",
}
"""Where PyMongo says of lists that they have no hash, petiole says that they are none of the values."""
