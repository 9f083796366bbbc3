"""`MongoClient.bulk_write` against a server of 8.0 that a test scripts (CRUD, "Bulk Write", prose tests 3-12, 15, 16).

What results and errors hold was observed on PyMongo against the same scripts, but where the specification says
otherwise: nothing is claimed to be done when the first of ordered writes fails, and an error after the first batch
takes no results away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from tests.unit.engine.rig import Rig
from tests.unit.engine.wire_server import Drop, Peer

from petiole import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from petiole.bson import ObjectId, encode
from petiole.bson.errors import InvalidDocument
from petiole.errors import (
    AutoReconnect,
    ClientBulkWriteException,
    ConfigurationError,
    DocumentTooLarge,
    InvalidOperation,
    NotPrimaryError,
)
from petiole.operations import _WriteModel
from petiole.write_concern import WriteConcern

NS, OTHER = "db.c", "db.d"
DUPLICATE = {"ok": 0, "idx": 1, "code": 11000, "errmsg": "dup", "n": 0, "errInfo": {"a": 1}}


def answer(*batch: dict[str, Any], cursor: int = 0, **more: Any) -> dict[str, Any]:
    """A reply to `bulkWrite`."""
    counts = dict.fromkeys(("nErrors", "nInserted", "nUpserted", "nMatched", "nModified", "nDeleted"), 0)
    return {
        "ok": 1,
        "cursor": {"id": cursor, "ns": "admin.$cmd.bulkWrite", "firstBatch": list(batch)},
    } | (counts | more)


def one(index: int, **more: Any) -> dict[str, Any]:
    """What a reply's cursor says of a write that was done."""
    return {"ok": 1, "idx": index, "n": 1, **more}


def inserts(count: int, namespace: str = NS) -> list[Any]:
    return [InsertOne({"_id": number}, namespace=namespace) for number in range(count)]


