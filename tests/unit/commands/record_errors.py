"""Makes a server fail in every way that matters, and keeps its replies with the exceptions PyMongo raised.

Run it with a replica set of one, started with ``--setParameter enableTestCommands=1``, on the port given:
``python -m tests.unit.commands.record_errors 27017``.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pymongo
import pymongo.errors
import pymongo.monitoring
from bson import json_util
from bson.int64 import Int64

RECORDED = Path(__file__).with_name("recorded_errors.json")
_WTIMEOUT = {"code": 64, "errmsg": "late", "errInfo": {"wtimeout": True}}

# An operation, and what the fail point does to it; none where the server fails by itself.
CASES: list[tuple[str, dict[str, Any]]] = [
    *(
        ("c.find_one()", {"errorCode": code})
        for code in (43, 50, 64, 79, 89, 91, 189, 262, 10058, 10107, 11001, 11600, 11602, 12582, 13435, 13436)
    ),
    *(("c.insert_one({})", {"errorCode": code}) for code in (50, 64, 10107, 11001)),
    ("c.insert_one({})", {"errorCode": 8, "errorLabels": ["Foo", "RetryableWriteError"]}),
    ("c.insert_one({})", {"errorCode": 10107, "errorLabels": ["Foo"]}),
    *(
        (operation, {"writeConcernError": error})
        for operation in (
            "c.insert_one({})",
            "c.update_one({}, {'$set': {'x': 1}})",
            "c.delete_one({})",
            "c.find_one_and_delete({})",
            "c.create_index('zz')",
        )
        for error in (
            {"code": 64, "errmsg": "late"},
            _WTIMEOUT,
            {"code": 50, "errmsg": "late"},
            {"code": 100, "errmsg": "too few"},
            {"code": 91, "errmsg": "shutting down"},
        )
    ),
    ("c.insert_one({})", {"writeConcernError": {"code": 79, "errmsg": "x"}, "errorLabels": ["Y"]}),
    ("c.insert_one({})", {"writeConcernError": {"code": 79, "errmsg": "x", "errorLabels": ["X"]}}),
    ("c.insert_one({'_id': 0})", {}),
    ("c.update_one({'_id': 1}, {'$set': {'u': 0}})", {}),
    ("c.update_one({'_id': 1}, {'$set': {'_id': 5}})", {}),
    ("c.find_one_and_update({'_id': 1}, {'$set': {'u': 0}})", {}),
    ("c.delete_one({'$foo': 1})", {}),
    ("c.find_one({'$foo': 1})", {}),
    ("db.command('foo')", {}),
    ("db.command('getMore', Int64(5), collection='c')", {}),
    ("c.create_index('same', unique=True)", {}),
]


class _Replies(pymongo.monitoring.CommandListener):
    def __init__(self) -> None:
        self.last: Any = None

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        """The command does not matter here."""

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        self.last = copy.deepcopy(event.reply)

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        failure = copy.deepcopy(event.failure)
        # PyMongo shows the write concern error alone where it raises one for a reply that is ok otherwise.
        self.last = failure if "ok" in failure else {"ok": 1.0, "writeConcernError": failure}


def record(port: int) -> list[dict[str, Any]]:
    """Replies and exceptions of all cases."""
    replies = _Replies()
    options: dict[str, Any] = {"directConnection": True, "retryReads": False, "retryWrites": False}
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(
        "127.0.0.1", port, event_listeners=[replies], **options
    )
    admin = pymongo.MongoClient[Any]("127.0.0.1", port, **options).admin
    names: dict[str, Any] = {"c": client["t"]["c"], "db": client["t"], "Int64": Int64}
    recorded = []
    for operation, failure in CASES:
        names["c"].drop()
        names["c"].insert_many([{"_id": number, "u": number, "same": 1} for number in range(3)])
        names["c"].create_index("u", unique=True)
        if failure:
            commands = ["find", "insert", "update", "delete", "findAndModify", "createIndexes"]
            data = {"failCommands": commands, **failure}
            admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=data)
        try:
            eval(operation, dict(names))
        except pymongo.errors.PyMongoError as error:
            recorded.append(
                {
                    "operation": operation,
                    "reply": json.loads(
                        json_util.dumps(replies.last, json_options=json_util.CANONICAL_JSON_OPTIONS)
                    ),
                    "class": type(error).__name__,
                    "text": str(error),
                    "code": getattr(error, "code", None),
                    "labels": sorted(error._error_labels),
                }
            )
        else:
            raise AssertionError(f"{operation} with {failure} was expected to fail")
    return recorded


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(int(sys.argv[1])), indent=1) + "\n")
