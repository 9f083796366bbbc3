"""Requests to key management services over real TLS, on both runtimes, and what becomes of them when these fail."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import pytest
from pymongocrypt.errors import MongoCryptError
from pymongocrypt.options import DataKeyOpts
from tests.kms.estate import Estate
from tests.kms.http import HttpService, Response
from tests.kms.service import Fault
from tests.unit.encryption.scripted import Credentials, Vault, library
from tests.unit.engine.sides import Loop, Side, Threads, until

from petiole._engine.encryption.kms import Kms, parse_endpoint
from petiole._engine.encryption.machine import StateMachine
from petiole._engine.encryption.tls import KmsTls
from petiole._runtime.base import Deadline
from petiole._runtime.clock import NEVER, deadline_in
from petiole.bson import decode
from petiole.encryption_options import KMSConnectContext
from petiole.errors import ConfigurationError, NetworkTimeout

MANY = 10
"""More than libmongocrypt tries."""


class Office:
    """Makes data keys on one runtime."""

    def __init__(self, side: Side, estate: Estate, callback: Callable[..., Any] | None = None) -> None:
        self.side = side
        self.estate = estate
        self.tls = estate.tls()
        self.callback = callback

    def work(self, kind: str, master: dict[str, Any] | None, deadline: Deadline) -> Callable[[], Any]:
        handle = library(self.estate.providers(kind))
        services = Kms(self.side.runtime, KmsTls(self.tls), self.callback)
        machine = StateMachine(Vault(), services, Credentials({}))
        options = DataKeyOpts(master)

        async def work() -> bytes | None:
            with handle.context(lambda mongocrypt: mongocrypt.data_key_context(kind, options)) as context:
                return await machine.run(context, deadline)

        return work

    def make(
        self, kind: str = "aws", deadline: Deadline = NEVER, master: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        made = self.side.call(self.work(kind, master or self.estate.master(kind), deadline))
        found: dict[str, Any] = decode(made)
        return found


@pytest.fixture
def office(side: Side, estate: Estate) -> Office:
    return Office(side, estate)


def reacher(side: Side, connect: Callable[[KMSConnectContext], Any]) -> Callable[..., Any]:
    """The callback as the runtime takes it."""
    if not isinstance(side, Loop):
        return connect

    async def awaited(context: KMSConnectContext) -> Any:
        return await asyncio.to_thread(connect, context)

    return awaited


@pytest.mark.parametrize("kind", ["aws", "azure", "gcp", "kmip"])
def test_a_key_of_every_provider(office: Office, kind: str) -> None:
    made = office.make(kind)
    assert made["masterKey"]["provider"] == kind
    assert len(made["keyMaterial"]) > 96


@pytest.mark.parametrize(
    "fault", [Fault.REFUSE, Fault.CUT, Fault.HALF, Fault.FAILED, Fault.BUSY], ids=lambda fault: fault.name
)
def test_what_passes_is_tried_again(office: Office, fault: Fault) -> None:
    office.estate.clouds.fail(fault)
    assert office.make()["keyMaterial"]
    assert office.estate.clouds.pending == 0


@pytest.mark.parametrize(
    "fault", [Fault.REFUSE, Fault.CUT, Fault.HALF, Fault.FAILED, Fault.BUSY], ids=lambda fault: fault.name
)
def test_what_does_not_pass_is_given_up(office: Office, fault: Fault) -> None:
    office.estate.clouds.fail(*[fault] * MANY)
    with pytest.raises(MongoCryptError, match=r"KMS request failed after .*3 retries"):
        office.make()


@pytest.mark.parametrize(
    "fault",
    [Fault.GARBAGE, Fault.FLOOD, Fault.NOT_FOUND, Fault.FORBIDDEN, Fault.EMPTY],
    ids=lambda fault: fault.name,
)
def test_what_will_not_pass_is_not_tried_again(office: Office, fault: Fault) -> None:
    office.estate.clouds.fail(fault)
    with pytest.raises(MongoCryptError):
        office.make()
    assert office.estate.clouds.pending == 0


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.HANG, Fault.TRICKLE], ids=lambda fault: fault.name)
def test_silence_ends_at_the_deadline(office: Office, fault: Fault) -> None:
    office.estate.clouds.fail(fault)
    with pytest.raises(NetworkTimeout, match=r"127\.0\.0\.1:.* timed out"):
        office.make(deadline=deadline_in(0.2))
    until(lambda: not office.estate.clouds._open)


def test_no_time_for_another_attempt(office: Office) -> None:
    office.estate.clouds.fail(*[Fault.REFUSE] * MANY)
    with pytest.raises((NetworkTimeout, MongoCryptError)):
        office.make(deadline=deadline_in(0.01))


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.HANG], ids=lambda fault: fault.name)
def test_a_cancelled_request_closes_its_connection(estate: Estate, fault: Fault) -> None:
    side = Loop()
    try:
        estate.clouds.fail(fault)
        before = estate.clouds.accepted
        under_way = side.start(Office(side, estate).work("aws", estate.master("aws"), NEVER))
        until(lambda: estate.clouds.accepted > before and estate.clouds.pending == 0)
        under_way.cancel()
        with pytest.raises(CancelledError):
            under_way.result(10)
        until(lambda: not estate.clouds._open)
    finally:
        side.close()


def test_an_answer_without_end(side: Side, estate: Estate) -> None:
    body = b"x" * (5 * 1024 * 1024)
    with HttpService(lambda request: Response(200, body), _certificate(estate)) as service:
        office = Office(side, estate)
        master = {**(estate.master("aws") or {}), "endpoint": service.endpoint}
        with pytest.raises(MongoCryptError):
            office.make(master=master)


def test_a_reply_is_not_shown(side: Side, estate: Estate) -> None:
    body = b'{"access_token": "a secret", "expires_in'
    with HttpService(lambda request: Response(200, body), _certificate(estate)) as service:
        master = {**(estate.master("aws") or {}), "endpoint": service.endpoint}
        with pytest.raises(MongoCryptError, match="HTTP status=200") as caught:
            Office(side, estate).make(master=master)
    assert "secret" not in str(caught.value)


def _certificate(estate: Estate) -> Any:
    return estate.authority.issue("another service", alternatives=("127.0.0.1",))


# TLS.


def test_an_unknown_authority(office: Office) -> None:
    office.tls = {}
    with pytest.raises(MongoCryptError, match="certificate verify failed"):
        office.make()


def test_a_certificate_of_another_host(side: Side, estate: Estate) -> None:
    elsewhere = estate.authority.issue("elsewhere", alternatives=("elsewhere.example.com",))
    with HttpService(lambda request: Response(), elsewhere) as service:
        master = {**(estate.master("aws") or {}), "endpoint": service.endpoint}
        with pytest.raises(MongoCryptError, match="certificate verify failed"):
            Office(side, estate).make(master=master)


def test_a_provider_with_a_name_has_tls_options_of_its_own(office: Office) -> None:
    office.tls = office.estate.tls("aws:2")
    assert office.make("aws:2")["masterKey"]["provider"] == "aws:2"
    with pytest.raises(MongoCryptError, match="certificate verify failed"):
        office.make("aws")


# Somebody else connects.


def test_a_callback_connects(side: Side, estate: Estate) -> None:
    asked: list[KMSConnectContext] = []

    def connect(context: KMSConnectContext) -> socket.socket:
        asked.append(context)
        return estate.connect(context)

    office = Office(side, estate, reacher(side, connect))
    master = {"region": "us-east-1", "key": (estate.master("aws") or {})["key"]}
    assert office.make(master=master)["keyMaterial"]
    assert (asked[0].host, asked[0].port) == ("kms.us-east-1.amazonaws.com", 443)
    assert 0 < asked[0].timeout <= 20
    assert estate.clouds.names[-1] == "kms.us-east-1.amazonaws.com"


@pytest.mark.parametrize("error", [OSError("no way"), TimeoutError("no way"), ValueError("no way")])
def test_a_callback_that_fails(side: Side, estate: Estate, error: Exception) -> None:
    def fail(context: KMSConnectContext) -> socket.socket:
        raise error

    with pytest.raises(MongoCryptError, match="KMS request failed after 3 retries"):
        Office(side, estate, reacher(side, fail)).make()


@pytest.mark.parametrize("found", [None, object(), "connected"])
def test_a_callback_that_gives_no_socket(side: Side, estate: Estate, found: Any) -> None:
    with pytest.raises(
        ConfigurationError, match=r"must return a connected, unwrapped socket\.socket, not <class"
    ):
        Office(side, estate, reacher(side, lambda context: found)).make()


def test_a_callback_that_gives_no_connected_socket(side: Side, estate: Estate) -> None:
    given = socket.socket()
    with pytest.raises(ConfigurationError, match="must return an already connected socket"):
        Office(side, estate, reacher(side, lambda context: given)).make()
    assert given.fileno() == -1


def test_a_connection_of_a_callback_that_is_reset(side: Side, estate: Estate) -> None:
    """It was connected, so it is tried again as any other that the network takes."""
    given = [reset_socket()]

    def connect(shown: KMSConnectContext) -> socket.socket:
        return given.pop() if given else estate.connect(shown)

    assert Office(side, estate, reacher(side, connect)).make()["keyMaterial"]
    assert not given


def reset_socket() -> socket.socket:
    """A socket that was connected until the other side has reset it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
    select.select([near], [], [], 10)
    return near


