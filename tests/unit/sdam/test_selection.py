"""Which servers suit, against PyMongo's answers for the same deployments; and the choice among them."""

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pymongo.errors
import pymongo.hello
import pymongo.max_staleness_selectors
import pymongo.read_preferences
import pymongo.server_description
import pymongo.server_selectors
import pymongo.topology_description
import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from petiole import max_staleness_selectors, server_selectors
from petiole._sdam.address import Address
from petiole._sdam.preference import PRIMARY, Preference
from petiole._sdam.selection import for_aggregate_write, pick, select
from petiole._sdam.server import ServerDescription, describe_server, load_balancer, unknown_server
from petiole._sdam.settings import TopologySettings
from petiole.errors import ConfigurationError
from petiole.topology_description import SRV_POLLING_TOPOLOGIES, TOPOLOGY_TYPE, TopologyDescription

ID = ObjectId(b"t" * 12)
ROLES: tuple[dict[str, Any] | None, ...] = (
    {"setName": "rs", "isWritablePrimary": True},
    {"setName": "rs", "secondary": True},
    {"setName": "rs", "arbiterOnly": True},
    {"isreplicaset": True},
    None,
)
TAGS = st.sampled_from([{}, {"dc": "ny"}, {"dc": "ny", "rack": "1"}, {"dc": "sf"}])
WRITTEN = st.integers(0, 300).map(lambda s: datetime(2020, 1, 1) + timedelta(seconds=s))
# Even milliseconds: a difference of exactly the threshold would turn on the rounding of a sum or a difference.
LATENCIES = st.integers(1, 20).map(lambda n: 2 * n)
MEMBERS = st.lists(
    st.tuples(st.sampled_from([*ROLES, ROLES[1], ROLES[1]]), TAGS, WRITTEN, LATENCIES), max_size=5
)
SELECTORS = [
    getattr(server_selectors, name) for name in dir(server_selectors) if name.endswith("_server_selector")
]
PLAIN_SELECTORS = [s.__name__ for s in SELECTORS if "tags" not in s.__name__]
KINDS = [TOPOLOGY_TYPE.ReplicaSetNoPrimary, *TOPOLOGY_TYPE]


class Pair:
    """One deployment, as petiole describes it and as PyMongo does."""

    def __init__(self, kind: int, members: Any, heartbeat: float = 10) -> None:
        self.ours: dict[Any, ServerDescription] = {}
        self.theirs: dict[Any, Any] = {}
        one_primary = False
        for number, (role, tags, written, rtt) in enumerate(members):
            address = ("h", number)
            if role is None or (role.get("isWritablePrimary") and one_primary):
                self.ours[address] = unknown_server(address)
                self.theirs[address] = pymongo.server_description.ServerDescription(address)
                continue
            one_primary = one_primary or "isWritablePrimary" in role
            reply = {
                "ok": 1,
                "maxWireVersion": 21,
                "tags": tags,
                "lastWrite": {"lastWriteDate": written},
                **role,
            }
            self.ours[address] = describe_server(
                address, reply, round_trip_time=rtt / 1000, last_update_time=0.0
            )
            self.theirs[address] = pymongo.server_description.ServerDescription(
                address, pymongo.hello.Hello(reply), rtt / 1000
            )
            # The clock of PyMongo's description is its own; hold it still.
            self.theirs[address]._last_update_time = 0.0
        settings = TopologySettings(topology_id=ID, heartbeat_frequency=heartbeat)
        self.topology = TopologyDescription(kind, self.ours, "rs", None, None, settings)
        self.reference = pymongo.topology_description.TopologyDescription(
            kind, self.theirs, "rs", None, None, pymongo_settings(heartbeat)
        )


def pymongo_settings(heartbeat: float) -> SimpleNamespace:
    """What PyMongo's descriptions read of a client's settings."""
    return SimpleNamespace(
        _topology_id=ID,
        heartbeat_frequency=heartbeat,
        local_threshold_ms=15,
        server_selector=None,
        _srv_max_hosts=0,
    )


