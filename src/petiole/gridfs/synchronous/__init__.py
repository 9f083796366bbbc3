"""The blocking face of GridFS."""

from __future__ import annotations

from petiole.gridfs.errors import NoFile
from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE
from petiole.gridfs.synchronous.grid_file import GridFS, GridFSBucket, GridIn, GridOut, GridOutCursor

__all__ = [
    "DEFAULT_CHUNK_SIZE",
    "GridFS",
    "GridFSBucket",
    "GridIn",
    "GridOut",
    "GridOutCursor",
    "NoFile",
]
