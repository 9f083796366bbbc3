"""Clients on real servers, both faces: what they know of the deployment, databases, lifetime."""

from __future__ import annotations

import gc
import time
import warnings
from typing import Any

import pytest
from tests.integration.operations.conftest import Face

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.bson.codec_options import CodecOptions
from petiole.bson.son import SON
from petiole.driver_info import DriverInfo
from petiole.errors import (
    ConfigurationError,
    InvalidOperation,
    ServerSelectionTimeoutError,
    WriteConcernError,
)
from petiole.local import LocalServer
from petiole.mongo_client import MongoClient
from petiole.operations import InsertOne
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern

NOWHERE = "mongodb://localhost:1/"

# The deployment


def test_a_replica_set_of_one(face: Face) -> None:
    client = face.client
    address = client.address
    assert client.is_primary is True
    assert client.is_mongos is False
    assert client.primary == address
    assert client.nodes == {address}
    assert client.secondaries == set()
    assert client.arbiters == set()
    assert client.topology_description.topology_type_name == "ReplicaSetWithPrimary"


def test_all_members_become_known(three_members: LocalServer) -> None:
    with MongoClient(three_members.uri) as client:
        client.admin.command("ping", read_preference=ReadPreference.SECONDARY)
        client.admin.command("ping")
        primary = client.primary
        assert primary is not None
        assert primary == client.address
        assert primary not in client.secondaries
        assert client.secondaries <= client.nodes


def test_a_standalone_has_no_primary(standalone: LocalServer) -> None:
    with MongoClient(standalone.uri) as client:
        assert client.is_primary is True
        assert client.address is not None
        assert client.primary is None
        assert client.secondaries == set()


def test_nothing_is_known_before_the_first_use(closed_port: int) -> None:
    client: MongoClient[Any] = MongoClient(
        "localhost", closed_port, connect=False, serverSelectionTimeoutMS=20
    )
    assert client.nodes == frozenset()
    assert client.topology_description.topology_type_name == "Unknown"
    assert client.primary is None
    with pytest.raises(ServerSelectionTimeoutError):
        _ = client.address
    client.close()


def test_server_info_is_a_plain_dict(face: Face) -> None:
    info = face.make(document_class=SON).server_info()
    assert type(info) is dict
    assert info["versionArray"][0] >= 4


# Databases


def test_databases_are_listed(face: Face) -> None:
    name = face.db.name
    face.db.things.insert_one({})
    assert name in face.client.list_database_names()
    cursor = face.client.list_databases(filter={"name": name}, comment="why")
    assert cursor.alive
    assert [(found["name"], found["empty"]) for found in cursor] == [(name, False)]
    assert list(face.client.list_databases(nameOnly=True, filter={"name": name})) == [{"name": name}]


def test_a_database_is_dropped_by_name_or_as_such(face: Face) -> None:
    name = face.db.name
    for dropped in (name, face.db):
        face.db.things.insert_one({})
        assert face.client.drop_database(dropped, comment="why") is None
        assert name not in face.client.list_database_names()
    with pytest.raises(TypeError, match="name_or_database must be an instance of str or a Database"):
        face.client.drop_database(5)


def test_dropping_heeds_the_clients_write_concern(face: Face) -> None:
    client = face.make(w=5, wtimeoutMS=50)
    with pytest.raises(WriteConcernError):
        client.drop_database(face.db.name)


def test_the_database_of_the_connection_string(face: Face) -> None:
    with pytest.raises(ConfigurationError, match="No default database defined"):
        face.client.get_database()
    with pytest.raises(ConfigurationError, match="No default database name defined or provided"):
        face.client.get_default_database()
    assert face.client.get_default_database("other").name == "other"
    client: MongoClient[Any] = MongoClient("mongodb://localhost/mine", connect=False)
    assert client.get_database().name == "mine"
    assert client.get_default_database("other").name == "mine"
    assert client.get_database("other").name == "other"


def test_databases_have_options_of_their_own(face: Face) -> None:
    options: CodecOptions[Any] = CodecOptions(document_class=SON)
    db = face.client.get_database("other", options, ReadPreference.NEAREST, WriteConcern(w=1))
    assert db.codec_options is options
    assert db.read_preference == ReadPreference.NEAREST
    assert db.write_concern == WriteConcern(w=1)
    assert face.client.get_default_database("x", write_concern=WriteConcern(w=1)).write_concern.document == {
        "w": 1
    }


# Writes to several collections


@pytest.mark.parametrize(
    ("models", "options", "error"),
    [
        ([InsertOne({}, namespace="a.b")], {}, "requires MongoDB server version 8.0"),
        ([InsertOne({})], {}, "requires a namespace to be provided"),
        ([], {}, "No operations to execute"),
        ([], {"write_concern": WriteConcern(w=0)}, "unacknowledged write concern and ordered writes"),
        (
            [],
            {"write_concern": WriteConcern(w=0), "verbose_results": True},
            "unacknowledged write concern and verbose results",
        ),
    ],
)
def test_older_servers_do_not_write_to_several_collections(
    face: Face, models: Any, options: Any, error: str
) -> None:
    with pytest.raises(InvalidOperation, match=error):
        face.client.bulk_write(models, **options)


@pytest.mark.parametrize(
    ("models", "error"), [(5, "models must be a list"), ([5], "5 is not a valid request")]
)
def test_what_are_no_writes(face: Face, models: Any, error: str) -> None:
    with pytest.raises(TypeError, match=error):
        face.client.bulk_write(models)


