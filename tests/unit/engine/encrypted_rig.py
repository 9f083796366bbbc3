"""An encrypted client of either face, the scripted server it talks to, and a scripted analyser beside it.

The server keeps the data key and the documents, as it gets them; the analyser marks a field called `secret`.
"""

from __future__ import annotations

from typing import Any

import bson
from bson.binary import Binary
from pymongocrypt.mongocrypt import MongoCrypt
from pymongocrypt.options import DataKeyOpts, MongoCryptOptions
from tests.unit.engine.rig import Rig
from tests.unit.engine.sides import Side
from tests.unit.engine.wire_server import Peer, WireServer

from petiole._engine.encryption.library import _Encoder
from petiole.encryption_options import AutoEncryptionOpts

PROVIDERS = {"local": {"key": bytes(range(96))}}
VAULT = "keys.data"
SCHEMA = {"bsonType": "object", "properties": {"secret": {"encrypt": {}}}}
RANDOM, DETERMINISTIC = 2, 1
CLEAR = "a secret in clear"
_ENCRYPTED = 6


def make_key() -> dict[str, Any]:
    """A data key that the providers' master key has encrypted, as it is in the vault."""
    handle: Any = MongoCrypt(MongoCryptOptions(PROVIDERS), _Encoder())
    with handle.data_key_context("local", DataKeyOpts()) as context:
        made: dict[str, Any] = bson.decode(context.finish())
    handle.close()
    return made


KEY = make_key()


def placeholder(value: Any, algorithm: int = RANDOM) -> Binary:
    """What an analyser puts in the place of a value that is to be encrypted."""
    return Binary(b"\x00" + bson.encode({"a": algorithm, "ki": KEY["_id"], "v": value}), _ENCRYPTED)


def marked(value: Any, algorithm: int) -> Any:
    """A command's part with every `secret` in it marked."""
    if isinstance(value, dict):
        return {
            name: placeholder(inner, algorithm) if name == "secret" else marked(inner, algorithm)
            for name, inner in value.items()
        }
    return [marked(inner, algorithm) for inner in value] if isinstance(value, list) else value


class EncryptedRig(Rig):
    """The server answers a `find` with `found`; every other reply is the script's, or `ok`."""

    def __init__(self, side: Side) -> None:
        super().__init__(side)
        self.analyser = WireServer(self._analysis, logicalSessionTimeoutMinutes=None, iscryptd=True)
        self.algorithm = RANDOM
        self.found: list[dict[str, Any]] = []
        self.answers: dict[str, list[Any]] = {}
        """Replies to commands of that name, given in turn before the usual ones."""
        self.server.replica_set()
        self.server.script = self._answer

    def encrypted(self, *, client: dict[str, Any] | None = None, **options: Any) -> Any:
        """An encrypted client. `client` are its other options."""
        given: dict[str, Any] = {
            "schema_map": {"t.c": SCHEMA},
            "mongocryptd_uri": f"mongodb://{self.analyser.address}",
            "mongocryptd_bypass_spawn": True,
            **options,
        }
        encryption = AutoEncryptionOpts(PROVIDERS, VAULT, **given)
        uri = f"mongodb://{self.server.address}/?replicaSet=rs"
        return self.client_of(uri, auto_encryption_opts=encryption, **(client or {}))

    def _analysis(self, peer: Peer, body: dict[str, Any]) -> Any:
        scripted = self.answers.get("mark")
        if scripted:
            return scripted.pop(0)
        own = ("jsonSchema", "isRemoteSchema", "$db")
        command = {name: value for name, value in body.items() if name not in own}
        result = marked(command, self.algorithm)
        has = result != command
        return {"ok": 1, "hasEncryptionPlaceholders": has, "schemaRequiresEncryption": True, "result": result}

    def _answer(self, peer: Peer, body: dict[str, Any]) -> Any:
        name = next(iter(body))
        kind = "keys" if body["$db"] == "keys" else name
        scripted = self.answers.get(kind)
        if scripted:
            return scripted.pop(0)
        if kind == "keys":
            return {"ok": 1, "cursor": {"id": 0, "ns": VAULT, "firstBatch": [KEY]}}
        if name in ("find", "aggregate"):
            return {"ok": 1, "cursor": {"id": 0, "ns": "t.c", "firstBatch": self.found}}
        if name == "listCollections":
            return {"ok": 1, "cursor": {"id": 0, "ns": "t.$cmd.listCollections", "firstBatch": []}}
        return None

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The commands of that name that the server got for the database `t`."""
        return [body for body in self.server.bodies if name in body and body["$db"] == "t"]

    def sent_in_clear(self) -> bool:
        """Whether the server has seen the secret."""
        return any(CLEAR in repr(body) for body in self.server.bodies)

    def close(self) -> None:
        super().close()
        self.analyser.close()