def outcome(question: Callable[[], Any]) -> Any:
    try:
        answer = question()
    except Exception as error:
        return type(error).__name__, str(error).replace("PyMongo", "petiole")
    return [server.address for server in answer] if isinstance(answer, list) else answer


PREFERENCES = st.one_of(
    st.just(pymongo.read_preferences.Primary()),
    st.builds(
        lambda kind, tag_sets, staleness: kind(tag_sets=tag_sets, max_staleness=staleness),
        st.sampled_from(
            [
                pymongo.read_preferences.PrimaryPreferred,
                pymongo.read_preferences.Secondary,
                pymongo.read_preferences.SecondaryPreferred,
                pymongo.read_preferences.Nearest,
            ]
        ),
        st.one_of(st.none(), st.lists(TAGS, min_size=1, max_size=3)),
        st.sampled_from([-1, -1, 50, 90, 130]),
    ),
)


@given(st.sampled_from(KINDS), MEMBERS, PREFERENCES, st.sampled_from([10, 100]))
def test_read_preferences_select_what_pymongo_selects(
    kind: int, members: Any, preference: Any, heartbeat: float
) -> None:
    pair = Pair(kind, members, heartbeat)
    assert outcome(lambda: pair.topology.apply_selector(preference)) == outcome(
        lambda: pair.reference.apply_selector(preference)
    )
    assert outcome(lambda: pair.topology.has_readable_server(preference)) == outcome(
        lambda: pair.reference.has_readable_server(preference)
    )


@given(st.sampled_from(KINDS), MEMBERS, st.sampled_from(PLAIN_SELECTORS), TAGS)
def test_selectors_select_what_pymongo_selects(kind: int, members: Any, name: str, tags: Any) -> None:
    pair = Pair(kind, members)
    ours, theirs = getattr(server_selectors, name), getattr(pymongo.server_selectors, name)
    assert outcome(lambda: pair.topology.apply_selector(ours)) == outcome(
        lambda: pair.reference.apply_selector(theirs)
    )
    mine = server_selectors.Selection.from_topology_description(pair.topology)
    other = pymongo.server_selectors.Selection.from_topology_description(pair.reference)
    for tagged in ("secondary_with_tags_server_selector", "member_with_tags_server_selector"):
        assert outcome(
            lambda: getattr(server_selectors, tagged)([tags, {}], mine).server_descriptions  # noqa: B023
        ) == outcome(
            lambda: getattr(pymongo.server_selectors, tagged)([tags, {}], other).server_descriptions  # noqa: B023
        )
    for name in ("common_wire_version", "heartbeat_frequency", "topology_type"):
        assert getattr(mine, name) == getattr(other, name)
    assert repr(mine.primary) == repr(other.primary)
    assert outcome(lambda: mine.primary_selection.server_descriptions) == outcome(
        lambda: other.primary_selection.server_descriptions
    )
    assert bool(mine.server_descriptions) == bool(mine)


@given(st.sampled_from(KINDS), MEMBERS)
def test_descriptions_look_like_pymongos(kind: int, members: Any) -> None:
    pair = Pair(kind, members)
    names = (
        "topology_type",
        "topology_type_name",
        "replica_set_name",
        "max_set_version",
        "max_election_id",
        "logical_session_timeout_minutes",
        "has_known_servers",
        "common_wire_version",
        "heartbeat_frequency",
        "srv_max_hosts",
    )
    for name in names:
        assert getattr(pair.topology, name) == getattr(pair.reference, name), name
    for name in ("known_servers", "readable_servers", "candidate_servers"):
        assert repr(getattr(pair.topology, name)) == repr(getattr(pair.reference, name)), name
    assert repr(pair.topology) == repr(pair.reference)
    assert repr(pair.topology.reset()) == repr(pair.reference.reset())
    assert pair.topology.has_writable_server() == pair.reference.has_writable_server()
    assert list(pair.topology.server_descriptions()) == list(pair.reference.server_descriptions())
    if pair.ours:
        address = next(iter(pair.ours))
        if kind != TOPOLOGY_TYPE.Single:
            # There PyMongo replaces whatever was lost by "belongs to a set named 'None'".
            assert repr(pair.topology.reset_server(address)) == repr(pair.reference.reset_server(address))
        assert pair.topology.has_server(address)
        assert outcome(lambda: pair.topology.apply_selector(PRIMARY, address=address)) == outcome(
            lambda: pair.reference.apply_selector(pymongo.read_preferences.Primary(), address=address)
        )


