"""The 3.x client, method by method as its documents have them."""

import gc
from typing import Any

import pytest

from petiole import ReadPreference
from petiole.errors import ConfigurationError, InvalidName, OperationFailure, ServerSelectionTimeoutError
from petiole.legacy import MongoClient, MongoReplicaSetClient
from petiole.legacy.cursor_manager import CursorManager
from petiole.local import LocalServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ATTRIBUTES = [
    ("event_listeners", []),
    ("max_pool_size", 100),
    ("min_pool_size", 0),
    ("max_idle_time_ms", None),
    ("max_bson_size", 16 * 1024 * 1024),
    ("max_message_size", 48_000_000),
    ("max_write_batch_size", 100_000),
    ("local_threshold_ms", 15),
    ("server_selection_timeout", 30),
    ("retry_writes", True),
    ("retry_reads", True),
]


@pytest.mark.parametrize(("name", "value"), ATTRIBUTES)
def test_attribute(client: MongoClient, name: str, value: Any) -> None:
    with pytest.warns(DeprecationWarning, match=f"{name} is deprecated. Use") as caught:
        assert getattr(client, name) == value
    assert caught[0].filename == __file__


def test_attributes_as_given() -> None:
    client = MongoClient(
        connect=False, maxIdleTimeMS=1500, minPoolSize=2, maxPoolSize=7, serverSelectionTimeoutMS=1234
    )
    assert client.max_idle_time_ms == 1500
    assert (client.min_pool_size, client.max_pool_size) == (2, 7)
    assert client.server_selection_timeout == 1.234


def test_address_and_members(client: MongoClient) -> None:
    assert client.address in client.nodes
    assert client.is_primary
    assert not client.is_mongos
    assert client.primary is None
    assert client.secondaries == client.arbiters == set()


def test_database_names(client: MongoClient) -> None:
    with pytest.warns(DeprecationWarning, match="list_database_names"):
        assert set(client.database_names()) >= {"admin", "local"}
    with client.start_session() as session:
        assert "admin" in client.database_names(session=session)


def test_fsync_is_locked_unlock() -> None:
    with LocalServer() as server, MongoClient(server.uri) as client:
        with pytest.warns(DeprecationWarning, match="currentOp"):
            assert client.is_locked is False
        with pytest.warns(DeprecationWarning, match="command\\('fsync'\\)"):
            client.fsync()
        client.fsync(lock=True)
        try:
            assert client.is_locked is True
        finally:
            with pytest.warns(DeprecationWarning, match="fsyncUnlock"):
                client.unlock()
        assert client.is_locked is False
        client.fsync(**{"async": True})
        with pytest.raises(OperationFailure, match="not locked"):
            client.unlock()


def _open_cursor(client: MongoClient) -> Any:
    client.legacy.many.drop()
    client.legacy.many.insert_many([{"n": n} for n in range(10)])
    cursor = client.legacy.many.find(batch_size=2)
    next(cursor)
    return cursor


def _gone(client: MongoClient, cursor_id: int) -> bool:
    """Whether the server has forgotten the cursor; asks until it has, or never ends."""
    pipeline: list[Any] = [{"$currentOp": {"idleCursors": True}}, {"$match": {"cursor.cursorId": cursor_id}}]
    while list(client.admin.aggregate(pipeline)):
        pass
    return True


@pytest.mark.parametrize("addressed", [True, False])
def test_close_cursor(client: MongoClient, addressed: bool) -> None:
    cursor = _open_cursor(client)
    client.close_cursor(cursor.cursor_id, cursor.address if addressed else None)
    assert _gone(client, cursor.cursor_id)


def test_kill_cursors(client: MongoClient) -> None:
    cursors = [_open_cursor(client), _open_cursor(client)]
    client.kill_cursors([cursor.cursor_id for cursor in cursors], cursors[0].address)
    assert all(_gone(client, cursor.cursor_id) for cursor in cursors)


def test_kill_cursors_of_a_server_that_is_not_known(client: MongoClient) -> None:
    cursor = _open_cursor(client)
    client.kill_cursors([cursor.cursor_id], ("elsewhere", 1))
    assert not client._executor.abandoned
    assert len(list(cursor)) == 9


def test_arguments_of_close_cursor_and_kill_cursors(client: MongoClient) -> None:
    with pytest.raises(TypeError, match="cursor_id must be an instance of"):
        client.close_cursor("1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cursor_ids must be a list"):
        client.kill_cursors(1)  # type: ignore[arg-type]


