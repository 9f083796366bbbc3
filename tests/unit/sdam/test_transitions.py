"""Steps from one snapshot of the deployment to the next, against PyMongo's for the same replies."""

from random import Random
from types import SimpleNamespace
from typing import Any

import pymongo.hello
import pymongo.server_description
import pymongo.topology_description
import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from petiole._sdam import transitions
from petiole._sdam.address import Address
from petiole._sdam.server import ServerDescription, describe_server, unknown_server
from petiole._sdam.server_type import TOPOLOGY_TYPE
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription
from petiole.errors import ConfigurationError, NotPrimaryError

NAMES = ("a:27017", "b:27017", "c:27017")
ADDRESSES = tuple((name[0], 27017) for name in NAMES)
ROLES: tuple[dict[str, Any], ...] = (
    {"isWritablePrimary": True},
    {"secondary": True},
    {"arbiterOnly": True},
    {"hidden": True},
)
MEMBERS = st.fixed_dictionaries(
    {
        "ok": st.just(1),
        "maxWireVersion": st.sampled_from([13, 21]),
        "setName": st.sampled_from(["rs", "rs", "other"]),
        "hosts": st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    },
    optional={
        "setVersion": st.integers(1, 2),
        "electionId": st.integers(1, 2).map(lambda n: ObjectId(bytes([n]) * 12)),
        "me": st.sampled_from(NAMES),
        "topologyVersion": st.integers(0, 2).map(lambda n: {"processId": 1, "counter": n}),
    },
)
REPLIES = st.one_of(
    st.tuples(st.sampled_from(ROLES), MEMBERS).map(lambda pair: {**pair[1], **pair[0]}),
    st.tuples(st.sampled_from(ROLES[:2]), MEMBERS).map(lambda pair: {**pair[1], **pair[0]}),
    st.sampled_from(
        [{}, {"ok": 1, "msg": "isdbgrid"}, {"ok": 1}, {"ok": 1, "isreplicaset": True}, {"ok": 0}]
    ),
)
STEPS = st.lists(st.tuples(st.sampled_from(ADDRESSES), REPLIES), max_size=8)
STARTS = st.sampled_from(
    [
        (TOPOLOGY_TYPE.Unknown, None, 2),
        (TOPOLOGY_TYPE.Unknown, None, 1),
        (TOPOLOGY_TYPE.ReplicaSetNoPrimary, "rs", 2),
        (TOPOLOGY_TYPE.Single, "rs", 1),
        (TOPOLOGY_TYPE.Single, None, 1),
    ]
)


def summary(topology: Any) -> dict[str, Any]:
    servers = topology.server_descriptions()
    return {
        "type": topology.topology_type_name,
        "set": topology.replica_set_name,
        "versions": (topology.max_set_version, topology.max_election_id),
        "servers": {address: servers[address].server_type_name for address in sorted(servers)},
        "sessions": topology.logical_session_timeout_minutes,
        "wire": topology.common_wire_version,
    }


@given(STARTS, STEPS)
def test_any_history_leads_where_pymongo_gets(
    start: tuple[int, str | None, int], steps: list[tuple[Address, dict[str, Any]]]
) -> None:
    kind, set_name, count = start
    seeds = ADDRESSES[:count]
    ours = transitions.initial(
        TopologySettings(seeds=seeds, replica_set_name=set_name, direct=kind == TOPOLOGY_TYPE.Single)
    )
    assert ours.topology_type == kind
    theirs = pymongo.topology_description.TopologyDescription(
        kind,
        {seed: pymongo.server_description.ServerDescription(seed) for seed in seeds},
        set_name,
        None,
        None,
        SimpleNamespace(seeds=seeds, heartbeat_frequency=10, _topology_id=None),
    )
    for address, reply in steps:
        new = describe_server(address, reply, round_trip_time=0.1, last_update_time=0.0)
        current = ours.get(address)
        if current is None or transitions.is_stale(current.topology_version, new.topology_version):
            # PyMongo's client, not its description, drops these.
            assert transitions.update(ours, new) is ours
            continue
        ours = transitions.update(ours, new)
        theirs = pymongo.topology_description.updated_topology_description(
            theirs,
            pymongo.server_description.ServerDescription(address, pymongo.hello.Hello(reply), 0.1),
        )
        assert summary(ours) == summary(theirs)


def replica_set(*names: str) -> TopologyDescription:
    seeds = tuple((name, 27017) for name in names)
    return transitions.initial(TopologySettings(seeds=seeds, replica_set_name="rs"))


def primary(name: str, hosts: tuple[str, ...], **fields: Any) -> ServerDescription:
    reply = {"ok": 1, "setName": "rs", "isWritablePrimary": True, "hosts": hosts, "maxWireVersion": 21}
    return describe_server((name, 27017), {**reply, **fields}, round_trip_time=0.1, last_update_time=0.0)


