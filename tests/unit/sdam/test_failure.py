"""The sentences of ServerSelectionTimeoutError: the cause comes first."""

from typing import Any

import pytest

from petiole._sdam import transitions
from petiole._sdam.failure import cause, describe_failure
from petiole._sdam.preference import PRIMARY, Preference
from petiole._sdam.selectors import writable_server_selector
from petiole._sdam.server import describe_server, unknown_server
from petiole._sdam.settings import TopologySettings
from petiole._sdam.topology import TopologyDescription

REFUSED = OSError("a:27017: connection refused")


def start(names: str = "a", **options: Any) -> TopologyDescription:
    seeds = tuple((name, 27017) for name in names)
    return transitions.initial(TopologySettings(seeds=seeds, **options))


def seen(topology: TopologyDescription, name: str, **reply: Any) -> TopologyDescription:
    server = describe_server(
        (name, 27017), {"ok": 1, "maxWireVersion": 21, **reply}, round_trip_time=0.1, last_update_time=0.0
    )
    return transitions.update(topology, server)


def lost(topology: TopologyDescription, name: str) -> TopologyDescription:
    return transitions.update(topology, unknown_server((name, 27017), REFUSED))


def test_a_refused_connection_is_the_cause() -> None:
    text = describe_failure(lost(start(topology_id=7), "a"), PRIMARY, 0.2)
    assert text == (
        "a:27017: connection refused, Timeout: 0.2s, Topology Description: <TopologyDescription id: 7, "
        "topology_type: Unknown, servers: [<ServerDescription ('a', 27017) server_type: Unknown, rtt: None, "
        "error=OSError('a:27017: connection refused')>]>"
    )


def test_the_same_error_of_many_servers_is_said_once() -> None:
    assert cause(lost(lost(start("ab"), "a"), "b"), PRIMARY) == "a:27017: connection refused"


def test_silence() -> None:
    assert cause(start("ab"), PRIMARY) == "No server has answered yet: a:27017, b:27017"


MEMBERS = ["a:27017", "b:27017"]


def without_primary() -> TopologyDescription:
    members = seen(start("ab", replica_set_name="rs0"), "a", setName="rs0", secondary=True, hosts=MEMBERS)
    return lost(members, "b")


def test_a_set_without_primary_names_its_members() -> None:
    members = "rs0 has a:27017 RSSecondary, b:27017 Unknown (a:27017: connection refused)"
    topology = without_primary()
    assert cause(topology, writable_server_selector) == f"No primary available for writes; {members}"
    assert cause(topology, PRIMARY) == f"No primary available for reads; {members}"
    assert cause(topology, lambda selection: selection.with_server_descriptions([])) == (
        f"No server matches the selector; {members}"
    )


def test_a_read_preference_that_nobody_matches_is_named() -> None:
    topology = without_primary()
    text = cause(topology, Preference(2, [{"dc": "ny"}]))
    assert text.startswith(
        "No replica set member matches read preference secondary with tag sets [{'dc': 'ny'}]; rs0 has"
    )
    primary = seen(topology, "a", setName="rs0", isWritablePrimary=True, hosts=MEMBERS)
    text = cause(primary, Preference(2, max_staleness=120))
    assert text.startswith(
        "No replica set member matches read preference secondary within 120 seconds of staleness; rs0 has"
    )


def test_the_applications_own_selector_is_blamed() -> None:
    assert cause(without_primary(), Preference(4)) == (
        "The application's server_selector refused every server that suits"
    )


@pytest.mark.parametrize(
    ("topology", "words"),
    [
        (seen(start(replica_set_name="mine"), "a", setName="other", secondary=True), "replica set 'mine'"),
        (seen(start(replica_set_name="mine"), "a"), "Check the option replicaSet"),
        (seen(seen(start("ab"), "a"), "b"), "the seeds are standalone servers"),
        (
            seen(seen(start("ab"), "a", msg="isdbgrid"), "b").replaced({}),
            "No mongos is left in the topology",
        ),
        (
            seen(start(), "a", isreplicaset=True),
            "have not been configured as a replica set yet: a:27017",
        ),
    ],
)
def test_a_deployment_of_the_wrong_kind_is_explained(topology: TopologyDescription, words: str) -> None:
    assert words in cause(topology, PRIMARY)


def test_a_direct_connection_to_another_set_is_explained() -> None:
    topology = seen(start(direct=True, replica_set_name="mine"), "a", setName="other", secondary=True)
    assert "'mine' but this node belongs to a set named 'other'" in cause(topology, PRIMARY)
