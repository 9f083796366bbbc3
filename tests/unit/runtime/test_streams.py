"""Streams of both runtimes against a peer whose every byte the test sends."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.unit.engine.sides import Loop, Side, Threads, until

from petiole._runtime.base import Address, Malformed, Stream, StreamOptions
from petiole._runtime.tls import client_context
from petiole.local.tls import Certificates, make_certificates

LIMIT = 48_000_000
REQUEST = struct.pack("<iiii", 16, 1, 0, 2013)


def message(size: int, seed: int = 0) -> bytes:
    """A message of that size whose bytes tell where they belong."""
    body = bytes((seed + index) % 251 for index in range(min(size, 70_000) - 16))
    return (
        struct.pack("<iiii", size, 7, 1, 2013)
        + (body * (size // len(body) + 1) if body else b"")[: size - 16]
    )


class Wire:
    """A stream of the driver, and the other end of it."""

    def __init__(self, side: Side, certificates: Certificates | None = None) -> None:
        self.side = side
        self._options = StreamOptions()
        self._certificates = certificates
        if certificates is not None:
            context = client_context(ca_file=str(certificates.authority))
            self._options = StreamOptions(tls=context, server_hostname="localhost")
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as acceptor:
            accepted = acceptor.submit(self._accept, listener)
            self.stream: Stream = self._connect(listener.getsockname()[:2])
            self.peer = accepted.result(10)

    def _accept(self, listener: socket.socket) -> socket.socket:
        peer, _ = listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._certificates is None:
            return peer
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificates.server)
        return context.wrap_socket(peer, server_side=True)

    def _connect(self, address: Address) -> Any:
        runtime = self.side.runtime
        return self.side.call(lambda: runtime.connect(address, self._options, runtime.deadline(10)))

    def greet(self) -> None:
        """Exchange something, as the driver always does first; over TLS, tickets come with that."""
        done = self.exchange()
        self.peer.sendall(message(16))
        done.result(10)

    def exchange(self, seconds: float | None = 10, limit: int = LIMIT) -> Any:
        """Begin to exchange; the request has arrived."""
        done = self.ask(seconds, limit)
        assert self.peer.recv(100) == REQUEST
        return done

    def ask(self, seconds: float | None = 10, limit: int = LIMIT) -> Any:
        """Begin to exchange."""
        runtime = self.side.runtime
        return self.side.start(lambda: self.stream.exchange(REQUEST, limit, runtime.deadline(seconds)))

    def receive(self, seconds: float | None = 10) -> Any:
        """Begin to receive."""
        runtime = self.side.runtime
        return self.side.start(lambda: self.stream.receive(LIMIT, runtime.deadline(seconds)))

    def send(self, data: bytes, seconds: float | None = 10) -> Any:
        """Begin to send."""
        runtime = self.side.runtime
        return self.side.start(lambda: self.stream.send(data, runtime.deadline(seconds)))

    def alive(self) -> bool:
        return bool(self.side.now(self.stream.alive))

    def close(self) -> None:
        self.side.now(self.stream.close)
        self.peer.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


SIDES: dict[str, Callable[[], Side]] = {
    "blocking": Threads,
    "asyncio": Loop,
    "uvloop": lambda: Loop(uvloop.new_event_loop),
}


@pytest.fixture(params=[*SIDES, *(f"{name}, TLS" for name in SIDES)])
def wire(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Wire]:
    side = SIDES[request.param.split(",")[0]]()
    wire = Wire(side, certificates if "TLS" in request.param else None)
    wire.greet()
    yield wire
    wire.close()
    side.close()


@pytest.fixture(params=[*SIDES, "blocking, TLS"])
def flushing(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Wire]:
    """The streams that know when all is with the system: asyncio's TLS does not tell."""
    side = SIDES[request.param.split(",")[0]]()
    wire = Wire(side, certificates if "TLS" in request.param else None)
    wire.greet()
    yield wire
    wire.close()
    side.close()


# Cutting messages.


@pytest.mark.parametrize("size", [16, 17, 100, 16_383, 16_384, 16_385, 32_768, 100_000, 5_000_000])
@pytest.mark.parametrize("seconds", [None, 10])
def test_messages_of_all_sizes(wire: Wire, size: int, seconds: float | None) -> None:
    reply = message(size)
    done = wire.exchange(seconds)
    threading.Thread(target=wire.peer.sendall, args=(reply,), daemon=True).start()
    assert bytes(done.result(10)) == reply
    assert wire.alive()


