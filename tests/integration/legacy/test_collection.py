"""What collections, cursors and bulk builders of 3.x have, as PyMongo 3.13 was seen to do it."""

from collections.abc import Callable
from typing import Any

import pytest

from petiole.bson.code import Code
from petiole.bson.errors import InvalidDocument
from petiole.bson.objectid import ObjectId
from petiole.bson.son import SON
from petiole.errors import BulkWriteError, DuplicateKeyError, InvalidOperation, OperationFailure, WriteError
from petiole.legacy import Collection

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MAP = "function() { emit(this.x, 1) }"
REDUCE = "function(key, values) { return Array.sum(values) }"
COUNTS = [{"_id": 0, "value": 4}, {"_id": 1, "value": 3}, {"_id": 2, "value": 3}]


@pytest.fixture
def ten(collection: Collection) -> Collection:
    collection.insert([{"_id": n, "x": n % 3} for n in range(10)])
    return collection


REPLACED: list[tuple[str, Callable[[Any], Any]]] = [
    ("insert_one or insert_many", lambda c: c.insert({})),
    ("insert_one or replace_one", lambda c: c.save({})),
    ("replace_one, update_one or update_many", lambda c: c.update({}, {"$set": {"a": 1}})),
    ("delete_one or delete_many", lambda c: c.remove({})),
    ("find_one_and_delete", lambda c: c.find_and_modify({}, remove=True)),
    ("count_documents", lambda c: c.count()),
    ("Collection.count_documents", lambda c: c.find().count()),
    ("create_index", lambda c: c.ensure_index("x")),
    ("bulk_write", lambda c: c.initialize_ordered_bulk_op()),
    ("bulk_write", lambda c: c.initialize_unordered_bulk_op()),
    ("aggregate", lambda c: c.inline_map_reduce(MAP, REDUCE)),
    ("reIndex command", lambda c: c.reindex()),
]


@pytest.mark.parametrize(("replacement", "call"), REPLACED)
def test_each_warns_with_its_replacement(
    collection: Collection, replacement: str, call: Callable[[Any], Any]
) -> None:
    collection.insert({"x": 1})
    with pytest.warns(DeprecationWarning, match=replacement) as caught:
        call(collection)
    assert caught[0].filename == __file__


def test_insert(collection: Collection) -> None:
    assert collection.insert({"_id": 1}) == 1
    assert collection.insert([{"_id": 2}, {"_id": 3}]) == [2, 3]
    assert collection.insert(iter([{"_id": 4}])) == [4]
    document: dict[str, Any] = {}
    assert collection.insert(document) == document["_id"]
    with pytest.raises(InvalidOperation, match="No operations to execute"):
        collection.insert([])
    with pytest.raises(TypeError):
        collection.insert(5)


def test_insert_manipulate(collection: Collection) -> None:
    assert collection.insert({"y": 1}, manipulate=False) is None
    assert collection.insert([{"y": 1}], manipulate=False) == [None]
    assert collection.insert({"_id": 7}, manipulate=False) == 7
    assert collection.count({"y": 1, "_id": {"$exists": True}}) == 2


def test_insert_check_keys(collection: Collection) -> None:
    for document in ({"a.b": 1}, {"$a": 1}, {"a": [{"b.c": 1}]}):
        with pytest.raises(InvalidDocument, match="must not"):
            collection.insert(document)
    assert collection.insert({"_id": 1, "a.b": 1}, check_keys=False) == 1


def test_insert_continue_on_error(collection: Collection) -> None:
    collection.insert({"_id": 2})
    with pytest.raises(DuplicateKeyError) as caught:
        collection.insert([{"_id": 2}, {"_id": 4}])
    assert caught.value.details is not None
    assert (caught.value.details["index"], caught.value.details["op"]) == (0, {"_id": 2})
    with pytest.raises(DuplicateKeyError) as caught:
        collection.insert({"_id": 2})
    assert caught.value.details is not None
    assert "op" not in caught.value.details
    assert collection.count() == 1
    with pytest.raises(DuplicateKeyError):
        collection.insert([{"_id": 2}, {"_id": 4}], continue_on_error=True)
    assert collection.find_one(4) == {"_id": 4}