class Bulk:
    """A rig whose server knows the command."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.server = rig.server.replica_set()
        self.server.hello["maxWireVersion"] = 25
        self.answers: list[Any] = [answer()]
        self.server.script = self.script

    def script(self, peer: Peer, body: dict[str, Any]) -> Any:
        if next(iter(body)) not in {"bulkWrite", "getMore", "killCursors"}:
            return None
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def client(self, **options: Any) -> Any:
        return self.rig.client(replicaSet="rs", **options)

    def do(self, *answers: Any, models: list[Any] | None = None, **more: Any) -> Any:
        """The result of a bulk write."""
        self.answers = list(answers) or self.answers
        client = self.client()
        return self.rig.do(lambda: client.bulk_write(inserts(3) if models is None else models, **more))

    def fail(
        self,
        *answers: Any,
        kind: type[Exception] = ClientBulkWriteException,
        models: list[Any] | None = None,
        **more: Any,
    ) -> Any:
        """The error of one."""
        self.answers = list(answers) or self.answers
        client = self.client()
        wanted = inserts(3) if models is None else models
        return self.rig.fail(lambda: client.bulk_write(wanted, **more), kind)

    def sent(self, name: str = "bulkWrite") -> list[dict[str, Any]]:
        return [body for body in self.server.bodies if name in body]


@pytest.fixture
def bulk(rig: Rig) -> Bulk:
    return Bulk(rig)


def test_operations_become_entries(bulk: Bulk) -> None:
    document: dict[str, Any] = {"x": 1}
    collation: dict[str, Any] = {"locale": "en"}
    models = [
        InsertOne(document, namespace=OTHER),
        UpdateOne({"a": 1}, {"$set": {"b": 1}}, namespace=NS),
        UpdateOne(
            {},
            [{"$set": {"b": 1}}],
            upsert=True,
            collation=collation,
            array_filters=[{"x": 1}],
            hint="a",
            sort={"a": 1},
            namespace=OTHER,
        ),
        UpdateMany({}, {"$set": {"b": 1}}, upsert=False, hint={"a": 1}, namespace=NS),
        ReplaceOne({"q": 1}, {"z": 1}, upsert=True, sort={"a": 1}, namespace=NS),
        DeleteOne({"d": 1}, hint="x", collation=collation, namespace=OTHER),
        DeleteMany({}, namespace=NS),
    ]
    bulk.do(models=models)
    (body,) = bulk.sent()
    assert body["nsInfo"] == [{"ns": OTHER}, {"ns": NS}]
    inserted = body["ops"].pop(0)
    assert inserted == {"insert": 0, "document": {"_id": inserted["document"]["_id"], "x": 1}}
    assert next(iter(inserted["document"])) == "_id"
    assert inserted["document"]["_id"].binary == document["_id"].binary
    assert body["ops"] == [
        {"update": 1, "filter": {"a": 1}, "updateMods": {"$set": {"b": 1}}, "multi": False},
        {"update": 0, "filter": {}, "updateMods": [{"$set": {"b": 1}}], "multi": False, "upsert": True}
        | {"arrayFilters": [{"x": 1}], "hint": "a", "collation": collation, "sort": {"a": 1}},
        {"update": 1, "filter": {}, "updateMods": {"$set": {"b": 1}}, "multi": True, "upsert": False}
        | {"hint": {"a": 1}},
        {"update": 1, "filter": {"q": 1}, "updateMods": {"z": 1}, "multi": False, "upsert": True}
        | {"sort": {"a": 1}},
        {"delete": 0, "filter": {"d": 1}, "multi": False, "hint": "x", "collation": collation},
        {"delete": 1, "filter": {}, "multi": True},
    ]
    assert body["$db"] == "admin"
    assert isinstance(document["_id"], ObjectId)
    assert "txnNumber" not in body  # Some of them may change several documents.


def test_options_are_sent_as_given(bulk: Bulk) -> None:
    options: dict[str, Any] = {"bypass_document_validation": False, "comment": {"c": 1}, "let": {"l": 1}}
    bulk.do(ordered=False, verbose_results=True, write_concern=WriteConcern(w=1), **options)
    (body,) = bulk.sent()
    assert body["errorsOnly"] is False
    assert body["ordered"] is False
    assert body["bypassDocumentValidation"] is False
    assert body["comment"] == {"c": 1}
    assert body["let"] == {"l": 1}
    assert body["writeConcern"] == {"w": 1}
    assert body["txnNumber"] == 1


def test_verbose_results(bulk: Bulk) -> None:
    models = [
        InsertOne({"_id": 7}, namespace=NS),
        UpdateOne({}, {"$set": {"a": 1}}, namespace=NS),
        ReplaceOne({}, {"a": 1}, upsert=True, namespace=NS),
        DeleteOne({}, namespace=NS),
    ]
    results = [one(0), one(1, nModified=1), one(2, nModified=0, upserted={"_id": None}), one(3)]
    result = bulk.do(
        answer(*results, nInserted=1, nMatched=1, nModified=1, nUpserted=1, nDeleted=1),
        models=models,
        verbose_results=True,
    )
    assert result.acknowledged
    assert result.has_verbose_results
    assert result.inserted_count == result.matched_count == result.modified_count == 1
    assert result.upserted_count == result.deleted_count == 1
    assert result.insert_results[0].inserted_id == 7
    assert result.update_results[1].modified_count == 1
    assert result.update_results[2].did_upsert
    assert result.update_results[2].upserted_id is None
    assert result.update_results[2].matched_count == 1
    assert result.delete_results[3].deleted_count == 1


def test_no_results_unless_asked_for(bulk: Bulk) -> None:
    result = bulk.do(answer(nInserted=3))
    assert result.inserted_count == 3
    assert not result.has_verbose_results
    with pytest.raises(InvalidOperation):
        _ = result.insert_results


def test_split_at_the_number_of_operations(bulk: Bulk) -> None:
    """And only the namespaces of a batch go with it."""
    bulk.server.hello["maxWriteBatchSize"] = 2
    models = [InsertOne({"_id": n}, namespace=name) for n, name in enumerate((OTHER, NS, NS))]
    result = bulk.do(
        answer(one(0), one(1), nInserted=2), answer(one(0), nInserted=1), models=models, verbose_results=True
    )
    assert result.inserted_count == 3
    assert {index: each.inserted_id for index, each in result.insert_results.items()} == {0: 0, 1: 1, 2: 2}
    first, second = bulk.sent()
    assert [operation["insert"] for operation in first["ops"]] == [0, 1]
    assert first["nsInfo"] == [{"ns": OTHER}, {"ns": NS}]
    assert [operation["insert"] for operation in second["ops"]] == [0]
    assert second["nsInfo"] == [{"ns": NS}]
    assert [body["txnNumber"] for body in (first, second)] == [1, 2]
    assert first["lsid"] == second["lsid"]


@pytest.mark.parametrize(("namespace", "batches"), [(NS, 1), ("db." + "c" * 200, 2)])
def test_split_where_a_new_namespace_does_not_fit(bulk: Bulk, namespace: str, batches: int) -> None:
    """Prose test 11, with smaller limits: the last operation fits exactly, with the first one's namespace."""
    size = 100_000
    bulk.server.hello |= {"maxMessageSizeBytes": size, "maxBsonObjectSize": size}
    filling = InsertOne({"a": "b" * (size - 1122 - 57)}, namespace="db.coll")
    last = InsertOne({"a": "b"}, namespace="db.coll" if batches == 1 else namespace)
    bulk.do(models=[filling, last])
    assert [len(body["ops"]) for body in bulk.sent()] == ([2] if batches == 1 else [1, 1])


