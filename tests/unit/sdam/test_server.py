"""Descriptions of one server, against PyMongo's for the same hello replies."""

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pymongo.hello
import pymongo.server_description
import pymongo.server_type
import pytest
from bson import DatetimeMS, ObjectId
from hypothesis import given
from hypothesis import strategies as st

from petiole._sdam.address import format_address, parse_address
from petiole._sdam.server import (
    ServerDescription,
    describe_server,
    load_balancer,
    seconds_since_epoch,
    unknown_server,
)
from petiole.errors import NotPrimaryError
from petiole.hello import Hello, HelloCompat
from petiole.server_type import SERVER_TYPE

ADDRESS = ("a", 27017)

FLAGS = ("isreplicaset", "hidden", "isWritablePrimary", "ismaster", "secondary", "arbiterOnly", "helloOk")
REPLIES = st.fixed_dictionaries(
    {"ok": st.sampled_from([0, 1, 1.0, True])},
    optional={
        **dict.fromkeys(FLAGS, st.booleans()),
        "setName": st.sampled_from(["", "rs", "other"]),
        "msg": st.sampled_from(["isdbgrid", "other"]),
        "serviceId": st.just(ObjectId(b"s" * 12)),
        "hosts": st.lists(st.sampled_from(["a", "B:1", "[::1]:5"]), max_size=3),
        "passives": st.lists(st.sampled_from(["c", "d:1"]), max_size=2),
        "arbiters": st.lists(st.sampled_from(["e", "f:1"]), max_size=2),
        "me": st.sampled_from(["A:27017", "b:1"]),
        "primary": st.sampled_from(["", "b:1"]),
        "tags": st.sampled_from([{}, {"dc": "ny"}]),
        "setVersion": st.integers(0, 9),
        "electionId": st.just(ObjectId(b"e" * 12)),
        "minWireVersion": st.integers(0, 30),
        "maxWireVersion": st.integers(0, 30),
        "maxBsonObjectSize": st.just(1000),
        "maxMessageSizeBytes": st.just(2000),
        "maxWriteBatchSize": st.just(3),
        "logicalSessionTimeoutMinutes": st.integers(1, 60),
        "topologyVersion": st.just({"processId": ObjectId(b"p" * 12), "counter": 3}),
        "$clusterTime": st.just({"clusterTime": 1}),
        "lastWrite": st.sampled_from([{}, {"lastWriteDate": datetime(2020, 1, 2, 3, 4, 5, 678000)}]),
        "compression": st.just(["zstd"]),
        "saslSupportedMechs": st.just(["SCRAM-SHA-256"]),
        "speculativeAuthenticate": st.just({"done": False}),
        "connectionId": st.integers(1, 9),
    },
)

HELLO_ATTRIBUTES = [name for name in vars(pymongo.hello.Hello) if not name.startswith("_")]
SERVER_ATTRIBUTES = [
    name
    for name, value in vars(pymongo.server_description.ServerDescription).items()
    # `last_update_time` is the caller's here, and `election_tuple` warns there.
    if isinstance(value, property) and name not in ("last_update_time", "election_tuple")
]


@given(REPLIES)
def test_hello_reads_what_pymongo_reads(reply: dict[str, Any]) -> None:
    ours, theirs = Hello(reply, True), pymongo.hello.Hello(reply, True)
    assert {n: getattr(ours, n) for n in HELLO_ATTRIBUTES} == {
        n: getattr(theirs, n) for n in HELLO_ATTRIBUTES
    }


@given(REPLIES)
def test_description_says_what_pymongo_says(reply: dict[str, Any]) -> None:
    ours = ServerDescription(ADDRESS, Hello(reply), 0.25, None, 0.125)
    theirs = pymongo.server_description.ServerDescription(
        ADDRESS, pymongo.hello.Hello(reply), 0.25, None, 0.125
    )
    for name in SERVER_ATTRIBUTES:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert repr(ours) == repr(theirs)
    error = ValueError("lost")
    assert repr(ours.to_unknown(error)) == repr(theirs.to_unknown(error))
    assert ours.to_unknown(error).topology_version == theirs.to_unknown(error).topology_version
    assert ours.election_tuple == (ours.set_version, ours.election_id)