def test_write_concern_of_one_call(collection: Collection) -> None:
    collection.insert({"_id": 1}, w=1, j=True)
    assert collection.insert({"_id": 1}, w=0) == 1
    assert collection.insert({"_id": 1}, safe=False) == 1
    with pytest.raises(DuplicateKeyError):
        collection.insert({"_id": 1}, safe=True)
    assert collection.update({"_id": 1}, {"$set": {"a": 1}}, w=0) is None
    assert collection.remove({"_id": 5}, w=0) == {"ok": 1}
    with pytest.raises(TypeError, match="unexpected keyword argument 'foo'"):
        collection.insert({}, foo=1)
    with pytest.raises(OperationFailure, match="cannot use 'w' > 1"):
        collection.update({"_id": 1}, {"$set": {"a": 1}}, w=5, wtimeout=1)


def test_save(collection: Collection) -> None:
    assert collection.save({"_id": 1, "x": 5}) == 1
    assert collection.save({"_id": 1, "x": 6}) == 1
    assert list(collection.find()) == [{"_id": 1, "x": 6}]
    assert isinstance(collection.save({"x": 7}), ObjectId)
    assert collection.save({"x": 8}, manipulate=False) is None
    with pytest.raises(TypeError, match="to_save must be an instance of dict"):
        collection.save(5)


def test_update(collection: Collection) -> None:
    collection.insert([{"_id": 1, "x": 1}, {"_id": 2, "x": 1}])
    set_9 = {"$set": {"x": 9}}
    changed = {"n": 1, "nModified": 1, "ok": 1.0, "updatedExisting": True}
    assert collection.update({"_id": 1}, set_9) == changed
    assert collection.update({"_id": 1}, set_9) == {**changed, "nModified": 0}
    assert collection.update({"_id": 1}, {"x": 10}) == changed
    assert collection.update({"_id": 1}, {}) == changed
    assert collection.update({}, set_9, multi=True) == {**changed, "n": 2, "nModified": 2}
    missing = {"n": 0, "nModified": 0, "ok": 1.0, "updatedExisting": False}
    assert collection.update({"_id": 5}, set_9) == missing
    assert collection.update({"_id": 5}, set_9, upsert=True) == {**missing, "n": 1, "upserted": 5}
    assert collection.update({"_id": 1}, set_9, collation={"locale": "en"})["n"] == 1
    with pytest.raises(WriteError, match="Unknown modifier"):
        collection.update({"_id": 1}, {"$x": 1})
    with pytest.raises(TypeError, match="spec must be"):
        collection.update(5, {})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="document must be"):
        collection.update({}, 5)
    with pytest.raises(TypeError, match="upsert must be True or False"):
        collection.update({}, {}, upsert=5)  # type: ignore[arg-type]


def test_remove(ten: Collection) -> None:
    assert ten.remove({"_id": 2}) == {"n": 1, "ok": 1.0}
    assert ten.remove(3) == {"n": 1, "ok": 1.0}
    assert ten.remove({"x": 1}, multi=False) == {"n": 1, "ok": 1.0}
    assert ten.remove() == {"n": 7, "ok": 1.0}


def test_find_and_modify(ten: Collection) -> None:
    set_z = {"$set": {"z": 1}}
    assert ten.find_and_modify({"_id": 1}, set_z) == {"_id": 1, "x": 1}
    assert ten.find_and_modify({"_id": 1}, set_z, new=True) == {"_id": 1, "x": 1, "z": 1}
    assert ten.find_and_modify({"_id": 1}, set_z, fields=["z"]) == {"_id": 1, "z": 1}
    full = ten.find_and_modify({"_id": 99}, set_z, full_response=True)
    assert full == {"lastErrorObject": {"n": 0, "updatedExisting": False}, "value": None, "ok": 1.0}
    assert ten.find_and_modify({"_id": 99}, set_z, upsert=True) is None
    assert ten.find_and_modify({"_id": 99}, remove=True) == {"_id": 99, "z": 1}
    assert ten.find_and_modify({"x": 1}, set_z, sort=[("_id", -1)])["_id"] == 7
    for sort in ({"_id": -1}, SON([("_id", -1)])):
        with pytest.warns(DeprecationWarning, match="Passing mapping types for `sort`"):
            assert ten.find_and_modify({"x": 1}, set_z, sort=sort)["_id"] == 7
    with pytest.raises(TypeError, match="sort must be a list"):
        ten.find_and_modify({}, set_z, sort={"a": 1, "b": 1})
    with pytest.raises(ValueError, match="Must either update or remove"):
        ten.find_and_modify()
    with pytest.raises(ValueError, match="Can't do both update and remove"):
        ten.find_and_modify(remove=True, update=set_z)


