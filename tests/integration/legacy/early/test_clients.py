"""The other clients of 1.x and 2.x, and what all of them can be told."""

import os
import pickle
import threading
from typing import Any

import pytest

from petiole.errors import ConfigurationError, ConnectionFailure, DuplicateKeyError
from petiole.legacy import Connection, MasterSlaveConnection, ReplicaSetConnection
from petiole.legacy.early.database import Database
from petiole.legacy.early.mongo_replica_set_client import MongoReplicaSetClient
from petiole.local import LocalServer
from petiole.read_preferences import ReadPreference

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def _seeds(server: LocalServer) -> str:
    return ",".join(f"{host}:{port}" for host, port in server.addresses)


@pytest.mark.parametrize("kind", [ReplicaSetConnection, MongoReplicaSetClient])
def test_replica_set_connection(three_members: LocalServer, kind: Any) -> None:
    connection = kind(_seeds(three_members), replicaSet="petiole", read_preference=ReadPreference.PRIMARY)
    connection.refresh()
    while len(connection.secondaries) < 2:
        connection.admin.command("ping")
    assert connection.seeds == set(three_members.addresses)
    assert connection.hosts == {connection.primary} | connection.secondaries == connection.nodes
    assert connection.arbiters == set()
    assert (connection.host, connection.port) == connection.primary
    assert connection.alive()
    connection.early.things.insert({"_id": 1}, w=3, wtimeout=60_000)
    if kind is ReplicaSetConnection:
        connection.early.things.insert({"_id": 1})
    else:
        with pytest.raises(DuplicateKeyError):
            connection.early.things.insert({"_id": 1})
    with pytest.raises(DuplicateKeyError):
        connection.early.things.insert({"_id": 1}, safe=True)
    cursor = connection.early.things.find(read_preference=ReadPreference.SECONDARY)
    assert next(cursor) == {"_id": 1}
    assert cursor.conn_id in connection.secondaries
    connection.drop_database("early")
    connection.close()
    assert connection.auto_start_request is (kind is ReplicaSetConnection)


def test_replica_set_connection_requires_the_name(three_members: LocalServer) -> None:
    with pytest.raises(ConfigurationError, match="replicaSet keyword parameter is required"):
        ReplicaSetConnection(_seeds(three_members))
    named = ReplicaSetConnection(f"mongodb://{_seeds(three_members)}/?replicaSet=petiole")
    assert named.primary in named.hosts
    named.disconnect()


def test_replica_set_connection_to_another_set_or_to_none(three_members: LocalServer) -> None:
    with pytest.raises(ConnectionFailure):
        ReplicaSetConnection(_seeds(three_members), replicaSet="other", serverSelectionTimeoutMS=2_000)
    with pytest.raises(ConnectionFailure):
        ReplicaSetConnection("localhost:1", replicaSet="petiole")


def test_connection_takes_the_name_of_a_set(three_members: LocalServer) -> None:
    connection = Connection(*three_members.address, replicaset="petiole")
    assert connection.nodes == set(three_members.addresses)
    connection.disconnect()


def test_slave_okay_of_several_hosts_prefers_secondaries(three_members: LocalServer) -> None:
    connection = Connection(_seeds(three_members).split(","), slave_okay=True)
    assert connection.slave_okay
    assert connection.read_preference == ReadPreference.SECONDARY_PREFERRED
    assert connection.early.command("ping")["ok"] == 1
    connection.disconnect()


def test_master_slave_connection() -> None:
    with LocalServer() as one, LocalServer() as two:
        master, slave = Connection(*one.address), Connection(*two.address, slave_okay=True)
        both = MasterSlaveConnection(master, [slave])
        both.early.things.insert({"_id": "master"}, safe=True)
        slave.early.things.insert({"_id": "slave"}, safe=True)
        assert [each["_id"] for each in both.early.things.find()] == ["slave"]
        assert both.early.things.find_one()["_id"] == "slave"
        assert both.early.things.with_options().find_one()["_id"] == "slave"
        assert both.early["things"].distinct("_id") == ["master"]
        assert both.early.things.count() == 1
        with both.start_request():
            assert both.in_request()
            assert both.early.things.find_one()["_id"] == "master"
        assert not both.in_request()
        assert both.early.things.find_one()["_id"] == "slave"
        assert (both.master, both.slaves, both.slave_okay) == (master, [slave], True)
        assert "early" in both.database_names()
        assert both.server_info()["version"] == master.server_info()["version"]
        assert both.document_class is dict
        assert both.tz_aware is True
        assert repr(both.early) == f"Database(MasterSlaveConnection({master!r}), 'early')"
        both.disconnect()
        assert both.early.things.find_one() is not None
        both.drop_database("early")
        assert "early" not in master.database_names()
        both.disconnect()