def test_byte_by_byte(wire: Wire) -> None:
    reply = message(60)
    done = wire.exchange()
    for index in range(len(reply)):
        wire.peer.sendall(reply[index : index + 1])
        time.sleep(0.0005)
    assert bytes(done.result(10)) == reply


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 15, 16, 17, 16_383, 16_384, 16_385, 39_999])
def test_in_two_pieces(wire: Wire, cut: int) -> None:
    reply = message(40_000)
    done = wire.exchange()
    wire.peer.sendall(reply[:cut])
    time.sleep(0.01)
    wire.peer.sendall(reply[cut:])
    assert bytes(done.result(10)) == reply


def test_several_messages_in_one_segment(wire: Wire) -> None:
    replies = [message(size, size) for size in (16, 50, 20_000, 16, 3_000, 16_384, 17)]
    first = wire.exchange()
    wire.peer.sendall(b"".join(replies))
    assert bytes(first.result(10)) == replies[0]
    for reply in replies[1:]:
        assert bytes(wire.receive().result(10)) == reply
    assert wire.alive()


def test_a_message_that_begins_at_the_end_of_the_buffer(wire: Wire) -> None:
    for overlap in (1, 3, 4, 15, 16, 17):
        replies = [message(16_384 - overlap), message(5_000, 3), message(30_000, 5)]
        first = wire.exchange()
        wire.peer.sendall(b"".join(replies))
        assert bytes(first.result(10)) == replies[0]
        assert bytes(wire.receive().result(10)) == replies[1]
        assert bytes(wire.receive().result(10)) == replies[2]


def test_one_after_the_other(wire: Wire) -> None:
    for size in (20, 50_000, 16, 16_384, 20):
        done = wire.exchange()
        wire.peer.sendall(message(size, size))
        assert bytes(done.result(10)) == message(size, size)


def test_a_peer_that_streams_faster_than_anybody_reads_has_to_wait(wire: Wire) -> None:
    replies = [message(100_000, seed) for seed in range(200)]
    first = wire.exchange()
    sender = threading.Thread(target=wire.peer.sendall, args=(b"".join(replies),))
    sender.start()
    assert bytes(first.result(10)) == replies[0]
    sender.join(0.2)
    assert sender.is_alive()
    for reply in replies[1:]:
        assert bytes(wire.receive().result(10)) == reply
    sender.join(10)
    assert wire.alive()


# What cannot be a message.


@pytest.mark.parametrize("length", [-(2**31), -1, 0, 15, 101, 2**31 - 1])
def test_lengths_that_cannot_be(wire: Wire, length: int) -> None:
    done = wire.exchange(limit=100)
    wire.peer.sendall(struct.pack("<i", length) + b"x" * 12)
    with pytest.raises(Malformed, match=rf"message of {length % 2**32} bytes; allowed are 16 to 100"):
        done.result(10)


def test_the_limit_itself_is_allowed(wire: Wire) -> None:
    done = wire.exchange(limit=100)
    wire.peer.sendall(message(100))
    assert bytes(done.result(10)) == message(100)


@pytest.mark.parametrize("sent", [0, 1, 4, 16, 59, 20_000])
def test_an_end_amid_a_message(wire: Wire, sent: int) -> None:
    done = wire.exchange()
    wire.peer.sendall(message(40_000)[:sent])
    wire.peer.close()
    with pytest.raises(OSError, match="connection closed"):
        done.result(10)
    assert not wire.alive()


def test_a_reset(wire: Wire) -> None:
    done = wire.exchange()
    wire.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.peer.close()
    with pytest.raises(OSError):  # noqa: PT011 - its text is the system's.
        done.result(10)
    assert not wire.alive()


def test_something_unasked_is_noticed(wire: Wire) -> None:
    assert wire.alive()
    wire.peer.sendall(message(20))
    until(lambda: not wire.alive())


def test_nothing_can_be_exchanged_after_the_end(wire: Wire) -> None:
    wire.peer.close()
    until(lambda: not wire.alive())
    for attempt in (wire.ask, wire.receive):
        with pytest.raises(OSError, match=r"connection closed|Broken pipe|reset"):
            attempt().result(10)


# Deadlines.


def test_a_silent_peer(wire: Wire) -> None:
    before = time.monotonic()
    with pytest.raises(TimeoutError, match="timed out"):
        wire.exchange(0.05).result(10)
    assert 0.04 < time.monotonic() - before < 2


def test_the_deadline_is_for_the_whole_message(wire: Wire) -> None:
    done = wire.exchange(0.15)
    sent = 0
    while not done.done() and sent < 60:
        wire.peer.sendall(message(60)[sent : sent + 1])
        sent += 1
        time.sleep(0.02)
    with pytest.raises(TimeoutError):
        done.result(0)
    assert isinstance(done.exception(), TimeoutError)
    assert sent < 40


def test_a_passed_deadline(wire: Wire) -> None:
    with pytest.raises(TimeoutError):
        wire.ask(0).result(10)


