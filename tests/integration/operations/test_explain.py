"""What an aggregation's cursor tells of how the server runs it, beyond PyMongo; both faces."""

from __future__ import annotations

from typing import Any

import pytest

from petiole.errors import InvalidOperation
from petiole.read_concern import ReadConcern


def _stages(explained: Any) -> list[str]:
    return [next(iter(stage)) for stage in explained.get("stages", ())]


def test_an_aggregation_explains_itself(db: Any) -> None:
    db.things.insert_many([{"a": n} for n in range(9)])
    majority = db.things.with_options(read_concern=ReadConcern("majority"))
    pipeline = [{"$match": {"a": {"$gt": 3}}}, {"$group": {"_id": None, "n": {"$sum": 1}}}]
    cursor = majority.aggregate(pipeline, batchSize=2)
    explained = cursor.explain()
    assert "{'a': {'$gt': 3}}" in repr(explained)
    assert list(cursor) == [{"_id": None, "n": 5}]


def test_a_pipeline_that_writes_is_explained_without_writing(db: Any) -> None:
    db.things.insert_one({"a": 1})
    cursor = db.things.aggregate([{"$out": "copied"}])
    db.copied.drop()
    assert _stages(cursor.explain())[-1] == "$out"
    assert db.list_collection_names() == ["things"]


def test_a_pipeline_of_a_database_explains_itself(face: Any) -> None:
    cursor = face.client.admin.aggregate([{"$currentOp": {}}])
    assert _stages(cursor.explain())[0] == "$currentOp"


def test_other_cursors_of_commands_have_no_aggregation(db: Any) -> None:
    db.things.insert_one({})
    with pytest.raises(InvalidOperation, match="of an aggregation"):
        db.list_collections().explain()