def test_arguments_of_master_slave_connection() -> None:
    client = Connection(_connect=False)
    for master, slaves in ((5, [client]), (client, []), (client, client), (client, [5])):
        with pytest.raises(TypeError):
            MasterSlaveConnection(master, slaves)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1, "soon"])
def test_network_timeout_must_be_positive(seconds: Any) -> None:
    with pytest.raises(ConfigurationError, match="network_timeout must be a positive integer"):
        Connection(network_timeout=seconds, _connect=False)


def test_options_in_connection_strings() -> None:
    text = "mongodb://localhost/?slaveOk=true&auto_start_request=false&network_timeout=2&max_pool_size=3&safe=true"
    made = Connection(text, _connect=False)
    assert (made.slave_okay, made.auto_start_request, made.max_pool_size, made.safe) == (True, False, 3, True)
    assert made.options.pool_options.socket_timeout == 2
    assert Connection("mongodb://localhost/?maxPoolSize=4", _connect=False).max_pool_size == 4


def test_read_preferences_of_2_x() -> None:
    made = Connection(
        _connect=False, read_preference=3, tag_sets=[{"dc": "ny"}, {}], secondary_acceptable_latency_ms=7
    )
    assert made.read_preference.mode == 3
    assert made.tag_sets == [{"dc": "ny"}, {}]
    assert made.secondary_acceptable_latency_ms == 7
    made.read_preference = ReadPreference.NEAREST
    assert made.a.b.read_preference == ReadPreference.NEAREST
    made.tag_sets = [{"dc": "sf"}]
    assert made.a.tag_sets == [{"dc": "sf"}]
    made.slave_okay = False
    assert made.read_preference == ReadPreference.PRIMARY
    with pytest.raises(ConfigurationError):
        Connection(_connect=False, read_preference=9)


def test_uuid_subtype(database: Database) -> None:
    assert database.uuid_subtype == 3
    database.uuid_subtype = 4
    assert database.things.uuid_subtype == 4
    with pytest.raises(ConfigurationError):
        database.uuid_subtype = 9


def test_the_server(connection: Connection) -> None:
    assert connection.alive()
    assert connection.max_bson_size == 16 * 1024 * 1024
    assert connection.max_wire_version >= connection.min_wire_version >= 0
    assert connection.is_locked is False
    assert connection.is_primary
    assert not connection.use_greenlets
    connection.fsync()
    connection.fsync(lock=True)
    assert connection.is_locked is True
    connection.unlock()
    assert connection.is_locked is False


def test_alive_tells_when_the_server_is_not() -> None:
    with LocalServer() as server:
        connection = Connection(*server.address)
        server.members[0].kill()
        assert connection.alive() is False


def test_get_and_set_document_class() -> None:
    made = Connection(_connect=False)
    made.set_document_class(dict)
    assert made.get_document_class() is dict


def test_iteration_and_comparison(connection: Connection, standalone: LocalServer) -> None:
    with pytest.raises(TypeError, match="'Connection' object is not iterable"):
        next(connection)
    other = Connection(*standalone.address)
    assert other == connection
    other.disconnect()
    with pytest.raises(TypeError):
        pickle.dumps(connection)


def test_a_forked_child_has_connections_of_its_own(connection: Connection) -> None:
    number = connection.early.command("hello")["connectionId"]
    child = os.fork()
    if not child:
        found = connection.early.command("hello")["connectionId"]
        os._exit(int(found == number))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert connection.early.command("hello")["connectionId"] == number


def test_many_threads_in_requests(connection: Connection) -> None:
    wrong: list[Any] = []

    def work(own: int) -> None:
        for number in range(50):
            connection.early.things.insert({"_id": (own * 1000) + number, "own": own})
            if connection.early.things.find({"own": own}).count() != number + 1:
                wrong.append((own, number))
        connection.end_request()

    threads = [threading.Thread(target=work, args=(own,)) for own in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    connection.drop_database("early")