def test_a_callback_that_has_begun_tls_itself(side: Side, estate: Estate) -> None:
    context = ssl.create_default_context(cafile=str(estate.authority.file))

    def connect(shown: KMSConnectContext) -> socket.socket:
        return context.wrap_socket(estate.connect(shown), server_hostname=shown.host)

    with pytest.raises(ConfigurationError, match=r"must return a connected, unwrapped socket\.socket"):
        Office(side, estate, reacher(side, connect)).make()


def test_what_a_callback_gives_too_late_is_closed(estate: Estate) -> None:
    hurry = threading.Event()
    late: list[socket.socket] = []

    asked = threading.Event()
    seconds = 0.05

    def connect(context: KMSConnectContext) -> socket.socket:
        asked.set()
        hurry.wait(10)
        late.append(estate.connect(context))
        return late[0]

    try:
        while not asked.is_set():  # On a busy machine the time may be over before that.
            with pytest.raises(NetworkTimeout):
                Office(Threads(), estate, connect).make(deadline=deadline_in(seconds))
            seconds *= 2
    finally:
        hurry.set()
    until(lambda: late and late[0].fileno() == -1)


def test_asyncio_wants_a_coroutine_function(estate: Estate) -> None:
    side = Loop()
    try:
        with pytest.raises(ConfigurationError, match="must be a coroutine function for the async API"):
            Office(side, estate, estate.connect).make()
    finally:
        side.close()


