"""Constants of GridFS."""

from __future__ import annotations

from petiole._commands.gridfs import DEFAULT_CHUNK_SIZE

__all__ = ["DEFAULT_CHUNK_SIZE", "EMPTY", "NEWLN"]

EMPTY = b""
NEWLN = b"\n"