def test_count(ten: Collection) -> None:
    assert ten.count() == ten.count(None) == 10
    assert ten.count({"x": 1}, limit=2) == 2
    assert ten.count({"x": 1}, skip=2, hint="_id_", maxTimeMS=10_000) == 1
    assert ten.count({"$where": "this.x == 1"}, hint=[("_id", 1)]) == 3
    with pytest.raises(OperationFailure, match="unknown field"):
        ten.count({}, foo=1)


def test_cursor_count(ten: Collection) -> None:
    cursor = ten.find({"x": 1}).limit(2).skip(0)
    assert cursor.count() == 3
    assert cursor.count(True) == 2
    assert ten.find({"x": 1}).skip(1).count(with_limit_and_skip=True) == 2
    assert ten.find({"x": 1}).hint([("_id", 1)]).comment("why").max_time_ms(9000).count() == 3
    assert ten.find().collation({"locale": "en"}).count() == 10
    assert len(list(cursor)) == 2
    with pytest.raises(TypeError, match="with_limit_and_skip must be True or False"):
        cursor.count(5)  # type: ignore[arg-type]


def test_modifiers(ten: Collection) -> None:
    with pytest.warns(DeprecationWarning, match="'modifiers' parameter is deprecated") as caught:
        cursor = ten.find({}, modifiers={"$orderby": {"_id": -1}, "$hint": {"_id": 1}, "$maxTimeMS": 9000})
    assert [document["_id"] for document in cursor.limit(2)] == [9, 8]
    del caught
    assert [d["_id"] for d in ten.find({"$query": {"x": 0}, "$orderby": {"_id": -1}})] == [9, 6, 3, 0]
    assert ten.find_one({}, modifiers={"$orderby": {"_id": -1}})["_id"] == 9
    with pytest.raises(ValueError, match=r"\$explain"):
        ten.find(modifiers={"$explain": True})


def test_map_reduce(ten: Collection) -> None:
    out = ten.map_reduce(Code(MAP), Code(REDUCE), "out")
    assert out == ten.database.out
    assert sorted(out.find(), key=lambda group: int(group["_id"])) == COUNTS
    assert ten.map_reduce(MAP, REDUCE, "out", full_response=True) == {"result": "out", "ok": 1.0}
    elsewhere = ten.map_reduce(MAP, REDUCE, SON([("replace", "o2"), ("db", "legacy_2")]), query={"x": 1})
    assert elsewhere.full_name == "legacy_2.o2"
    assert list(elsewhere.find()) == [{"_id": 1, "value": 3}]
    ten.database.client.drop_database("legacy_2")
    assert len(ten.map_reduce(MAP, REDUCE, {"inline": 1})["results"]) == 3
    with pytest.raises(TypeError, match="'out' must be an instance of str or a mapping"):
        ten.map_reduce(MAP, REDUCE, 5)


def test_inline_map_reduce(ten: Collection) -> None:
    assert sorted(ten.inline_map_reduce(MAP, REDUCE), key=lambda group: int(group["_id"])) == COUNTS
    assert set(ten.inline_map_reduce(MAP, REDUCE, full_response=True)) == {"results", "ok"}


@pytest.mark.parametrize(
    ("since", "call"),
    [
        ("4.2: use aggregate", lambda c: c.group(["x"], {}, {"count": 0}, "function(o, p) { p.count++ }")),
        ("4.2: use aggregate", lambda c: c.group(None, {}, {}, "f", finalize="f")),
        ("4.2: use find", lambda c: c.parallel_scan(2)),
    ],
)
def test_what_servers_have_lost(ten: Collection, since: str, call: Callable[[Any], Any]) -> None:
    with pytest.raises(OperationFailure, match=f"since version {since}") as caught:
        call(ten)
    assert caught.value.code == 59