def test_set_cursor_manager(client: MongoClient) -> None:
    closed: list[Any] = []

    class Manager(CursorManager):
        def close(self, cursor_id: int, address: Any = None) -> None:
            closed.append((cursor_id, address))
            super().close(cursor_id, address)

    client.set_cursor_manager(Manager)
    cursor = _open_cursor(client)
    client.close_cursor(cursor.cursor_id, cursor.address)
    assert closed == [(cursor.cursor_id, cursor.address)]
    assert _gone(client, cursor.cursor_id)
    with pytest.raises(TypeError, match="subclass"):
        client.set_cursor_manager(dict)  # type: ignore[arg-type]


def test_close_and_use_again(standalone: LocalServer) -> None:
    client = MongoClient(standalone.uri)
    database, collection = client.legacy, client.legacy.again
    collection.drop()
    collection.insert_one({"_id": 1})
    for _ in range(3):
        client.close()
        client.close()
        assert not client.nodes
        assert collection.find_one() == {"_id": 1}
        assert database.command("ping")["ok"] == 1
        assert client.nodes == {client.address}
    client.drop_database("legacy")
    client.close()


def test_close_ends_the_monitors_and_the_connections(standalone: LocalServer) -> None:
    client = MongoClient(standalone.uri)
    client.admin.command("ping")
    servers = client._engine.topology.servers
    client.close()
    assert all(server.in_use == 0 for server in servers)
    assert not client._engine.topology.opened


def test_an_unclosed_client_is_no_matter(standalone: LocalServer, recwarn: pytest.WarningsRecorder) -> None:
    client = MongoClient(standalone.uri)
    client.admin.command("ping")
    del client
    gc.collect()
    assert not [one for one in recwarn if issubclass(one.category, ResourceWarning)]


def test_eq_ne_hash(client: MongoClient, standalone: LocalServer) -> None:
    with MongoClient(standalone.uri) as other:
        assert client == other
        assert (client != other) is False
        assert hash(client) == hash(other)
    assert client != MongoClient("elsewhere", connect=False)


def test_repr(standalone: LocalServer) -> None:
    client = MongoClient("localhost", 27018, connect=False)
    assert repr(client) == (
        "MongoClient(host=['localhost:27018'], document_class=dict, tz_aware=False, connect=False)"
    )
    assert repr(MongoReplicaSetClient(connect=False)).startswith("MongoReplicaSetClient(")


def test_getattr_and_getitem(client: MongoClient) -> None:
    assert client.some == client["some"]
    with pytest.raises(AttributeError, match=r"use client\['__my_database__'\]"):
        _ = client.__my_database__
    assert client["__my_database__"].name == "__my_database__"
    with pytest.raises(InvalidName):
        _ = client["a b"]


def test_iter_and_next(client: MongoClient) -> None:
    assert iter(client) is client
    with pytest.raises(TypeError, match="'MongoClient' object is not iterable"):
        next(client)
    with pytest.raises(TypeError, match="'MongoClient' object is not iterable"):
        client.next()


def test_call(client: MongoClient) -> None:
    with pytest.raises(
        TypeError, match="'foo' method on a 'MongoClient' object it is failing because no such"
    ):
        client.foo()
    with pytest.raises(TypeError, match="'foo' method on a 'Database' object"):
        client.legacy.foo()
    with pytest.raises(TypeError, match="'bar' method on a 'Collection' object"):
        client.legacy.foo.bar()


def test_get_database(client: MongoClient) -> None:
    assert client.test.read_preference == ReadPreference.PRIMARY
    other = client.get_database("test", read_preference=ReadPreference.SECONDARY)
    assert other.read_preference == ReadPreference.SECONDARY
    with pytest.raises(ConfigurationError, match="No default database defined"):
        client.get_database()


def test_get_default_database(client: MongoClient) -> None:
    named = MongoClient("mongodb://host/my_database", connect=False)
    assert named.get_default_database().name == "my_database"
    assert named.get_database().name == "my_database"
    assert client.get_default_database("fallback").name == "fallback"


def test_unavailable_server_is_found_out_by_the_first_operation() -> None:
    client = MongoClient("localhost", 1, serverSelectionTimeoutMS=50)
    with pytest.raises(ServerSelectionTimeoutError):
        client.admin.command("ismaster")


def test_everything_made_of_it_is_of_this_face(client: MongoClient) -> None:
    for database in (client.a, client["a"], client.get_database("a"), client.get_default_database("a")):
        for made in (database, database.with_options(read_preference=ReadPreference.NEAREST)):
            assert type(made).__module__ == "petiole.legacy.database"
            assert made
            for one in (made.b, made["b"], made.get_collection("b"), made.b.c, made.b.with_options()):
                assert type(one).__module__ == "petiole.legacy.collection"
                assert one
                assert one.__iter__() is one  # type: ignore[misc]
                assert type(one.find()).__module__ == "petiole.legacy.cursor"