def test_the_types_have_pymongos_numbers() -> None:
    assert TOPOLOGY_TYPE._asdict() == pymongo.topology_description.TOPOLOGY_TYPE._asdict()
    assert set(SRV_POLLING_TOPOLOGIES) == set(pymongo.topology_description.SRV_POLLING_TOPOLOGIES)
    for name in ("IDLE_WRITE_PERIOD", "SMALLEST_MAX_STALENESS"):
        assert getattr(max_staleness_selectors, name) == getattr(pymongo.max_staleness_selectors, name)


def replica_set(*members: Any) -> TopologyDescription:
    return Pair(
        TOPOLOGY_TYPE.ReplicaSetWithPrimary, [(role, {}, datetime(2020, 1, 1), rtt) for role, rtt in members]
    ).topology


PRIMARY_ROLE, SECONDARY_ROLE = ROLES[0], ROLES[1]


def addresses(servers: Any) -> list[int]:
    return [server.address[1] for server in servers]


def test_the_latency_window_includes_its_edge() -> None:
    topology = replica_set((PRIMARY_ROLE, 10), (SECONDARY_ROLE, 20), (SECONDARY_ROLE, 21))
    assert addresses(select(topology, Preference(4), local_threshold=0.010)) == [0, 1]
    assert addresses(select(topology, Preference(4), local_threshold=0.0)) == [0]


def test_the_applications_selector_comes_before_the_latency_window() -> None:
    topology = replica_set((PRIMARY_ROLE, 1), (SECONDARY_ROLE, 35), (SECONDARY_ROLE, 36))
    chosen = select(topology, Preference(4), server_selector=lambda servers: list(servers)[1:])
    assert addresses(chosen) == [1, 2]
    assert select(topology, Preference(4), server_selector=lambda servers: []) == ()


def test_the_applications_selector_is_not_asked_about_nothing() -> None:
    topology = replica_set((SECONDARY_ROLE, 1))
    assert select(topology, PRIMARY, server_selector=lambda servers: [servers[0]]) == ()


def test_deprioritized_servers_serve_when_no_other_suits() -> None:
    topology = replica_set((PRIMARY_ROLE, 1), (SECONDARY_ROLE, 1))
    bad = topology.get(("h", 1))
    assert bad is not None
    assert addresses(select(topology, Preference(4), deprioritized=[bad])) == [0]
    assert addresses(select(topology, Preference(2), deprioritized=[bad])) == [1]
    assert addresses(select(topology, Preference(2), deprioritized=[("h", 1)])) == [1]
    only_bad = select(
        topology,
        Preference(4),
        deprioritized=[bad],
        server_selector=lambda servers: [s for s in servers if s.address == bad.address],
    )
    assert addresses(only_bad) == [1]


def test_a_load_balancer_is_always_selected() -> None:
    topology = TopologyDescription(
        TOPOLOGY_TYPE.LoadBalanced,
        {("l", 1): load_balancer(("l", 1))},
        None,
        None,
        None,
        TopologySettings(load_balanced=True),
    )
    assert addresses(select(topology, Preference(2, [{"dc": "ny"}], 90))) == [1]


