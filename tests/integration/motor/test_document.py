"""The documentation of Motor's client, from its first line to its last: a test for everything that it says.

Where today's Motor contradicts it, today's holds, and the test says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.motor.sides import Side

from petiole.errors import (
    ConnectionFailure,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    ServerSelectionTimeoutError,
)
from petiole.local import LocalServer
from petiole.read_preferences import ReadPreference, Secondary
from petiole.write_concern import WriteConcern

Run = Callable[..., Any]


async def told(start: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """What a callback is told, given by name; the method must return None."""
    done = asyncio.get_running_loop().create_future()
    assert start(*args, callback=lambda *both: done.set_result(both), **kwargs) is None
    both: tuple[Any, Any] = await done
    return both


async def told_last(start: Callable[..., Any], *args: Any) -> tuple[Any, Any]:
    """The same, with the callback as the last of the positional arguments."""
    done = asyncio.get_running_loop().create_future()
    assert start(*args, lambda *both: done.set_result(both)) is None
    both: tuple[Any, Any] = await done
    return both


async def until_there(condition: Callable[[], Any]) -> None:
    if not condition():
        await asyncio.sleep(0)
        await until_there(condition)


def is_future(value: Any) -> bool:
    return asyncio.isfuture(value)


# MotorClient(*args, **kwargs)


def test_constructor_takes_the_arguments_of_mongo_client(m: Any, replica_set: LocalServer) -> None:
    host, port = replica_set.address
    assert m.Client(host, port, tz_aware=True).tz_aware is True
    assert m.Client(replica_set.uri, maxPoolSize=7).max_pool_size == 7


def test_constructor_takes_io_loop(side: Side, m: Any) -> None:
    async def work() -> None:
        loop = side.loop()
        assert m.Client(io_loop=loop).get_io_loop() is loop

    side.run(work)
    with pytest.raises(TypeError, match="io_loop must be"):
        m.Client(io_loop="loop")


def test_constructor_takes_max_pool_size_as_third_argument_and_by_name(m: Any) -> None:
    assert m.Client("localhost", 27017, 5).max_pool_size == 5
    assert m.Client(max_pool_size=6).max_pool_size == 6
    assert m.Client("localhost", 27017, 5, dict, True).tz_aware is True
    assert m.Client("localhost", 27017, dict).document_class is dict


# disconnect(), close()


def test_disconnect_closes_all_sockets_and_the_client_reopens_itself(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        await client[name].c.insert_one({"_id": 1})
        servers = client.delegate._engine.topology.servers
        for _ in range(3):
            assert client.disconnect() is None
            assert client.delegate._engine.topology.opened is False
            assert [server for server in servers if server.in_use] == []
            assert await client[name].c.find_one() == {"_id": 1}

    run(work)


def test_disconnect_before_the_first_operation(run: Run) -> None:
    async def work(client: Any) -> None:
        client.disconnect()
        assert (await client.server_info())["ok"] == 1

    run(work)


def test_disconnect_lets_operations_under_way_finish(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        await client[name].c.insert_one({"_id": 1})
        slow = client[name].c.find_one({"$where": "sleep(100) || true"})
        (server,) = client.delegate._engine.topology.servers
        await until_there(lambda: server.in_use)
        client.disconnect()
        assert await slow == {"_id": 1}
        assert server.in_use == 0

    run(work)


def test_close_is_final_as_in_todays_motor(run: Run, name: str) -> None:
    """The document has it as an alias of `disconnect`; today's Motor refuses operations afterwards."""

    async def work(client: Any) -> None:
        await client[name].c.find_one()
        assert client.close() is None
        with pytest.raises(InvalidOperation, match="after close"):
            await client[name].c.find_one()

    run(work)


# client[db_name], client.db_name


def test_databases_by_item_and_by_attribute(m: Any) -> None:
    client = m.Client()
    assert client["db"] == client.db
    assert isinstance(client.db, m.Database)


