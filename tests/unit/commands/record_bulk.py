"""Runs the bulk writes of `bulk_cases` on PyMongo and keeps commands, replies and outcome.

Run it with a replica set of one on the port given: ``python -m tests.unit.commands.record_bulk 27017``.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pymongo
import pymongo.collation
import pymongo.errors
import pymongo.monitoring
import pymongo.operations
from tests.unit.commands.bulk_cases import CASES, BulkCase
from tests.unit.commands.record_commands import as_text

RECORDED = Path(__file__).with_name("recorded_bulk.json")
_OF_THE_CONNECTION = ("lsid", "$clusterTime", "$db", "txnNumber", "writeConcern")
_OF_THE_MOMENT = ("$clusterTime", "operationTime", "electionId", "opTime")


class _Exchanges(pymongo.monitoring.CommandListener):
    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        command = {key: value for key, value in event.command.items() if key not in _OF_THE_CONNECTION}
        self.found.append(
            {
                "command": as_text(command),
                "retryable": "txnNumber" in event.command,
                "write_concern": event.command.get("writeConcern"),
            }
        )

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        reply = {key: value for key, value in event.reply.items() if key not in _OF_THE_MOMENT}
        self.found[-1]["reply"] = copy.deepcopy(reply)

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """No case makes a whole command fail."""
        raise AssertionError(event.failure)


def record_case(client: pymongo.MongoClient[Any], exchanges: _Exchanges, case: BulkCase) -> dict[str, Any]:
    """What PyMongo made of one case."""
    collection = client["t"]["c"]
    collection.drop()
    collection.insert_many([{"_id": number, "a": number} for number in range(5)])
    exchanges.found.clear()
    names = dict(vars(pymongo.operations), Collation=pymongo.collation.Collation)
    concern = pymongo.WriteConcern(**eval(case.write_concern))
    outcome: dict[str, Any]
    try:
        result = collection.with_options(write_concern=concern).bulk_write(
            eval(case.operations, names), case.ordered, **eval(case.options)
        )
        outcome = {"result": result.bulk_api_result}
    except pymongo.errors.BulkWriteError as error:
        outcome = {"details": error.details}
    except (pymongo.errors.PyMongoError, TypeError, ValueError) as error:
        outcome = {"error": type(error).__name__, "message": str(error)}
    return {"exchanges": copy.deepcopy(exchanges.found), **outcome}


def record(port: int) -> list[Any]:
    """What PyMongo made of all cases."""
    exchanges = _Exchanges()
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(
        "127.0.0.1", port, directConnection=True, event_listeners=[exchanges]
    )
    return [record_case(client, exchanges, case) for case in CASES]


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(int(sys.argv[1])), indent=1) + "\n")
