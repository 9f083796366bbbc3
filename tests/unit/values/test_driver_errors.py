"""Errors have PyMongo's hierarchy, attributes and texts; bulk write errors say more."""

import inspect
import pickle
from typing import Any

import pymongo.errors
import pytest
from tests.unit.values.parity import assert_same, plain

import petiole.errors
from petiole.errors import (
    AutoReconnect,
    BulkWriteError,
    ClientBulkWriteException,
    EncryptedCollectionError,
    EncryptionError,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
)

CLASSES = [
    name
    for name, value in vars(pymongo.errors).items()
    # Its base is a class of `ssl`, which importing the errors must not load; nothing raises it.
    if inspect.isclass(value) and value.__module__ == "pymongo.errors" and name != "_CertificateError"
]

SNIPPETS = """
PyMongoError()
PyMongoError("x")
PyMongoError("x", ["a"]).has_error_label("a")
PyMongoError("x", ["a"]).has_error_label("b")
PyMongoError("x", ["a"])._error_labels
PyMongoError("x").timeout
PyMongoError("x").args
AutoReconnect().errors
AutoReconnect("x").details
AutoReconnect("x", None).errors
AutoReconnect("x", ["a", "b"]).errors
AutoReconnect("x", {"a": 1, "errorLabels": ["L"]}).details
AutoReconnect("x", {"a": 1, "errorLabels": ["L"]})._error_labels
NetworkTimeout("x", {"errorLabels": ["L"]}).timeout
NetworkTimeout("x", {"errorLabels": ["L"]}).has_error_label("L")
NotPrimaryError("x", {"errorLabels": ["L"], "code": 3})
NotPrimaryError("x", {"errorLabels": ["L"], "code": 3}).details
NotPrimaryError("x", {"errorLabels": ["L"], "code": 3})._error_labels
NotPrimaryError()
NotPrimaryError("a", ["q"])
ServerSelectionTimeoutError("x").timeout
WaitQueueTimeoutError("x").timeout
ConfigurationError("x")
OperationFailure("x")
OperationFailure("x", 11, {"a": 1, "errorLabels": ["L"]}, 4)
OperationFailure("x", 11, {"a": 1, "errorLabels": ["L"]}, 4).code
OperationFailure("x", 11, {"a": 1, "errorLabels": ["L"]}, 4).details
OperationFailure("x", 11, {"a": 1, "errorLabels": ["L"]}, 4)._max_wire_version
OperationFailure("x", 11, {"a": 1, "errorLabels": ["L"]}, 4)._error_labels
OperationFailure("x", 11, {"baseBackoffMS": 20})._base_backoff_ms
OperationFailure("x", 11, {})._base_backoff_ms
OperationFailure("x", 11, {})
OperationFailure("x", 11).details
OperationFailure("x", 50).timeout
OperationFailure("x", 11).timeout
OperationFailure("x", 11, {"errmsg": "ab \\ud800"})
OperationFailure()
CursorNotFound("x", 43).timeout
ExecutionTimeout("x", 50).timeout
ExecutionTimeout("x", 1).timeout
WriteConcernError("x", 50, {"writeConcernError": {"code": 50}})
WriteError("x", 50)
WTimeoutError("x", 64).timeout
DuplicateKeyError("E11000", 11000, {"keyValue": {"a": 1}})
InvalidOperation("x")
InvalidName("x")
CollectionInvalid("x")
InvalidURI("x")
DocumentTooLarge("x")
DocumentTooLarge("x", {"a": 1}).document
EncryptionError(ValueError("a"))
EncryptionError(ValueError("a")).cause
EncryptionError(ValueError("a")).timeout
EncryptionError(NetworkTimeout("a")).timeout
EncryptedCollectionError(ValueError("a"), {"f": 1}).encrypted_fields
EncryptedCollectionError(ValueError("a"), {"f": 1})
BulkWriteError({"writeErrors": [{"code": 50}], "writeConcernErrors": []}).timeout
BulkWriteError({"writeErrors": [{"code": 11}, {"code": 50}], "writeConcernErrors": []}).timeout
BulkWriteError({"writeErrors": [{"code": 50}, {"code": 11}], "writeConcernErrors": []}).timeout
BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 50}]}).timeout
BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}).timeout
BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"errInfo": {"wtimeout": True}}]}).timeout
BulkWriteError({"writeConcernErrors": [{"errInfo": {"wtimeout": True}}, {"code": 1}]}).timeout
BulkWriteError({}).timeout
BulkWriteError({}).details
BulkWriteError({}).code
BulkWriteError({"writeErrors": [], "errorLabels": ["a"]})._error_labels
BulkWriteError({})
ClientBulkWriteException({"writeErrors": [{"code": 1}], "error": None}, True).write_errors
ClientBulkWriteException({"writeErrors": [], "writeConcernErrors": [1]}, True).write_concern_errors
ClientBulkWriteException({}, False).error
ClientBulkWriteException({"error": NetworkTimeout("a")}, False).error
ClientBulkWriteException({"error": NetworkTimeout("a")}, False).timeout
ClientBulkWriteException({}, False).partial_result
ClientBulkWriteException({"anySuccessful": True, "nInserted": 1}, True).partial_result
ClientBulkWriteException({}, True).verbose
ClientBulkWriteException({}, True).code
_OperationCancelled("x")
""".strip().splitlines()


