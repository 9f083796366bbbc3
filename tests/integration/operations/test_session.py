"""Sessions on a real replica set, both faces."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.bson.timestamp import Timestamp
from petiole.client_session import SessionOptions, TransactionOptions
from petiole.errors import ConfigurationError, InvalidOperation, OperationFailure
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.read_concern import ReadConcern
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

LATER = Timestamp(2**31, 1)


# Options


def test_reads_are_causal_unless_they_are_of_a_snapshot() -> None:
    assert SessionOptions().causal_consistency is True
    assert SessionOptions(snapshot=True).causal_consistency is False
    assert SessionOptions(causal_consistency=False).causal_consistency is False
    with pytest.raises(ConfigurationError, match="snapshot reads do not support causal_consistency=True"):
        SessionOptions(causal_consistency=True, snapshot=True)
    with pytest.raises(TypeError, match="default_transaction_options must be an instance of"):
        SessionOptions(default_transaction_options=5)  # type: ignore[arg-type]


def test_transaction_options_are_checked() -> None:
    options = TransactionOptions(ReadConcern("local"), WriteConcern(w=1), ReadPreference.PRIMARY, 5)
    assert options.read_concern == ReadConcern("local")
    assert options.write_concern == WriteConcern(w=1)
    assert options.read_preference == ReadPreference.PRIMARY
    assert options.max_commit_time_ms == 5
    assert SessionOptions(default_transaction_options=options).default_transaction_options is options
    wrong: list[dict[str, Any]] = [
        {"read_concern": 5},
        {"write_concern": 5},
        {"read_preference": 5},
        {"max_commit_time_ms": "5"},
    ]
    for arguments in wrong:
        with pytest.raises(TypeError):
            TransactionOptions(**arguments)
    with pytest.raises(ConfigurationError, match="unacknowledged"):
        TransactionOptions(write_concern=WriteConcern(w=0))


# Life


def test_a_session_ends_once_and_for_all(face: Face, coll: Any) -> None:
    session = face.client.start_session()
    assert session.has_ended is False
    coll.insert_one({}, session=session)
    session.end_session()
    session.end_session()
    assert session.has_ended is True
    for attempt in (
        lambda: coll.find_one(session=session),
        lambda: list(coll.find(session=session)),
        lambda: face.db.command("ping", session=session),
        lambda: session.session_id,
    ):
        with pytest.raises(InvalidOperation, match="Cannot use ended session"):
            attempt()
    assert session.operation_time is not None


def test_a_session_ends_with_its_block(face: Face) -> None:
    with face.client.start_session() as session:
        assert session.has_ended is False
    assert session.has_ended is True


def test_a_session_belongs_to_its_client(face: Face, coll: Any) -> None:
    other = face.make().start_session()
    name = "AsyncMongoClient" if face.is_async else "MongoClient"
    with pytest.raises(InvalidOperation, match=f"Can only use session with the {name} that started it"):
        coll.find_one(session=other)
    assert face.client.start_session().client == face.client


@pytest.mark.parametrize("wrong", [5, "session", {}, object()])
def test_what_is_no_session_is_refused(face: Face, coll: Any, wrong: Any) -> None:
    for attempt in (
        lambda: coll.find_one(session=wrong),
        lambda: coll.insert_one({}, session=wrong),
        lambda: list(coll.find(session=wrong)),
        lambda: face.db.list_collection_names(session=wrong),
        lambda: face.client.drop_database("other", session=wrong),
    ):
        with pytest.raises(ValueError, match="'session' argument must be a ClientSession or None"):
            attempt()


def test_sessions_cannot_be_copied(replica_set: LocalServer) -> None:
    with MongoClient(replica_set.uri) as client:
        session = client.start_session()
        with pytest.raises(TypeError, match="cannot be copied"):
            copy.copy(session)


def test_a_session_shows_its_options(face: Face) -> None:
    options = TransactionOptions(max_commit_time_ms=5)
    session = face.client.start_session(False, options)
    assert session.options.causal_consistency is False
    assert session.options.snapshot is False
    assert session.options.default_transaction_options is options
    assert session.in_transaction is False


def test_nobody_acknowledges_in_a_session(face: Face) -> None:
    session = face.client.start_session()
    db = face.db.with_options(write_concern=WriteConcern(w=0))
    attempts: list[Callable[[], Any]] = [
        lambda: db.things.insert_one({}, session=session),
        lambda: db.things.delete_many({}, session=session),
        lambda: db.create_collection("made", session=session, check_exists=False),
        lambda: db.drop_collection("things", session=session),
    ]
    for attempt in attempts:
        with pytest.raises(ConfigurationError, match="incompatible with unacknowledged write concern"):
            attempt()


# On the server


def test_a_session_keeps_one_id_and_hands_it_on(face: Face) -> None:
    client = face.make()
    with client.start_session() as session:
        client.admin.command("ping", session=session)
        first = session.session_id
        client.admin.command("ping", session=session)
        assert session.session_id == first
        with client.start_session() as other:
            assert other.session_id != first
            client.admin.command("ping", session=other)
            second = other.session_id
    with client.start_session() as again:
        assert again.session_id in (first, second)


def test_a_session_that_was_never_used_is_not_kept(face: Face) -> None:
    client = face.make()
    client.admin.command("ping")
    used = client.start_session()
    used_id = used.session_id
    used.end_session()
    client.start_session().end_session()
    assert client.start_session().session_id == used_id


# Times


def test_times_advance_with_what_the_session_sees(face: Face, coll: Any) -> None:
    session = face.client.start_session()
    assert (session.cluster_time, session.operation_time) == (None, None)
    coll.insert_one({}, session=session)
    first = session.operation_time
    assert isinstance(first, Timestamp)
    assert set(session.cluster_time) == {"clusterTime", "signature"}
    coll.insert_one({}, session=session)
    assert session.operation_time > first


def test_times_are_handed_from_one_session_to_another(face: Face, coll: Any) -> None:
    one, other = face.client.start_session(), face.client.start_session()
    coll.insert_one({}, session=one)
    other.advance_cluster_time(one.cluster_time)
    other.advance_operation_time(one.operation_time)
    assert other.cluster_time == one.cluster_time
    assert other.operation_time == one.operation_time
    other.advance_operation_time(Timestamp(1, 1))
    other.advance_cluster_time({"clusterTime": Timestamp(1, 1)})
    assert other.operation_time == one.operation_time
    assert other.cluster_time == one.cluster_time
    assert coll.count_documents({}, session=other) == 1


def test_times_are_checked(face: Face) -> None:
    session = face.client.start_session()
    with pytest.raises(TypeError, match="cluster_time must be a subclass of"):
        session.advance_cluster_time(5)
    for wrong in ({}, {"clusterTime": 5}):
        with pytest.raises(TypeError, match="Invalid cluster_time"):
            session.advance_cluster_time(wrong)
    with pytest.raises(TypeError, match="operation_time must be an instance of"):
        session.advance_operation_time(5)


def test_a_causal_read_waits_for_what_the_session_has_seen(face: Face, coll: Any) -> None:
    session = face.client.start_session()
    session.advance_operation_time(LATER)
    with pytest.raises(OperationFailure):  # The server has not come to that time yet, and says so.
        coll.find_one(session=session)
    careless = face.client.start_session(causal_consistency=False)
    careless.advance_operation_time(LATER)
    assert coll.find_one(session=careless) is None


def test_sessions_read_their_own_writes_on_secondaries(three_members: LocalServer) -> None:
    with MongoClient(three_members.uri) as client, client.start_session() as session:
        away = client.causal.get_collection("things", read_preference=ReadPreference.SECONDARY)
        for count in range(1, 21):
            client.causal.things.insert_one({}, session=session)
            assert away.count_documents({}, session=session) == count
        client.drop_database("causal")


@pytest.mark.since(5, 0)
def test_all_reads_of_a_snapshot_see_the_same(face: Face, coll: Any) -> None:
    coll.insert_one({"_id": 1})
    session = face.client.start_session(snapshot=True)
    assert coll.count_documents({}, session=session) == 1
    coll.insert_many([{"_id": n} for n in range(2, 9)])
    assert list(coll.find(session=session, batch_size=2)) == [{"_id": 1}]
    assert coll.distinct("_id", session=session) == [1]
    assert list(coll.aggregate([{"$match": {}}], session=session)) == [{"_id": 1}]
    assert coll.count_documents({}) == 8
    cursor = coll.find(session=face.client.start_session(snapshot=True), batch_size=2)
    next(cursor)
    coll.delete_many({})
    assert len(list(cursor)) == 7


@pytest.mark.since(5, 0)
def test_what_cannot_read_from_a_snapshot_is_refused(face: Face, coll: Any) -> None:
    session = face.client.start_session(snapshot=True)
    attempts: list[Callable[[], Any]] = [
        lambda: coll.insert_one({}, session=session),
        lambda: face.db.command("ping", session=session),
        lambda: face.db.list_collection_names(session=session),
    ]
    for attempt in attempts:
        with pytest.raises(OperationFailure, match="snapshot"):
            attempt()


# Blocks


def test_a_bound_session_is_given_to_all_operations(replica_set: LocalServer) -> None:
    with MongoClient(replica_set.uri) as client, MongoClient(replica_set.uri) as stranger:
        things = client.bound.things
        things.drop()
        with client.start_session().bind() as session:
            things.insert_many([{"_id": n} for n in range(5)])
            seen = session.operation_time
            assert seen is not None
            assert len(list(things.find(batch_size=2))) == 5
            with client.start_session() as explicit:
                things.insert_one({}, session=explicit)
                assert explicit.operation_time is not None
            with pytest.raises(InvalidOperation, match="Only the client that created the bound session"):
                stranger.bound.things.find_one()
            with pytest.raises(ConfigurationError, match="incompatible with unacknowledged"):
                things.with_options(write_concern=WriteConcern(w=0)).insert_one({})
            cursor = things.find(batch_size=2)
            next(cursor)
        assert session.has_ended is True
        with pytest.raises(InvalidOperation, match="Cannot use ended session"):
            list(cursor)
        client.drop_database("bound")


def test_a_bound_session_may_outlive_its_block(replica_set: LocalServer) -> None:
    with MongoClient(replica_set.uri) as client, client.start_session() as session:
        with session.bind(end_session=False):
            client.admin.command("ping")
        assert session.has_ended is False
        seen = session.operation_time
        client.admin.command("ping")
        assert session.operation_time == seen


def test_tasks_have_bound_sessions_of_their_own(replica_set: LocalServer) -> None:
    async def one(client: AsyncMongoClient[Any], count: int) -> None:
        async with client.start_session() as session, session.bind(end_session=False):
            for _ in range(count):
                await client.admin.command("ping")
                await asyncio.sleep(0)
            assert session.session_id not in known
            known.append(session.session_id)

    async def main() -> None:
        async with AsyncMongoClient(replica_set.uri) as client:
            await asyncio.gather(*(one(client, 10) for _ in range(5)))
            assert len(known) == 5

    known: list[Any] = []
    asyncio.run(main())
