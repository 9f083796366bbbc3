"""Operations of bulk writes and models of indexes behave as PyMongo's."""

import pytest
from tests.unit.values.parity import assert_same, assert_same_class

from petiole import _index_keys
from petiole.bson.son import SON
from petiole.operations import DeleteMany, IndexModel, InsertOne, ReplaceOne, UpdateMany, UpdateOne

SNIPPETS = """
InsertOne({"a": 1})
InsertOne({"a": 1}, "db.c")
InsertOne({"a": 1}, "")
InsertOne({"a": 1}, 1)
InsertOne(1)
InsertOne([])
InsertOne({"a": 1}) == InsertOne({"a": 1})
InsertOne({"a": 1}) != InsertOne({"a": 2})
InsertOne({"a": 1}) == 1
InsertOne({}, "a.b") == InsertOne({})
hash(InsertOne({}))
pickle.loads(pickle.dumps(InsertOne({"a": 1}, "db.c")))
InsertOne[dict]({"a": 1})
DeleteOne({})
DeleteOne({}, Collation("en"), "h", "db.c")
DeleteOne({}, {"locale": "en"})
DeleteOne({}, hint=[("a", 1)])
DeleteOne({}, hint={"a": 1})
DeleteOne({}, hint="a")
DeleteOne({}, hint=3)
DeleteOne(1)
DeleteOne(None)
DeleteOne({}, collation=3)
DeleteMany({}, namespace="x")
DeleteOne({"a": 1}) == DeleteMany({"a": 1})
DeleteOne({"a": 1}) == DeleteOne({"a": 1})
DeleteOne({"a": 1}, hint="a") == DeleteOne({"a": 1})
hash(DeleteOne({}))
ReplaceOne({"a": 1}, {"b": 1})
ReplaceOne({"a": 1}, {"$set": 1})
ReplaceOne({"a": 1}, [])
ReplaceOne({"a": 1}, {}, upsert=True)
ReplaceOne({"a": 1}, {}, upsert=5)
ReplaceOne({"a": 1}, {}, True, Collation("en"), "h", "db.c", {"a": 1})
ReplaceOne({"a": 1}, {}, sort=[("a", 1)])
ReplaceOne({"a": 1}, {}, sort=5)
ReplaceOne(None, {})
ReplaceOne(5, {})
ReplaceOne({}, {}) == ReplaceOne({}, {})
ReplaceOne({}, {}, sort={"a": 1}) == ReplaceOne({}, {})
UpdateOne({"a": 1}, {"$set": {"a": 1}})
UpdateOne({"a": 1}, {"a": 1})
UpdateOne({"a": 1}, [])
UpdateOne({"a": 1}, 5)
UpdateOne(None, {"$set": {}})
UpdateOne(5, {})
UpdateOne({}, {"$set": {}}, True, Collation("en"), [{"x": 1}], "h", "db.c", {"a": 1})
UpdateOne({}, {"$set": {}}, array_filters={"a": 1})
UpdateOne({}, {"$set": {}}, array_filters=())
UpdateOne({}, {"$set": {}}, array_filters=[])
UpdateOne({}, {"$set": {}}, upsert=5)
UpdateOne({}, {"$set": {}}, upsert=0)
UpdateOne({}, {"$set": {}}, hint=[("a", 1)])
UpdateOne({}, {"$set": {}}, hint=["a"])
UpdateOne({}, {"$set": {}}, hint=(("a", 1),))
UpdateOne({}, {"$set": {}}, hint=[])
UpdateOne({}, {"$set": {}}, hint={})
UpdateOne({}, {"$set": {}}, hint="")
UpdateOne({}, {"$set": {}}, hint=0)
UpdateOne({}, {"$set": {}}, namespace="q")
UpdateMany({}, {"$set": {}}, True, Collation("en"), [{"x": 1}], "h", "db.c")
UpdateMany({}, {"$set": {}})
UpdateMany({}, {"$set": {}}, sort=3)
UpdateOne({}, {"$set": {}}) == UpdateMany({}, {"$set": {}})
UpdateOne({}, {"$set": {}}, hint="z") == UpdateOne({}, {"$set": {}})
UpdateOne({}, {"$set": {}}, sort={"a": 1}) == UpdateOne({}, {"$set": {}})
UpdateOne({}, {"$set": {}}, namespace="a.b") == UpdateOne({}, {"$set": {}})
hash(UpdateOne({}, {}))
copy.copy(UpdateOne({}, {"$set": {}}))
copy.deepcopy(UpdateOne({}, {"$set": {}}))
pickle.loads(pickle.dumps(UpdateMany({}, {"$set": {}})))
UpdateOne({}, {}).nothing
IndexModel("a")
IndexModel("a").document
IndexModel([("a", 1), ("b", -1)]).document
IndexModel(["a", ("b", -1)]).document
IndexModel({"a": 1, "b": -1}).document
IndexModel(SON([("b", 1), ("a", 1)])).document
IndexModel([]).document
IndexModel({}).document
IndexModel("").document
IndexModel(5)
IndexModel([("a", 1.5)])
IndexModel([("a", None)])
IndexModel([(1, 1)])
IndexModel([("a", 1, 2)])
IndexModel([("a", "text")]).document
IndexModel([("a", "2d"), ("b", "hashed")]).document
IndexModel([("a", True)]).document
IndexModel([("a", {"b": 1})]).document
IndexModel([["a", 1]]).document
IndexModel((("a", 1),)).document
IndexModel({"a": 1}.items()).document
IndexModel([("$**", 1)]).document
IndexModel("a", name="q", unique=True, collation=Collation("en"), bucket_size=3).document
IndexModel("a", unique=True, collation={"locale": "en"}, sparse=True).document
IndexModel("a", collation=5)
IndexModel("a", name=5).document
IndexModel("a", name=None).document
list(IndexModel("a", unique=True, name=None).document)
IndexModel("a", partialFilterExpression={"a": 1}, expireAfterSeconds=4)
IndexModel("a", collation=Collation("en"))
IndexModel("a") == IndexModel("a")
pickle.loads(pickle.dumps(IndexModel("a"))).document
SearchIndexModel({"a": 1}).document
SearchIndexModel({"a": 1}, "n").document
SearchIndexModel({"a": 1}, "n", "vectorSearch", x=1).document
SearchIndexModel({"a": 1}, "n", "vectorSearch", x=1)
SearchIndexModel({"a": 1}, type="search")
SearchIndexModel(5).document
""".strip().splitlines()

