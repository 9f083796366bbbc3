"""Connections by TLS: their deadlines, the sessions they resume, and the loops and sockets they run on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import uvloop
from tests.integration.security.authority import LOCAL, Authority
from tests.integration.security.conftest import SOON, Face, ping, refusal, uri_of
from tests.integration.security.front import TlsFront

from petiole._native import run
from petiole._net.tls import make_context
from petiole._runtime.aio import AIO
from petiole._runtime.base import StreamOptions
from petiole._runtime.blocking import BLOCKING
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.local import LocalServer
from petiole.pool_options import TlsOptions

# Deadlines.


@pytest.fixture(params=["silent", "trickling"])
def slow(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """A server that accepts connections, and then says nothing, or one byte of a handshake at a time."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted.append(listener.accept()[0])
                if request.param == "trickling":
                    threading.Thread(target=trickle, args=(accepted[-1],), daemon=True).start()

    def trickle(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + bytes(1000):
                client.sendall(bytes((byte,)))
                time.sleep(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[:2]
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for one in (listener, *accepted):
        one.close()


def test_a_handshake_that_does_not_end(face: Face, slow: tuple[str, int]) -> None:
    started = time.monotonic()
    text = refusal(face.client(uri_of(slow), tls=True, connectTimeoutMS=300, **SOON))
    assert time.monotonic() - started < 3
    assert "timed out" in text


def test_the_deadline_of_a_connection(face: Face, slow: tuple[str, int]) -> None:
    """Monitors connect on asyncio, whatever the face: here each runtime has to keep its deadline."""
    runtime = BLOCKING if face.name == "blocking" else AIO
    options = StreamOptions(None, make_context(TlsOptions()), "localhost")

    async def connect() -> None:
        await runtime.connect(slow, options, runtime.deadline(0.3))

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        run(connect()) if runtime is BLOCKING else asyncio.run(connect())
    assert 0.25 < time.monotonic() - started < 2


@pytest.mark.parametrize("loop_of", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_connection_that_is_given_up(
    loop_of: Callable[..., Any], encrypted: LocalServer, trusting: dict[str, Any]
) -> None:
    """Cancelled after any number of the loop's turns, it leaves no descriptor that the next would stumble over."""
    context = make_context(TlsOptions(ca_file=trusting["tlsCAFile"]))
    options = StreamOptions(None, context, "localhost")

    async def sweep() -> int:
        (
            await AIO.connect(encrypted.address, options, AIO.deadline(10))
        ).close()  # uvloop opens files of its own.
        await asyncio.sleep(0.05)
        gaps = [
            socket.socket() for _ in range(64)
        ]  # So that the next connection gets the descriptor of the last.
        before = len(os.listdir("/proc/self/fd"))
        for turns in range(24):
            connecting = asyncio.ensure_future(AIO.connect(encrypted.address, options, AIO.deadline(10)))
            for _ in range(turns):
                await asyncio.sleep(0.0005 if turns > 12 else 0)
            connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                (await connecting).close()
            others = [socket.socket() for _ in range(4)]  # Somebody else has the descriptor at once.
            await asyncio.sleep(0.02)
            for one in others:
                one.close()
            stream = await AIO.connect(encrypted.address, options, AIO.deadline(10))
            stream.close()
        await asyncio.sleep(0.05)
        left = len(os.listdir("/proc/self/fd")) - before
        for one in gaps:
            one.close()
        return left

    assert loop_of(sweep()) == 0


@pytest.mark.parametrize("loop_of", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_what_has_been_sent_outlives_its_stream(loop_of: Callable[..., Any], authority: Authority) -> None:
    """Nobody waits for a reply to an unacknowledged write: its last bytes must be with the system once it is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("reader", alternatives=LOCAL))
    listener = socket.create_server(("127.0.0.1", 0))
    closed = threading.Event()
    received = 0

    def read() -> None:
        nonlocal received
        with (
            context.wrap_socket(listener.accept()[0], server_side=True) as peer,
            contextlib.suppress(OSError),
        ):
            closed.wait(30)
            while data := peer.recv(65_536):
                received += len(data)

    async def send() -> int:
        tls = make_context(TlsOptions(ca_file=str(authority.file)))
        options = StreamOptions(None, tls, "localhost")
        stream = await AIO.connect(listener.getsockname()[:2], options, AIO.deadline(10))
        sent = 0
        with contextlib.suppress(TimeoutError):
            while True:  # Until the system takes no more.
                await stream.send(bytes(50_000), AIO.deadline(0.3))
                sent += 50_000
        stream.close()
        await asyncio.sleep(0)
        return sent

    thread = threading.Thread(target=read)
    thread.start()
    sent = loop_of(send())
    closed.set()
    thread.join(30)
    listener.close()
    assert sent <= received <= sent + 50_000


# Sessions.


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_sessions_are_resumed(
    face: Face,
    front: Callable[..., TlsFront],
    authority: Authority,
    trusting: dict[str, Any],
    version: ssl.TLSVersion,
) -> None:
    listening = front(authority.issue("resuming", alternatives=LOCAL), version=version)
    client = face.client(uri_of(listening.address), **trusting, maxIdleTimeMS=1)
    for _ in range(6):
        assert ping(client)
        time.sleep(0.01)
    # The monitor's connections, and the first of the operations' before there was a session, are the exceptions.
    assert sum(listening.resumed) >= 5


def test_a_server_that_has_forgotten_its_sessions(
    face: Face, front: Callable[..., TlsFront], authority: Authority, trusting: dict[str, Any]
) -> None:
    listening = front(authority.issue("forgetful", alternatives=LOCAL))
    client = face.client(uri_of(listening.address), **trusting, maxIdleTimeMS=1)
    for _ in range(3):
        assert ping(client)
        time.sleep(0.01)
    assert listening.resumed[-1]
    listening.forget_sessions()
    before = len(listening.resumed)
    for _ in range(3):
        assert ping(client)
        time.sleep(0.01)
    assert not listening.resumed[before]
    assert listening.resumed[-1]


def test_x509_on_resumed_sessions(face: Face, encrypted: LocalServer) -> None:
    """The server knows the client's certificate from the session."""
    client = face.client(encrypted.uri, maxIdleTimeMS=1)
    for _ in range(4):
        assert ping(client)
        time.sleep(0.01)


# Other loops, other sockets.


def test_uvloop(encrypted: LocalServer) -> None:
    async def work() -> int:
        async with AsyncMongoClient[dict[str, Any]](encrypted.uri) as client:
            await client.tls.loop.drop()
            await client.tls.loop.insert_one({"data": bytes(3_000_000)})
            found = await asyncio.gather(*(client.tls.loop.find_one() for _ in range(8)))
            await client.tls.loop.drop()
            return sum(len(one["data"]) for one in found if one is not None)

    assert uvloop.run(work()) == 8 * 3_000_000


def test_threads(encrypted: LocalServer) -> None:
    face = Face("blocking")
    client = face.client(encrypted.uri)
    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(lambda _: ping(client), range(60)))
    face.close()


def socket_uri(folder: Path, server: LocalServer) -> str:
    path = quote_plus(str(folder / f"mongodb-{server.address[1]}.sock"))
    return f"mongodb://{path}/?directConnection=true"


def test_unix_sockets_with_tls(
    face: Face, encrypted: LocalServer, sockets: Path, trusting: dict[str, Any]
) -> None:
    uri = socket_uri(sockets, encrypted)
    assert ping(face.client(uri, **trusting, tlsAllowInvalidHostnames=True))
    # Its path is no name that a certificate could have.
    assert refusal(face.client(uri, **trusting, **SOON)).startswith("certificate verify failed for /")


def test_unix_sockets(face: Face, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("u")
    with LocalServer(arguments=["--unixSocketPrefix", str(folder)], auth=True) as server:
        path = str(folder / f"mongodb-{server.address[1]}.sock")
        uri = socket_uri(folder, server)
        client = face.client(uri.replace("mongodb://", "mongodb://root:petiole@"))
        assert client.plain.things.insert_one({"_id": 1}).acknowledged
        assert client.plain.things.find_one() == {"_id": 1}
        assert client.address == (path, None)
    text = refusal(face.client(uri, **SOON))
    assert text.startswith(f"{path}: [Errno ")