@pytest.mark.parametrize(
    "model",
    [InsertOne({"a": "b" * 100_000}, namespace=NS), InsertOne({"a": "b"}, namespace="db." + "c" * 100_000)],
    ids=["document", "namespace"],
)
def test_an_operation_that_fits_into_no_message(bulk: Bulk, model: _WriteModel) -> None:
    bulk.server.hello["maxMessageSizeBytes"] = 100_000
    bulk.fail(models=[model], kind=DocumentTooLarge)
    assert bulk.sent() == []
    error = bulk.fail(answer(nInserted=1), models=[*inserts(1), model])
    assert isinstance(error.error, DocumentTooLarge)
    assert error.partial_result.inserted_count == 1
    assert len(bulk.sent()) == 1


def test_large_documents_are_the_servers_to_refuse(bulk: Bulk) -> None:
    """Unless it would do so without a word."""
    bulk.server.hello["maxBsonObjectSize"] = 1000
    for model in (
        InsertOne({"a": "b" * 2000}, namespace=NS),
        ReplaceOne({}, {"a": "b" * 2000}, namespace=NS),
    ):
        assert bulk.do(models=[model]).acknowledged
        silent: dict[str, Any] = {"ordered": False, "write_concern": WriteConcern(w=0)}
        bulk.fail(models=[model], kind=DocumentTooLarge, **silent)


@pytest.mark.parametrize("position", [0, 1])
def test_the_first_failure_ends_an_ordered_one(bulk: Bulk, position: int) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    error = bulk.fail(answer(DUPLICATE | {"idx": position}, nErrors=1, nInserted=position))
    assert len(bulk.sent()) == 1
    (found,) = error.write_errors
    assert found == DUPLICATE | {"idx": position, "op": {"insert": 0, "document": {"_id": position}}}
    assert error.error is None
    assert (error.partial_result is None) == (position == 0)


def test_an_unordered_one_goes_on(bulk: Bulk) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    error = bulk.fail(
        answer(DUPLICATE, nErrors=1, nInserted=1),
        answer(DUPLICATE | {"idx": 0}, nErrors=1),
        ordered=False,
        verbose_results=True,
    )
    assert [found["idx"] for found in error.write_errors] == [1, 2]
    assert error.partial_result.inserted_count == 1
    assert error.partial_result.has_verbose_results
    nothing = bulk.fail(
        answer(DUPLICATE, DUPLICATE | {"idx": 0}, nErrors=2), models=inserts(2), ordered=False
    )
    assert nothing.partial_result is None


