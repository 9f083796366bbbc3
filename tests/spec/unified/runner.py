"""Runs a test of a file.

Follows: unified-test-format, "Executing a Test File" and "Executing a Test".
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tests.spec.unified.context import Context
from tests.spec.unified.creation import create
from tests.spec.unified.deployment import Deployment
from tests.spec.unified.driver import Face
from tests.spec.unified.events import EventMatcher
from tests.spec.unified.execution import execute
from tests.spec.unified.file_format import check_file
from tests.spec.unified.logs import LogCollector, expect_messages
from tests.spec.unified.missing import (
    NAMED_IN_HELLO,
    ONE_SERVER,
    THREE_MEMBERS,
    operations_of,
    uses_encryption,
    why_not,
)
from tests.spec.unified.tracing import collect_spans, expect_spans, spans_of

Document = Mapping[str, Any]


def why_skipped(face: Face, deployment: Deployment, content: Document, test: Document) -> str | None:
    """Why a test is not run here; None if it is to be run."""
    if "skipReason" in test:
        return f"the test says so: {test['skipReason']}"
    for place in (content, test):
        unmet = deployment.unmet(place.get("runOnRequirements"))
        if unmet:
            return f"runOnRequirements: {unmet}"
    if (content["description"], test["description"]) in THREE_MEMBERS and deployment.members < 3:
        return "needs a set of three members (--topology three)"
    if test["description"] in NAMED_IN_HELLO and deployment.version < (4, 4, 7):
        return "needs a server whose fail points see the application's name in the first hello (4.4.7)"
    if (content["description"], test["description"]) in ONE_SERVER.get(deployment.topology, ()):
        return "needs a second server: behind the proxies every mongos is the same"
    return why_not(face, content, test)


def run_test(face: Face, deployment: Deployment, content: Document, test: Document) -> Context:
    """Run a test; raise what is wrong. The context has the entities, though their clients are closed."""
    check_file(content)
    content, test = deepcopy((content, test))  # Drivers put ids into documents that they insert.
    if uses_encryption(content, test):
        content, test = deployment.encryption.adapted([content, test])
    deployment.set_up(content.get("initialData") or _empty(content))
    names = {operation["name"] for operation in operations_of(test["operations"])}
    context = Context(face, deployment, execute, "assertNumberConnectionsCheckedOut" in names)
    try:
        face.run(_run(context, content, test))
        deployment.check_outcome(test.get("outcome", ()))
    except BaseException:
        context.started_transaction = True  # A failed test may have left anything open.
        raise
    finally:
        context.fail_points.clear()
        if context.started_transaction:
            deployment.kill_sessions()
    return context


def _empty(content: Document) -> list[Document]:
    """Files without initial data suppose that nobody has run them before: their collections as initial data."""
    entities: dict[str, Document] = {}
    for entity in content.get("createEntities", ()):
        for kind in ("database", "collection"):
            if kind in entity:
                entities[entity[kind]["id"]] = entity[kind]
    return [
        {
            "databaseName": entities[entity["database"]]["databaseName"],
            "collectionName": entity["collectionName"],
        }
        for entity in entities.values()
        if "collectionName" in entity
    ]


async def _run(context: Context, content: Document, test: Document) -> None:
    levels = {entity["id"]: entity["observeLogMessages"] for entity in _clients(content, test)}
    if "expectTracingMessages" in test:
        collect_spans()
    try:
        with LogCollector(context.driver, levels) as logs:
            await create(context, content.get("createEntities", ()))
            for operation in test["operations"]:
                await execute(context, operation)
            _stop_observing(context)
        _check_expectations(context, test, logs)
    finally:
        await _close(context)


def _clients(content: Document, test: Document) -> list[Document]:
    """The clients whose logs are observed."""
    entities = list(content.get("createEntities", ()))
    for operation in operations_of(test["operations"]):
        if operation["name"] == "createEntities":
            entities += operation["arguments"]["entities"]
    clients = [entity["client"] for entity in entities if "client" in entity]
    return [client for client in clients if "observeLogMessages" in client]


def _stop_observing(context: Context) -> None:
    for client in context.entities.all("client"):
        client.observer.stop()
    context.fail_points.clear()


def _check_expectations(context: Context, test: Document, logs: LogCollector) -> None:
    events = EventMatcher(context.matcher)
    for expected in test.get("expectEvents", ()):
        events.expect(expected, context.client(expected["client"]).observer)
    for expected in test.get("expectLogMessages", ()):
        observer = context.client(expected["client"]).observer
        expect_messages(context.matcher, expected, logs.messages(expected["client"], observer))
    for expected in test.get("expectTracingMessages", ()):
        expect_spans(context.matcher, expected, spans_of(context.driver))


async def _close(context: Context) -> None:
    """End what the test has begun. The clients are closed last: the others still use them."""
    _stop_observing(context)
    for cursor in context.entities.all("cursor"):
        await context.face.resolve(cursor.cursor.close())
    for entity in context.entities.all("clientEncryption"):
        await context.face.resolve(entity.close())
    for session in context.entities.all("session"):
        await context.face.resolve(session.session.end_session())
    for client in context.entities.all("client"):
        await context.face.resolve(client.client.close())