def test_servers_of_another_age_are_refused() -> None:
    for reply, words in (
        ({"ok": 1, "maxWireVersion": 8}, "reports wire version 8, but this version of petiole requires at"),
        ({"ok": 1, "minWireVersion": 99, "maxWireVersion": 100}, "requires wire version 99, but this"),
    ):
        server = describe_server(("old", 1), reply, round_trip_time=0.1, last_update_time=0.0)
        topology = TopologyDescription(
            TOPOLOGY_TYPE.Single, {("old", 1): server}, None, None, None, TopologySettings()
        )
        with pytest.raises(ConfigurationError, match=f"Server at old:1 {words}"):
            select(topology, PRIMARY)
        assert topology.compatibility_error is not None


def test_a_preference_that_old_servers_do_not_understand_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="requires min wire version 22"):
        select(replica_set((PRIMARY_ROLE, 1)), Preference(4, min_wire_version=22))


@pytest.mark.parametrize("preference", [Preference(0, max_staleness=120), Preference(0, [{"dc": "ny"}])])
def test_the_primary_cannot_be_chosen_by_tags_or_staleness(preference: Preference) -> None:
    with pytest.raises(ConfigurationError, match="Read preference primary cannot be combined"):
        select(replica_set((PRIMARY_ROLE, 1)), preference)


def test_aggregations_that_write_run_on_secondaries_since_50() -> None:
    secondary = Preference(2)
    assert for_aggregate_write(replica_set((SECONDARY_ROLE, 1)), secondary) is secondary
    old = describe_server(
        ("h", 9),
        {"ok": 1, "setName": "rs", "secondary": True, "maxWireVersion": 12},
        round_trip_time=0.1,
        last_update_time=0.0,
    )
    mixed = replica_set((SECONDARY_ROLE, 1)).replaced({("h", 9): old})
    assert for_aggregate_write(mixed, secondary) is PRIMARY
    assert for_aggregate_write(mixed.replaced({}), secondary) is secondary


def test_a_read_preference_applied_to_a_selection() -> None:
    selection = server_selectors.Selection.from_topology_description(
        replica_set((PRIMARY_ROLE, 1), (SECONDARY_ROLE, 1))
    )
    assert addresses(selection.by_preference(Preference(2)).server_descriptions) == [1]
    assert selection[0].address == ("h", 0)


def draw_from(numbers: Iterator[int]) -> Callable[[int], int]:
    return lambda _count: next(numbers)


def test_the_less_loaded_of_two_is_picked() -> None:
    candidates = replica_set((PRIMARY_ROLE, 1), (SECONDARY_ROLE, 1), (SECONDARY_ROLE, 1)).known_servers
    loads: dict[Address, int] = {("h", 0): 5, ("h", 1): 1}
    draws = {(first, second): iter((first, second)) for first in range(3) for second in range(2)}
    picked = {pair: pick(candidates, loads, draw_from(drawn)).address[1] for pair, drawn in draws.items()}
    # The second draw counts among the others: (0, 0) means servers 0 and 1.
    assert picked == {(0, 0): 1, (0, 1): 2, (1, 0): 1, (1, 1): 2, (2, 0): 2, (2, 1): 2}

    def count(address: Address) -> int:
        return loads[address]

    assert pick(candidates[:2], count, draw_from(iter((0, 0)))).address == ("h", 1)


def test_one_candidate_needs_no_draw() -> None:
    candidates = replica_set((PRIMARY_ROLE, 1)).known_servers
    assert pick(candidates, {}, lambda _n: 1 // 0).address == ("h", 0)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_snapshots_are_copied_and_pickled(duplicate: Any) -> None:
    topology = replica_set((PRIMARY_ROLE, 1), (SECONDARY_ROLE, 1))
    assert repr(duplicate(topology)) == repr(topology)


def test_a_snapshot_never_changes() -> None:
    topology = replica_set((PRIMARY_ROLE, 1))
    with pytest.raises(AttributeError, match="immutable"):
        topology.topology_type = 3
    topology.server_descriptions().clear()
    assert topology.has_server(("h", 0))
    assert {topology: 1}[topology] == 1