def test_write_concern_errors_end_nothing(bulk: Bulk) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    errors = [{"code": 64, "errmsg": "timed out"}, {"code": 91, "errmsg": "down"}]
    replies = [answer(nInserted=2 - n, writeConcernError=error) for n, error in enumerate(errors)]
    error = bulk.fail(*replies)
    assert error.write_concern_errors == errors
    assert error.partial_result.inserted_count == 3
    assert len(bulk.sent()) == 2


def test_the_rest_of_the_results_is_fetched(bulk: Bulk) -> None:
    more = {"ok": 1, "cursor": {"id": 0, "ns": "admin.$cmd.bulkWrite", "nextBatch": [one(1), one(2)]}}
    result = bulk.do(answer(one(0), cursor=5, nInserted=3), more, verbose_results=True, comment="mine")
    assert sorted(result.insert_results) == [0, 1, 2]
    (fetched,) = bulk.sent("getMore")
    assert fetched["collection"] == "$cmd.bulkWrite"
    assert fetched["comment"] == "mine"
    assert fetched["lsid"] == bulk.sent()[0]["lsid"]


def test_a_failure_to_fetch_results(bulk: Bulk) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    refused = {"ok": 0, "code": 8, "errmsg": "no"}
    error = bulk.fail(answer(one(0), cursor=5, nInserted=2), refused, {"ok": 1}, verbose_results=True)
    assert error.error["code"] == 8
    assert error.error["errtype"] == "OperationFailure"
    assert error.partial_result.inserted_count == 2
    assert list(error.partial_result.insert_results) == [0]
    assert bulk.sent("killCursors")[0]["cursors"] == [5]
    assert len(bulk.sent()) == 1
    dropped = bulk.fail(answer(one(0), cursor=5, nInserted=2), Drop, {"ok": 1}, verbose_results=True)
    assert isinstance(dropped.error, AutoReconnect)
    assert list(dropped.partial_result.insert_results) == [0]


@pytest.mark.parametrize("ordered", [True, False])
def test_an_error_of_the_whole_command_ends_it(bulk: Bulk, ordered: bool) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    refused = {"ok": 0, "code": 8, "errmsg": "no", "errorLabels": ["Label"], "more": 1}
    error = bulk.fail(answer(nInserted=2), refused, ordered=ordered)
    assert error.error.details == refused
    assert error.__cause__ is error.error
    assert error.has_error_label("Label")
    assert error.partial_result.inserted_count == 2
    assert bulk.fail(refused, ordered=ordered).partial_result is None


def test_retried_once_as_a_write(bulk: Bulk) -> None:
    assert bulk.do(Drop, answer(nInserted=3)).inserted_count == 3
    assert [body["txnNumber"] for body in bulk.sent()] == [1, 1]
    assert bulk.sent()[0]["ops"] == bulk.sent()[1]["ops"]
    deposed = {"ok": 0, "code": 10107, "errmsg": "deposed", "errorLabels": ["RetryableWriteError"]}
    error = bulk.fail(deposed)
    assert isinstance(error.error, NotPrimaryError)
    assert error.has_error_label("RetryableWriteError")
    assert len(bulk.sent()) == 4
    several = bulk.fail(Drop, models=[UpdateMany({}, {"$set": {"a": 1}}, namespace=NS)])
    assert isinstance(several.error, AutoReconnect)
    assert len(bulk.sent()) == 5


def test_unacknowledged(bulk: Bulk) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    silent: dict[str, Any] = {"ordered": False, "write_concern": WriteConcern(w=0)}
    client = bulk.client()
    result = bulk.rig.do(lambda: client.bulk_write(inserts(3), **silent))
    assert not result.acknowledged
    with pytest.raises(InvalidOperation):
        _ = result.inserted_count
    bulk.rig.do(lambda: client.admin.command("ping"))  # What nobody waits for has arrived before it.
    assert [len(body["ops"]) for body in bulk.sent()] == [2, 1]
    assert all(body["writeConcern"] == {"w": 0} and "lsid" not in body for body in bulk.sent())
    bulk.fail(kind=InvalidOperation, write_concern=WriteConcern(w=0))
    bulk.fail(kind=InvalidOperation, verbose_results=True, **silent)
    options: tuple[dict[str, Any], ...] = ({"collation": {"locale": "en"}}, {"array_filters": [{"a": 1}]})
    for more in options:
        model = UpdateOne({}, {"$set": {"a": 1}}, namespace=NS, **more)
        bulk.fail(kind=ConfigurationError, models=[model], **silent)
    session = client.start_session()
    error = bulk.rig.fail(
        lambda: client.bulk_write(inserts(1), session=session, **silent), ConfigurationError
    )
    assert "unacknowledged" in str(error)


