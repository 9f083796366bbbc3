"""Operations of the test runner itself.

Follows: unified-test-format, "Special Test Operations". Those that run other operations are in `scheduling`.
"""

from __future__ import annotations

from typing import Any

from tests.spec.unified import internals
from tests.spec.unified.context import Context
from tests.spec.unified.creation import create
from tests.spec.unified.events import EventMatcher, name_of
from tests.spec.unified.operations import scheduling
from tests.spec.unified.operations.registry import Operations
from tests.spec.unified.options import Unsupported

OPERATIONS = Operations("testRunner")
PATIENCE = 10.0
"""Seconds that "waitForEvent" and "waitForPrimaryChange" wait."""


async def run(context: Context, name: str, arguments: dict[str, Any]) -> None:
    operations = next((known for known in (OPERATIONS, scheduling.OPERATIONS) if name in known), None)
    if operations is None:
        raise Unsupported(f"the test runner has no operation {name!r}")
    await operations[name](context, None, arguments)


@OPERATIONS.add("failPoint")
async def fail_point(context: Context, _: None, arguments: dict[str, Any]) -> None:
    client = context.client(arguments["client"]).client
    await context.fail_points.set(context.face, client, arguments["failPoint"])


@OPERATIONS.add("targetedFailPoint")
async def targeted_fail_point(context: Context, _: None, arguments: dict[str, Any]) -> None:
    address = internals.pinned_address(_session(context, arguments))
    assert address is not None, "the session is not pinned"
    context.fail_points.set_on((address[0], address[1] or 27017), arguments["failPoint"])


def _session(context: Context, arguments: dict[str, Any]) -> Any:
    return context.entities.get(arguments["session"], "session").session


@OPERATIONS.add("createEntities")
async def create_entities(context: Context, _: None, arguments: dict[str, Any]) -> None:
    await create(context, arguments["entities"])


@OPERATIONS.add("assertSessionTransactionState")
async def assert_transaction_state(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert internals.transaction_state(_session(context, arguments)) == arguments["state"]


@OPERATIONS.add("assertSessionPinned")
async def assert_session_pinned(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert internals.pinned_address(_session(context, arguments)) is not None


@OPERATIONS.add("assertSessionUnpinned")
async def assert_session_unpinned(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert internals.pinned_address(_session(context, arguments)) is None


@OPERATIONS.add("assertSessionDirty")
async def assert_session_dirty(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert internals.is_dirty(_session(context, arguments))


@OPERATIONS.add("assertSessionNotDirty")
async def assert_session_not_dirty(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert not internals.is_dirty(_session(context, arguments))


def _last_lsids(context: Context, arguments: dict[str, Any]) -> tuple[Any, Any]:
    events = context.client(arguments["client"]).observer.events
    started = [event for event in events if name_of(event) == "commandStartedEvent"]
    assert len(started) >= 2, f"only {len(started)} commands have been started"
    return started[-1].command["lsid"], started[-2].command["lsid"]


@OPERATIONS.add("assertSameLsidOnLastTwoCommands")
async def assert_same_lsid(context: Context, _: None, arguments: dict[str, Any]) -> None:
    last, before = _last_lsids(context, arguments)
    assert last == before


@OPERATIONS.add("assertDifferentLsidOnLastTwoCommands")
async def assert_different_lsid(context: Context, _: None, arguments: dict[str, Any]) -> None:
    last, before = _last_lsids(context, arguments)
    assert last != before


def _collection_names(context: Context, arguments: dict[str, Any]) -> list[str]:
    names: list[str] = context.deployment.client[arguments["databaseName"]].list_collection_names()
    return names


@OPERATIONS.add("assertCollectionExists")
async def assert_collection_exists(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert arguments["collectionName"] in _collection_names(context, arguments)


@OPERATIONS.add("assertCollectionNotExists")
async def assert_collection_not_exists(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert arguments["collectionName"] not in _collection_names(context, arguments)


def _index_names(context: Context, arguments: dict[str, Any]) -> list[str]:
    collection = context.deployment.client[arguments["databaseName"]][arguments["collectionName"]]
    return [index["name"] for index in collection.list_indexes()]


@OPERATIONS.add("assertIndexExists")
async def assert_index_exists(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert arguments["indexName"] in _index_names(context, arguments)


@OPERATIONS.add("assertIndexNotExists")
async def assert_index_not_exists(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert arguments["indexName"] not in _index_names(context, arguments)


@OPERATIONS.add("assertNumberConnectionsCheckedOut")
async def assert_connections_checked_out(context: Context, _: None, arguments: dict[str, Any]) -> None:
    assert context.client(arguments["client"]).observer.checked_out == arguments["connections"]


@OPERATIONS.add("waitForEvent")
async def wait_for_event(context: Context, _: None, arguments: dict[str, Any]) -> None:
    expected, count = arguments["event"], arguments["count"]
    observer = context.client(arguments["client"]).observer
    events = EventMatcher(context.matcher)
    await _wait(context, lambda: events.count(expected, observer) >= count, f"{count} times {expected!r}")


async def _wait(context: Context, condition: Any, what: str, seconds: float = PATIENCE) -> None:
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await context.face.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {what}")


@OPERATIONS.add("assertEventCount")
async def assert_event_count(context: Context, _: None, arguments: dict[str, Any]) -> None:
    observer = context.client(arguments["client"]).observer
    actual = EventMatcher(context.matcher).count(arguments["event"], observer)
    assert actual == arguments["count"], f"{actual} times {arguments['event']!r}"


@OPERATIONS.add("recordTopologyDescription")
async def record_topology(context: Context, _: None, arguments: dict[str, Any]) -> None:
    client = context.client(arguments["client"]).client
    context.entities.add(arguments["id"], "topologyDescription", client.topology_description)


@OPERATIONS.add("assertTopologyType")
async def assert_topology_type(context: Context, _: None, arguments: dict[str, Any]) -> None:
    topology = context.entities.get(arguments["topologyDescription"], "topologyDescription")
    assert topology.topology_type_name == arguments["topologyType"]


def _primary(topology: Any) -> Any:
    servers = topology.server_descriptions().values()
    return next((server.address for server in servers if server.server_type_name == "RSPrimary"), None)


@OPERATIONS.add("waitForPrimaryChange")
async def wait_for_primary_change(context: Context, _: None, arguments: dict[str, Any]) -> None:
    client = context.client(arguments["client"]).client
    prior = _primary(context.entities.get(arguments["priorTopologyDescription"], "topologyDescription"))
    await _wait(
        context,
        lambda: _primary(client.topology_description) not in (None, prior),
        f"a primary other than {prior}",
        arguments.get("timeoutMS", PATIENCE * 1000) / 1000,
    )


@OPERATIONS.add("wait")
async def wait(context: Context, _: None, arguments: dict[str, Any]) -> None:
    await context.face.sleep(arguments["ms"] / 1000)
