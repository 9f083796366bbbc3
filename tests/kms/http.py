"""Services that speak HTTP/1.1: requests are read whole, and answered by a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.kms.service import STATUSES, Connection, Fault, Service


@dataclass(frozen=True)
class Request:
    """What a client has asked for."""

    method: str
    target: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the target."""
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def form(self) -> dict[str, str]:
        """The body, where it is a form."""
        return dict(parse_qsl(self.body.decode()))

    @property
    def document(self) -> dict[str, Any]:
        """The body, where it is JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Response:
    """What is said to it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any, status: int = 200) -> Response:
        """JSON."""
        return cls(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def packed(self) -> bytes:
        """As it goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        headers = {**self.headers, "Content-Length": str(len(self.body))}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class HttpService(Service):
    """Answers requests by `answer`; keeps them for tests to look at."""

    def __init__(
        self,
        answer: Callable[[Request], Response],
        certificate: Path | None = None,
        *,
        clients: Path | None = None,
    ) -> None:
        super().__init__(certificate, clients=clients)
        self._answer = answer
        self.requests: list[Request] = []

    def talk(self, connection: Connection) -> None:
        """Answer one request after the other, until the client goes or a fault ends it."""
        while (request := _read(connection)) is not None:
            self.requests.append(request)
            fault = connection.next_fault()
            if fault is None:
                connection.send(self._answer(request).packed())
                if request.headers.get("connection", "").lower() == "close":
                    return
            elif fault in STATUSES:
                connection.send(Response.of({"error": fault.value}, STATUSES[fault]).packed())
            elif fault is Fault.EMPTY:
                connection.send(Response().packed())
            elif fault is Fault.FLOOD:
                connection.flood(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n")
                return
            else:
                connection.fail(fault, self._answer(request).packed())
                return


def _read(connection: Connection) -> Request | None:
    first = connection.reader.readline().decode("ascii").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := connection.reader.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = connection.reader.read(int(headers.get("content-length", 0)))
    return Request(first[0], first[1], headers, body)
