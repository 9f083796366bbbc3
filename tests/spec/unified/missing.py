"""What petiole cannot do yet: the one table of it. To remove a line activates the tests that need the thing.

A test that uses anything named here is skipped under "<what>: not yet in petiole". What PyMongo's API, which petiole
has, does not offer at all is in `NOT_IN_THE_API`. The first table is not heeded with `--try-missing`, which shows the
lines that can go, and with `--driver pymongo`, which shows whether the runner is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.spec.unified.driver import Face

MISSING: Mapping[str, Mapping[str, str]] = {
    "operation": {},
    "entity": {},
    "client": {},
    "errorLabel": {},
    "argument": {},
    "uriOption": {},
    "options": {},
    "test": {},
}

NOT_IN_THE_API: Mapping[str, Mapping[str, str]] = {
    "operation": {
        "listCollectionObjects": "listCollectionObjects: not in PyMongo's API",
        "listDatabaseObjects": "listDatabaseObjects: not in PyMongo's API",
        "listIndexNames": "listIndexNames: not in PyMongo's API",
    },
    "entity": {},
    "client": {},
    "errorLabel": {},
    "argument": {
        "listIndexes batchSize": "listIndexes with batchSize: not in PyMongo's API",
        "maxAwaitTimeMS >= timeoutMS": "refusing maxAwaitTimeMS beyond timeoutMS: not in PyMongo's API",
        "timeoutMode": "timeoutMode: not in PyMongo's API",
    },
    "uriOption": {"waitQueueSize": "waitQueueSize: not in PyMongo's API"},
    "options": {"timeoutMS": "timeoutMS of databases and collections: not in PyMongo's API"},
    "test": {},
}

ONLY_IN_3: Mapping[str, str] = {"count": "count", "mapReduce": "map_reduce"}
"""Operations that PyMongo's API had until 4.0, so only `petiole.legacy` has them, on the blocking face."""

PYMONGO_LACKS: Mapping[str, str] = {"observeTracingMessages": "tracing: not in PyMongo's API"}
"""What of clients petiole has, but not PyMongo's API."""


NO_SUCH_VALUES: Mapping[tuple[str, str], str] = {
    ("types", "type=symbol"): "Python has no type for BSON's symbols, which are decoded as str",
}
"""Files and tests whose values cannot be said in PyMongo's API."""

PYMONGO_REFUSES: Mapping[str, str] = {
    "accessToken-azure": "PyMongo takes no access token of Azure's without a client's id and secret",
}
"""Files whose options PyMongo does not take."""


THREE_MEMBERS = frozenset(
    {
        ("rediscover-quickly-after-step-down", "Rediscover quickly after replSetStepDown"),
        ("replicaset-emit-topology-description-changed-before-close", "Topology lifecycle"),
        ("replica-set-logging", "Server selection fails due to unsatisfiable read preference"),
        ("replica-set-logging", "A successful operation"),
        ("replicaset-logging", "Topology lifecycle"),
        ("run-command", "run command fails with explicit secondary read preference"),
        ("run-command", "run command fails with secondary read preference from transaction options"),
        ("transaction-options", "readPreference inherited from client"),
        ("transaction-options", "readPreference inherited from defaultTransactionOptions"),
        ("transaction-options", "startTransaction overrides readPreference"),
    }
)
"""Files and tests that suppose more than one member, though no requirement says so: they are for `--topology three`."""


NAMED_IN_HELLO = frozenset(
    {
        "apply backpressure on network connection errors during connection establishment",
        "apply backpressure on network timeout error during connection establishment",
        "Error returned from connection pool clear with interruptInUseConnections=true is retryable",
        "Failed bulkWrite operation: log messages have operationIds",
        "Failure due to unreachable server",
        "the server description is not changed on handshake error during minPoolSize population",
    }
)
"""Tests whose fail points meet a connection's first `hello` by the application's name in it, which servers before 4.4.7
do not see, though no requirement says so."""


ONE_SERVER: Mapping[str, frozenset[tuple[str, str]]] = {
    "sharded": frozenset(
        {
            ("mongos-recovery-token", "commitTransaction retry fails on new mongos"),
            ("pin-mongos", "unpin after transient error within a transaction and commit"),
        }
    ),
}
"""Files and tests that need a second server, by topology: behind the proxies every mongos is one and the same, so a
fail point on handshakes with the first holds for all."""


def why_not(face: Face, content: Mapping[str, Any], test: Mapping[str, Any]) -> str | None:
    """Why this test of a file cannot run on a face of the driver; None if it can."""
    driver = face.driver
    if (content["description"], test["description"]) in NO_SUCH_VALUES:
        return NO_SUCH_VALUES[content["description"], test["description"]]
    if driver.package == "pymongo" and content["description"] in PYMONGO_REFUSES:
        return PYMONGO_REFUSES[content["description"]]
    for place, names in _used(content, test):
        for name in names:
            if name in NOT_IN_THE_API[place]:
                return NOT_IN_THE_API[place][name]
            if place == "operation" and name in ONLY_IN_3 and not face.legacy:
                return (
                    f"Collection.{ONLY_IN_3[name]}: removed from PyMongo's API in 4.0, and never on asyncio"
                )
            if driver.package == "pymongo" and name in PYMONGO_LACKS:
                return PYMONGO_LACKS[name]
            if not driver.complete and name in MISSING[place]:
                return f"{MISSING[place][name]}: not yet in petiole"
    return None


def _used(content: Mapping[str, Any], test: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[str]]]:
    """The places of a test, with the names that are used there."""
    yield from _of_entities(content.get("createEntities", ()))
    for operation in operations_of(test["operations"]):
        arguments = operation.get("arguments", {})
        if operation["name"] == "createEntities":
            yield from _of_entities(arguments["entities"])
        yield "operation", [operation["name"]]
        yield "argument", arguments
        fail_point = arguments.get("failPoint", {})
        yield "errorLabel", fail_point.get("data", {}).get("errorLabels", ())
        yield "argument", [f"{operation['name']} {name}" for name in arguments]
        if arguments.get("maxAwaitTimeMS", -1) >= arguments.get("timeoutMS", math.inf):
            yield "argument", ["maxAwaitTimeMS >= timeoutMS"]
    yield "test", test


def uses_encryption(content: Mapping[str, Any], test: Mapping[str, Any]) -> bool:
    """Whether a test of a file makes clients that encrypt, or encrypts itself."""
    named = {name for _, names in _used(content, test) for name in names}
    return bool({"autoEncryptOpts", "clientEncryption"} & named)


def _of_entities(entities: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Iterable[str]]]:
    for entity in entities:
        (kind, specification), *_ = entity.items()
        yield "entity", [kind]
        if kind == "client":
            yield "client", specification
            yield "uriOption", specification.get("uriOptions", {})
        yield "options", specification.get(f"{kind}Options", {})


def operations_of(operations: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The operations, and those that they are given to run."""
    for operation in operations:
        yield operation
        arguments = operation.get("arguments", {})
        yield from operations_of(arguments.get("operations", ()))
        if operation["name"] == "withTransaction":
            yield from operations_of(arguments["callback"])
        if operation["name"] == "runOnThread":
            yield from operations_of([arguments["operation"]])
