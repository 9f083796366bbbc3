"""PyMongo's explicit encryption and petiole's, blocking and asyncio, behind one way to call them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import bson
import pymongo
import pymongo.encryption
import pymongo.encryption_options

import petiole
import petiole.asynchronous.encryption
import petiole.bson
import petiole.encryption
import petiole.encryption_options

VAULT = "encryption.keys"
PROVIDERS = {"local": {"key": bytes(range(96))}}


class Cipher:
    """One driver's client encryption."""

    def __init__(
        self, encryption: Any, values: ModuleType, options: ModuleType, call: Callable[[Any], Any]
    ) -> None:
        self._encryption = encryption
        self._call = call
        self.bson: Any = values
        """The driver's own values."""
        self.options: Any = options
        """The driver's `encryption_options`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._encryption, name)
        return lambda *args, **kwargs: self._call(method(*args, **kwargs))

    def binary(self, value: bytes, subtype: int) -> Any:
        """A `Binary` of the driver's own."""
        return self.bson.Binary(bytes(value), subtype)


def _itself(value: Any) -> Any:
    return value


@contextmanager
def pymongo_cipher(uri: str, **codec_options: Any) -> Iterator[Cipher]:
    """PyMongo's, blocking."""
    options = bson.CodecOptions(**codec_options)
    with (
        pymongo.MongoClient[Any](uri) as client,
        pymongo.encryption.ClientEncryption[Any](PROVIDERS, VAULT, client, options) as encryption,
    ):
        yield Cipher(encryption, bson, pymongo.encryption_options, _itself)


@contextmanager
def blocking_cipher(uri: str, **codec_options: Any) -> Iterator[Cipher]:
    """Petiole's, blocking."""
    options: Any = petiole.bson.CodecOptions(**codec_options)
    with (
        petiole.MongoClient[Any](uri) as client,
        petiole.encryption.ClientEncryption[Any](PROVIDERS, VAULT, client, options) as encryption,
    ):
        yield Cipher(encryption, petiole.bson, petiole.encryption_options, _itself)


@contextmanager
def asyncio_cipher(uri: str, **codec_options: Any) -> Iterator[Cipher]:
    """Petiole's, on asyncio."""
    options: Any = petiole.bson.CodecOptions(**codec_options)
    with asyncio.Runner() as runner:
        client = petiole.AsyncMongoClient[Any](uri)
        encryption = petiole.asynchronous.encryption.AsyncClientEncryption[Any](
            PROVIDERS, VAULT, client, options
        )

        async def awaited(work: Any) -> Any:
            return await work

        try:
            yield Cipher(
                encryption,
                petiole.bson,
                petiole.encryption_options,
                lambda work: runner.run(awaited(work)),
            )
        finally:
            runner.run(encryption.close())
            runner.run(client.close())


FACES = {"blocking": blocking_cipher, "asyncio": asyncio_cipher}