@given(REPLIES, REPLIES)
def test_equality_is_pymongos(one: dict[str, Any], two: dict[str, Any]) -> None:
    ours = [ServerDescription(ADDRESS, Hello(reply)) for reply in (one, two)]
    theirs = [
        pymongo.server_description.ServerDescription(ADDRESS, pymongo.hello.Hello(reply))
        for reply in (one, two)
    ]
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])


def test_names_of_types_and_fields() -> None:
    assert pymongo.server_type.SERVER_TYPE._asdict() == SERVER_TYPE._asdict()
    names = ("CMD", "LEGACY_CMD", "PRIMARY", "LEGACY_PRIMARY", "LEGACY_ERROR")
    for name in names:
        assert getattr(HelloCompat, name) == getattr(pymongo.hello.HelloCompat, name)


def test_a_description_never_changes() -> None:
    server = unknown_server(ADDRESS)
    with pytest.raises(AttributeError, match="immutable"):
        server.server_type = 3
    with pytest.raises(AttributeError, match="immutable"):
        del server.address
    with pytest.raises(TypeError, match="unhashable"):
        hash(server)
    assert server != 3


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_descriptions_are_copied_and_pickled(duplicate: Any) -> None:
    reply = {"ok": 1, "setName": "rs", "secondary": True, "tags": {"dc": "ny"}}
    server = describe_server(ADDRESS, reply, round_trip_time=0.5, last_update_time=7.0)
    again = duplicate(server)
    assert again == server
    assert again is not server
    assert (again.round_trip_time, again.last_update_time, repr(again)) == (0.5, 7.0, repr(server))


def test_equal_errors_of_two_checks_are_no_difference() -> None:
    refused = [unknown_server(ADDRESS, OSError("connection refused")) for _ in range(2)]
    assert refused[0] == refused[1]
    assert refused[0] != unknown_server(ADDRESS, OSError("no route to host"))
    assert refused[0] != unknown_server(ADDRESS)


def test_an_error_brings_its_topology_version() -> None:
    version = {"processId": 1, "counter": 9}
    error = NotPrimaryError("stepped down", {"topologyVersion": version})
    assert unknown_server(ADDRESS, error).topology_version == version
    assert unknown_server(ADDRESS, OSError()).topology_version is None


@pytest.mark.parametrize(
    "date",
    [
        datetime(2020, 1, 1, 0, 0, 0, 500000),
        datetime(2020, 1, 1, 0, 0, 0, 500000, tzinfo=UTC),
        datetime(2020, 1, 1, 2, 0, 0, 500000, tzinfo=timezone(timedelta(hours=2))),
        DatetimeMS(1577836800500),
    ],
)
def test_dates_mean_the_same_however_they_are_decoded(date: Any) -> None:
    assert seconds_since_epoch(date) == 1577836800.5


def test_a_load_balancer_is_writable_without_a_check() -> None:
    server = load_balancer(ADDRESS)
    assert server.server_type_name == "LoadBalancer"
    assert server.is_writable
    assert server.retryable_writes_supported
    assert server.retryable_reads_supported


def test_nulls_in_a_reply_count_as_absent() -> None:
    reply = {"ok": 1, "hosts": None, "lastWrite": None, "tags": None, "maxWireVersion": None}
    server = describe_server(ADDRESS, reply, round_trip_time=0.1, last_update_time=0.0)
    assert (server.all_hosts, server.last_write_date, server.max_wire_version) == (set(), None, 0)
    assert server.tags == {}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("A.example", ("a.example", 27017)),
        ("a:5", ("a", 5)),
        ("[::1]:5", ("::1", 5)),
        ("[FE80::1]", ("fe80::1", 27017)),
        ("::1", ("::1", 27017)),
        ("/tmp/M.sock", ("/tmp/M.sock", 27017)),
    ],
)
def test_addresses_of_a_reply(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


def test_addresses_for_people() -> None:
    assert format_address(("::1", 5)) == "[::1]:5"
    assert format_address(("a", 5)) == "a:5"
    assert format_address(("/tmp/m.sock", None)) == "/tmp/m.sock"