def test_a_deadline_does_not_outlive_its_exchange(wire: Wire) -> None:
    done = wire.exchange(0.05)
    wire.peer.sendall(message(20))
    done.result(10)
    done = wire.exchange(None)
    time.sleep(0.1)
    wire.peer.sendall(message(20))
    assert bytes(done.result(10)) == message(20)


# Sending.


def test_sending_waits_for_a_slow_peer(wire: Wire) -> None:
    data = message(20_000_000)
    done = wire.send(data)
    with pytest.raises(TimeoutError):
        done.result(0.1)
    got = bytearray()
    while len(got) < len(data):
        got += wire.peer.recv(1 << 20)
    done.result(10)
    assert got == data


def test_sending_to_a_peer_that_never_reads_has_a_deadline(wire: Wire) -> None:
    with pytest.raises(TimeoutError):
        wire.send(message(20_000_000), 0.1).result(10)


def test_what_was_sent_arrives_though_the_stream_is_closed_then(flushing: Wire) -> None:
    wire = flushing
    data = message(3_000_000)
    got = bytearray()

    def drain() -> None:
        while chunk := wire.peer.recv(1 << 16):
            got.extend(chunk)

    reader = threading.Thread(target=drain)
    reader.start()
    wire.send(data).result(10)
    wire.side.now(wire.stream.close)
    reader.join(10)
    assert got == data


# Letting go.


def test_an_interrupt_from_another_thread_wakes_the_reader(wire: Wire) -> None:
    done = wire.exchange(None)
    wire.stream.interrupt()
    with pytest.raises(OSError):  # noqa: PT011 - either end of it may say so.
        done.result(10)
    assert not wire.alive()


def test_closing_twice(wire: Wire) -> None:
    for _ in range(2):
        wire.side.now(wire.stream.close)
    wire.stream.close()
    assert wire.peer.recv(10) == b""


def test_closing_where_no_loop_runs() -> None:
    loop = Loop()
    wire = Wire(loop)
    wire.stream.close()
    assert wire.peer.recv(10) == b""
    wire.peer.close()
    loop.close()


def test_closing_after_the_loop_has_ended() -> None:
    loop = Loop()
    wire = Wire(loop)
    loop.close()
    wire.stream.close()
    assert wire.peer.recv(10) == b""
    wire.peer.close()


def test_a_cancelled_exchange_ends_at_once() -> None:
    loop = Loop()
    wire = Wire(loop)
    done = wire.exchange(None)
    done.cancel()
    with pytest.raises(CancelledError):
        done.result(10)
    wire.close()
    loop.close()


def test_a_child_lets_go_and_the_parent_goes_on(wire: Wire) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            wire.stream.forget()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    done = wire.exchange()
    wire.peer.sendall(message(20))
    assert bytes(done.result(10)) == message(20)


# Connecting.


@pytest.fixture(params=[Threads, Loop], ids=["blocking", "asyncio"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


def connect(side: Side, address: Address, seconds: float = 10) -> Any:
    runtime = side.runtime
    return side.call(lambda: runtime.connect(address, StreamOptions(), runtime.deadline(seconds)))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "::1"])
def test_a_refused_connection_in_the_systems_words(side: Side, host: str, closed_port: int) -> None:
    with pytest.raises(OSError, match=r"Connection refused|Cannot assign requested address") as caught:
        connect(side, (host, closed_port))
    assert "127.0.0.1" not in str(caught.value)


def test_a_name_that_does_not_exist(side: Side) -> None:
    with pytest.raises(socket.gaierror):
        connect(side, ("no-such-host.invalid", 27017))


def test_resolving_has_a_deadline(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def slow(*arguments: Any, **options: Any) -> Any:
        release.wait(10)
        raise socket.gaierror(socket.EAI_NONAME, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    before = time.monotonic()
    with pytest.raises(TimeoutError):
        connect(side, ("slow.example", 27017), 0.1)
    assert time.monotonic() - before < 5
    release.set()


def test_a_silent_address_leaves_time_for_the_next(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as silent,
        socket.create_server(("127.0.0.1", 0)) as good,
    ):
        fillers = []
        for _ in range(4):  # Its queue is full, so it answers no more.
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())
            fillers.append(filler)
        addresses = [silent.getsockname(), good.getsockname()]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
        stream = connect(side, ("two.example", 27017), 1.0)
        side.now(stream.close)
        for filler in fillers:
            filler.close()


def test_a_passed_deadline_is_a_timeout(side: Side) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(TimeoutError):
        connect(side, listener.getsockname()[:2], 0)


def test_a_unix_domain_socket(side: Side, tmp_path: Path) -> None:
    path = str(tmp_path / "mongodb.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        stream = connect(side, (path, None))
        side.now(stream.close)


def test_a_unix_domain_socket_that_is_not_there(side: Side, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file or directory"):
        connect(side, (str(tmp_path / "none.sock"), None))
