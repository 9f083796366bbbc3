"""Bulk writes as expressions that mean the same to either package; the collection holds `_id` 0 to 4."""

from __future__ import annotations

from typing import NamedTuple


class BulkCase(NamedTuple):
    """The operations, and how `bulk_write` is called."""

    operations: str
    ordered: bool = True
    write_concern: str = "{}"
    options: str = "{}"


_MIXED = (
    "[InsertOne({'_id': 10}), InsertOne({'_id': 11}), UpdateOne({'_id': 1}, {'$set': {'x': 1}}),"
    " UpdateMany({}, {'$set': {'y': 1}}, upsert=True), ReplaceOne({'_id': 50}, {'z': 1}, upsert=True),"
    " DeleteOne({'_id': 0}), DeleteMany({'_id': 2}), InsertOne({'_id': 12})]"
)
_FAILING = (
    "[InsertOne({'_id': 10}), InsertOne({'_id': 1}), UpdateOne({'_id': 1}, {'$set': {'_id': 4}}),"
    " UpdateOne({'_id': 2}, {'$foo': 4}), DeleteOne({'_id': 3}, hint='nope'), InsertOne({'_id': 2}),"
    " UpdateOne({'_id': 55}, {'$set': {'x': 1}}, upsert=True), ReplaceOne({'_id': 56}, {}, True)]"
)
_STOPPING = "[InsertOne({'_id': 7}), UpdateOne({'_id': 4}, {'$foo': 1}), InsertOne({'_id': 8})]"
_UNMET = "{'w': 2, 'wtimeout': 1}"
_UNACKNOWLEDGED = "{'w': 0}"

CASES = [
    BulkCase(_MIXED),
    BulkCase(_MIXED, ordered=False),
    BulkCase(_FAILING),
    BulkCase(_FAILING, ordered=False),
    BulkCase(_STOPPING),
    BulkCase(_STOPPING, ordered=False),
    BulkCase(_STOPPING, write_concern=_UNMET),
    BulkCase(_MIXED, write_concern=_UNMET),
    BulkCase(_FAILING, ordered=False, write_concern=_UNMET),
    BulkCase("[DeleteMany({'_id': 1}), DeleteOne({'_id': 2})]"),
    BulkCase("[DeleteOne({'$foo': 1}), InsertOne({'_id': 44})]"),
    BulkCase(
        "[UpdateOne({'_id': 1}, {'$set': {'x': 1}}, hint=[('_id', 1)]), ReplaceOne({}, {'x': 1}, hint={'_id': 1}),"
        " DeleteOne({'a': 1}, {'locale': 'en'}, '_id_'), UpdateMany({}, [{'$set': {'z': 1}}])]",
        options="{'let': {'a': 1}, 'comment': 'c'}",
    ),
    BulkCase(
        "[UpdateOne({}, {'$set': {'x': 1}}, True, Collation('en'), [], '_id_')]",
        options="{'bypass_document_validation': False}",
    ),
    BulkCase("[InsertOne({'_id': 9})]", options="{'bypass_document_validation': True, 'comment': {'x': 1}}"),
    BulkCase("[]"),
    BulkCase("[5]"),
    BulkCase("5"),
    BulkCase("{1: 2}"),
    BulkCase("[InsertOne(5)]"),
    BulkCase("[UpdateOne({}, {'a': 1})]"),
    BulkCase("[UpdateOne({}, {})]"),
    BulkCase("[UpdateMany({}, [])]"),
    BulkCase("[ReplaceOne({}, {'$set': 1})]"),
    BulkCase("[IndexModel('a')]"),
    BulkCase("[InsertOne({'_id': 9})]", options="{'let': 4}"),
    BulkCase("[InsertOne({'_id': 9})]", write_concern=_UNACKNOWLEDGED),
    BulkCase("[InsertOne({'_id': 9}), InsertOne({'_id': 8})]", write_concern=_UNACKNOWLEDGED),
    BulkCase("[InsertOne({'_id': 9}), DeleteOne({'_id': 8})]", write_concern=_UNACKNOWLEDGED),
    BulkCase(_STOPPING, write_concern=_UNACKNOWLEDGED),
    BulkCase(_STOPPING, ordered=False, write_concern=_UNACKNOWLEDGED),
    BulkCase("[DeleteOne({}, {'locale': 'en'})]", write_concern=_UNACKNOWLEDGED),
    BulkCase("[UpdateOne({}, {'$set': {'x': 1}}, array_filters=[])]", write_concern=_UNACKNOWLEDGED),
    BulkCase("[UpdateOne({}, {'$set': {'x': 1}}, sort={'a': 1})]", write_concern=_UNACKNOWLEDGED),
    BulkCase(
        "[InsertOne({'_id': 9})]",
        write_concern=_UNACKNOWLEDGED,
        options="{'bypass_document_validation': True}",
    ),
]
