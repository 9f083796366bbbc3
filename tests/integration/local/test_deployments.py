"""What `LocalServer` starts: standalone, replica sets, users, TLS, kept folders, several at once."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pymongo
import pymongo.errors
import pytest

from petiole.local import Credentials, LocalServer, LocalServerError, PortTakenError


def ping(server: LocalServer) -> bool:
    """Whether a client that knows only the connection string can work with the server."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        server.uri, serverSelectionTimeoutMS=20_000
    )
    with client:
        client.db.things.insert_one({"x": 1})
        return client.db.things.count_documents({"x": 1}) == 1


def test_standalone_writes_and_leaves_nothing() -> None:
    server = LocalServer()
    with server:
        assert ping(server)
        assert server.uri == f"mongodb://127.0.0.1:{server.ports[0]}/"
        folder = server.members[0].folder.parent
        assert folder.is_dir()
    assert not folder.exists()
    assert server.members == []


def test_a_server_that_is_not_started_says_so() -> None:
    with pytest.raises(LocalServerError, match="not started"):
        _ = LocalServer().uri


def test_a_server_can_be_started_again_after_it_was_stopped() -> None:
    server = LocalServer()
    for _ in range(2):
        with server:
            assert ping(server)


def test_test_commands_are_on_and_parameters_can_be_set() -> None:
    with LocalServer(set_parameters={"cursorTimeoutMillis": 1234}) as server:
        with server.members[0].converse() as conversation:
            asked = {"getParameter": 1, "enableTestCommands": 1, "cursorTimeoutMillis": 1}
            reply = conversation.command("admin", asked)
        assert reply["enableTestCommands"] is True
        assert reply["cursorTimeoutMillis"] == 1234


def test_replica_set_of_one(replica_set: LocalServer) -> None:
    assert ping(replica_set)
    with replica_set.members[0].converse() as conversation:
        assert conversation.hello()["setName"] == "petiole"


def test_replica_set_of_three_is_complete_when_it_has_started(three_members: LocalServer) -> None:
    roles = []
    for member in three_members.members:
        with member.converse() as conversation:
            hello = conversation.hello()
        roles.append(
            "primary" if hello["isWritablePrimary"] else "secondary" if hello["secondary"] else "other"
        )
        assert hello["hosts"] == [f"127.0.0.1:{port}" for port in three_members.ports]
    assert sorted(roles) == ["primary", "secondary", "secondary"]
    assert three_members.primary() in three_members.members


def test_a_set_can_have_another_name() -> None:
    with LocalServer(replica_set=1, set_name="leaves") as server:
        assert server.uri.endswith("/?replicaSet=leaves")
        assert ping(server)


@pytest.mark.parametrize("count", [0, 8])
def test_a_set_has_one_to_seven_members(count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 7"):
        LocalServer(replica_set=count)


@pytest.mark.parametrize("replica_set", [None, 1])
def test_auth_refuses_strangers(replica_set: int | None) -> None:
    with LocalServer(replica_set=replica_set, auth=Credentials("ro:ot", "p@ss/word")) as server:
        assert ping(server)
        stranger: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            *server.address, directConnection=True
        )
        with stranger, pytest.raises(pymongo.errors.OperationFailure, match="requires authentication"):
            stranger.db.things.find_one()


def test_tls_with_made_certificates() -> None:
    with LocalServer(replica_set=1, tls=True, auth=True) as server:
        assert server.certificates is not None
        assert "tls=true" in server.uri
        assert ping(server)


def test_a_kept_standalone_finds_its_data_again(tmp_path: Path) -> None:
    counts = []
    for _ in range(2):
        with LocalServer(path=tmp_path) as server, server.members[0].converse() as conversation:
            conversation.command("db", {"insert": "things", "documents": [{"x": 1}]})
            counts.append(conversation.command("db", {"count": "things"})["n"])
    assert counts == [1, 2]
    assert (tmp_path / "member-0" / "mongod.log").exists()


def test_a_kept_set_keeps_its_ports_and_user(tmp_path: Path) -> None:
    ports, counts = [], []
    for _ in range(2):
        with LocalServer(path=tmp_path, replica_set=1, auth=True) as server:
            ports.append(server.ports)
            uri = server.uri
            client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
            with client:
                client.db.things.insert_one({})
                counts.append(client.db.things.count_documents({}))
    assert counts == [1, 2]
    assert ports[0] == ports[1]


def test_a_kept_folder_is_not_started_as_something_else(tmp_path: Path) -> None:
    with LocalServer(path=tmp_path):
        pass
    with pytest.raises(LocalServerError, match="replica_set=None"), LocalServer(path=tmp_path, replica_set=1):
        pass


def test_a_folder_in_use_is_refused_with_the_servers_reason(tmp_path: Path) -> None:
    with (
        LocalServer(path=tmp_path),
        pytest.raises(LocalServerError, match=r"status \d+ .*lock"),
        LocalServer(path=tmp_path),
    ):
        pass


def test_a_wrong_argument_is_refused_with_the_servers_reason() -> None:
    with pytest.raises(LocalServerError, match="noSuchOption"), LocalServer(arguments=["--noSuchOption"]):
        pass


def test_a_taken_port_is_named() -> None:
    with (
        LocalServer() as first,
        pytest.raises(PortTakenError, match=str(first.ports[0])),
        LocalServer(port=first.ports[0]),
    ):
        pass


def test_a_port_lost_in_a_race_is_replaced(standalone: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from petiole.local import member, ports

    lost = [standalone.ports[0]]
    monkeypatch.setattr(member, "free_port", lambda host: lost.pop() if lost else ports.free_port(host))
    with LocalServer() as server:
        assert server.ports != standalone.ports
        assert ping(server)
    assert not lost


def test_several_at_once_from_threads_that_end() -> None:
    servers = [LocalServer() for _ in range(3)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert len({server.ports[0] for server in servers}) == 3
        assert all(ping(server) for server in servers)
    finally:
        for server in servers:
            server.stop()


def test_async_with() -> None:
    async def scenario() -> Path:
        async with LocalServer() as server:
            assert await asyncio.to_thread(ping, server)
            return server.members[0].folder.parent

    assert not asyncio.run(scenario()).exists()


def test_a_cancelled_async_start_leaves_nothing() -> None:
    server = LocalServer()

    async def scenario() -> None:
        task = asyncio.ensure_future(server.__aenter__())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert server.members == []