# Where PyMongo's text is an accident of its code, ours says what is wrong.
OWN_WORDS = """
IndexModel([5])
IndexModel(("a", 1))
UpdateOne({}, {}, hint=("a", 1))
UpdateOne({}, {}, hint=[5])
""".strip().splitlines()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_as_pymongo(snippet: str) -> None:
    assert_same(snippet, "operations")


@pytest.mark.parametrize("snippet", OWN_WORDS)
def test_same_class_of_error(snippet: str) -> None:
    assert_same_class(snippet, "operations")


def test_fields_lie_in_slots_for_the_builders() -> None:
    update = UpdateOne({"a": 1}, {"$set": {}}, True, None, [{"x": 1}], [("a", 1)], "d.c", {"b": 1})
    assert (update._filter, update._doc, update._upsert) == ({"a": 1}, {"$set": {}}, True)
    assert (update._array_filters, update._hint, update._sort) == ([{"x": 1}], {"a": 1}, {"b": 1})
    assert update._namespace == "d.c"
    assert update._collation is None
    operations: tuple[object, ...] = (
        InsertOne({}),
        DeleteMany({}),
        ReplaceOne({}, {}),
        UpdateMany({}, {}),
        IndexModel("a"),
    )
    for operation in operations:
        assert not hasattr(operation, "__dict__")


KEYS = """
_index_list("a")
_index_list("a", -1)
_index_list([("a", 1)])
_index_list([("a", 1)], 1)
_index_list(5)
_index_list({"a": 1})
_index_list(("a", 1))
_index_list(("a", 1), 1)
_index_list([("a", 1), "b"])
_index_document([("a", 1)])
_index_document([])
_index_document({})
_index_document({"a": 1})
_index_document("a")
_index_document(5)
_index_document([("a", 5, 6)])
_index_document(["a"])
_index_document([["a", 1]])
_index_document([("a", [])])
_gen_index_name([("a", 1), ("b", "text")])
_gen_index_name([])
_fields_list_to_dict(["a"], "x")
_fields_list_to_dict({"a": 1}, "x")
_fields_list_to_dict([1], "x")
_fields_list_to_dict("ab", "x")
_fields_list_to_dict(("a", "b"), "x")
_fields_list_to_dict([], "x")
_fields_list_to_dict(5, "x")
""".strip().splitlines()
OURS = {
    "_index_list": "index_list",
    "_index_document": "index_document",
    "_gen_index_name": "index_name",
    "_fields_list_to_dict": "projection_document",
}


@pytest.mark.parametrize("snippet", KEYS)
def test_keys_as_pymongo(snippet: str) -> None:
    from pymongo import helpers_shared

    def outcome(text: str, module: object) -> tuple[str, str]:
        try:
            return "value", repr(eval(text, vars(module).copy()))
        except Exception as error:
            return type(error).__name__, str(error)

    theirs = outcome(snippet, helpers_shared)
    name, _, rest = snippet.partition("(")
    assert outcome(f"{OURS[name]}({rest}", _index_keys) == theirs


def test_the_name_of_an_index_of_a_mapping() -> None:
    assert _index_keys.index_name(SON([("b", 1), ("a", "text")])) == "b_1_a_text"


def test_a_hint_is_a_name_or_keys() -> None:
    assert _index_keys.hint_document("a_1") == "a_1"
    assert _index_keys.hint_document([("a", 1), ("b", -1)]) == {"a": 1, "b": -1}


def test_a_long_key_list_keeps_its_order() -> None:
    keys = [(f"k{number}", 1) for number in range(50)]
    assert list(_index_keys.normalise_keys(keys)) == [key for key, _ in keys]
