"""`$readPreference` by topology and server (specification: Server Selection)."""

from __future__ import annotations

from typing import Any

import pytest

from petiole._commands.read_preference import read_preference_document
from petiole._sdam.server_type import SERVER_TYPE, TOPOLOGY_TYPE
from petiole.read_preferences import Nearest, Primary, ReadPreference, SecondaryPreferred

MEMBERS = (SERVER_TYPE.RSPrimary, SERVER_TYPE.RSSecondary, SERVER_TYPE.RSOther, SERVER_TYPE.RSArbiter)


@pytest.mark.parametrize("topology", TOPOLOGY_TYPE)
@pytest.mark.parametrize("preference", [ReadPreference.PRIMARY, ReadPreference.NEAREST])
def test_a_standalone_gets_none(topology: int, preference: Any) -> None:
    assert read_preference_document(preference, topology, SERVER_TYPE.Standalone) is None


@pytest.mark.parametrize("server", MEMBERS)
def test_a_member_connected_to_directly_answers_whatever_it_is(server: int) -> None:
    document = read_preference_document(Primary(), TOPOLOGY_TYPE.Single, server)
    assert document == {"mode": "primaryPreferred"}


@pytest.mark.parametrize("server", MEMBERS)
def test_within_a_replica_set_primary_is_not_sent(server: int) -> None:
    assert read_preference_document(Primary(), TOPOLOGY_TYPE.ReplicaSetWithPrimary, server) is None


@pytest.mark.parametrize("topology", [TOPOLOGY_TYPE.Single, TOPOLOGY_TYPE.Sharded])
def test_a_mongos_takes_no_field_as_primary(topology: int) -> None:
    assert read_preference_document(Primary(), topology, SERVER_TYPE.Mongos) is None
    secondary = read_preference_document(ReadPreference.SECONDARY, topology, SERVER_TYPE.Mongos)
    assert secondary == {"mode": "secondary"}


def test_behind_a_load_balancer() -> None:
    kind, server = TOPOLOGY_TYPE.LoadBalanced, SERVER_TYPE.LoadBalancer
    assert read_preference_document(Primary(), kind, server) is None
    assert read_preference_document(Nearest(), kind, server) == {"mode": "nearest"}


def test_the_whole_preference_is_sent() -> None:
    preference = SecondaryPreferred([{"dc": "ny"}, {}], 120)
    document = read_preference_document(preference, TOPOLOGY_TYPE.Sharded, SERVER_TYPE.Mongos)
    assert document == {
        "mode": "secondaryPreferred",
        "tags": [{"dc": "ny"}, {}],
        "maxStalenessSeconds": 120,
    }
