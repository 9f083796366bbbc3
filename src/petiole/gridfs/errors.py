"""The errors of GridFS."""

from __future__ import annotations

from petiole._gridfs_errors import CorruptGridFile, FileExists, GridFSError, NoFile

__all__ = ["CorruptGridFile", "FileExists", "GridFSError", "NoFile"]
