"""A key server that speaks KMIP: secret data is registered, activated and got; symmetric keys are made, and used there.

Follows: OASIS Key Management Interoperability Protocol, 1.2, for the operations that drivers need. One request is one
batch of one item.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tests.kms import ttlv
from tests.kms.service import Connection, Fault, Service
from tests.kms.ttlv import Item, structure

BATCH_COUNT, BATCH_ITEM, OPERATION = 0x42000D, 0x42000F, 0x42005C
REQUEST_PAYLOAD, RESPONSE, RESPONSE_HEADER, RESPONSE_PAYLOAD = 0x420079, 0x42007B, 0x42007A, 0x42007C
MESSAGE, REASON, STATUS = 0x42007D, 0x42007E, 0x42007F
VERSION, MAJOR, MINOR, TIME = 0x420069, 0x42006A, 0x42006B, 0x420092
IDENTIFIER, OBJECT_TYPE, SECRET, SECRET_TYPE = 0x420094, 0x420057, 0x420085, 0x420086
KEY_BLOCK, KEY_FORMAT, KEY_VALUE, KEY_MATERIAL = 0x420040, 0x420042, 0x420045, 0x420043
DATA, NONCE = 0x4200C2, 0x42003D

CREATE, REGISTER, GET, ACTIVATE, ENCRYPT, DECRYPT = 0x1, 0x3, 0xA, 0x12, 0x1F, 0x20
SYMMETRIC_KEY, SECRET_DATA = 2, 7
SUCCESS, FAILED = 0, 1
NOT_FOUND, NOT_SUPPORTED, WRONG_STATE, GENERAL = 0x1, 0x5, 0xA, 0x100
PASSWORD, OPAQUE = 1, 2


@dataclass
class Managed:
    """One managed object."""

    kind: int
    value: bytes
    active: bool = False


class Refusal(Exception):
    """A request that fails, with its reason."""

    def __init__(self, reason: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class KmipService(Service):
    """Keeps objects in memory, by their identifiers."""

    def __init__(
        self,
        certificate: Path,
        *,
        clients: Path | None = None,
        secrets_by_name: Mapping[str, bytes] | None = None,
    ) -> None:
        """:param secrets_by_name: secret data that is there from the start, active."""
        super().__init__(certificate, clients=clients)
        self.objects = {
            name: Managed(SECRET_DATA, value, active=True) for name, value in (secrets_by_name or {}).items()
        }
        self._numbers = itertools.count(len(self.objects) + 1)
        self.operations: list[int] = []
        """What it has been asked to do."""
        self._actions: dict[int, Callable[[Item], list[Item]]] = {
            CREATE: self._create,
            REGISTER: self._register,
            GET: self._get,
            ACTIVATE: self._activate,
            ENCRYPT: self._encrypt,
            DECRYPT: self._decrypt,
        }

    def wrap(self, key: bytes, name: str) -> bytes:
        """A data key as the server has encrypted it by the symmetric key of that name, made if there is none."""
        self.objects.setdefault(name, Managed(SYMMETRIC_KEY, secrets.token_bytes(32), active=True))
        payload = structure(REQUEST_PAYLOAD, Item(IDENTIFIER, ttlv.TEXT, name), Item(DATA, ttlv.BYTES, key))
        _, encrypted, nonce = self._encrypt(payload)
        assert isinstance(encrypted.value, bytes)
        assert isinstance(nonce.value, bytes)
        return nonce.value + encrypted.value

    def talk(self, connection: Connection) -> None:
        """Answer one request after the other."""
        while header := connection.reader.read(ttlv.HEADER_SIZE):
            request = ttlv.unpack(header + connection.reader.read(ttlv.length_of(header)))
            fault = connection.next_fault()
            if fault is None:
                connection.send(self.answer(request))
            elif fault is Fault.FLOOD:
                connection.flood(ttlv.pack(structure(RESPONSE))[:4] + b"\x7f\xff\xff\xf8")
                return
            elif fault in (Fault.FAILED, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.BUSY, Fault.EMPTY):
                operation = request.number(BATCH_ITEM, OPERATION)
                connection.send(_failure(operation, GENERAL, fault.value))
            else:
                connection.fail(fault, self.answer(request))
                return

    def answer(self, request: Item) -> bytes:
        """The reply to a request."""
        operation = request.number(BATCH_ITEM, OPERATION)
        self.operations.append(operation)
        try:
            if operation not in self._actions:
                raise Refusal(NOT_SUPPORTED, "there is no such operation")
            payload = self._actions[operation](request.find(BATCH_ITEM, REQUEST_PAYLOAD))
        except Refusal as refusal:
            return _failure(operation, refusal.reason, str(refusal))
        return _response(
            Item(OPERATION, ttlv.ENUMERATION, operation),
            Item(STATUS, ttlv.ENUMERATION, SUCCESS),
            structure(RESPONSE_PAYLOAD, *payload),
        )

    def _add(self, managed: Managed) -> str:
        name = next(name for name in map(str, self._numbers) if name not in self.objects)
        self.objects[name] = managed
        return name

    def _object(self, payload: Item, kind: int) -> Managed:
        name = payload.text(IDENTIFIER)
        found = self.objects.get(name)
        if found is None or found.kind != kind:
            raise Refusal(NOT_FOUND, f"Could not locate object: {name}")
        if not found.active:
            raise Refusal(WRONG_STATE, f"The object is not active: {name}")
        return found

    def _create(self, payload: Item) -> list[Item]:
        if payload.number(OBJECT_TYPE) != SYMMETRIC_KEY:
            raise Refusal(NOT_SUPPORTED, "only symmetric keys are made here")
        name = self._add(Managed(SYMMETRIC_KEY, secrets.token_bytes(32)))
        return [Item(OBJECT_TYPE, ttlv.ENUMERATION, SYMMETRIC_KEY), Item(IDENTIFIER, ttlv.TEXT, name)]

    def _register(self, payload: Item) -> list[Item]:
        if payload.number(OBJECT_TYPE) != SECRET_DATA:
            raise Refusal(NOT_SUPPORTED, "only secret data is registered here")
        name = self._add(Managed(SECRET_DATA, payload.data(SECRET, KEY_BLOCK, KEY_VALUE, KEY_MATERIAL)))
        return [Item(IDENTIFIER, ttlv.TEXT, name)]

    def _activate(self, payload: Item) -> list[Item]:
        name = payload.text(IDENTIFIER)
        if name not in self.objects:
            raise Refusal(NOT_FOUND, f"Could not locate object: {name}")
        self.objects[name].active = True
        return [Item(IDENTIFIER, ttlv.TEXT, name)]

    def _get(self, payload: Item) -> list[Item]:
        value = self._object(payload, SECRET_DATA).value
        block = structure(
            KEY_BLOCK,
            Item(KEY_FORMAT, ttlv.ENUMERATION, OPAQUE),
            structure(KEY_VALUE, Item(KEY_MATERIAL, ttlv.BYTES, value)),
        )
        return [
            Item(OBJECT_TYPE, ttlv.ENUMERATION, SECRET_DATA),
            Item(IDENTIFIER, ttlv.TEXT, payload.text(IDENTIFIER)),
            structure(SECRET, Item(SECRET_TYPE, ttlv.ENUMERATION, PASSWORD), block),
        ]

    def _encrypt(self, payload: Item) -> list[Item]:
        nonce = secrets.token_bytes(16)
        padder = padding.PKCS7(128).padder()
        padded = padder.update(payload.data(DATA)) + padder.finalize()
        key = self._object(payload, SYMMETRIC_KEY).value
        encryptor = Cipher(algorithms.AES(key), modes.CBC(nonce)).encryptor()
        encrypted = encryptor.update(padded) + encryptor.finalize()
        return [
            Item(IDENTIFIER, ttlv.TEXT, payload.text(IDENTIFIER)),
            Item(DATA, ttlv.BYTES, encrypted),
            Item(NONCE, ttlv.BYTES, nonce),
        ]

    def _decrypt(self, payload: Item) -> list[Item]:
        key = self._object(payload, SYMMETRIC_KEY).value
        decryptor = Cipher(algorithms.AES(key), modes.CBC(payload.data(NONCE))).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        try:
            padded = decryptor.update(payload.data(DATA)) + decryptor.finalize()
            value = unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise Refusal(GENERAL, "nothing that was encrypted by this key") from None
        return [
            Item(IDENTIFIER, ttlv.TEXT, payload.text(IDENTIFIER)),
            Item(DATA, ttlv.BYTES, value),
        ]


def _failure(operation: int, reason: int, text: str) -> bytes:
    return _response(
        Item(OPERATION, ttlv.ENUMERATION, operation),
        Item(STATUS, ttlv.ENUMERATION, FAILED),
        Item(REASON, ttlv.ENUMERATION, reason),
        Item(MESSAGE, ttlv.TEXT, text),
    )


def _response(*items: Item) -> bytes:
    version = structure(VERSION, Item(MAJOR, ttlv.INTEGER, 1), Item(MINOR, ttlv.INTEGER, 2))
    header = structure(
        RESPONSE_HEADER,
        version,
        Item(TIME, ttlv.DATE, int(time.time())),
        Item(BATCH_COUNT, ttlv.INTEGER, 1),
    )
    return ttlv.pack(structure(RESPONSE, header, structure(BATCH_ITEM, *items)))
