"""Cursors of 1.x and 2.x: their parameters by position and by name."""

from typing import Any

import pytest

from petiole.bson.son import SON
from petiole.errors import ConfigurationError, OperationFailure
from petiole.legacy.early.cursor import Cursor
from petiole.legacy.early.database import Database
from petiole.read_preferences import ReadPreference

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def numbers(database: Database) -> Any:
    database.numbers.insert([{"_id": n, "n": n % 3} for n in range(10)], safe=True)
    return database.numbers


def test_parameters_by_position(numbers: Any) -> None:
    cursor = numbers.find({"n": 1}, ["n"], 1, 2, True, False, False, [("_id", -1)], None, SON)
    found = list(cursor)
    assert [one["_id"] for one in found] == [4, 1]
    assert type(found[0]) is SON
    assert type(cursor) is Cursor


def test_find_one_takes_them_too(numbers: Any) -> None:
    assert numbers.find_one(5) == {"_id": 5, "n": 2}
    assert numbers.find_one({"n": 0}, {"_id": 1}, 2) == {"_id": 6}
    assert numbers.find_one({"n": 7}) is None
    assert type(numbers.find_one(as_class=SON)) is SON


def test_timeout_tailable_and_the_like(database: Database) -> None:
    database.create_collection("tail", capped=True, size=4096)
    database.tail.insert([{"_id": 1}, {"_id": 2}], safe=True)
    cursor = database.tail.find(tailable=True, await_data=True, timeout=False)
    assert [next(cursor)["_id"], next(cursor)["_id"]] == [1, 2]
    assert cursor.alive
    cursor.close()
    assert [one["_id"] for one in database.tail.find(exhaust=True)] == [1, 2]


def test_snapshot_goes_by_the_id(numbers: Any) -> None:
    with pytest.warns(DeprecationWarning, match="hint"):
        assert [one["_id"] for one in numbers.find(snapshot=True)] == list(range(10))
    with pytest.raises(TypeError, match="together"):
        numbers.find(snapshot=True, sort=[("n", 1)])


def test_max_scan_says_since_when(numbers: Any) -> None:
    for cursor in (numbers.find(max_scan=5), numbers.find().max_scan(5)):
        with pytest.raises(OperationFailure, match=r"no maxScan since version 4\.2: use max_time_ms"):
            list(cursor)


@pytest.mark.parametrize(
    "wrong",
    [{"spec": 5}, {"skip": "1"}, {"limit": 1.5}, {"timeout": 1}, {"snapshot": "yes"}, {"tailable": None}],
)
def test_arguments_of_other_types(database: Database, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(TypeError, match=name):
        database.numbers.find(**wrong)


def test_read_preferences_of_one_query(database: Database) -> None:
    def preference(**given: Any) -> Any:
        return database.things.find(**given)._collection.read_preference

    assert preference() == ReadPreference.PRIMARY
    assert preference(slave_okay=True) == ReadPreference.SECONDARY_PREFERRED
    assert preference(read_preference=ReadPreference.NEAREST) == ReadPreference.NEAREST
    assert preference(read_preference=2).mode == 2
    assert preference(read_preference=2, tag_sets=[{"dc": "ny"}]).tag_sets == [{"dc": "ny"}]
    with pytest.raises(ConfigurationError):
        preference(read_preference=9)
    with pytest.raises(ConfigurationError, match="PRIMARY cannot be combined with tags"):
        preference(tag_sets=[{"dc": "ny"}])


def test_the_names_of_today_are_understood(numbers: Any) -> None:
    found = list(numbers.find(filter={"n": 1}, projection=["_id"], no_cursor_timeout=True))
    assert [one["_id"] for one in found] == [1, 4, 7]


def test_methods(numbers: Any) -> None:
    cursor = numbers.find().sort("_id", -1).skip(1).limit(3).batch_size(2)
    assert [one["_id"] for one in cursor] == [8, 7, 6]
    assert cursor.rewind().next()["_id"] == 8
    assert cursor.count() == 10
    assert cursor.count(with_limit_and_skip=True) == 3
    assert cursor.conn_id == cursor.address
    assert numbers.find()[3]["_id"] == 3
    assert [one["_id"] for one in numbers.find()[2:4]] == [2, 3]
    assert sorted(numbers.find({"_id": {"$lt": 2}}).distinct("n")) == [0, 1]
    assert [one["_id"] for one in numbers.find().where("this._id > 8")] == [9]
    assert numbers.find({"n": 1}).hint([("_id", 1)]).explain()["ok"] == 1
    clone = cursor.clone()
    assert [one["_id"] for one in clone] == [8, 7, 6]
    assert cursor.collection == numbers