@pytest.mark.parametrize("name", CLASSES)
def test_the_hierarchy_is_pymongos(name: str) -> None:
    theirs, ours = getattr(pymongo.errors, name), getattr(petiole.errors, name)
    assert [plain(base.__name__) for base in ours.__mro__] == [base.__name__ for base in theirs.__mro__]


@pytest.mark.parametrize("name", CLASSES)
def test_the_constructor_takes_what_pymongos_takes(name: str) -> None:
    theirs, ours = getattr(pymongo.errors, name), getattr(petiole.errors, name)
    expected = inspect.signature(theirs.__init__).parameters.values()
    actual = inspect.signature(ours.__init__).parameters.values()
    assert [(one.name, one.default) for one in actual] == [(one.name, one.default) for one in expected]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_as_pymongo(snippet: str) -> None:
    assert_same(snippet, "errors")


def test_labels_can_be_added_and_removed() -> None:
    error = PyMongoError("x")
    error._add_error_label("TransientTransactionError")
    assert error.has_error_label("TransientTransactionError")
    error._remove_error_label("TransientTransactionError")
    error._remove_error_label("TransientTransactionError")
    assert not error.has_error_label("TransientTransactionError")


FAILED: dict[str, Any] = {
    "writeErrors": [
        {"index": 3, "code": 11000, "errmsg": "E11000 duplicate key", "op": {"_id": 1}},
        {"index": 7, "code": 121, "errmsg": "Document failed validation", "op": {"_id": 2}},
    ],
    "writeConcernErrors": [{"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting timed out"}],
    "nInserted": 2,
    "errorLabels": ["RetryableWriteError"],
}

PICKLED = [
    PyMongoError("x", ["a"]),
    AutoReconnect("x", {"errorLabels": ["a"]}),
    OperationFailure("x", 11, {"errorLabels": ["a"]}, 4),
    BulkWriteError(FAILED),
    ClientBulkWriteException(FAILED, True),
    EncryptionError(ValueError("a")),
    EncryptedCollectionError(ValueError("a"), {"f": 1}),
]


@pytest.mark.parametrize("error", PICKLED, ids=lambda error: type(error).__name__)
def test_a_pickle_keeps_everything(error: PyMongoError) -> None:
    error._add_error_label("added")
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert copied._error_labels == error._error_labels
    # The labels are a set, which prints in any order.
    assert repr(vars(copied) | {"_error_labels": None}) == repr(vars(error) | {"_error_labels": None})


def test_a_bulk_write_error_says_what_failed() -> None:
    text = str(BulkWriteError(FAILED))
    assert text.startswith(
        "batch op errors occurred: 2 write errors (operation 3: E11000 duplicate key (11000); "
        "operation 7: Document failed validation (121)), "
        "1 write concern error (waiting timed out (WriteConcernTimeout)), full error: {"
    )
    assert text.endswith(f"full error: {FAILED}")


def test_a_bulk_write_error_names_a_few_failures_and_counts_the_rest() -> None:
    text = str(BulkWriteError({"writeErrors": [{"index": n, "errmsg": "no"} for n in range(1000)]}))
    assert "1000 write errors (operation 0: no; operation 1: no; operation 2: no; and 997 more)" in text


def test_a_client_bulk_write_names_the_error_that_stopped_it() -> None:
    error = ClientBulkWriteException({"error": NetworkTimeout("timed out"), "writeErrors": []}, False)
    assert str(error).startswith("batch op errors occurred: stopped by NetworkTimeout: timed out, full error")


def test_odd_details_do_not_break_the_text() -> None:
    assert "batch op errors occurred" in str(BulkWriteError({"writeErrors": [5, None]}))
    assert "no reason given" in str(BulkWriteError({"writeErrors": [{}]}))