def test_ensure_index(collection: Collection) -> None:
    assert collection.ensure_index("x") == "x_1"
    assert collection.ensure_index("x") is None
    assert collection.ensure_index([("x", 1), ("n", -1)], name="both", ttl=5) == "both"
    collection.drop_indexes()
    assert collection.ensure_index("x", unique=True, drop_dups=True) == "x_1"
    assert collection.index_information()["x_1"]["unique"] is True
    with pytest.raises(TypeError, match="cache_for must be an integer or float"):
        collection.ensure_index("x", cache_for="x")  # type: ignore[arg-type]


def test_reindex(collection: Collection) -> None:
    collection.create_index("x")
    assert collection.reindex()["nIndexes"] == 2


def test_use_cursor(ten: Collection) -> None:
    assert list(ten.aggregate([{"$match": {"_id": 1}}], useCursor=True)) == [{"_id": 1, "x": 1}]
    with pytest.raises(TypeError, match="useCursor must be True or False"):
        ten.aggregate([], useCursor="x")


def test_create_in_the_constructor(collection: Collection) -> None:
    made = Collection(collection.database, "capped", True, capped=True, size=4096)
    assert made.options()["capped"] is True


def test_initialize_ordered_bulk_op(collection: Collection) -> None:
    bulk = collection.initialize_ordered_bulk_op()
    bulk.insert({"_id": 1, "x": 1})
    bulk.insert({"_id": 2, "x": 1})
    bulk.find({"_id": 1}).update_one({"$set": {"y": 1}})
    bulk.find({"x": 1}).update({"$set": {"y": 2}})
    bulk.find({"_id": 77}).upsert().update_one({"$set": {"y": 2}})
    bulk.find({"_id": 78}).upsert().replace_one({"y": 2})
    bulk.find({"_id": 79}).upsert().update({"$set": {"y": 2}})
    bulk.find({"_id": 2}).replace_one({"q": 2})
    bulk.find({"_id": 2}, collation={"locale": "en"}).remove_one()
    bulk.find({"_id": 78}).remove()
    upserted = [{"index": 4, "_id": 77}, {"index": 5, "_id": 78}, {"index": 6, "_id": 79}]
    assert bulk.execute() == {
        "writeErrors": [],
        "writeConcernErrors": [],
        "nInserted": 2,
        "nUpserted": 3,
        "nMatched": 4,
        "nModified": 4,
        "nRemoved": 2,
        "upserted": upserted,
    }
    with pytest.raises(InvalidOperation, match="only be executed once"):
        bulk.execute()


def test_initialize_unordered_bulk_op(collection: Collection) -> None:
    collection.insert({"_id": 1})
    bulk = collection.initialize_unordered_bulk_op()
    bulk.insert({"_id": 1})
    bulk.insert({"_id": 2})
    with pytest.raises(BulkWriteError):
        bulk.execute({"w": 1})
    assert collection.count() == 2
    bulk = collection.initialize_unordered_bulk_op(bypass_document_validation=True)
    bulk.insert({"_id": 3})
    assert bulk.execute({"w": 1})["nInserted"] == 1
    bulk = collection.initialize_unordered_bulk_op()
    bulk.insert({"_id": 4})
    assert bulk.execute({"w": 0}) is None


def test_arguments_of_bulk_operations(collection: Collection) -> None:
    bulk: Any = collection.initialize_ordered_bulk_op()
    with pytest.raises(InvalidOperation, match="No operations to execute"):
        bulk.execute()
    for call in (bulk.find, bulk.insert, bulk.find({}).update_one, bulk.find({}).replace_one):
        with pytest.raises(TypeError, match="must"):
            call(5)
    for change in ({}, {"x": 1}):
        with pytest.raises(ValueError, match="update"):
            bulk.find({}).update(change)
    with pytest.raises(ValueError, match="replacement can not include"):
        bulk.find({}).replace_one({"$x": 1})
    bulk.insert({})
    with pytest.raises(TypeError):
        bulk.execute(5)
    assert bulk.execute()["nInserted"] == 1
