"""The servers that the tests run on, what is known of them, and the internal client.

Follows: unified-test-format, "Initializing the Test Runner", and the evaluation of `runOnRequirements`. The internal
client is the driver's own, of the blocking face.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from tests.spec.unified.driver import BlockingFace, Driver
from tests.spec.unified.encryption import Encryption, libmongocrypt
from tests.spec.unified.matching import Mismatch, normal

_KILL_MAY_FAIL = frozenset({11601, 13, 59})
"""Interrupted, Unauthorized, CommandNotFound: "Terminating Open Transactions"."""


class Deployment:
    """A deployment by its connection string."""

    def __init__(
        self,
        driver: Driver,
        uri: str,
        uri_of_several: str = "",
        *,
        auth: bool = False,
        encryption: Callable[[], Encryption] | None = None,
    ) -> None:
        self.driver = driver
        self.uri = uri
        self.uri_of_several = uri_of_several or uri
        """The same with several mongoses, where there are mongoses."""
        self._auth = auth
        self._encryption = encryption
        self._direct: dict[tuple[str, int], Any] = {}
        self._parameters: dict[str, Any] = {}

    @cached_property
    def client(self) -> Any:
        """The internal client."""
        return BlockingFace(self.driver).client(self.uri, serverSelectionTimeoutMS=30000)

    def direct(self, address: tuple[str, int]) -> Any:
        """A client of one server."""
        if address not in self._direct:
            user = "".join(urlsplit(self.uri).netloc.rpartition("@")[:2])
            uri = f"mongodb://{user}{address[0]}:{address[1]}/"
            how = {"loadBalanced" if self.topology == "load-balanced" else "directConnection": True}
            self._direct[address] = BlockingFace(self.driver).client(uri, **how)
        return self._direct[address]

    @cached_property
    def encryption(self) -> Encryption:
        """What tests of client-side encryption need beside the servers."""
        assert self._encryption is not None
        return self._encryption()

    @cached_property
    def version(self) -> tuple[int, ...]:
        return tuple(self.client.admin.command("buildInfo")["versionArray"][:3])

    @cached_property
    def topology(self) -> str:
        hello = self.client.admin.command("hello")
        if "serviceId" in hello:
            return "load-balanced"
        if hello.get("msg") == "isdbgrid":
            return "sharded"
        return "replicaset" if "setName" in hello else "single"

    @cached_property
    def members(self) -> int:
        return len(self.client.admin.command("hello").get("hosts", [None]))

    def parameter(self, name: str) -> Any:
        """A server parameter; None if the server does not have it."""
        if name not in self._parameters:
            self._parameters[name] = None
            with contextlib.suppress(self.driver.module("errors").OperationFailure):
                self._parameters[name] = self.client.admin.command("getParameter", 1, **{name: 1})[name]
        return self._parameters[name]

    def set_up(self, data: Iterable[Mapping[str, Any]]) -> None:
        """Give collections their initial data; drop those that have none."""
        concern = self.driver.module("write_concern").WriteConcern(w="majority")
        for item in data:
            database = self.client.get_database(item["databaseName"], write_concern=concern)
            database.drop_collection(item["collectionName"])
            if "documents" not in item:
                continue
            if "createOptions" in item or not item["documents"]:
                database.create_collection(item["collectionName"], **item.get("createOptions", {}))
            if item["documents"]:
                database[item["collectionName"]].insert_many(item["documents"])

    def check_outcome(self, outcome: Iterable[Mapping[str, Any]]) -> None:
        """Assert that collections hold exactly this."""
        primary = self.driver.module("read_preferences").Primary()
        local = self.driver.module("read_concern").ReadConcern("local")
        for item in outcome:
            database = self.client.get_database(
                item["databaseName"], read_preference=primary, read_concern=local
            )
            actual = list(database[item["collectionName"]].find(sort=[("_id", 1)]))
            if exact(actual) != exact(item["documents"]):
                raise Mismatch(f"{item['collectionName']} has {actual!r}, expected {item['documents']!r}")

    def kill_sessions(self) -> None:
        """Terminate the transactions that a test has left open."""
        try:
            self.client.admin.command("killAllSessions", [])
        except self.driver.module("errors").OperationFailure as error:
            if error.code not in _KILL_MAY_FAIL:
                raise

    def close(self) -> None:
        for client in (*self._direct.values(), self.client):
            client.close()

    def unmet(self, requirements: Sequence[Mapping[str, Any]] | None) -> str | None:
        """Why none of the requirements is met; None if one is, or there are none."""
        if not requirements:
            return None
        reasons = [self._unmet(requirement) for requirement in requirements]
        if None in reasons:
            return None
        return "; or ".join(dict.fromkeys(reason for reason in reasons if reason))

    def _unmet(self, requirement: Mapping[str, Any]) -> str | None:
        minimum, maximum = requirement.get("minServerVersion"), requirement.get("maxServerVersion")
        if minimum and self.version < numbers(minimum):
            return f"server {minimum} or newer"
        if maximum and self.version > numbers(maximum):
            return f"server {maximum} or older"
        topologies = requirement.get("topologies")
        if topologies and not self._is_one_of(topologies):
            return f"topology {' or '.join(topologies)}"
        if requirement.get("serverless") == "require":
            return "serverless"
        if requirement.get("auth", self._auth) != self._auth:
            return "authentication" if requirement["auth"] else "no authentication"
        return self._unmet_features(requirement)

    def _unmet_features(self, requirement: Mapping[str, Any]) -> str | None:
        mechanism = requirement.get("authMechanism", "")
        offered = [name.lower() for name in self.parameter("authenticationMechanisms") or ()]
        if mechanism and mechanism.lower() not in offered:
            return f"authentication mechanism {mechanism}"
        if requirement.get("csfle"):
            unmet = self._unmet_encryption(requirement["csfle"])
            if unmet:
                return unmet
        for name, value in requirement.get("serverParameters", {}).items():
            if self.parameter(name) != value:
                return f"server parameter {name}={value}"
        return None

    def _unmet_encryption(self, wanted: Any) -> str | None:
        there = libmongocrypt()
        if self._encryption is None or there is None or not self.driver.has_module("encryption"):
            return "client-side encryption (csfle)"
        minimum = wanted.get("minLibmongocryptVersion") if isinstance(wanted, Mapping) else None
        if minimum and there < numbers(minimum):
            return f"libmongocrypt {minimum} or newer"
        return "server 4.2 or newer (csfle)" if self.version < (4, 2) else None

    def _is_one_of(self, topologies: Sequence[str]) -> bool:
        return self.topology in topologies


def numbers(version: str) -> tuple[int, ...]:
    """The version with its missing parts as zeros."""
    parts = [int(part) for part in version.split("-")[0].split(".")[:3]]
    return (*parts, 0, 0)[:3]


def exact(value: Any) -> Any:
    """A value in a form that compares equal regardless of the order of keys, but not of types."""
    if isinstance(value, Mapping):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return (type(value).__name__, normal(value))
