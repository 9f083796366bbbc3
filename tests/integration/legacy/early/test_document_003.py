"""The documentation of `Connection`, paragraph by paragraph, in its order; each test is named after one."""

import gc
import inspect
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from petiole.bson.binary import UuidRepresentation
from petiole.bson.son import SON
from petiole.errors import AutoReconnect, ConnectionFailure, InvalidName, OperationFailure
from petiole.legacy import Connection, MongoClient
from petiole.legacy.cursor_manager import BatchCursorManager, CursorManager
from petiole.local import LocalServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

DOCUMENTED = (
    ("host", None),
    ("port", None),
    ("pool_size", None),
    ("auto_start_request", None),
    ("timeout", None),
    ("slave_okay", False),
    ("network_timeout", None),
    ("document_class", dict),
    ("tz_aware", True),
)
_SLEEPERS = [
    {"$currentOp": {}},
    {"$match": {"command.find": "things", "command.filter.$where": {"$exists": True}}},
]


@pytest.fixture
def connection(standalone: LocalServer) -> Iterator[Connection]:
    made = Connection(*standalone.address)
    yield made
    made.drop_database("document_003")
    made.disconnect()


def _secondary(server: LocalServer) -> tuple[str, int]:
    with MongoClient(server.uri) as client:
        while len(client.secondaries) < 2:
            client.admin.command("ping")
        return sorted(client.secondaries, key=str)[0]  # type: ignore[return-value]


# To get a Database instance from a Connection use either dictionary-style or attribute-style access.


def test_dictionary_style_and_attribute_style_access(connection: Connection, standalone: LocalServer) -> None:
    host, port = standalone.address
    assert repr(connection.test_database) == f"Database(Connection({host!r}, {port}), 'test_database')"
    assert repr(connection["test-database"]) == f"Database(Connection({host!r}, {port}), 'test-database')"
    assert connection.test_database == connection["test_database"]


# class pymongo.connection.Connection(...): create a new connection to a single MongoDB instance at host:port.


def test_parameters_by_position() -> None:
    parameters = list(inspect.signature(Connection).parameters.values())[: len(DOCUMENTED)]
    assert tuple((one.name, one.default) for one in parameters) == DOCUMENTED
    assert all(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters)


def test_all_parameters_given_by_position(standalone: LocalServer) -> None:
    made = Connection(*standalone.address, 7, False, 20, True, 30, SON, False)
    assert made.max_pool_size == 7
    assert made.auto_start_request is False
    assert made.slave_okay is True
    assert made.options.pool_options.socket_timeout == 30
    assert made.document_class is SON
    assert made.tz_aware is False
    made.disconnect()


def test_host_defaults_to_localhost_and_port_to_27017() -> None:
    assert Connection(_connect=False).nodes == {("localhost", 27017)}
    assert Connection("example.com", _connect=False).nodes == {("example.com", 27017)}


def test_the_resultant_connection_object_has_connection_pooling_built_in(connection: Connection) -> None:
    meeting = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            connection.document_003.command("ping")
            meeting.wait(60)
            connection.document_003.command("ping")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_it_also_performs_auto_reconnection_when_necessary() -> None:
    with LocalServer() as server:
        connection = Connection(*server.address, serverSelectionTimeoutMS=10_000)
        connection.document_003.things.insert({"_id": 1}, j=True)
        member = server.members[0]
        member.kill()
        with pytest.raises(AutoReconnect):
            connection.document_003.things.find_one()
        member.start()
        assert _until(lambda: connection.document_003.things.find_one()) == {"_id": 1}
        connection.disconnect()


def test_auto_reconnect_when_the_primary_is_killed() -> None:
    with LocalServer(replica_set=3) as server:
        connection = Connection([f"{host}:{port}" for host, port in server.addresses])
        things = connection.document_003.things
        things.insert({"_id": 1}, w="majority", wtimeout=60_000)
        killed = (connection.host, connection.port)
        primary = next(one for one in server.members if one.address == killed)
        failures: list[BaseException] = []

        def work() -> None:
            try:
                things.find_one({"$where": "sleep(600000) || true"})
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        command = {"aggregate": 1, "pipeline": _SLEEPERS, "cursor": {}}
        while not connection.admin.command(command)["cursor"]["firstBatch"]:
            pass
        primary.kill()
        thread.join()
        assert isinstance(failures[0], AutoReconnect)
        assert _until(things.find_one) == {"_id": 1}
        assert (connection.host, connection.port) != killed
        connection.disconnect()


def _until(work: Callable[[], Any]) -> Any:
    """What an application does: it recognizes that the operation failed, and continues."""
    while True:
        try:
            return work()
        except AutoReconnect:
            continue


