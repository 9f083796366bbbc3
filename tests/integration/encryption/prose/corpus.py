"""The corpus as BSON, type for type, with its data keys and what is to come of its values.

The data keys of the local provider and of KMIP are unwrapped by the master keys that are published with the tests.
Those that AWS, Azure and Google have wrapped can only be unwrapped there: they get another material here, and what the
corpus has encrypted by them cannot be read. What is to come of their values is what `sealing` makes of them, which
makes of values under the published keys what the corpus has.
"""

from __future__ import annotations

import json
from typing import Any

from tests.analyser import raw
from tests.analyser.raw import Document, Value
from tests.integration.encryption.prose.conftest import PROVIDERS, Files, Side
from tests.kms import sealing
from tests.kms.estate import LOCAL_KEY, SECRET_DATA

from petiole.bson import json_util
from petiole.bson.binary import UuidRepresentation

PUBLISHED = {"local": LOCAL_KEY, "kmip": SECRET_DATA}
WITHOUT_VALUES = frozenset({"dbPointer", "symbol", "undefined"})
"""Types that Python has no values for, so nobody can encrypt one explicitly."""
_OPTIONS = json_util.JSONOptions(uuid_representation=UuidRepresentation.UNSPECIFIED)


class Corpus:
    """The corpus, with keys that the local services can unwrap."""

    def __init__(self, side: Side, files: Files) -> None:
        self.plain = bson_of(files.plain("corpus/corpus.json")).fields
        self.encrypted = bson_of(files.plain("corpus/corpus-encrypted.json")).fields
        self.schema = side.load(files.text("corpus/corpus-schema.json"))
        self._keys: dict[str, bytes] = {}
        self.documents: list[dict[str, Any]] = []
        """What the key vault is to have."""
        self.identifiers: dict[str, Any] = {}
        for provider in PROVIDERS:
            document = side.load(files.text(f"corpus/corpus-key-{provider}.json"))
            self.identifiers[provider] = document["_id"]
            if provider in PUBLISHED:
                self._keys[provider] = sealing.decrypt(PUBLISHED[provider], bytes(document["keyMaterial"]))
            else:
                self._keys[provider] = sealing.data_key(provider.encode())
                document["keyMaterial"] = side.estate.wrap(self._keys[provider], document["masterKey"])
            self.documents.append(document)

    @property
    def names(self) -> list[str]:
        """The fields that are cases."""
        return [name for name, value in self.plain.items() if "kms" in value.fields]

    def case(self, name: str) -> dict[str, Any]:
        """What is said of a case, without its value."""
        return {field: value.python for field, value in self.plain[name].fields.items() if field != "value"}

    def value(self, name: str) -> Value:
        """The value of a case."""
        return self.plain[name].fields["value"]

    def sealed(self, name: str) -> Value:
        """What a case's value is when it is encrypted, deterministically or not."""
        case, value = self.case(name), self.value(name)
        algorithm = sealing.DETERMINISTIC if case["algo"] == "det" else sealing.RANDOM
        key, identifier = self._keys[case["kms"]], bytes(self.identifiers[case["kms"]])
        return raw.binary(sealing.seal(key, identifier, value.kind, value.data, algorithm), raw.ENCRYPTED)

    def unsealed(self, name: str, value: Value) -> Value:
        """What an encrypted value of a case is in the clear."""
        blob = value.data[5:]
        return Value(blob[17], sealing.unseal(self._keys[self.case(name)["kms"]], blob))

    def with_values(self, values: Document) -> bytes:
        """The corpus with other values in some of its cases."""
        changed = {
            name: raw.document({**self.plain[name].fields, "value": value}) for name, value in values.items()
        }
        return raw.pack({**self.plain, **changed})


def bson_of(value: Any) -> Value:
    """Extended JSON as BSON."""
    if isinstance(value, list):
        return raw.array(map(bson_of, value))
    if not isinstance(value, dict) or any(name in value for name in ("$code", "$binary", "$oid")):
        return _plain(value)
    if "$symbol" in value:
        return Value(0x0E, raw.value_of(value["$symbol"]).data)
    if "$undefined" in value:
        return Value(0x06, b"")
    if "$dbPointer" in value:
        pointer = value["$dbPointer"]
        return Value(0x0C, raw.value_of(pointer["$ref"]).data + _plain(pointer["$id"]).data)
    if any(name.startswith("$") for name in value):
        return _plain(value)
    return raw.document({name: bson_of(item) for name, item in value.items()})


def _plain(value: Any) -> Value:
    return raw.value_of(json_util.loads(json.dumps({"": value}), json_options=_OPTIONS)[""])
