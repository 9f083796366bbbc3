"""What frameworks lean on beyond the documents: subclasses, private names, patches in place, pickles of PyMongo's."""

from __future__ import annotations

import base64
import pickle

import bson
import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import collation, errors, operations, read_preferences, results
from pymongo.read_concern import ReadConcern
from tests.unit.compat.program import Program

SUBCLASSES = """
import json
from unittest import mock
import bson, pymongo, pymongo.collection, pymongo.database
from bson import Binary, Decimal128, Int64, ObjectId, Regex, SON
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.synchronous.cursor import Cursor
say = lambda *values: print(json.dumps(values))

class Named(pymongo.MongoClient):
    def __getattr__(self, name):
        found = super().__getattr__(name)
        return Base(self, name) if isinstance(found, pymongo.database.Database) else found

class Base(pymongo.database.Database):
    def __getitem__(self, name):
        return Rows(self, name)
    __getattr__ = __getitem__

class Rows(pymongo.collection.Collection):
    def find(self, *args, **kwargs):
        return Walk(self, *args, **kwargs)

class Walk(Cursor):
    pass

client = Named(connect=False)
rows = Rows(Base(client, "a"), "b.c")
say(type(client.a).__name__, type(client.a.b).__name__, type(rows.find()).__name__, type(rows.find().clone()).__name__)
say(rows._Collection__database.name, rows._Collection__name, rows._Collection__full_name)
say(rows.database._Database__client is client)
say(pymongo.AsyncMongoClient(connect=False).a.b._AsyncCollection__database.name)

plain = [ObjectId("0" * 24), Int64(5), Decimal128("1.5"), Regex("a"), Binary(b"x", 5)]
given = [["0" * 24], [5], ["1.5"], ["a"], [b"x", 5]]
mine = [type("My" + type(one).__name__, (type(one),), {})(*values) for one, values in zip(plain, given)]
say(bson.decode(bson.encode({"v": mine}))["v"] == plain, [isinstance(a, type(b)) for a, b in zip(mine, plain)])

with mock.patch("pymongo.MongoClient") as fake:
    from pymongo import MongoClient
    say(MongoClient is fake)
from pymongo import MongoClient
say(MongoClient is pymongo.mongo_client.MongoClient)
with mock.patch.object(pymongo.collection.Collection, "count_documents", lambda self, *args: 42):
    say(MongoClient(connect=False).a.b.count_documents({}))
pymongo.MongoClient = Named
from pymongo import MongoClient
say(MongoClient is Named)
"""


def test_subclasses_private_names_and_patches(program: Program) -> None:
    assert program.on_petiole(SUBCLASSES) == [
        ["Base", "Rows", "Walk", "Walk"],
        ["a", "b.c", "a.b.c"],
        [True],
        ["a"],
        [True, [True] * 5],
        [True],
        [True],
        [42],
        [True],
    ]


VALUES = {
    "oid": bson.ObjectId(b"123456789012"),
    "binary": bson.Binary(b"x", 5),
    "int64": bson.Int64(5),
    "decimal": bson.Decimal128("1.5"),
    "timestamp": bson.Timestamp(1, 2),
    "regex": bson.Regex("a", 2),
    "code": bson.Code("f", {"a": 1}),
    "ref": bson.DBRef("a", 1, "d", x=2),
    "max": bson.MaxKey(),
    "son": bson.SON([("a", bson.SON(b=1))]),
    "milliseconds": bson.DatetimeMS(5),
    "raw": RawBSONDocument(bson.encode({"a": 1})),
    "codec": CodecOptions(tz_aware=True),
    "write": pymongo.WriteConcern(w=2, j=True),
    "read": ReadConcern("majority"),
    "nearest": read_preferences.Nearest([{"a": "b"}], max_staleness=90),
    "collation": collation.Collation("fr"),
    "update": pymongo.UpdateOne({"a": 1}, {"$set": {"b": 2}}),
    "index": pymongo.IndexModel([("a", 1)], unique=True),
    "search index": operations.SearchIndexModel({"a": 1}),
    "inserted": results.InsertOneResult(1, True),
    "many": results.InsertManyResult([1, 2], True),
    "updated": results.UpdateResult({"n": 1, "nModified": 1}, True),
    "deleted": results.DeleteResult({"n": 1}, True),
    "bulk": results.BulkWriteResult({"nInserted": 1}, True),
    "duplicate": errors.DuplicateKeyError("m", 11000, {"errmsg": "m"}),
    "after": pymongo.ReturnDocument.AFTER,
}
PICKLED = """
import base64, json, pickle
for name, text in PICKLES.items():
    value = pickle.loads(base64.b64decode(text))
    again = pickle.loads(pickle.dumps(value))
    shown = repr(getattr(value, "document", getattr(value, "details", value)))
    other = repr(getattr(again, "document", getattr(again, "details", again)))
    print(json.dumps([name, shown == other, shown]))
"""


