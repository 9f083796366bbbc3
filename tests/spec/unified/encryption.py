"""What tests of client-side encryption need beside the deployment: key management services, an analyser, credentials.

Follows: unified-test-format, "autoEncryptOpts", "clientEncryption", "$$placeholder". The services are local ones, to
which clients are led by `kms_connect_callback`. They cannot unwrap what AWS, Azure and Google once wrapped for the
tests, so `adapted` gives those keys another material, and the values that are encrypted by them the form that they have
by it: `sealing` makes it, not the driver.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from tests.analyser.launcher import analyser
from tests.integration.security.authority import Authority
from tests.kms import sealing
from tests.kms.estate import ROLE_TOKEN, Estate
from tests.spec.unified.driver import Driver, Face
from tests.spec.unified.options import snake_case

_KNOWN = ("local", "kmip")
"""Providers whose master keys are published with the tests."""

_PLAIN: Mapping[str, Any] = {
    "wj+3zkv2": "string0",
    "Ddw4KFz3": "string1",
    "Q76HWOut": "string2",
    "5DbBSwPw": "string0",
    "wFd+Y5Oj": "string0",
    "lDjVEWlp": "string0",
    "kB+8NVfA": "string0",
    "yfp+lXvK": "abc",
    "mkTPqvzf": {"$oid": "AAAAAAAAAAAAAAAAAAAAAAAA"},
    "OmvDmWjc": "test",
    "PNXJVXME": {"$numberInt": "123"},
    "B/KHZQHa": {"$binary": {"base64": "AAAA", "subType": "00"}},
    "rvMgJkTK": {"$code": "var x = 1;"},
    "JHaM4Gq3": {"$timestamp": {"t": 123, "i": 456}},
    "VnxM4UqG": {"$regularExpression": {"pattern": "test", "options": ""}},
    "5sN7u6l9": {"$date": {"$numberLong": "123"}},
}
"""What the tests encrypt by keys that are not published, by what comes in the ciphertext after key and type."""


class Encryption:
    """The services and the analyser; `with` starts and ends them."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._stack = contextlib.ExitStack()
        self._sealed: dict[bytes, bytes] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.estate = stack.enter_context(Estate(Authority(folder)))
            self._analyser = stack.enter_context(analyser())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def automatic(self, face: Face, specification: Mapping[str, Any]) -> Any:
        """The driver's AutoEncryptionOpts."""
        values = {snake_case(name): value for name, value in specification.items() if name != "extraOptions"}
        for name, value in specification.get("extraOptions", {}).items():
            values[_EXTRA[name]] = value
        values.update(self._providers(face, values.pop("kms_providers")))
        values.setdefault("mongocryptd_uri", self._analyser)
        values.setdefault("mongocryptd_bypass_spawn", True)
        if "key_expiration_m_s" in values:
            values["key_expiration_ms"] = values.pop("key_expiration_m_s")
        return self._driver.module("encryption_options").AutoEncryptionOpts(**values)

    def explicit(self, face: Face, client: Any, specification: Mapping[str, Any]) -> Any:
        """The driver's ClientEncryption."""
        options = self._driver.bson("codec_options").CodecOptions()
        values = self._providers(face, specification["kmsProviders"])
        if "keyExpirationMS" in specification:
            values["key_expiration_ms"] = specification["keyExpirationMS"]
        return face.client_encryption(
            key_vault_namespace=specification["keyVaultNamespace"],
            key_vault_client=client,
            codec_options=options,
            **values,
        )

    def _providers(self, face: Face, said: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        providers = {name: self._filled(name, options) for name, options in said.items()}
        return {
            "kms_providers": providers,
            "kms_tls_options": self.estate.tls(*(name for name in said if not name.startswith("local"))),
            "kms_connect_callback": self.estate.connect if face.name == "blocking" else self.estate.aconnect,
        }

    def _filled(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """The credentials with what is to be filled in."""
        known = self.estate.provider(name.partition(":")[0], second=name.endswith("2"))
        known |= {"sessionToken": ROLE_TOKEN, "accessToken": self.estate.new_token()}
        return {
            field: known[field] if isinstance(value, Mapping) and "$$placeholder" in value else value
            for field, value in said.items()
        }

    def adapted(self, content: Any) -> Any:
        """A file, or a test, with the data keys and values of the real services made into those of the local ones."""
        materials: dict[bytes, bytes] = {}

        def note(value: Any) -> None:
            if isinstance(value, Mapping) and {"keyMaterial", "masterKey"} <= value.keys():
                self._note(value, materials)
            for inner in _inner(value):
                note(inner)

        def change(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {name: change(inner) for name, inner in value.items()}
            if isinstance(value, list):
                return [change(inner) for inner in value]
            if isinstance(value, bytes):
                return self._changed(value, materials)
            return value

        note(content)
        return change(content)

    def _note(self, document: Mapping[str, Any], materials: dict[bytes, bytes]) -> None:
        master, material = document["masterKey"], document["keyMaterial"]
        if not isinstance(material, bytes):
            return  # A key that a test expects, not one that it has.
        if master["provider"].partition(":")[0] in _KNOWN and not master.get("delegated"):
            return
        key = sealing.data_key(_bytes_of(document["_id"]))
        materials.setdefault(bytes(material), self.estate.wrap(key, master))

    def _changed(self, value: bytes, materials: Mapping[bytes, bytes]) -> Any:
        if bytes(value) in materials:
            return materials[bytes(value)]
        plain = _PLAIN.get(base64.b64encode(value[18:24]).decode()) if len(value) > 24 else None
        if plain is None:
            return value
        if bytes(value) not in self._sealed:
            extended = self._driver.bson("json_util").loads(json.dumps({"": plain}))
            encoded = self._driver.bson("").encode(extended)[6:-1]
            key = sealing.data_key(value[1:17])
            self._sealed[bytes(value)] = sealing.seal(key, value[1:17], value[17], encoded, value[0])
        sealed, subtype = self._sealed[bytes(value)], getattr(value, "subtype", 0)
        return self._driver.bson("binary").Binary(sealed, subtype) if subtype else sealed


_EXTRA = {
    "mongocryptdURI": "mongocryptd_uri",
    "mongocryptdBypassSpawn": "mongocryptd_bypass_spawn",
    "mongocryptdSpawnPath": "mongocryptd_spawn_path",
    "mongocryptdSpawnArgs": "mongocryptd_spawn_args",
    "cryptSharedLibPath": "crypt_shared_lib_path",
    "cryptSharedLibRequired": "crypt_shared_lib_required",
}


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _bytes_of(identifier: Any) -> bytes:
    return identifier.bytes if hasattr(identifier, "bytes") else bytes(identifier)


def libmongocrypt() -> tuple[int, ...] | None:
    """The version of libmongocrypt that there is, if any."""
    try:
        version: str = importlib.import_module("pymongocrypt").libmongocrypt_version()
    except ImportError:
        return None
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