def test_a_new_primary_tells_why_the_old_one_is_gone() -> None:
    topology = transitions.update(replica_set("a"), primary("a", ("a", "b"), setVersion=1))
    topology = transitions.update(topology, primary("b", ("a", "b"), setVersion=2))
    old = topology.get(("a", 27017))
    assert old is not None
    assert isinstance(old.error, NotPrimaryError)
    assert str(old.error) == transitions.STALE_BY_NEWER
    late = transitions.update(topology, primary("a", ("a", "b"), setVersion=1))
    stale = late.get(("a", 27017))
    assert stale is not None
    assert str(stale.error) == transitions.STALE_BY_ELECTION
    assert late.topology_type_name == "ReplicaSetWithPrimary"


def test_a_direct_connection_refuses_another_set() -> None:
    start = transitions.initial(TopologySettings(seeds=(("a", 27017),), replica_set_name="mine", direct=True))
    topology = transitions.update(start, primary("a", ("a",)))
    server = topology.get(("a", 27017))
    assert server is not None
    assert server.server_type_name == "Unknown"
    assert isinstance(server.error, ConfigurationError)
    assert "'mine'" in str(server.error)
    assert "'rs'" in str(server.error)
    lost = transitions.update(start, unknown_server(("a", 27017), OSError("refused")))
    assert [repr(s.error) for s in lost.server_descriptions().values()] == ["OSError('refused')"]


def test_the_previous_snapshot_stays_as_it_was() -> None:
    before = replica_set("a", "b")
    text = repr(before)
    after = transitions.update(before, primary("a", ("a", "b", "c")))
    assert repr(before) == text
    assert set(after.server_descriptions()) == {("a", 27017), ("b", 27017), ("c", 27017)}


@pytest.mark.parametrize(
    ("current", "new", "stale", "not_newer"),
    [
        (None, None, False, False),
        ({"processId": 1, "counter": 1}, None, False, False),
        (None, {"processId": 1, "counter": 1}, False, False),
        ({"processId": 1, "counter": 2}, {"processId": 1, "counter": 1}, True, True),
        ({"processId": 1, "counter": 1}, {"processId": 1, "counter": 1}, False, True),
        ({"processId": 1, "counter": 1}, {"processId": 1, "counter": 2}, False, False),
        ({"processId": 1, "counter": 2}, {"processId": 2, "counter": 1}, False, False),
    ],
)
def test_topology_versions_compare_within_one_process(
    current: dict[str, int] | None, new: dict[str, int] | None, stale: bool, not_newer: bool
) -> None:
    assert transitions.is_stale(current, new) == stale
    assert transitions.is_not_newer(current, new) == not_newer


def mongoses(*names: str, limit: int = 0) -> TopologyDescription:
    seeds = tuple((name, 27017) for name in names)
    topology = transitions.initial(TopologySettings(seeds=seeds, srv_max_hosts=limit))
    for seed in seeds:
        server = describe_server(
            seed, {"ok": 1, "msg": "isdbgrid"}, round_trip_time=0.1, last_update_time=0.0
        )
        topology = transitions.update(topology, server)
    return topology


def hosts(text: str) -> list[Address]:
    return [(name, 27017) for name in text]


def never(_count: int) -> int:
    raise AssertionError("nothing is to be drawn")


def test_srv_records_add_and_remove_and_keep() -> None:
    before = mongoses("a", "b")
    after = transitions.with_srv_hosts(before, hosts("bc"), never)
    assert {h: s.server_type_name for h, s in after.server_descriptions().items()} == {
        ("b", 27017): "Mongos",
        ("c", 27017): "Unknown",
    }
    assert after.get(("b", 27017)) is before.get(("b", 27017))


def test_srv_records_that_change_nothing_give_the_same_snapshot() -> None:
    before = mongoses("a", "b")
    assert transitions.with_srv_hosts(before, hosts("ba"), never) is before
    assert transitions.with_srv_hosts(before, [], never) is before
    members = transitions.update(replica_set("a"), primary("a", ("a",)))
    assert transitions.with_srv_hosts(members, hosts("xyz"), never) is members


def test_srv_max_hosts_keeps_known_hosts_and_draws_the_rest() -> None:
    before = mongoses("a", "b", limit=2)
    drawn: set[Address] = set()
    for seed in range(30):
        after = transitions.with_srv_hosts(before, hosts("bcdef"), Random(seed).randrange)
        servers = set(after.server_descriptions())
        assert len(servers) == 2
        assert ("b", 27017) in servers
        drawn |= servers
    assert drawn == set(hosts("bcdef"))
    assert transitions.with_srv_hosts(before, hosts("abc"), never) is before
