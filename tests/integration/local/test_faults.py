"""What tests can do to one member: stop, kill, pause, restart."""

import pytest

from petiole.local import LocalServer, LocalServerError


def test_restart_keeps_data_and_port() -> None:
    with LocalServer() as server:
        (member,) = server.members
        with member.converse() as conversation:
            conversation.command("db", {"insert": "things", "documents": [{"x": 1}]})
        port, pid = member.port, member.pid
        member.restart()
        assert member.port == port
        assert member.pid != pid
        with member.converse() as conversation:
            assert conversation.command("db", {"count": "things"})["n"] == 1


def test_a_killed_server_is_gone_at_once_and_can_be_started() -> None:
    with LocalServer() as server:
        (member,) = server.members
        member.kill()
        assert not member.running
        assert member.pid is None
        with pytest.raises(ConnectionRefusedError):
            member.converse()
        member.start()
        with member.converse() as conversation:
            assert conversation.hello()["ok"] == 1


def test_a_paused_server_does_not_answer_until_it_is_resumed() -> None:
    with LocalServer() as server:
        (member,) = server.members
        member.pause()
        with member.converse(timeout=0.3) as conversation, pytest.raises(TimeoutError):
            conversation.hello()
        member.resume()
        with member.converse() as conversation:
            assert conversation.hello()["ok"] == 1


def test_a_paused_server_can_be_stopped() -> None:
    server = LocalServer()
    with server:
        (member,) = server.members
        member.pause()
    assert not member.running


def test_a_server_that_ends_by_itself_is_noticed() -> None:
    with LocalServer() as server:
        (member,) = server.members
        with member.converse() as conversation, pytest.raises(ConnectionResetError):
            conversation.command("admin", {"shutdown": 1, "force": True})
        with pytest.raises((LocalServerError, ConnectionRefusedError)):
            member.wait_until(lambda hello: False)
        member.start()
        assert member.running


def test_another_member_becomes_primary_when_it_is_killed() -> None:
    with LocalServer(replica_set=3) as server:
        old = server.primary()
        old.kill()
        new = server.members[server.members.index(old) - 1]
        new.wait_until(lambda hello: hello.get("primary", old.host) != old.host)
        assert server.primary() is not old
        old.start()
        assert len([member for member in server.members if member.running]) == 3
