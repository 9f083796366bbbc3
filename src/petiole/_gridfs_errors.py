"""The errors of GridFS; public as `petiole.gridfs.errors`. Here, because the core below that package raises them."""

from __future__ import annotations

from petiole.errors import PyMongoError

_PUBLIC = "petiole.gridfs.errors"


class GridFSError(PyMongoError):
    """The base of all errors that are GridFS's own."""

    __module__ = _PUBLIC


class CorruptGridFile(GridFSError):
    """The chunks of a file are not what its length says: one is missing, too many, or of the wrong size."""

    __module__ = _PUBLIC


class NoFile(GridFSError):
    """There is no such file."""

    __module__ = _PUBLIC


class FileExists(GridFSError):
    """There is a file with that `_id` already."""

    __module__ = _PUBLIC
