"""Runs the server-discovery-and-monitoring tree: hello replies and errors in, topologies and events out."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bson import json_util

from petiole._sdam import events, transitions
from petiole._sdam.address import Address, format_address, parse_address
from petiole._sdam.errors import ErrorKind, Failure, Phase, on_operation_error
from petiole._sdam.server import ServerDescription, describe_server, unknown_server
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription
from petiole.errors import AutoReconnect, NetworkTimeout, NotPrimaryError

FOLDERS = ("single", "rs", "sharded", "load-balanced", "errors", "monitoring")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    root = metafunc.config.getoption("--specifications", None) or os.environ.get("PETIOLE_SPECIFICATIONS")
    specifications = Path(root) if root else Path(__file__).resolve().parents[3] / "shared/specifications"
    tree = specifications / "server-discovery-and-monitoring/tests"
    paths = [path for folder in FOLDERS for path in sorted((tree / folder).glob("*.json"))]
    metafunc.parametrize("path", paths, ids=[f"{path.parent.name}/{path.stem}" for path in paths])


class Client:
    """What the engine does with the decisions: keeps the snapshot, the pools' generations and the events."""

    def __init__(self, uri: str) -> None:
        settings = settings_of(uri)
        self.topology = transitions.initial(settings)
        self.generations: dict[Address, int] = {}
        self.events = events.opening(self.topology)
        if settings.load_balanced:
            self.advance(transitions.with_load_balancer(self.topology))

    def advance(self, new: TopologyDescription, server: ServerDescription | None = None) -> None:
        self.events += events.changes(self.topology, new, server)
        self.topology = new

    def receive(self, name: str, reply: Mapping[str, Any]) -> None:
        address = parse_address(name)
        if reply:
            server = describe_server(address, reply, round_trip_time=0.001, last_update_time=0.0)
        else:
            server = unknown_server(address, AutoReconnect("connection refused"))
            self.generations[address] = self.generations.get(address, 0) + 1
        self.advance(transitions.update(self.topology, server), server)

    def fail(self, error: Mapping[str, Any]) -> None:
        address = parse_address(error["address"])
        current = self.topology.get(address)
        assert current is not None
        generation = self.generations.get(address, 0)
        kind = ErrorKind(error["type"])
        raised = {
            ErrorKind.NETWORK: AutoReconnect("connection closed"),
            ErrorKind.TIMEOUT: NetworkTimeout("timed out"),
            ErrorKind.COMMAND: NotPrimaryError("not primary", error.get("response")),
        }[kind]
        failure = Failure(
            kind,
            Phase.READY if error["when"] == "afterHandshakeCompletes" else Phase.AUTH,
            raised,
            error.get("generation", generation),
            error.get("response"),
        )
        decision = on_operation_error(current, generation, failure)
        if decision.description is not None:
            self.advance(transitions.update(self.topology, decision.description), decision.description)
        if decision.clear_pool:
            self.generations[address] = generation + 1


def settings_of(uri: str) -> TopologySettings:
    parts = urlsplit(uri)
    options = {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()}
    seeds = tuple(parse_address(host) for host in parts.netloc.split(","))
    name = options.get("replicaset")
    # One seed alone does not make a direct connection; only the option does, as in PyMongo.
    return TopologySettings(
        seeds=seeds,
        replica_set_name=name,
        direct=options.get("directconnection") == "true",
        load_balanced=options.get("loadbalanced") == "true",
        topology_id="42",
    )


def load(path: Path) -> dict[str, Any]:
    scenario: dict[str, Any] = json_util.loads(path.read_text())
    return scenario


def test_scenario(path: Path) -> None:
    scenario = load(path)
    client = Client(scenario["uri"])
    for phase in scenario["phases"]:
        for name, reply in phase.get("responses", ()):
            client.receive(name, reply)
        for error in phase.get("applicationErrors", ()):
            client.fail(error)
        check_outcome(client, phase["outcome"])


