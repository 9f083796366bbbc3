"""The Motor classes before they are given a framework, under the names of Motor's own `core`."""

from __future__ import annotations

from petiole.motor.agnostic_change_stream import AgnosticChangeStream
from petiole.motor.agnostic_client import AgnosticClient
from petiole.motor.agnostic_collection import AgnosticCollection
from petiole.motor.agnostic_cursor import (
    AgnosticBaseCursor,
    AgnosticCommandCursor,
    AgnosticCursor,
    AgnosticLatentCommandCursor,
    AgnosticRawBatchCommandCursor,
    AgnosticRawBatchCursor,
)
from petiole.motor.agnostic_database import AgnosticDatabase
from petiole.motor.agnostic_encryption import AgnosticClientEncryption
from petiole.motor.agnostic_session import AgnosticClientSession
from petiole.motor.metaprogramming import AgnosticBase
from petiole.motor.properties import AgnosticBaseProperties

__all__ = [
    "AgnosticBase",
    "AgnosticBaseCursor",
    "AgnosticBaseProperties",
    "AgnosticChangeStream",
    "AgnosticClient",
    "AgnosticClientEncryption",
    "AgnosticClientSession",
    "AgnosticCollection",
    "AgnosticCommandCursor",
    "AgnosticCursor",
    "AgnosticDatabase",
    "AgnosticLatentCommandCursor",
    "AgnosticRawBatchCommandCursor",
    "AgnosticRawBatchCursor",
]
