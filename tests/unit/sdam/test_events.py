"""The events between two snapshots, in their order."""

from typing import Any

from petiole._sdam import transitions
from petiole._sdam.events import (
    ServerClosedEvent,
    ServerDescriptionChangedEvent,
    ServerOpeningEvent,
    TopologyClosedEvent,
    TopologyDescriptionChangedEvent,
    TopologyEvent,
    TopologyOpenedEvent,
    changes,
    closing,
    opening,
)
from petiole._sdam.server import ServerDescription, describe_server
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription

A, B, C = ("a", 27017), ("b", 27017), ("c", 27017)


def start(**options: Any) -> TopologyDescription:
    return transitions.initial(TopologySettings(seeds=(A, B), topology_id=7, **options))


def member(address: tuple[str, int], round_trip_time: float = 0.1, **reply: Any) -> ServerDescription:
    document = {"ok": 1, "setName": "rs", "secondary": True, "hosts": ["a:27017", "b:27017"], **reply}
    return describe_server(address, document, round_trip_time=round_trip_time, last_update_time=0.0)


def step(
    topology: TopologyDescription, server: ServerDescription
) -> tuple[TopologyDescription, list[TopologyEvent]]:
    new = transitions.update(topology, server)
    return new, changes(topology, new, server)


def brief(events: list[TopologyEvent]) -> list[object]:
    servers = (ServerOpeningEvent, ServerDescriptionChangedEvent, ServerClosedEvent)
    return [(type(e), e.server_address) if isinstance(e, servers) else type(e) for e in events]


def test_opening_and_closing() -> None:
    assert brief(opening(start())) == [
        TopologyOpenedEvent,
        TopologyDescriptionChangedEvent,
        (ServerOpeningEvent, A),
        (ServerOpeningEvent, B),
    ]
    events = closing(start())
    assert brief(events) == [
        (ServerClosedEvent, A),
        (ServerClosedEvent, B),
        TopologyDescriptionChangedEvent,
        TopologyClosedEvent,
    ]
    assert events[-1].topology_id == 7
    changed = events[2]
    assert isinstance(changed, TopologyDescriptionChangedEvent)
    assert changed.new_description.server_descriptions() == {}
    assert changed.new_description.topology_type_name == "Unknown"


def test_servers_that_join_and_leave() -> None:
    topology, events = step(
        start(), member(A, isWritablePrimary=True, hosts=["a:27017", "c:27017"], maxWireVersion=21)
    )
    assert brief(events) == [
        (ServerDescriptionChangedEvent, A),
        (ServerOpeningEvent, C),
        (ServerClosedEvent, B),
        TopologyDescriptionChangedEvent,
    ]
    changed = events[-1]
    assert isinstance(changed, TopologyDescriptionChangedEvent)
    assert changed.new_description is topology


def test_a_server_that_is_refused_shows_what_it_said() -> None:
    _, events = step(start(replica_set_name="mine"), member(A, hosts=["a:27017"]))
    assert brief(events) == [
        (ServerDescriptionChangedEvent, A),
        (ServerClosedEvent, A),
        TopologyDescriptionChangedEvent,
    ]
    changed = events[0]
    assert isinstance(changed, ServerDescriptionChangedEvent)
    assert changed.new_description.replica_set_name == "rs"


def test_nothing_is_published_when_only_times_change() -> None:
    topology, _ = step(start(), member(A))
    faster, events = step(topology, member(A, round_trip_time=0.01))
    assert events == []
    assert faster is not topology
    assert changes(topology, topology) == []
