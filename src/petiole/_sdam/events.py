"""Which events a change of the deployment publishes.

Owns: small values named like the classes in PyMongo's `monitoring`, and the difference between two snapshots
as a list of them, in the order of publication. May not: call listeners.
Follows: Server Discovery and Monitoring Logging and Monitoring, "Events API" and "Guarantees".
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from petiole._sdam.address import Address
from petiole._sdam.server import ServerDescription
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.topology import TopologyDescription


class TopologyOpenedEvent(NamedTuple):
    """The client began to observe a deployment."""

    topology_id: Any


class TopologyDescriptionChangedEvent(NamedTuple):
    """The deployment looks different now."""

    topology_id: Any
    previous_description: TopologyDescription
    new_description: TopologyDescription


class TopologyClosedEvent(NamedTuple):
    """The client stopped observing the deployment."""

    topology_id: Any


class ServerOpeningEvent(NamedTuple):
    """A server joined the deployment."""

    topology_id: Any
    server_address: Address


class ServerDescriptionChangedEvent(NamedTuple):
    """A server looks different now."""

    topology_id: Any
    server_address: Address
    previous_description: ServerDescription
    new_description: ServerDescription


class ServerClosedEvent(NamedTuple):
    """A server left the deployment."""

    topology_id: Any
    server_address: Address


TopologyEvent: TypeAlias = (
    TopologyOpenedEvent
    | TopologyDescriptionChangedEvent
    | TopologyClosedEvent
    | ServerOpeningEvent
    | ServerDescriptionChangedEvent
    | ServerClosedEvent
)


def opening(topology: TopologyDescription) -> list[TopologyEvent]:
    """The events of a client that begins with this description."""
    empty = topology.replaced({}, topology_type=TOPOLOGY_TYPE.Unknown, replica_set_name=None)
    name = topology.topology_id
    return [
        TopologyOpenedEvent(name),
        TopologyDescriptionChangedEvent(name, empty, topology),
        *(ServerOpeningEvent(name, address) for address in topology.server_descriptions()),
    ]


def changes(
    previous: TopologyDescription, new: TopologyDescription, server: ServerDescription | None = None
) -> list[TopologyEvent]:
    """The events of a step from one snapshot to the next; none if an application would see no difference.

    :param server: the description that caused the step, to tell what a server that it removes had said last
    """
    if previous is new:
        return []
    events = [*_server_changes(previous, new, server), *_membership(previous, new)]
    head = ("topology_type", "replica_set_name")
    if events or any(getattr(previous, name) != getattr(new, name) for name in head):
        events.append(TopologyDescriptionChangedEvent(new.topology_id, previous, new))
    return events


def closing(topology: TopologyDescription) -> list[TopologyEvent]:
    """The events of a client that closes."""
    empty = topology.replaced({}, topology_type=TOPOLOGY_TYPE.Unknown, replica_set_name=None)
    name = topology.topology_id
    return [
        *(ServerClosedEvent(name, address) for address in topology.server_descriptions()),
        TopologyDescriptionChangedEvent(name, topology, empty),
        TopologyClosedEvent(name),
    ]


def _server_changes(
    previous: TopologyDescription, new: TopologyDescription, server: ServerDescription | None
) -> Iterator[TopologyEvent]:
    for address, before in previous.server_descriptions().items():
        after = new.get(address)
        if after is None and server is not None and server.address == address:
            after = server
        if after is not None and before != after:
            yield ServerDescriptionChangedEvent(new.topology_id, address, before, after)


def _membership(previous: TopologyDescription, new: TopologyDescription) -> Iterator[TopologyEvent]:
    for address in new.server_descriptions():
        if not previous.has_server(address):
            yield ServerOpeningEvent(new.topology_id, address)
    for address in previous.server_descriptions():
        if not new.has_server(address):
            yield ServerClosedEvent(new.topology_id, address)
