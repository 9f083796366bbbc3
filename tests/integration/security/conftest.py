"""Both faces by one interface, a server that wants users, and servers that want TLS."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from tests.integration.parity.adapter import Blocking, Loop
from tests.integration.security.authority import LOCAL, Authority
from tests.integration.security.front import TlsFront

from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.errors import ServerSelectionTimeoutError
from petiole.local import Certificates, LocalServer
from petiole.mongo_client import MongoClient

SCRAM = ("SCRAM-SHA-1", "SCRAM-SHA-256")
USERS = {"sha1": SCRAM[:1], "sha256": SCRAM[1:], "both": SCRAM}
PASSWORD = "pencil"
SOON = {"serverSelectionTimeoutMS": 50}
"""For clients that are to find no server: `refusal` asks them again until they know why."""


class Face:
    """Makes clients of one face, which answer at once, and closes them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loop = Loop() if name == "asyncio" else None
        self._made: list[Any] = []

    def client(self, uri: str, **options: Any) -> Any:
        """A client of that server."""
        options.setdefault("serverSelectionTimeoutMS", 10_000)
        client: Any
        if self._loop is None:
            client = MongoClient(uri, **options)
        else:
            client = Blocking(AsyncMongoClient(uri, **options), self._loop)
        self._made.append(client)
        return client

    def close(self) -> None:
        """Close the clients."""
        for client in self._made:
            client.close()
        if self._loop is not None:
            self._loop.close()


@pytest.fixture(params=["blocking", "asyncio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Both faces, one after the other."""
    made = Face(request.param)
    yield made
    made.close()


class Secured:
    """A replica set of one member that wants users."""

    def __init__(self, server: LocalServer, admin: pymongo.MongoClient[dict[str, Any]]) -> None:
        self.server = server
        self.admin = admin
        """A client of PyMongo's that may do everything."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.server.address

    def uri(self, userinfo: str = "", query: str = "", path: str = "") -> str:
        """A connection string for a user, of which the parts are in it as they are given."""
        host, port = self.address
        user = f"{userinfo}@" if userinfo else ""
        return f"mongodb://{user}{host}:{port}/{path}?directConnection=true{'&' if query else ''}{query}"

    def create(self, user: str, password: str, database: str = "admin", *mechanisms: str) -> None:
        """Make a user who may read and write."""
        roles = [{"role": "readWriteAnyDatabase", "db": "admin"}]
        self.admin[database].command(
            "createUser", user, pwd=password, roles=roles, mechanisms=list(mechanisms or SCRAM)
        )

    def counts(self, mechanism: str) -> dict[str, dict[str, int]]:
        """How often clients have authenticated by that mechanism, as the server counts it."""
        status = self.admin.admin.command("serverStatus")
        found: dict[str, dict[str, int]] = status["security"]["authentication"]["mechanisms"][mechanism]
        return found


@pytest.fixture(scope="session")
def secured() -> Iterator[Secured]:
    """The server with users; `USERS` are there, in the database "admin", with `PASSWORD`."""
    with (
        LocalServer(auth=True, replica_set=1) as server,
        pymongo.MongoClient[dict[str, Any]](server.uri) as admin,
    ):
        made = Secured(server, admin)
        for name, mechanisms in USERS.items():
            made.create(name, PASSWORD, "admin", *mechanisms)
        yield made


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the servers' certificates."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody has reason to trust."""
    return Authority(tmp_path_factory.mktemp("stranger"), "petiole test stranger")


@pytest.fixture(scope="session")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Unix domain sockets; their paths must be short."""
    return tmp_path_factory.mktemp("s")


@pytest.fixture(scope="session")
def encrypted(authority: Authority, sockets: Path) -> Iterator[LocalServer]:
    """A server that wants TLS, shows a certificate for the local names, and listens on a socket as well."""
    files = Certificates(
        authority=authority.file,
        server=authority.issue("server", alternatives=LOCAL),
        client=authority.issue("client", unit="clients"),
    )
    with LocalServer(tls=files, auth=True, arguments=["--unixSocketPrefix", str(sockets)]) as server:
        yield server


@pytest.fixture
def trusting(authority: Authority) -> dict[str, Any]:
    """Options that trust the authority."""
    return {"tls": True, "tlsCAFile": str(authority.file)}


@pytest.fixture
def front(standalone: LocalServer) -> Iterator[Callable[..., TlsFront]]:
    """Starts fronts before the standalone server."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(TlsFront(standalone.address, *args, **options))


def uri_of(address: tuple[str, int], host: str | None = None) -> str:
    return f"mongodb://{host or address[0]}:{address[1]}/?directConnection=true"


def where_is(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def ping(client: Any) -> bool:
    return bool(client.admin.command("ping")["ok"])


def refusal(client: Any) -> str:
    """Why a client finds no server, as soon as it knows."""
    deadline = time.monotonic() + 10
    while True:
        with pytest.raises(ServerSelectionTimeoutError) as caught:
            ping(client)
        text = str(caught.value)
        if not text.startswith("No server has answered yet") or time.monotonic() > deadline:
            return text
