"""Exceptions of `petiole.bson`.

Owns the classes only; native code raises them by name. It may import nothing of petiole.
The names and the hierarchy are PyMongo's `bson.errors`.
"""

from __future__ import annotations

from typing import Any


class BSONError(Exception):
    """Base of every error that encoding or decoding BSON raises on purpose."""


class InvalidBSON(BSONError):
    """The bytes are not a BSON document, or hold a value that cannot be represented."""


class InvalidStringData(BSONError):
    """A string that is to be encoded is not valid UTF-8."""


class InvalidDocument(BSONError):
    """A document cannot be encoded.

    :param message: what is wrong, with the path of the key and the type of the value
    :param document: the outermost document that was being encoded
    """

    def __init__(self, message: str, document: Any | None = None) -> None:
        super().__init__(message)
        self._document = document

    @property
    def document(self) -> Any | None:
        """The outermost document that was being encoded, where the encoder knows it."""
        return self._document


class InvalidId(BSONError):
    """A value cannot be turned into an ObjectId."""