def test_auto_reconnect_is_a_connection_failure() -> None:
    assert issubclass(AutoReconnect, ConnectionFailure)


@pytest.mark.parametrize("port", ["27017", 27017.0, [27017]])
def test_raises_type_error_if_port_is_not_an_instance_of_int(port: Any) -> None:
    with pytest.raises(TypeError, match="port must be an instance of int"):
        Connection("localhost", port)


def test_raises_connection_failure_if_the_connection_cannot_be_made() -> None:
    for host in ("localhost", ["localhost:1", "127.0.0.1:2"], "mongodb://localhost:1,localhost:2/database"):
        with pytest.raises(ConnectionFailure, match="refused"):
            Connection(host, 1)


def test_host_can_be_a_full_mongodb_uri(standalone: LocalServer) -> None:
    connection = Connection(f"{standalone.uri}my_database?tz_aware=false")
    assert (connection.host, connection.port) == standalone.address
    assert connection.get_default_database().name == "my_database"
    connection.disconnect()


def test_host_can_be_a_list_of_hostnames_or_uris(three_members: LocalServer) -> None:
    first, *others = (f"{host}:{port}" for host, port in three_members.addresses)
    connection = Connection([first, *(f"mongodb://{one}/" for one in others)])
    assert connection.nodes == set(three_members.addresses)
    connection.disconnect()


@pytest.mark.parametrize("host", [5, [5], {"localhost"}])
def test_host_of_another_type(host: Any) -> None:
    with pytest.raises(TypeError):
        Connection(host)


def test_any_port_in_the_host_strings_overrides_the_port_parameter() -> None:
    made = Connection(["one", "two:2", "mongodb://three,four:4"], 99, _connect=False)
    assert made.nodes == {("one", 99), ("two", 2), ("three", 99), ("four", 4)}


def test_the_last_database_username_and_password_present_will_be_used() -> None:
    made = Connection(
        ["mongodb://u1:p1@one/first", "mongodb://u2:p%40@two/second", "mongodb://three", "four"],
        _connect=False,
    )
    credentials: Any = made.options.pool_options.credentials
    assert (credentials.username, credentials.password, credentials.source) == ("u2", "p@", "second")
    assert made.get_default_database().name == "second"
    assert len(made.nodes) == 4


