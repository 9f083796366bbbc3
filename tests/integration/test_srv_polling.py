"""SRV records are looked up again: on both faces, against hosts that come and go in a local name server's zone.

There is no `mongos` to be had, so one that knows `hello` alone stands for it.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

import dns.rcode
import pytest
from tests.integration.dns_server import DnsServer, serving
from tests.integration.security.conftest import Face
from tests.integration.waiting import eventually

from petiole import bson
from petiole._sdam import schedule
from petiole.local import LocalServer
from petiole.topology_description import TOPOLOGY_TYPE

NAME = "db.cluster.test"
URI = f"mongodb+srv://{NAME}/?tls=false"
OP_MSG, OP_REPLY, OP_QUERY = 2013, 1, 2004
HELLO = {
    "ok": 1,
    "msg": "isdbgrid",
    "isWritablePrimary": True,
    "ismaster": True,
    "maxWireVersion": 17,
    "minWireVersion": 0,
    "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000,
    "maxWriteBatchSize": 100000,
}
Address = tuple[str, int]


class Mongos:
    """Answers every command as a mongos answers `hello`. Every connection has a thread, which ends with it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)

    @property
    def address(self) -> Address:
        """As the SRV records name it."""
        return "localhost", self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, struct.error), connection.makefile("rb") as stream:
            while True:
                length, request, _, operation = struct.unpack("<iiii", stream.read(16))
                stream.read(length - 16)
                body = bson.encode(HELLO)
                if operation == OP_QUERY:
                    answer, kind = struct.pack("<iqii", 8, 0, 0, 1) + body, OP_REPLY
                else:
                    answer, kind = struct.pack("<iB", 0, 0) + body, OP_MSG
                connection.sendall(struct.pack("<iiii", 16 + len(answer), 0, request, kind) + answer)


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    made = Face(request.param)
    yield made
    made.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """The name server, whose records are good for no time, and polling without the pause of a minute."""
    monkeypatch.setattr(schedule, "MIN_SRV_POLL", 0.05)
    with serving() as server:
        server.ttl = 0
        yield server


@pytest.fixture
def three_mongoses() -> Iterator[list[Address]]:
    with Mongos() as one, Mongos() as two, Mongos() as three:
        yield [one.address, two.address, three.address]


def anyone(host: str) -> bool:
    """Accepts every host but one."""
    return host != "evil.test"


def connected(face: Face, uri: str = URI) -> Any:
    """A client of the name, which has answered."""
    client = face.client(uri, srv_host_validator=anyone, heartbeatFrequencyMS=500)
    client.admin.command("ping")
    return client


def addresses(client: Any) -> set[Address]:
    return set(client.topology_description.server_descriptions())


def asked_again(names: DnsServer) -> bool:
    """Whether the records are asked for two more times."""
    before = len(names.asked)
    return eventually(lambda: len(names.asked) >= before + 2, 3)


def test_mongoses_come_and_go(face: Face, names: DnsServer, three_mongoses: list[Address]) -> None:
    one, two, three = three_mongoses
    names.srv(NAME, one, two)
    client = connected(face)
    assert client.topology_description.topology_type == TOPOLOGY_TYPE.Sharded
    assert addresses(client) == {one, two}
    kept = client._engine.topology.snapshot.servers[two]
    names.srv(NAME, two, three)
    assert eventually(lambda: addresses(client) == {two, three})
    assert client._engine.topology.snapshot.servers[two] is kept, "its connections live on"
    assert eventually(lambda: client.nodes == {two, three})
    assert client.admin.command("ping")["ok"] == 1
    assert names.asked.count((NAME, "TXT")) == 1, "the TXT record is not asked for again"


def test_one_invalid_host_does_not_spoil_the_others(
    face: Face, names: DnsServer, three_mongoses: list[Address], caplog: pytest.LogCaptureFixture
) -> None:
    one, two, _ = three_mongoses
    names.srv(NAME, one)
    client = connected(face)
    with caplog.at_level(logging.WARNING):
        names.srv(NAME, ("evil.test", 27017), two)
        assert eventually(lambda: addresses(client) == {two})
        assert eventually(lambda: "evil.test was rejected" in caplog.text), "it is said only then"


@pytest.mark.parametrize("fault", ["none", "failure", "refused"])
def test_without_hosts_everything_stays(
    face: Face, names: DnsServer, three_mongoses: list[Address], fault: str
) -> None:
    one, two, three = three_mongoses
    names.srv(NAME, one, two)
    client = connected(face)
    if fault == "none":
        names.remove(NAME)
    elif fault == "failure":
        names.refusal = dns.rcode.SERVFAIL
    else:
        names.srv(NAME, ("evil.test", 27017))
    assert asked_again(names)
    assert addresses(client) == {one, two}
    names.refusal = None
    names.srv(NAME, three)
    assert eventually(lambda: addresses(client) == {three})


def test_no_more_hosts_are_taken_than_wanted(
    face: Face, names: DnsServer, three_mongoses: list[Address]
) -> None:
    one, two, three = three_mongoses
    names.srv(NAME, one, two)
    client = connected(face, f"{URI}&srvMaxHosts=2")
    names.srv(NAME, *three_mongoses)
    assert asked_again(names)
    assert addresses(client) == {one, two}
    names.srv(NAME, two, three)
    assert eventually(lambda: addresses(client) == {two, three})


def test_hosts_are_found_that_were_not_there_at_first(
    face: Face, names: DnsServer, replica_set: LocalServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nowhere = gone.getsockname()[1]
    names.srv(NAME, ("localhost", nowhere))
    client = face.client(URI, srv_host_validator=anyone)
    mover = threading.Timer(0.5, names.srv, [NAME, ("localhost", replica_set.address[1])])
    mover.start()
    assert client.admin.command("ping")["ok"] == 1
    mover.join()


def test_a_replica_set_tells_its_own_members(face: Face, names: DnsServer, replica_set: LocalServer) -> None:
    names.srv(NAME, replica_set.address)
    client = connected(face)
    time.sleep(0.3)
    asked = len(names.asked)
    names.srv(NAME, ("localhost", 1))
    time.sleep(0.5)
    assert len(names.asked) == asked
    assert client.primary == replica_set.address


def test_polling_ends_with_the_client(face: Face, names: DnsServer, three_mongoses: list[Address]) -> None:
    names.srv(NAME, *three_mongoses)
    client = connected(face)
    assert asked_again(names)
    client.close()
    time.sleep(0.3)
    asked = len(names.asked)
    time.sleep(0.3)
    assert len(names.asked) == asked
