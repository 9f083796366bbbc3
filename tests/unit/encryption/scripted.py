"""Collaborators of the state machine that know their part by heart, and note what they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from petiole._engine.encryption.library import Context, Library, LibraryOptions
from petiole._engine.encryption.machine import StateMachine
from petiole._engine.scope import CURRENT
from petiole._native import run
from petiole._runtime.base import Deadline
from petiole._runtime.clock import NEVER
from petiole.bson import decode, encode
from petiole.bson.binary import Binary

LOCAL = {"local": {"key": bytes(96)}}
AWS = {"aws": {"accessKeyId": "known", "secretAccessKey": "secret"}}


class Vault:
    """Gives the keys it has, whatever is asked."""

    def __init__(self, *keys: bytes) -> None:
        self.keys = list(keys)
        self.filters: list[dict[str, Any]] = []
        self.deadlines: list[Deadline | None] = []

    async def find_keys(self, filter: bytes) -> Sequence[bytes]:
        scope = CURRENT.get()
        assert scope is not None
        assert scope.session is None
        self.deadlines.append(scope.deadline)
        self.filters.append(decode(filter))
        return self.keys


class Service:
    """A KMS that answers every request with the same bytes."""

    def __init__(self, reply: bytes = b"") -> None:
        self.reply = reply
        self.requests: list[bytes] = []
        self.endpoints: list[str] = []

    async def request(self, context: Context, deadline: Deadline) -> None:
        self.requests.append(context.message)
        self.endpoints.append(context.endpoint)
        reply = self.reply
        while (needed := context.bytes_needed) > 0:
            assert reply, "the reply ended too early"
            context.feed(reply[:needed])
            reply = reply[needed:]


class Credentials:
    """Gives one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.asked = 0

    async def fetch(self, deadline: Deadline) -> bytes:
        self.asked += 1
        return encode(self.document)


class Lists:
    """What a server knows of its collections."""

    def __init__(self, *infos: dict[str, Any]) -> None:
        self.infos = infos
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def collection_infos(self, database: str, filter: bytes) -> Sequence[bytes]:
        self.asked.append((database, decode(filter)))
        return [encode(info) for info in self.infos]


class Marker:
    """Says of every command that one field of its document is to be encrypted."""

    def __init__(self, key_id: Binary) -> None:
        self.key_id = key_id
        self.commands: list[dict[str, Any]] = []

    async def mark(self, database: str, command: bytes) -> bytes:
        document = decode(command)
        self.commands.append(document)
        marking = encode({"v": document["documents"][0]["secret"], "a": 1, "ki": self.key_id})
        marked = {
            name: value for name, value in document.items() if name not in ("jsonSchema", "isRemoteSchema")
        }
        marked["documents"] = [{"secret": Binary(b"\0" + marking, 6)}]
        return encode(
            {"ok": 1, "hasEncryptionPlaceholders": True, "schemaRequiresEncryption": True, "result": marked}
        )


def library(providers: dict[str, Any] | None = None, **options: Any) -> Library:
    return Library(LibraryOptions(LOCAL if providers is None else providers, **options), "ClientEncryption")


def machine(
    vault: Any = None, service: Any = None, credentials: Any = None, lists: Any = None, marker: Any = None
) -> StateMachine:
    return StateMachine(vault or Vault(), service or Service(), credentials or Credentials({}), lists, marker)


def carry_out(one: StateMachine, handle: Library, make: Any, deadline: Deadline = NEVER) -> bytes | None:
    async def work() -> bytes | None:
        with handle.context(make) as context:
            return await one.run(context, deadline)

    return run(work())