def check_outcome(client: Client, outcome: Mapping[str, Any]) -> None:
    topology = client.topology
    for name, expected in outcome.items():
        if name == "servers":
            assert {format_address(a) for a in topology.server_descriptions()} == set(expected)
            for address, server in expected.items():
                check_server(client, parse_address(address), server)
        elif name == "events":
            assert [*map(event_document, client.events)] == [*map(without_possible_primary, expected)]
            client.events = []
        elif name == "compatible":
            assert (topology.compatibility_error is None) == expected
        else:
            assert topology_value(topology, name) == expected, name


def topology_value(topology: TopologyDescription, name: str) -> object:
    attributes = {
        "topologyType": "topology_type_name",
        "setName": "replica_set_name",
        "logicalSessionTimeoutMinutes": "logical_session_timeout_minutes",
        "maxSetVersion": "max_set_version",
        "maxElectionId": "max_election_id",
    }
    return getattr(topology, attributes[name])


def check_server(client: Client, address: Address, expected: Mapping[str, Any]) -> None:
    server = client.topology.get(address)
    assert server is not None
    attributes = {
        "type": "server_type_name",
        "setName": "replica_set_name",
        "setVersion": "set_version",
        "electionId": "election_id",
        "logicalSessionTimeoutMinutes": "logical_session_timeout_minutes",
        "topologyVersion": "topology_version",
    }
    for name, value in expected.items():
        if name == "pool":
            assert client.generations.get(address, 0) == value["generation"]
        elif name == "error":
            assert value in str(server.error)
        elif name in ("minWireVersion", "maxWireVersion"):
            # Only the load balancer's test names them, as null: nobody has asked it.
            assert value is None
            assert server.server_type_name == "LoadBalancer"
        else:
            wanted = "Unknown" if value == "PossiblePrimary" else value
            assert getattr(server, attributes[name]) == wanted, name


def without_possible_primary(document: Any) -> Any:
    """The expectation with the type that a multi-threaded driver does not tell from Unknown."""
    return json.loads(json.dumps(document).replace('"PossiblePrimary"', '"Unknown"'))


def event_document(event: events.TopologyEvent) -> dict[str, Any]:
    names = {
        events.TopologyOpenedEvent: "topology_opening_event",
        events.TopologyDescriptionChangedEvent: "topology_description_changed_event",
        events.TopologyClosedEvent: "topology_closed_event",
        events.ServerOpeningEvent: "server_opening_event",
        events.ServerDescriptionChangedEvent: "server_description_changed_event",
        events.ServerClosedEvent: "server_closed_event",
    }
    return {names[type(event)]: dict(event_fields(event))}


def event_fields(event: events.TopologyEvent) -> Iterator[tuple[str, Any]]:
    yield "topologyId", event.topology_id
    if isinstance(event, events.TopologyDescriptionChangedEvent):
        yield "previousDescription", topology_document(event.previous_description)
        yield "newDescription", topology_document(event.new_description)
    elif isinstance(event, events.ServerDescriptionChangedEvent):
        yield "address", format_address(event.server_address)
        yield "previousDescription", server_document(event.previous_description)
        yield "newDescription", server_document(event.new_description)
    elif isinstance(event, events.ServerOpeningEvent | events.ServerClosedEvent):
        yield "address", format_address(event.server_address)


def topology_document(topology: TopologyDescription) -> dict[str, Any]:
    document: dict[str, Any] = {
        "topologyType": topology.topology_type_name,
        "servers": [server_document(server) for server in topology.server_descriptions().values()],
    }
    if topology.replica_set_name is not None:
        document["setName"] = topology.replica_set_name
    return document


def server_document(server: ServerDescription) -> dict[str, Any]:
    # No test of the tree has passives or arbiters, and a description keeps only the union.
    document: dict[str, Any] = {
        "address": format_address(server.address),
        "arbiters": [],
        "hosts": sorted(map(format_address, server.all_hosts)),
        "passives": [],
        "type": server.server_type_name,
    }
    if server.replica_set_name is not None:
        document["setName"] = server.replica_set_name
    if server.primary is not None:
        document["primary"] = format_address(server.primary)
    return document
