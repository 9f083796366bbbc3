"""The blocking face, under the name it has had since PyMongo 1."""

from __future__ import annotations

from petiole.gridfs.synchronous.grid_file import GridFS, GridFSBucket, GridIn, GridOut, GridOutCursor

__all__ = ["GridFS", "GridFSBucket", "GridIn", "GridOut", "GridOutCursor"]