# Endpoints.


@pytest.mark.parametrize(
    ("endpoint", "provider", "address"),
    [
        ("kms.example.com", "aws", ("kms.example.com", 443)),
        ("kms.example.com:444", "aws", ("kms.example.com", 444)),
        ("kms.example.com", "kmip", ("kms.example.com", 5696)),
        ("kms.example.com", "kmip:name", ("kms.example.com", 5696)),
        ("[::1]", "gcp", ("::1", 443)),
        ("[::1]:444", "gcp", ("::1", 444)),
    ],
)
def test_endpoints(endpoint: str, provider: str, address: tuple[str, int]) -> None:
    assert parse_endpoint(endpoint, provider) == address


@pytest.mark.parametrize("endpoint", ["kms.sock", "kms.SOCK:444", "/tmp/kms.sock", "host/path:1"])
def test_no_endpoint_is_a_unix_socket(endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="Invalid KMS endpoint"):
        parse_endpoint(endpoint, "aws")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "", "٣"])
def test_ports(port: str) -> None:
    with pytest.raises(ValueError, match="Port must be an integer"):
        parse_endpoint(f"kms.example.com:{port}", "aws")


@pytest.mark.parametrize("kind", ["azure", "gcp", "azure:name", "gcp:name"])
def test_an_access_token(side: Side, estate: Estate, kind: str) -> None:
    handle = library({kind: {"accessToken": estate.new_token()}})
    services = Kms(side.runtime, KmsTls(estate.tls(kind)), None)
    options = DataKeyOpts(estate.master(kind))

    async def work() -> bytes | None:
        with handle.context(lambda mongocrypt: mongocrypt.data_key_context(kind, options)) as context:
            return await StateMachine(Vault(), services, Credentials({})).run(context, NEVER)

    assert decode(side.call(work))["masterKey"]["provider"] == kind
