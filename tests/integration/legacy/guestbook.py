"""A guest book as programs for PyMongo 3 were written. Run on PyMongo 3.11.4, it printed `guestbook.json`.

`python guestbook.py URI` prints what it finds, as one line of JSON for each step.
"""

import datetime
import json
import sys
import uuid
import warnings

import gridfs
import pymongo
from bson import BSON, SON, Binary, Code, Int64, ObjectId, json_util
from bson.binary import UUIDLegacy
from bson.codec_options import CodecOptions
from bson.py3compat import iteritems, string_type
from pymongo import ASCENDING, DESCENDING, MongoClient, ReadPreference
from pymongo.errors import DuplicateKeyError, InvalidOperation, OperationFailure
from pymongo.son_manipulator import SONManipulator

warnings.simplefilter("ignore", DeprecationWarning)
DAY = datetime.datetime(2012, 5, 17, 12)


def say(what, value):
    print(json.dumps([what, value], default=json_util.default, sort_keys=True))


class Upper(SONManipulator):
    def transform_outgoing(self, son, collection):
        return {
            key: value.upper() if isinstance(value, string_type) else value for key, value in iteritems(son)
        }


def sign(book):
    say("insert", book.insert({"_id": 1, "name": "Ann", "text": "Hello", "at": DAY, "n": 1}))
    say("many", book.insert([{"_id": n, "name": "Bo", "n": n} for n in (2, 3, 4)], w=1))
    say("save", book.save({"_id": 5, "name": "Cy", "n": 5}))
    say("save again", book.save({"_id": 5, "name": "Cyd", "n": 5}))
    try:
        book.insert({"_id": 1})
    except DuplicateKeyError as error:
        say("duplicate", [error.code, sorted(error.details)])
    say("token", type(book.insert({"token": uuid.UUID(int=7), "n": Int64(9)})).__name__)
    say("found by token", book.find_one({"token": uuid.UUID(int=7)}, {"_id": 0}))
    say("legacy", book.find({"token": UUIDLegacy(uuid.UUID(int=7))}).count())
    say("raw", repr(Binary(uuid.UUID(int=7).bytes, 3) == UUIDLegacy(uuid.UUID(int=7))))


def read(book):
    say("count", [book.count(), book.find({"name": "Bo"}).count(), book.find().limit(2).count(True)])
    say("sorted", list(book.find({"name": {"$exists": True}}, {"name": 1}).sort([("n", DESCENDING)]).skip(1)))
    say("hint", [d["_id"] for d in book.find({"n": {"$lt": 4}}).hint([("_id", ASCENDING)])])
    say("modifiers", [d["_id"] for d in book.find(modifiers={"$orderby": SON([("_id", -1)])}).limit(2)[1:2]])
    say("distinct", sorted(book.distinct("name")))
    say(
        "group", list(book.aggregate([{"$group": {"_id": "$name", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]))
    )
    mapper = Code("function () { if (this.name) emit(this.name, this.n) }")
    reducer = Code("function (key, values) { return Array.sum(values) }")
    say("reduced", sorted(book.inline_map_reduce(mapper, reducer), key=lambda one: one["_id"]))
    out = book.map_reduce(mapper, reducer, "totals")
    say("totals", [out.name, sorted(one["value"] for one in out.find())])


def change(book):
    say("update", book.update({"name": "Bo"}, {"$inc": {"n": 10}}))
    say("multi", book.update({"name": "Bo"}, {"$set": {"seen": True}}, multi=True))
    say("upsert", book.update({"_id": 9}, {"$set": {"name": "Di"}}, upsert=True))
    say("modify", book.find_and_modify({"name": "Di"}, {"$set": {"n": 7}}, new=True))
    say("sorted modify", book.find_and_modify({"name": "Bo"}, {"$set": {"n": 0}}, sort={"_id": -1})["_id"])
    bulk = book.initialize_ordered_bulk_op()
    bulk.insert({"_id": 20})
    bulk.find({"_id": 20}).upsert().update_one({"$set": {"n": 1}})
    bulk.find({"_id": 21}).upsert().replace_one({"n": 2})
    bulk.find({"name": "Bo"}).remove_one()
    say("bulk", bulk.execute())
    try:
        bulk.execute()
    except InvalidOperation as error:
        say("once", str(error))
    say("remove", [book.remove({"_id": 20}), book.remove(21), book.remove({"name": "none"})])


def look(client, book):
    say("index", [book.ensure_index([("name", 1)], unique=False), book.ensure_index("name")])
    say("indexes", {name: one["key"] for name, one in book.index_information().items()})
    say("names", sorted(book.database.collection_names(include_system_collections=False)))
    say("databases", book.database.name in client.database_names())
    say("client", [client.max_pool_size, client.is_mongos, client.read_preference == ReadPreference.PRIMARY])
    say("aware", book.with_options(CodecOptions(tz_aware=True)).find_one(1)["at"].isoformat())
    book.database.add_son_manipulator(Upper())
    say("manipulated", book.database.book.find_one({"_id": 1}, {"_id": 0, "at": 0}))
    book.database.system_js.double = "function (x) { return 2 * x }"
    say("stored", book.database.system_js.list())
    try:
        book.database.eval("function () { return 1 }")
    except OperationFailure as error:
        say("eval", error.code)
    say("last", [bool(BSON.encode({"a": 1}).decode()), pymongo.version_tuple[0], ObjectId.is_valid("x")])


def keep(database):
    files = gridfs.GridFS(database)
    number = files.put(b"petiole" * 1000, filename="leaf", content_type="text/plain")
    file = files.get(number)
    say("file", [file.md5, file.length, file.content_type, file.read(7).decode()])
    say("version", [files.get_last_version("leaf").filename, files.exists(number), files.list()])
    say("plain", gridfs.GridFS(database, disable_md5=True).put(b"x") is not None)
    say("md5", [one.get("md5") for one in database.fs.files.find().sort("length")])


def main():
    client = MongoClient(sys.argv[1], uuidRepresentation="pythonLegacy")
    client.drop_database("guests")
    book = client.guests.book
    for step in (sign, read, change):
        step(book)
    look(client, book)
    keep(client.guests)
    client.drop_database("guests")
    client.close()
    say("again", client.guests.book.count())
    client.close()


main()
