"""Results of writes behave as PyMongo's."""

import pytest
from tests.unit.values.parity import assert_same

from petiole.errors import InvalidOperation
from petiole.results import UpdateResult

COUNTS = (
    '{"nInserted": 1, "nMatched": 2, "nModified": 3, "nRemoved": 4, "nUpserted": 5, "upserted": UPSERTED}'
)
UPSERTED = '[{"index": 1, "_id": 4}]'

SNIPPETS = """
InsertOneResult(1, True)
InsertOneResult(1, False)
InsertOneResult(1, False).inserted_id
InsertOneResult(1, False).acknowledged
InsertManyResult([1], True)
InsertManyResult([1], False).inserted_ids
UpdateResult({"n": 1, "nModified": 1}, True)
UpdateResult(None, True)
UpdateResult(None, False)
UpdateResult(None, False).raw_result
UpdateResult(None, False).matched_count
UpdateResult(None, False).modified_count
UpdateResult(None, False).upserted_id
UpdateResult({}, True).did_upsert
UpdateResult({}, True).matched_count
UpdateResult({}, True).modified_count
UpdateResult({"n": 1, "upserted": [{"index": 0, "_id": 5}]}, True).upserted_id
UpdateResult({"n": 1, "upserted": 5}, True).upserted_id
UpdateResult({"n": 1, "upserted": 5}, True).did_upsert
UpdateResult({"n": 1, "upserted": 5}, True).matched_count
UpdateResult({"n": 1, "upserted": None}, True).did_upsert
UpdateResult({"n": 1, "upserted": None}, True).matched_count
UpdateResult({"n": 1}, True).upserted_id
UpdateResult({"n": 1, "nModified": 1}, True, in_client_bulk=True)
UpdateResult({"n": 1, "upserted": {"_id": 3}}, True, in_client_bulk=True).upserted_id
UpdateResult({"n": 1, "upserted": {"_id": None}}, True, in_client_bulk=True).upserted_id
UpdateResult({"n": 1, "upserted": {"_id": None}}, True, in_client_bulk=True).did_upsert
UpdateResult({"n": 1, "upserted": {"_id": None}}, True, in_client_bulk=True).matched_count
UpdateResult({"n": 1, "upserted": {"_id": 3}}, True, in_client_bulk=True).did_upsert
UpdateResult({"n": 1, "upserted": []}, True).matched_count
UpdateResult({"n": 1, "upserted": []}, True).upserted_id
DeleteResult({"n": 3}, True)
DeleteResult({"n": 3}, True).deleted_count
DeleteResult({}, True).deleted_count
DeleteResult(None, False).deleted_count
DeleteResult({"n": 3}, True).raw_result
BulkWriteResult({}, True)
BulkWriteResult({}, False)
BulkWriteResult({}, False).inserted_count
BulkWriteResult({}, False).upserted_ids
BulkWriteResult({}, True).inserted_count
BulkWriteResult(COUNTS, True)
BulkWriteResult(COUNTS, True).inserted_count
BulkWriteResult(COUNTS, True).matched_count
BulkWriteResult(COUNTS, True).modified_count
BulkWriteResult(COUNTS, True).deleted_count
BulkWriteResult(COUNTS, True).upserted_count
BulkWriteResult(COUNTS, True).upserted_ids
BulkWriteResult(COUNTS, True).bulk_api_result
BulkWriteResult({"upserted": []}, True).upserted_ids
BulkWriteResult({}, True).upserted_ids
BulkWriteResult({"nModified": 3}, False).modified_count
ClientBulkWriteResult({}, True, True)
ClientBulkWriteResult({}, False, False)
ClientBulkWriteResult({}, False, False).insert_results
ClientBulkWriteResult({}, True, False).insert_results
ClientBulkWriteResult({}, True, True).insert_results
ClientBulkWriteResult({"insertResults": {0: 1}}, True, True).insert_results
ClientBulkWriteResult({"updateResults": {0: 1}}, True, True).update_results
ClientBulkWriteResult({"deleteResults": {0: 1}}, True, True).delete_results
ClientBulkWriteResult({"deleteResults": {0: 1}}, True, False).delete_results
ClientBulkWriteResult({"deleteResults": {0: 1}}, False, True).update_results
ClientBulkWriteResult({"nInserted": 1}, True, False).inserted_count
ClientBulkWriteResult({"nInserted": 1}, False, False).inserted_count
ClientBulkWriteResult({"nInserted": 1}, False, False).has_verbose_results
ClientBulkWriteResult({"nInserted": 1}, False, False).bulk_api_result
InsertOneResult(1, True) == InsertOneResult(1, True)
pickle.loads(pickle.dumps(InsertOneResult(1, True)))
pickle.loads(pickle.dumps(InsertManyResult([1], True)))
pickle.loads(pickle.dumps(BulkWriteResult({"nInserted": 1}, True)))
pickle.loads(pickle.dumps(UpdateResult({"n": 1}, True)))
copy.deepcopy(DeleteResult({"n": 1}, True))
InsertOneResult(1, True).nothing
""".strip().splitlines()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_as_pymongo(snippet: str) -> None:
    assert_same(snippet.replace("COUNTS", COUNTS).replace("UPSERTED", UPSERTED), "results")


def test_did_upsert_of_an_unacknowledged_write_is_false() -> None:
    # PyMongo fails with an AssertionError here.
    assert not UpdateResult(None, acknowledged=False).did_upsert


def test_the_text_names_the_property() -> None:
    with pytest.raises(InvalidOperation, match="matched_count is not available"):
        _ = UpdateResult(None, acknowledged=False).matched_count
