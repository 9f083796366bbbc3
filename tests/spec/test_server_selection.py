"""Runs the server-selection and max-staleness trees: suitable servers, latency window, round trips, load."""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from bson import json_util

from petiole._sdam.address import Address, format_address, parse_address
from petiole._sdam.preference import PRIMARY, Preference
from petiole._sdam.rtt import weighted_average
from petiole._sdam.selection import Wanted, pick, select, suitable
from petiole._sdam.selectors import writable_server_selector
from petiole._sdam.server import ServerDescription, describe_server, load_balancer, unknown_server
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription
from petiole.errors import ConfigurationError

FOLDERS = {
    "test_selection": ("server-selection/tests/server_selection", "max-staleness/tests"),
    "test_round_trip_time": ("server-selection/tests/rtt",),
    "test_choice_by_load": ("server-selection/tests/in_window",),
}

MODES = ("Primary", "PrimaryPreferred", "Secondary", "SecondaryPreferred", "Nearest")

REPLIES: Mapping[str, Mapping[str, Any]] = {
    "RSPrimary": {"setName": "rs", "isWritablePrimary": True},
    "RSSecondary": {"setName": "rs", "secondary": True},
    "RSArbiter": {"setName": "rs", "arbiterOnly": True},
    "RSOther": {"setName": "rs", "hidden": True},
    "RSGhost": {"isreplicaset": True},
    "Mongos": {"msg": "isdbgrid"},
    "Standalone": {},
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    root = metafunc.config.getoption("--specifications", None) or os.environ.get("PETIOLE_SPECIFICATIONS")
    tree = Path(root) if root else Path(__file__).resolve().parents[3] / "shared/specifications"
    folders = FOLDERS[metafunc.function.__name__]
    paths = [path for folder in folders for path in sorted((tree / folder).rglob("*.json"))]
    metafunc.parametrize("path", paths, ids=["/".join((*path.parts[-3:-1], path.stem)) for path in paths])


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json_util.loads(path.read_text())
    return case


def server_of(document: Mapping[str, Any]) -> ServerDescription:
    address = parse_address(document["address"])
    if document["type"] in ("Unknown", "PossiblePrimary"):
        return unknown_server(address)
    if document["type"] == "LoadBalancer":
        return load_balancer(address)
    reply = {"ok": 1, "maxWireVersion": document.get("maxWireVersion", 21), **REPLIES[document["type"]]}
    reply["tags"] = document.get("tags", {})
    if "lastWrite" in document:
        milliseconds = timedelta(milliseconds=int(document["lastWrite"]["lastWriteDate"]))
        reply["lastWrite"] = {"lastWriteDate": datetime(1970, 1, 1, tzinfo=UTC) + milliseconds}
    return describe_server(
        address,
        reply,
        round_trip_time=document["avg_rtt_ms"] / 1000,
        last_update_time=document.get("lastUpdateTime", 0) / 1000,
    )


def topology_of(
    document: Mapping[str, Any], heartbeat_frequency: float = 10
) -> tuple[TopologyDescription, list[ServerDescription]]:
    servers = [server_of(server) for server in document["servers"]]
    topology = TopologyDescription(
        getattr(TOPOLOGY_TYPE, document["type"]),
        {server.address: server for server in servers},
        "rs" if document["type"].startswith("ReplicaSet") else None,
        None,
        None,
        TopologySettings(topology_id="42", heartbeat_frequency=heartbeat_frequency),
    )
    return topology, servers


def wanted_of(case: Mapping[str, Any]) -> Wanted:
    if case.get("operation") == "write":
        return writable_server_selector
    document = case["read_preference"]
    return Preference(
        MODES.index(document.get("mode", "Primary")),
        document.get("tag_sets", [{}]),
        document.get("maxStalenessSeconds", -1),
    )


def names(servers: Any) -> list[str]:
    return sorted(format_address(server.address) for server in servers)


def test_selection(path: Path) -> None:
    case = load(path)
    topology, _ = topology_of(case["topology_description"], case.get("heartbeatFrequencyMS", 10_000) / 1000)
    wanted = wanted_of(case)
    if case.get("error"):
        with pytest.raises(ConfigurationError):
            select(topology, wanted)
        return
    avoided = [parse_address(server["address"]) for server in case.get("deprioritized_servers", ())]
    everything = select(topology, wanted, local_threshold=float("inf"), deprioritized=avoided)
    window = select(topology, wanted, deprioritized=avoided)
    expected = [server["address"] for server in case["suitable_servers"]]
    assert names(everything) == sorted(expected)
    assert names(window) == sorted(server["address"] for server in case["in_latency_window"])
    if not avoided:
        assert names(suitable(topology, wanted, topology.known_servers)) == sorted(expected)


def test_round_trip_time(path: Path) -> None:
    case = load(path)
    average = None if case["avg_rtt_ms"] == "NULL" else case["avg_rtt_ms"]
    assert weighted_average(average, case["new_rtt_ms"]) == pytest.approx(case["new_avg_rtt"])


def test_choice_by_load(path: Path) -> None:
    case = load(path)
    topology, _ = topology_of(case["topology_description"])
    in_use: dict[Address, int] = {
        parse_address(server["address"]): server["operation_count"]
        for server in case["mocked_topology_state"]
    }
    nearest = Preference(4) if topology.topology_type_name.startswith("ReplicaSet") else PRIMARY
    candidates = select(topology, nearest)
    random = Random(20)
    chosen = Counter(
        format_address(pick(candidates, in_use, random.randrange).address) for _ in range(case["iterations"])
    )
    outcome = case["outcome"]
    for name, frequency in outcome["expected_frequencies"].items():
        share = chosen[name] / case["iterations"]
        # 0 and 1 are exact: a server that loses every comparison must never be chosen.
        tolerance = 0 if frequency in (0, 1) else outcome["tolerance"]
        assert share == pytest.approx(frequency, abs=tolerance)
