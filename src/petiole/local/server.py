"""`LocalServer`: a private, real deployment for tests and demonstrations, gone when the program is.

Owns the folder, the members, the initiation of a replica set and the first user. It may not use petiole's
client, which is tested with it: what it says to servers goes through conversation.py.
"""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import shutil
import ssl
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import quote_plus

from .binary import find_mongod, series_of
from .conversation import CommandError, Document, is_data_bearing
from .errors import LocalServerError
from .member import Member
from .tls import Certificates, make_certificates

_ALREADY_INITIALIZED = 23
_UNAUTHORIZED = 13
_STATE_FILE = "petiole-local.json"
# What makes a server light and quick to end, and lets tests set fail points. None as a value drops one.
_PARAMETERS: Mapping[str, object] = {
    "enableTestCommands": 1,
    "diagnosticDataCollectionEnabled": "false",
}
_PARAMETERS_SINCE: Mapping[tuple[int, int], Mapping[str, object]] = {
    (5, 0): {"shutdownTimeoutMillisForSignaledShutdown": 0},
}


class Credentials(NamedTuple):
    """The name and password of the root user that a server with `auth` is given."""

    username: str = "root"
    password: str = "petiole"


@dataclass(kw_only=True, eq=False)
class LocalServer:
    """A private MongoDB deployment: `with LocalServer() as server: MongoClient(server.uri)`.

    `async with` works as well. It listens on 127.0.0.1 only, and ends with this process, however that ends.

    Raises MissingServerError if there is no usable `mongod`, and LocalServerError if it does not start.
    """

    path: str | os.PathLike[str] | None = None
    """A folder to keep the data in; a temporary one, removed at the end, if None."""
    replica_set: int | None = None
    """The number of members (1 to 7, usually 1 or 3); a standalone server if None."""
    set_name: str = "petiole"
    """The replica set's name."""
    auth: bool | Credentials = False
    """Whether users must authenticate; there is then a root user, `credentials`."""
    tls: bool | Certificates = False
    """Whether connections must be encrypted, with certificates made for the purpose or given ones."""
    port: int | None = None
    """The first member's port; a free one if None."""
    set_parameters: Mapping[str, object] = field(default_factory=dict)
    """Server parameters over the defaults. A value of None leaves the server's own default."""
    arguments: Sequence[str] = ()
    """Further arguments for `mongod`."""
    binary: str | os.PathLike[str] | None = None
    """The `mongod`; found as `find_mongod` says if None."""
    environment: Mapping[str, str] | None = None
    """Environment variables for `mongod` alone."""
    election_timeout: float = 2.0
    """Seconds without a heartbeat after which the members of a set elect a new primary."""
    timeout: float = 60.0
    """Seconds that any step of the start may take."""

    members: list[Member] = field(default_factory=list, init=False, repr=False)
    """The servers, in the order of their member ids."""
    certificates: Certificates | None = field(default=None, init=False, repr=False)
    """The TLS files in use."""

    _folder: Path | None = field(default=None, init=False, repr=False)
    _owner: int = field(default=0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.replica_set is not None and not 1 <= self.replica_set <= 7:
            raise ValueError(f"replica_set must be between 1 and 7, not {self.replica_set}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread cannot be interrupted: what it has started must still be stopped.
            with contextlib.suppress(LocalServerError):
                await starting
            await asyncio.to_thread(self.stop)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def credentials(self) -> Credentials | None:
        """The root user's name and password, or None without `auth`."""
        if isinstance(self.auth, Credentials):
            return self.auth
        return Credentials() if self.auth else None

    @property
    def ports(self) -> list[int]:
        """The members' ports."""
        return [member.port for member in self.members]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """The members' hosts and ports."""
        return [member.address for member in self.members]

    @property
    def address(self) -> tuple[str, int]:
        """The first member's host and port."""
        return self._first.address

    @property
    def uri(self) -> str:
        """The connection string, with user and TLS options."""
        self._first  # noqa: B018 - raises when the server is not started
        options = {}
        if self.replica_set is not None:
            options["replicaSet"] = self.set_name
        if self.certificates is not None:
            options |= {"tls": "true", "tlsCAFile": str(self.certificates.authority)}
            options["tlsCertificateKeyFile"] = str(self.certificates.client)
        user = ":".join(map(quote_plus, self.credentials)) + "@" if self.credentials else ""
        hosts = ",".join(member.host for member in self.members)
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in options.items())
        return f"mongodb://{user}{hosts}/" + (f"?{query}" if query else "")

    @property
    def _first(self) -> Member:
        if not self.members:
            raise LocalServerError("The server is not started: use it in a with statement, or call start().")
        return self.members[0]

    def start(self) -> Self:
        """Start the deployment and return when it can be written to. No-op if it is started."""
        with self._lock:
            if not self.members:
                self._owner = os.getpid()
                try:
                    self._start()
                except BaseException:
                    self._stop()
                    raise
        return self

    def stop(self) -> None:
        """Stop all members, and remove the data unless a `path` was given. No-op if it is stopped."""
        # A forked child that leaves the same `with` block must not stop its parent's server.
        if self._owner == os.getpid():
            with self._lock:
                self._stop()

    def primary(self, timeout: float | None = None) -> Member:
        """The member that is primary, waiting until there is one."""
        deadline = time.monotonic() + (timeout or self.timeout)
        reachable = {member.host: member for member in self.members if member.running and not member.paused}
        candidate = next(iter(reachable.values()), None)
        while candidate is not None:
            # A member names the primary before that one can be written to, and after it has gone.
            others = reachable.keys() - {candidate.host}
            hello = candidate.wait_until(partial(_knows_primary, others), deadline - time.monotonic())
            if hello.get("isWritablePrimary"):
                return candidate
            candidate = reachable[hello["primary"]]
        raise LocalServerError("No member runs that could know the primary.")

    def _start(self) -> None:
        binary = find_mongod(self.binary)
        if self.path is not None:
            folder = Path(self.path).expanduser().resolve()
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="petiole-"))
        self._folder = folder
        if self.tls:
            given = self.tls if isinstance(self.tls, Certificates) else None
            self.certificates = given or make_certificates(folder / "tls")
        arguments = [str(binary), *self._mongod_arguments(folder, _parameters(series_of(binary)))]
        context = self.certificates.client_context() if self.certificates else None
        ports = self._ports(folder)
        self.members = [
            self._member(folder / f"member-{number}", arguments, port, context)
            for number, port in enumerate(ports)
        ]
        for member in self.members:
            member.spawn()
        for member in self.members:
            member.wait_ready()
        self._remember(folder)
        if self.replica_set is not None:
            self._initiate()
        if self.credentials:
            self._create_user(self.credentials)

    def _stop(self) -> None:
        members, self.members = self.members, []
        for member in reversed(members):
            member.stop() if self.path is not None else member.kill()
        if self.path is None and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _member(
        self, folder: Path, arguments: list[str], port: int | None, tls: ssl.SSLContext | None
    ) -> Member:
        return Member(
            folder,
            arguments,
            port=port,
            remove=self._folder if self.path is None else None,
            environment=self.environment,
            tls=tls,
            timeout=self.timeout,
        )

    def _mongod_arguments(self, folder: Path, parameters: Mapping[str, object]) -> list[str]:
        result = ["--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "1"]
        if "--unixSocketPrefix" not in self.arguments:
            result.append("--nounixsocket")
        for name, value in {**parameters, **self.set_parameters}.items():
            if value is not None:
                text = json.dumps(value) if isinstance(value, bool | dict | list) else str(value)
                result += ["--setParameter", f"{name}={text}"]
        if self.replica_set is not None:
            result += ["--replSet", self.set_name, "--oplogSize", "256"]
        if self.auth:
            result += ["--auth", "--keyFile", str(_key_file(folder))]
        if self.certificates is not None:
            files = self.certificates
            result += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(files.server)]
            result += ["--tlsCAFile", str(files.authority), "--tlsAllowConnectionsWithoutCertificates"]
        return result + list(self.arguments)

    def _ports(self, folder: Path) -> list[int | None]:
        """The ports to use. A kept replica set is configured with its ports, so it gets them again."""
        count = self.replica_set or 1
        ports: list[int | None] = [self.port] + [None] * (count - 1)
        if (folder / _STATE_FILE).exists():
            state = json.loads((folder / _STATE_FILE).read_text())
            now = {"replica_set": self.replica_set, "set_name": self.set_name}
            if {name: state[name] for name in now} != now:
                raise LocalServerError(
                    f"{folder} holds a deployment with replica_set={state['replica_set']!r} and "
                    f"set_name={state['set_name']!r}: start it with these, or use another folder."
                )
            if self.replica_set is not None:
                ports = state["ports"]
        return ports

    def _remember(self, folder: Path) -> None:
        if self.path is not None:
            state = {"replica_set": self.replica_set, "set_name": self.set_name, "ports": self.ports}
            (folder / _STATE_FILE).write_text(json.dumps(state))

    def _initiate(self) -> None:
        """Configure the set, unless its folder is of a configured one, and wait for every member's role."""
        config = {
            "_id": self.set_name,
            "members": [{"_id": number, "host": member.host} for number, member in enumerate(self.members)],
            "settings": {
                "electionTimeoutMillis": int(self.election_timeout * 1000),
                "heartbeatIntervalMillis": 500,
            },
        }
        with self._first.converse() as conversation:
            try:
                conversation.command("admin", {"replSetInitiate": config})
            except CommandError as error:
                if error.code not in (_ALREADY_INITIALIZED, _UNAUTHORIZED):
                    raise
        self.primary()
        for member in self.members:
            member.wait_until(is_data_bearing)

    def _create_user(self, credentials: Credentials) -> None:
        """Make the first user, which needs no authentication; a kept folder has it already."""
        user, password = credentials
        member = self.primary() if self.replica_set is not None else self._first
        with member.converse() as conversation:
            try:
                conversation.command(
                    "admin",
                    {
                        "createUser": user,
                        "pwd": password,
                        "roles": ["root"],
                        "writeConcern": {"w": self.replica_set or 1, "wtimeout": int(self.timeout * 1000)},
                    },
                )
            except CommandError as error:
                if error.code != _UNAUTHORIZED:
                    raise


def _parameters(series: tuple[int, int] | None) -> Mapping[str, object]:
    """The default server parameters, as far as that series knows them."""
    result = dict(_PARAMETERS)
    for since, parameters in _PARAMETERS_SINCE.items():
        if series is None or series >= since:
            result.update(parameters)
    return result


def _key_file(folder: Path) -> Path:
    """The members' common secret, kept with the data."""
    file = folder / "keyfile"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(base64.b64encode(secrets.token_bytes(96)))
    return file


def _knows_primary(others: Set[str], hello: Document) -> bool:
    """Whether a member is primary itself, or names one of `others`."""
    return bool(hello.get("isWritablePrimary")) or hello.get("primary") in others