def test_in_a_transaction(bulk: Bulk) -> None:
    bulk.server.hello["maxWriteBatchSize"] = 2
    client = bulk.client(w="majority")

    async def begin() -> Any:
        session = client.start_session()
        begun = session.start_transaction()
        if hasattr(begun, "__await__"):
            await begun
        return session

    session = bulk.rig.do(begin)
    bulk.answers = [
        answer(one(0), cursor=5, nInserted=2),
        {"ok": 1, "cursor": {"id": 0, "ns": "", "nextBatch": []}},
    ]
    bulk.answers.append(answer(nInserted=1))
    assert bulk.rig.do(lambda: client.bulk_write(inserts(3), session=session)).inserted_count == 3
    first, second = bulk.sent()
    assert first["startTransaction"] is True
    assert first["autocommit"] is False
    assert "startTransaction" not in second
    assert first["txnNumber"] == second["txnNumber"] == bulk.sent("getMore")[0]["txnNumber"]
    assert "writeConcern" not in first
    refused = {"session": session, "write_concern": WriteConcern(w=1)}
    bulk.rig.fail(lambda: client.bulk_write(inserts(1), **refused), InvalidOperation)
    bulk.answers = [Drop]
    error = bulk.rig.fail(lambda: client.bulk_write(inserts(1), session=session), ClientBulkWriteException)
    assert error.has_error_label("TransientTransactionError")  # `with_transaction` looks at no other error.


def test_older_servers_are_asked_nothing(bulk: Bulk) -> None:
    bulk.server.hello["maxWireVersion"] = 24
    error = bulk.fail(kind=InvalidOperation)
    assert str(error) == "MongoClient.bulk_write requires MongoDB server version 8.0+."
    assert bulk.sent() == []


REFUSED: dict[str, tuple[Any, type[Exception]]] = {
    "no list": (5, TypeError),
    "empty": ([], InvalidOperation),
    "no operation": ([5], TypeError),
    "no namespace": ([InsertOne({})], InvalidOperation),
    "no document": ([InsertOne(cast("Any", 5), namespace=NS)], TypeError),
    "no operators": ([UpdateOne({}, {"a": 1}, namespace=NS)], ValueError),
    "an empty update": ([UpdateMany({}, {}, namespace=NS)], ValueError),
    "operators": ([ReplaceOne({}, {"$a": 1}, namespace=NS)], ValueError),
    "no value": ([InsertOne({"a": object()}, namespace=NS)], InvalidDocument),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_write(bulk: Bulk, name: str) -> None:
    models, kind = REFUSED[name]
    bulk.fail(kind=kind, models=models)
    assert bulk.sent() == []


@pytest.mark.parametrize(
    "make", [InsertOne, lambda document, namespace: ReplaceOne({}, document, namespace=namespace)]
)
def test_raw_documents_are_sent_as_they_are(bulk: Bulk, make: Callable[..., Any]) -> None:
    from petiole.bson.raw_bson import RawBSONDocument

    raw = RawBSONDocument(encode({"x": 1}))
    bulk.do(models=[make(raw, namespace=NS)])
    (operation,) = bulk.sent()[0]["ops"]
    assert (operation.get("document") or operation.get("updateMods")) == {"x": 1}


def test_servers_of_8_2_are_told_of_raw_data(bulk: Bulk) -> None:
    bulk.do(raw_data=True)
    assert "rawData" not in bulk.sent()[0]
    bulk.server.hello["maxWireVersion"] = 27
    bulk.do(raw_data=True)
    assert bulk.sent()[1]["rawData"] is True