@pytest.mark.parametrize("given", [{"pool_size": 5}, {"auto_start_request": True}, {"timeout": 3}])
def test_deprecated_parameters_warn(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.warns(DeprecationWarning, match=f"{name} is deprecated"):
        Connection("localhost", _connect=False, **given)


def test_slave_okay_is_it_okay_to_perform_queries_on_a_slave(three_members: LocalServer) -> None:
    connection = Connection(*three_members.address)
    connection.document_003.things.insert({"_id": 1}, w=3, wtimeout=60_000)
    host, port = _secondary(three_members)
    slave = Connection(host, port, slave_okay=True)
    assert (slave.host, slave.port) == (host, port)
    assert slave.slave_okay is True
    assert slave.document_003.things.find_one() == {"_id": 1}
    assert slave.document_003.command("hello")["secondary"] is True
    with pytest.raises(AutoReconnect):
        slave.document_003.things.insert({"_id": 2}, safe=True)
    slave.disconnect()
    connection.drop_database("document_003")
    connection.disconnect()


def test_without_slave_okay_a_secondary_leads_to_the_primary(three_members: LocalServer) -> None:
    connection = Connection(*_secondary(three_members))
    assert connection.slave_okay is False
    assert connection.document_003.command("hello")["isWritablePrimary"] is True
    connection.disconnect()


def test_network_timeout_is_in_seconds(connection: Connection, standalone: LocalServer) -> None:
    connection.document_003.things.insert({"_id": 1}, safe=True)
    impatient = Connection(*standalone.address, network_timeout=0.5)
    with pytest.raises(AutoReconnect, match="timed out"):
        impatient.document_003.things.find({"$where": "sleep(10000) || true"}).count()
    assert _until(impatient.document_003.things.find_one) == {"_id": 1}
    impatient.disconnect()


def test_network_timeout_default_is_no_timeout() -> None:
    assert Connection(_connect=False).options.pool_options.socket_timeout is None


def test_document_class_is_the_default_class_of_documents(standalone: LocalServer) -> None:
    connection = Connection(*standalone.address, document_class=SON)
    connection.document_003.things.insert({"_id": 1}, safe=True)
    assert type(connection.document_003.things.find_one()) is SON
    connection.drop_database("document_003")
    connection.disconnect()


@pytest.mark.parametrize("aware", [True, False])
def test_tz_aware_datetimes(standalone: LocalServer, aware: bool) -> None:
    connection = Connection(*standalone.address, tz_aware=aware)
    connection.document_003.times.remove(safe=True)
    connection.document_003.times.insert({"at": datetime(2011, 5, 6)}, safe=True)
    found = connection.document_003.times.find_one()["at"]
    assert found == (datetime(2011, 5, 6, tzinfo=UTC) if aware else datetime(2011, 5, 6))
    connection.drop_database("document_003")
    connection.disconnect()


# classmethod from_uri([uri='mongodb://localhost'])


def test_from_uri_is_deprecated_and_gives_a_connection(standalone: LocalServer) -> None:
    with pytest.warns(DeprecationWarning, match="from_uri is deprecated"):
        connection = Connection.from_uri(standalone.uri)
    assert (connection.host, connection.port) == standalone.address
    connection.disconnect()
    assert inspect.signature(Connection.from_uri).parameters["uri"].default == "mongodb://localhost"


# classmethod paired(left[, right=('localhost', 27017)])


def test_paired_is_deprecated_and_gives_a_connection(three_members: LocalServer) -> None:
    left, right, _ = three_members.addresses
    with pytest.warns(DeprecationWarning, match="paired is deprecated"):
        connection = Connection.paired(left, right)
    assert connection.nodes == set(three_members.addresses)
    connection.disconnect()
    assert Connection.paired(left, _connect=False).nodes == {left, ("localhost", 27017)}
    assert inspect.signature(Connection.paired).parameters["right"].default == ("localhost", 27017)


# disconnect()


def test_disconnecting_closes_all_underlying_sockets(connection: Connection) -> None:
    connection.document_003.command("ping")
    (server,) = connection._engine.topology.servers
    streams = [kept.connection for pool in server.pools.values() for kept in tuple(pool._all)]  # type: ignore[attr-defined]
    assert streams
    connection.disconnect()
    assert all(one is None or one.closed for one in streams)
    assert server.in_use == 0
    connection.disconnect()


def test_if_the_connection_is_used_again_it_is_automatically_reopened(connection: Connection) -> None:
    things = connection.document_003.things
    things.insert({"_id": 1}, safe=True)
    for _ in range(3):
        connection.disconnect()
        assert (connection.host, connection.port) == (None, None)
        assert things.find_one() == {"_id": 1}
        assert connection.host is not None


def test_disconnect_while_other_threads_use_it(connection: Connection) -> None:
    """They may see operations fail that they can repeat, and nothing else; and nobody waits for ever."""
    failures: list[BaseException] = []
    begun = threading.Barrier(4)

    def work() -> None:
        begun.wait(60)
        for _ in range(100):
            try:
                connection.document_003.command("ping")
            except AutoReconnect:
                pass
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait(60)
    while any(thread.is_alive() for thread in threads):
        connection.disconnect()
    assert not failures
    assert connection.document_003.command("ping")["ok"] == 1


# c[db_name] || c.db_name


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a$b", "a/b", "a\\b", "a\x00b"])
def test_raises_invalid_name_if_an_invalid_database_name_is_used(connection: Connection, name: str) -> None:
    with pytest.raises(InvalidName):
        connection[name]


# host, port, nodes, slave_okay


def test_host_and_port_are_those_connected_to(connection: Connection, standalone: LocalServer) -> None:
    assert (connection.host, connection.port) == standalone.address


def test_nodes_are_those_specified_and_those_discovered(three_members: LocalServer) -> None:
    for slave_okay in (False, True):
        connection = Connection(*three_members.address, slave_okay=slave_okay)
        assert connection.nodes == set(three_members.addresses)
        connection.disconnect()


# document_class, tz_aware


def test_document_class_can_be_set(connection: Connection) -> None:
    connection.document_003.things.insert({"_id": 1}, safe=True)
    assert connection.document_class is dict
    connection.document_class = SON
    assert connection.document_class is SON
    assert type(connection.document_003.things.find_one()) is SON


def test_tz_aware_property(standalone: LocalServer) -> None:
    assert Connection(_connect=False).tz_aware is True
    assert Connection(tz_aware=False, _connect=False).tz_aware is False


# database_names(), drop_database(name_or_database)


def test_database_names_lists_all_databases(connection: Connection) -> None:
    connection.document_003.things.insert({"_id": 1}, safe=True)
    assert {"admin", "document_003"} <= set(connection.database_names())


def test_drop_database_by_name_and_by_database(connection: Connection) -> None:
    for dropped in ("document_003", connection.document_003):
        connection.document_003.things.insert({"_id": 1}, safe=True)
        connection.drop_database(dropped)
        assert "document_003" not in connection.database_names()


@pytest.mark.parametrize("wrong", [5, None, ["document_003"]])
def test_drop_database_raises_type_error(connection: Connection, wrong: Any) -> None:
    with pytest.raises(TypeError, match="name_or_database must be an instance of"):
        connection.drop_database(wrong)


# copy_database(from_name, to_name[, from_host=None[, username=None[, password=None]]])


def _fill(database: Any) -> None:
    database.things.insert([{"_id": number, "n": -number} for number in range(2_500)], safe=True)
    database.things.ensure_index([("n", -1)], unique=True, name="by_n")
    database.create_collection("capped", capped=True, size=4096, max=7)
    database.command("create", "seen", viewOn="things", pipeline=[{"$match": {"_id": {"$lt": 3}}}])


def _check_copy(database: Any) -> None:
    assert set(database.collection_names()) >= {"things", "capped", "seen"}
    assert database.things.find().count() == 2_500
    assert database.things.index_information()["by_n"]["unique"] is True
    assert database.things.index_information()["by_n"]["key"] == [("n", -1)]
    assert database.capped.options()["max"] == 7
    assert sorted(one["_id"] for one in database.seen.find()) == [0, 1, 2]


def test_copy_database_on_the_current_host(connection: Connection) -> None:
    _fill(connection.document_003)
    connection.copy_database("document_003", "document_003_copy")
    _check_copy(connection.document_003_copy)
    connection.drop_database("document_003_copy")


def test_copy_database_from_another_host(connection: Connection) -> None:
    with LocalServer() as server:
        source = Connection(*server.address)
        _fill(source.source)
        source.disconnect()
        host, port = server.address
        connection.copy_database("source", "document_003", from_host=f"{host}:{port}")
    _check_copy(connection.document_003)


def test_copy_database_from_a_host_that_requires_authentication(connection: Connection) -> None:
    with LocalServer(auth=True) as server:
        source = Connection(server.uri)
        _fill(source.source)
        source.source.add_user("reader", "secret", read_only=True)
        source.disconnect()
        host, port = server.address
        place = f"{host}:{port}"
        with pytest.raises(OperationFailure):
            connection.copy_database("source", "document_003", place)
        with pytest.raises(OperationFailure, match="Authentication failed"):
            connection.copy_database("source", "document_003", place, "reader", "wrong")
        connection.copy_database("source", "document_003", place, "reader", "secret")
        _check_copy(connection.document_003)
        connection.drop_database("document_003")
        assert server.credentials is not None
        connection.copy_database("source", "document_003", place, *server.credentials)
        _check_copy(connection.document_003)


@pytest.mark.parametrize(("from_name", "to_name"), [(4, "foo"), ("foo", 4)])
def test_copy_database_raises_type_error(connection: Connection, from_name: Any, to_name: Any) -> None:
    with pytest.raises(TypeError):
        connection.copy_database(from_name, to_name)


def test_copy_database_raises_invalid_name(connection: Connection) -> None:
    with pytest.raises(InvalidName):
        connection.copy_database("foo", "$foo")


# server_info()


def test_server_info_is_about_the_server(connection: Connection) -> None:
    assert connection.server_info()["version"].count(".") >= 2


# start_request(), end_request()


def _own_port(database: Any) -> int:
    """The number of the connection that the server sees the operation on."""
    number: int = database.command("hello")["connectionId"]
    return number


def test_all_operations_start_a_request(connection: Connection) -> None:
    """The thread's connection is kept, whatever others do meanwhile."""
    other_numbers: list[int] = []
    mine = _own_port(connection.document_003)
    for _ in range(3):
        thread = threading.Thread(target=lambda: other_numbers.append(_own_port(connection.document_003)))
        thread.start()
        thread.join()
        assert _own_port(connection.document_003) == mine
    assert mine not in other_numbers
    assert connection.in_request()


def test_start_request_is_deprecated(connection: Connection) -> None:
    with pytest.warns(DeprecationWarning, match="All operations start a request"):
        connection.start_request()
    assert connection.in_request()


def test_end_request_lets_other_threads_reuse_the_socket(connection: Connection) -> None:
    mine = _own_port(connection.document_003)
    connection.end_request()
    assert not connection.in_request()
    others: list[int] = []
    thread = threading.Thread(target=lambda: others.append(_own_port(connection.document_003)))
    thread.start()
    thread.join()
    assert others == [mine]


def test_start_request_is_a_context_manager_in_2_x(standalone: LocalServer) -> None:
    connection = Connection(*standalone.address, auto_start_request=False)
    assert not connection.in_request()
    with connection.start_request() as request:
        mine = _own_port(connection.document_003)
        assert connection.in_request()
        assert request.connection is connection
        with connection.start_request():
            pass
        assert connection.in_request()
    assert not connection.in_request()
    others: list[int] = []
    thread = threading.Thread(target=lambda: others.append(_own_port(connection.document_003)))
    thread.start()
    thread.join()
    assert others == [mine]
    connection.end_request()
    connection.disconnect()


def test_the_socket_of_a_dead_thread_is_reclaimed(standalone: LocalServer) -> None:
    """Its documentation warns that it would not be."""
    connection = Connection(
        *standalone.address, max_pool_size=1, auto_start_request=False, waitQueueTimeoutMS=60_000
    )

    def work() -> None:
        connection.start_request()
        connection.document_003.command("ping")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert connection.document_003.command("ping")["ok"] == 1
    connection.disconnect()


def test_threads_beyond_max_pool_size_do_not_wait_for_requests_nobody_asked_for(
    standalone: LocalServer,
) -> None:
    connection = Connection(*standalone.address, max_pool_size=2)
    meeting = threading.Barrier(5)
    done: list[float] = []

    def work() -> None:
        for _ in range(3):
            done.append(connection.document_003.command("ping")["ok"])
            meeting.wait(60)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 15
    connection.disconnect()


def test_reads_see_the_unacknowledged_writes_before_them(connection: Connection) -> None:
    things = connection.document_003.things
    for number in range(200):
        assert things.insert({"_id": number}) == number
        assert things.find_one(number) == {"_id": number}


# close_cursor(cursor_id), kill_cursors(cursor_ids), set_cursor_manager(manager_class)


def _open_cursor(connection: Connection) -> int:
    connection.document_003.many.remove(safe=True)
    connection.document_003.many.insert([{"n": number} for number in range(10)], safe=True)
    cursor = connection.document_003.many.find().batch_size(2)
    next(cursor)
    number = cursor.cursor_id
    assert number
    cursor._source = None  # Nobody but the test closes it.
    return number


def _gone(connection: Connection, cursor_ids: list[int]) -> bool:
    """Whether the server has forgotten the cursors; asks until it has."""
    pipeline = [{"$currentOp": {"idleCursors": True}}, {"$match": {"cursor.cursorId": {"$in": cursor_ids}}}]
    command = {"aggregate": 1, "pipeline": pipeline, "cursor": {}}
    while connection.admin.command(command)["cursor"]["firstBatch"]:
        pass
    return True


def test_close_cursor_closes_a_single_cursor(connection: Connection) -> None:
    cursor_id = _open_cursor(connection)
    connection.close_cursor(cursor_id)
    assert _gone(connection, [cursor_id])
    with pytest.raises(TypeError):
        connection.close_cursor("5")  # type: ignore[arg-type]


def test_kill_cursors_kills_those_given(connection: Connection) -> None:
    cursor_ids = [_open_cursor(connection), _open_cursor(connection)]
    connection.kill_cursors(cursor_ids)
    assert _gone(connection, cursor_ids)
    with pytest.raises(TypeError):
        connection.kill_cursors(5)  # type: ignore[arg-type]


def test_set_cursor_manager_decides_what_closing_means(connection: Connection) -> None:
    closed: list[int] = []

    class Manager(CursorManager):
        def close(self, cursor_id: int) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            closed.append(cursor_id)

    connection.set_cursor_manager(Manager)
    connection.close_cursor(5)
    assert closed == [5]
    connection.document_003.many.insert([{"n": number} for number in range(10)], safe=True)
    cursor = connection.document_003.many.find().batch_size(2)
    next(cursor)
    number = cursor.cursor_id
    cursor.close()
    assert closed == [5, number]
    assert len(list(cursor)) == 1
    forgotten = connection.document_003.many.find().batch_size(2)
    next(forgotten)
    number = forgotten.cursor_id
    del forgotten
    gc.collect()
    assert closed[2:] == [number]
    with pytest.raises(TypeError, match="subclass"):
        connection.set_cursor_manager(dict)  # type: ignore[arg-type]


def test_batch_cursor_manager_closes_twenty_at_a_time(connection: Connection) -> None:
    connection.set_cursor_manager(BatchCursorManager)
    first = _open_cursor(connection)
    connection.close_cursor(first)
    for number in range(1, 20):
        connection.close_cursor(number)
    assert _gone(connection, [first])


def test_uuids_are_stored_as_ever() -> None:
    assert Connection(_connect=False).codec_options.uuid_representation == UuidRepresentation.PYTHON_LEGACY