def test_invalid_database_names(m: Any) -> None:
    with pytest.raises(InvalidName):
        m.Client()["a b"]


def test_databases_before_the_client_is_open(run: Run, name: str) -> None:
    """The document's `InvalidOperation` was taken back by itself: "MotorClient now opens itself on demand"."""

    async def work(client: Any) -> None:
        assert await client[name].c.count_documents({}) == 0

    run(work)


# alive(callback=None)


def test_alive(run: Run) -> None:
    async def work(client: Any) -> None:
        assert is_future(client.alive())
        assert await client.alive() is True
        assert await told(client.alive) == (True, None)
        assert await told_last(client.alive) == (True, None)

    run(work)


def test_alive_is_false_after_an_error(side: Side, m: Any) -> None:
    async def work() -> None:
        client = m.Client("127.0.0.1", 1, serverSelectionTimeoutMS=100)
        assert await client.alive() is False
        assert await told(client.alive) == (False, None)
        client.close()

    side.run(work)


def test_a_more_certain_way_is_ping(run: Run) -> None:
    async def work(client: Any) -> None:
        assert (await client.admin.command("ping"))["ok"] == 1

    run(work)


# close_cursor(cursor_id, callback=None), kill_cursors(cursor_ids, callback=None)


def test_close_cursor(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        c = client[name].c
        await c.insert_many([{} for _ in range(10)])
        for closing in (
            lambda number: client.close_cursor(number),
            lambda number: told(client.close_cursor, number),
            lambda number: told_last(client.close_cursor, number),
            lambda number: client.kill_cursors([number]),
            lambda number: told(client.kill_cursors, [number]),
            lambda number: told_last(client.kill_cursors, [number]),
        ):
            cursor = c.find(batch_size=2)
            await cursor.next()
            assert await closing(cursor.cursor_id) in (None, (None, None))
            with pytest.raises(OperationFailure, match="cursor"):
                await cursor.to_list(None)

    run(work)


def test_close_cursor_wants_an_int_and_kill_cursors_a_list(m: Any) -> None:
    client = m.Client()
    with pytest.raises(TypeError):
        client.close_cursor("1")
    with pytest.raises(TypeError):
        client.kill_cursors(1)


# copy_database(*args, **kwargs)


def test_copy_database(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        source, target = client[name], client[f"{name}_copy"]
        documents = [{"_id": n, "x": n % 3} for n in range(2500)]
        await source.things.insert_many(documents)
        await source.things.create_index([("x", -1)], name="by_x", partialFilterExpression={"x": {"$gt": 0}})
        await source.create_collection("capped", capped=True, size=4096)
        await source.create_collection("view", viewOn="things", pipeline=[{"$match": {"x": 1}}])
        try:
            copying = client.copy_database(name, f"{name}_copy")
            assert is_future(copying)
            assert await copying is None
            assert await target.things.find().sort("_id").to_list(None) == documents
            assert (await target.things.index_information())["by_x"]["partialFilterExpression"] == {
                "x": {"$gt": 0}
            }
            assert (await target.capped.options())["capped"] is True
            assert await target.view.count_documents({}) == await source.view.count_documents({}) > 0
        finally:
            await client.drop_database(target.name)

    run(work)


def test_copy_database_from_another_host_as_a_user(run: Run, name: str, standalone: LocalServer) -> None:
    host = "{}:{}".format(*standalone.address)

    async def work(client: Any) -> None:
        other = type(client)(host)
        await other.admin.command("createUser", name, pwd="secret", roles=["root"])
        await other[name].c.insert_one({"_id": "there"})
        both = await told(client.copy_database, name, f"{name}_copy", host, username=name, password="secret")
        assert both == (None, None)
        assert await client[f"{name}_copy"].c.find_one() == {"_id": "there"}
        refused = client.copy_database(name, f"{name}_other", host, name, "wrong")
        with pytest.raises(OperationFailure, match="Authentication failed"):
            await refused
        await other.admin.command("dropUser", name)
        for at, database in ((other, name), (client, f"{name}_copy")):
            await at.drop_database(database)
        other.close()

    run(work)


def test_copy_database_with_an_invalid_name(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        with pytest.raises(InvalidName):
            await client.copy_database(name, "a b")

    run(work)


# database_names(callback=None), drop_database(name_or_database, callback=None), server_info(callback=None)


def test_database_names(run: Run) -> None:
    async def work(client: Any) -> None:
        assert is_future(client.database_names())
        assert "admin" in await client.database_names()
        names, error = await told_last(client.database_names)
        assert "admin" in names
        assert error is None

    run(work)


def test_drop_database(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        for database, dropping in (
            (client[name], client.drop_database),
            (name, client.drop_database),
            (name, lambda database: told(client.drop_database, database)),
            (client[name], lambda database: told_last(client.drop_database, database)),
        ):
            await client[name].c.insert_one({})
            await dropping(database)
            assert name not in await client.database_names()
        with pytest.raises(TypeError):
            await client.drop_database(3)

    run(work)


def test_server_info(run: Run) -> None:
    async def work(client: Any) -> None:
        info = await client.server_info()
        assert info["versionArray"]
        both = await told_last(client.server_info)
        assert both[0]["version"] == info["version"]

    run(work)


# fsync(callback=None, **kwargs), unlock(callback=None)


def test_fsync_and_unlock(side: Side, m: Any) -> None:
    with LocalServer() as server:

        async def work() -> None:
            client = m.Client(server.uri)
            assert (await client.fsync())["ok"] == 1
            reply, error = await told_last(client.fsync)
            assert (reply["ok"], error) == (1, None)
            assert (await client.fsync(lock=True))["lockCount"] == 1
            assert (await client.admin.command("currentOp"))["fsyncLock"] is True
            assert await client.unlock() is None
            assert "fsyncLock" not in await client.admin.command("currentOp")
            await client.fsync(lock=True)
            assert await told_last(client.unlock) == (None, None)
            with pytest.raises(OperationFailure, match="not locked"):
                await client.unlock()
            client.close()

        side.run(work)


def test_fsync_with_async_does_not_go_with_lock(run: Run) -> None:
    async def work(client: Any) -> None:
        assert (await client.fsync(**{"async": True}))["ok"] == 1
        with pytest.raises(OperationFailure):
            await client.fsync(**{"async": True, "lock": True})

    run(work)


# get_default_database()


def test_get_default_database_as_printed(m: Any) -> None:
    uri = "mongodb://localhost/my_database"
    client = m.Client(uri)
    db = client.get_default_database()
    assert db.name == "my_database"
    assert isinstance(db, m.Database)


# open(*args, **kwargs)


def test_open_resolves_to_the_client(run: Run) -> None:
    async def work(client: Any) -> None:
        opening = client.open()
        assert is_future(opening)
        assert await opening is client
        assert await told(client.open) == (client, None)
        assert await told_last(client.open) == (client, None)

    run(work)


def test_open_by_run_sync(replica_set: LocalServer) -> None:
    """As printed, with `IOLoop.run_sync`. Today's Motor shows all options of a client, and so does petiole."""
    from tornado.ioloop import IOLoop

    import petiole.motor

    loop = IOLoop(make_current=False)
    client = petiole.motor.MotorClient(*replica_set.address, io_loop=loop)
    opened = loop.run_sync(client.open)
    assert opened is client
    assert repr(client).startswith(f"MotorClient(MongoClient(host=['127.0.0.1:{replica_set.address[1]}'], ")
    client.close()
    loop.close()


def test_open_raises_connection_failure_if_it_cannot_connect(side: Side, m: Any) -> None:
    async def work() -> None:
        client = m.Client("127.0.0.1", 1, serverSelectionTimeoutMS=100)
        with pytest.raises(ConnectionFailure, match="refused"):
            await client.open()
        client_or_none, error = await told(client.open)
        assert client_or_none is None
        assert isinstance(error, ServerSelectionTimeoutError)
        client.close()

    side.run(work)


def test_opening_is_optional(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        assert await client[name].c.find_one() is None

    run(work)


# Attributes.


def test_document_class(run: Run, name: str) -> None:
    from petiole.bson.son import SON

    async def work(client: Any) -> None:
        assert client.document_class is dict
        await client[name].c.insert_one({})
        client.document_class = SON
        assert client.document_class is SON
        assert type(await client[name].c.find_one()) is SON

    run(work)


def test_host_and_port(run: Run, replica_set: LocalServer) -> None:
    async def work(client: Any) -> None:
        await client.open()
        assert (client.host, client.port) == replica_set.address

    run(work)


def test_is_mongos_and_is_primary(run: Run) -> None:
    async def work(client: Any) -> None:
        assert client.is_mongos is False
        assert client.is_primary is True

    run(work)


def test_sizes_before_and_after_connecting(run: Run) -> None:
    async def work(client: Any) -> None:
        assert client.max_bson_size == 16 * 1024 * 1024
        assert client.max_message_size == 32 * 1024 * 1024
        assert (client.min_wire_version, client.max_wire_version) == (0, 0)
        await client.open()
        hello = await client.admin.command("hello")
        assert client.max_bson_size == hello["maxBsonObjectSize"]
        assert client.max_message_size == hello["maxMessageSizeBytes"]
        assert client.max_wire_version == hello["maxWireVersion"]
        assert client.min_wire_version == hello["minWireVersion"]

    run(work)


def test_max_pool_size(run: Run, m: Any, name: str) -> None:
    assert m.Client().max_pool_size == 100

    async def work(client: Any) -> None:
        assert client.max_pool_size == 1
        await client[name].c.insert_one({})
        slow = client[name].c.find_one({"$where": "sleep(300) || true"})
        with pytest.raises(ConnectionFailure):  # "If waitQueueTimeoutMS is set, […] after a timeout."
            await asyncio.gather(*[client[name].c.find_one() for _ in range(2)])
        await slow

    run(work, max_pool_size=1, waitQueueTimeoutMS=20)


def test_nodes(run: Run, replica_set: LocalServer) -> None:
    async def work(client: Any) -> None:
        await client.open()
        assert client.nodes == {replica_set.address}

    run(work)


def test_read_preference(m: Any) -> None:
    client = m.Client()
    assert client.read_preference == ReadPreference.PRIMARY
    client.read_preference = ReadPreference.SECONDARY_PREFERRED
    assert client.db.c.read_preference == ReadPreference.SECONDARY_PREFERRED
    client.read_preference = ReadPreference.SECONDARY.mode
    assert client.read_preference == ReadPreference.SECONDARY


def test_secondary_acceptable_latency_ms(m: Any) -> None:
    assert m.Client().secondary_acceptable_latency_ms == 15
    assert m.Client(secondary_acceptable_latency_ms=40).secondary_acceptable_latency_ms == 40
    assert m.Client(localThresholdMS=40).secondary_acceptable_latency_ms == 40


def test_tag_sets(m: Any) -> None:
    wanted = [{"dc": "ny"}, {"dc": "la"}, {}]
    client = m.Client(read_preference=ReadPreference.SECONDARY)
    client.tag_sets = wanted
    assert client.tag_sets == wanted
    assert client.read_preference == Secondary(tag_sets=wanted)
    assert m.Client(read_preference=ReadPreference.NEAREST, tag_sets=wanted).tag_sets == wanted


def test_tz_aware(m: Any) -> None:
    assert m.Client().tz_aware is False
    assert m.Client(tz_aware=True).tz_aware is True


# write_concern


def assign(client: Any, concern: Any) -> None:
    """As the statement, of which type checkers would conclude what the attribute then is."""
    client.write_concern = concern


def test_write_concern_as_printed(m: Any) -> None:
    client = m.Client()
    assert client.write_concern == {}
    client.write_concern = {"w": 2, "wtimeout": 1000}
    assert client.write_concern == {"wtimeout": 1000, "w": 2}
    client.write_concern["j"] = True
    assert client.write_concern == {"wtimeout": 1000, "j": True, "w": 2}
    assign(client, {"j": True})
    assert client.write_concern == {"j": True}
    # Disable write acknowledgement and write concern
    client.write_concern["w"] = 0
    assert client.write_concern == {"w": 0}


def test_write_concern_is_todays_too(m: Any) -> None:
    """Today's Motor has a `WriteConcern`; it is one, and shows itself so."""
    client = m.Client(w=1)
    assert isinstance(client.write_concern, WriteConcern)
    assert repr(client.write_concern) == "WriteConcern(w=1)"
    assert client.write_concern == WriteConcern(1)
    assign(client, WriteConcern("majority"))
    assert m.Client(w="majority").write_concern["w"] == "majority"


def test_write_concern_is_no_copy(m: Any) -> None:
    client = m.Client()
    kept = client.write_concern
    kept["w"] = 1
    assert client.write_concern is kept
    assert dict(client.write_concern) == {"w": 1}
    del kept["w"]
    kept.update(j=True, wtimeout=5)
    assert kept.pop("wtimeout") == 5
    assert kept.pop("wtimeout", None) is None
    assert [list(kept), len(kept), "j" in kept, kept.get("w", 3), list(kept.items())] == [
        ["j"], 1, True, 3, [("j", True)],
    ]  # fmt: skip
    kept.clear()
    assert client.write_concern == {}


def test_write_concern_refuses_what_a_write_concern_refuses(m: Any) -> None:
    client = m.Client()
    with pytest.raises(ValueError, match="wtimeout"):
        client.write_concern["wtimeout"] = -1
    client.write_concern["j"] = True
    with pytest.raises(Exception, match="j and fsync"):  # "Cannot be used in combination with fsync."
        client.write_concern["fsync"] = True
    assert client.write_concern == {"j": True}


def test_write_concern_is_what_is_written_with(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        client.write_concern["w"] = 5
        with pytest.raises(OperationFailure, match="Not enough data-bearing nodes"):
            await client[name].c.insert_one({"_id": 1})
        client.write_concern["w"] = 1
        await client[name].c.insert_one({"_id": 2})
        client.write_concern["w"] = 0
        assert (await client[name].c.insert_one({"_id": 3})).acknowledged is False

    run(work)


def test_write_concern_of_databases_and_collections(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        db = client[name]
        db.write_concern = {"w": 1}
        assert db.c.write_concern == {"w": 1}
        c = db.c
        kept = db.get_collection("other", write_concern=c.write_concern)
        c.write_concern["w"] = 0
        assert (await c.insert_one({})).acknowledged is False
        assert kept.write_concern == {"w": 1}
        assert client.write_concern == {}

    run(work)


# Callbacks, for all methods.


def test_callbacks_are_told_results_and_errors(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        c = client[name].c
        result, error = await told(c.insert_one, {"_id": 1})
        assert (result.inserted_id, error) == (1, None)
        result, error = await told(c.insert_one, {"_id": 1})
        assert result is None
        assert error.code == 11000
        assert await told(c.find_one, {"_id": 1}) == ({"_id": 1}, None)
        assert await told(c.find().to_list, 5) == ([{"_id": 1}], None)
        assert await told(c.find().next) == ({"_id": 1}, None)

    run(work)


@pytest.mark.parametrize("callback", [3, "callback", {}])
def test_callbacks_must_be_callable(run: Run, callback: Any) -> None:
    async def work(client: Any) -> None:
        with pytest.raises(TypeError, match="callback must be a callable"):
            client.db.c.find_one(callback=callback)

    run(work)


def test_operations_run_without_being_awaited(run: Run, name: str) -> None:
    async def work(client: Any) -> None:
        assert is_future(client[name].c.insert_one({"_id": "alone"}))
        while await client[name].c.find_one() is None:
            pass

    run(work)