# Identity


def test_clients_compare_by_hosts_and_replica_set(face: Face) -> None:
    assert face.make() == face.client
    assert hash(face.make()) == hash(face.client)
    elsewhere: MongoClient[Any] = MongoClient(NOWHERE, connect=False)
    assert elsewhere != MongoClient("mongodb://localhost:2/", connect=False)
    assert elsewhere == MongoClient("localhost", 1, connect=False)
    assert elsewhere != 5


@pytest.mark.parametrize(
    ("arguments", "options", "shown"),
    [
        ((), {}, "host=['localhost:27017'], document_class=dict, tz_aware=False, connect=False"),
        (("a", 5), {"tz_aware": True}, "host=['a:5'], document_class=dict, tz_aware=True, connect=False"),
        (
            ("mongodb://u:p@a/?w=2&replicaSet=r",),
            {"serverSelectionTimeoutMS": 5, "document_class": SON, "password": "p"},
            "host=['a:27017'], document_class=petiole.bson.son.SON, tz_aware=False, connect=False, w=2, "
            "replicaset='r', serverselectiontimeoutms=5",
        ),
    ],
)
def test_a_client_shows_its_options_but_no_secrets(arguments: Any, options: Any, shown: str) -> None:
    client: MongoClient[Any] = MongoClient(*arguments, **{"connect": False, **options})
    assert repr(client) == f"MongoClient({shown})"
    assert repr(client.a.b) == f"Collection(Database(MongoClient({shown}), 'a'), 'b')"


def test_a_client_is_no_container(face: Face) -> None:
    bare: Any = MongoClient(connect=False)
    assert bool(bare) is True
    for attempt in (iter, next, lambda client: "a" in client, lambda client: client.next()):
        with pytest.raises(TypeError, match="is not iterable"):
            attempt(bare)
    with pytest.raises(AttributeError, match=r"To access the _a database, use client\['_a'\]"):
        _ = face.client._a
    with pytest.raises(TypeError, match="name must be an instance of str"):
        bare[5]


# Lifetime


def test_a_closed_client_is_of_no_use(face: Face) -> None:
    client = face.make()
    things = client[face.db.name].things
    things.insert_many([{}, {}, {}])
    cursor = things.find(batch_size=2)
    next(cursor)
    client.close()
    client.close()
    name = "AsyncMongoClient" if face.is_async else "MongoClient"
    for attempt in (
        things.find_one,
        lambda: things.insert_one({}),
        client.server_info,
        lambda: client.address,
        lambda: list(cursor),
    ):
        with pytest.raises(InvalidOperation, match=f"Cannot use {name} after close"):
            attempt()
    assert client.nodes == frozenset()
    assert client.primary is None


def test_a_client_closes_with_its_block(face: Face) -> None:
    with face.make() as client:
        assert client.admin.command("ping")["ok"] == 1.0
    with pytest.raises(InvalidOperation):
        client.admin.command("ping")


def ended_sessions(face: Face) -> int:
    """How many `endSessions` the server has answered so far."""
    count: int = face.client.admin.command("serverStatus")["metrics"]["commands"]["endSessions"]["total"]
    return count


def test_closing_ends_the_sessions_on_the_server(face: Face) -> None:
    before = ended_sessions(face)
    client = face.make()
    client.admin.command("ping")
    client.close()
    assert ended_sessions(face) == before + 1
    face.make().close()
    assert ended_sessions(face) == before + 1


def test_an_unclosed_client_is_complained_about(replica_set: LocalServer) -> None:
    client: MongoClient[Any] = MongoClient(replica_set.uri)
    client.admin.command("ping")
    with pytest.warns(ResourceWarning, match=r"Unclosed MongoClient opened at:\n(.*\n)*.*test_client"):
        del client


def test_clients_that_are_closed_or_were_never_used_are_not(replica_set: LocalServer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client: MongoClient[Any] = MongoClient(replica_set.uri)
        client.close()
        unused: MongoClient[Any] = MongoClient(replica_set.uri, connect=False)
        waiting: AsyncMongoClient[Any] = AsyncMongoClient(replica_set.uri)
        del client, unused, waiting
        gc.collect()


def test_libraries_on_top_introduce_themselves(face: Face) -> None:
    client = face.make(appname="told_of_libraries", driver=DriverInfo("first", "1"), connect=False)
    client.append_metadata(DriverInfo("second", "2", "p2"))
    client.append_metadata(DriverInfo("second", "2", "p2"))
    client.admin.command("ping")
    pipeline = [{"$currentOp": {"idleConnections": True}}, {"$match": {"appName": "told_of_libraries"}}]
    names = {found["clientMetadata"]["driver"]["name"] for found in face.client.admin.aggregate(pipeline)}
    assert names == {"petiole|first|second"}


def test_new_connections_introduce_libraries_that_came_later(standalone: LocalServer) -> None:
    with MongoClient(standalone.uri, appname="told_later", maxIdleTimeMS=1) as client:
        client.admin.command("ping")
        client.append_metadata(DriverInfo("late"))
        time.sleep(0.05)
        mine = {"appName": "told_later", "command.aggregate": 1}
        (found,) = client.admin.aggregate([{"$currentOp": {}}, {"$match": mine}])
        assert found["clientMetadata"]["driver"]["name"] == "petiole|late"
    wrong: Any = ("second", "2")
    with pytest.raises(TypeError, match="driver_info must be an instance of DriverInfo"):
        client.append_metadata(wrong)