def test_pickles_that_pymongo_made_are_loaded(program: Program) -> None:
    pickles = {
        f"{name} {protocol}": base64.b64encode(pickle.dumps(value, protocol)).decode()
        for name, value in VALUES.items()
        for protocol in (2, 5)
    }
    expected = [
        [f"{name} {protocol}", True, repr(getattr(value, "document", getattr(value, "details", value)))]
        for name, value in VALUES.items()
        for protocol in (2, 5)
    ]
    found = [
        [name, same, shown.replace("petiole.bson.", "bson.")]
        for name, same, shown in program.on_petiole(PICKLED.replace("PICKLES", repr(pickles)))
    ]
    assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]] == []


MADE_HERE = """
import base64, json, pickle
import bson, pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import collation, errors, operations, read_preferences, results
from pymongo.read_concern import ReadConcern
for name, text in SOURCES.items():
    value = eval(text)
    for protocol in (2, 5):
        made = base64.b64encode(pickle.dumps(value, protocol)).decode()
        print(json.dumps([f"{name} {protocol}", type(value).__module__, made]))
"""
MADE = {
    "oid": "bson.ObjectId(b'123456789012')",
    "values": "[bson.Binary(b'x', 5), bson.Int64(5), bson.Decimal128('1.5'), bson.Timestamp(1, 2), bson.Regex('a', 2)]",
    "more": "[bson.Code('f', {'a': 1}), bson.DBRef('a', 1, 'd', x=2), bson.MaxKey(), bson.SON([('a', 1)])]",
    "raw": "RawBSONDocument(bson.encode({'a': 1}))",
    "codec": "CodecOptions(tz_aware=True)",
    "write": "pymongo.WriteConcern(w=2, j=True)",
    "read": "ReadConcern('majority')",
    "nearest": "read_preferences.Nearest([{'a': 'b'}], max_staleness=90)",
    "collation": "collation.Collation('fr')",
    "update": "pymongo.UpdateOne({'a': 1}, {'$set': {'b': 2}})",
    "index": "pymongo.IndexModel([('a', 1)], unique=True)",
    "search index": "operations.SearchIndexModel({'a': 1})",
    "inserted": "results.InsertOneResult(1, True)",
    "many": "results.InsertManyResult([1, 2], True)",
    "updated": "results.UpdateResult({'n': 1, 'nModified': 1}, True)",
    "deleted": "results.DeleteResult({'n': 1}, True)",
    "bulk": "results.BulkWriteResult({'nInserted': 1, 'nMatched': 0, 'nModified': 0, 'nRemoved': 0, 'nUpserted': 0, "
    "'upserted': []}, True)",
    "duplicate": "errors.DuplicateKeyError('m', 11000, {'errmsg': 'm'})",
}
"""Values as the other direction has them, for `eval`."""


def test_pymongo_loads_pickles_that_were_made_under_the_alias(program: Program) -> None:
    made = program.on_petiole(MADE_HERE.replace("SOURCES", repr(MADE)))
    assert len(made) == 2 * len(MADE)
    for name, module, text in made:
        value = pickle.loads(base64.b64decode(text))
        expected = eval(MADE[name.rpartition(" ")[0]])
        assert type(value) is type(expected), name
        assert module.partition(".")[0] in ("bson", "pymongo", "builtins"), name
        for one in {"__dict__", *dir(expected)} if type(value).__module__.startswith("pymongo") else ():
            if not one.startswith("__") and not callable(getattr(expected, one)):
                assert repr(getattr(value, one)) == repr(getattr(expected, one)), (name, one)
        assert repr(getattr(value, "document", value)) == repr(getattr(expected, "document", expected)) or (
            module == "pymongo.results"
        ), name


UNTOUCHED = """
import json, pickle
import petiole, petiole.compat
from petiole.bson import ObjectId
from petiole.results import InsertOneResult
say = lambda *values: print(json.dumps(values))
before = pickle.dumps(ObjectId(b"123456789012")), pickle.dumps(InsertOneResult(1, True))
petiole.compat.install()
say(ObjectId.__module__, InsertOneResult.__module__, [pickle.loads(one).__class__.__module__ for one in before])
petiole.compat.uninstall()
say(ObjectId.__module__, InsertOneResult.__module__)
say((pickle.dumps(ObjectId(b"123456789012")), pickle.dumps(InsertOneResult(1, True))) == before)
say("__getstate__" in vars(InsertOneResult))
"""


def test_values_have_petioles_names_before_and_after(program: Program) -> None:
    assert program.run(UNTOUCHED) == [
        ["bson.objectid", "pymongo.results", ["bson.objectid", "pymongo.results"]],
        ["petiole.bson.objectid", "petiole.results"],
        [True],
        [False],
    ]


LOGGED = """
import json, logging
import petiole, petiole.compat
from petiole._engine import log_switch
say = lambda *values: print(json.dumps(values))
say(log_switch.logger_of("command").name)
petiole.compat.install()
say(log_switch.logger_of("command").name)
told = []
heeding = type("Heeding", (), {"heed": lambda self, component: told.append(component)})()
log_switch.register(heeding)
told.clear()
logging.getLogger("pymongo.command").setLevel(logging.DEBUG)
say("command" in told)
petiole.compat.uninstall()
say(log_switch.logger_of("command").name)
"""


def test_loggers_have_the_names_that_programs_know(program: Program) -> None:
    assert program.run(LOGGED) == [["petiole.command"], ["pymongo.command"], [True], ["petiole.command"]]
