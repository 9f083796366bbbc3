"""GridFS: files in MongoDB that are larger than a document may be, or that are to be streamed.

`GridFSBucket` works with streams, `GridFS` with `put` and `get`; each has its asyncio counterpart. Names are loaded
when they are first asked for: programs that use one face do not wait for the other.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` is not needed otherwise.
    from typing import Any

    from petiole.gridfs.asynchronous import (
        AsyncGridFS,
        AsyncGridFSBucket,
        AsyncGridIn,
        AsyncGridOut,
        AsyncGridOutCursor,
    )
    from petiole.gridfs.errors import NoFile
    from petiole.gridfs.grid_file_shared import DEFAULT_CHUNK_SIZE
    from petiole.gridfs.synchronous import GridFS, GridFSBucket, GridIn, GridOut, GridOutCursor

__all__ = [
    "DEFAULT_CHUNK_SIZE",
    "AsyncGridFS",
    "AsyncGridFSBucket",
    "AsyncGridIn",
    "AsyncGridOut",
    "AsyncGridOutCursor",
    "GridFS",
    "GridFSBucket",
    "GridIn",
    "GridOut",
    "GridOutCursor",
    "NoFile",
]

_HOMES = {
    "DEFAULT_CHUNK_SIZE": "grid_file_shared",
    "NoFile": "errors",
    **dict.fromkeys(("GridFS", "GridFSBucket", "GridIn", "GridOut", "GridOutCursor"), "synchronous"),
    **dict.fromkeys(
        ("AsyncGridFS", "AsyncGridFSBucket", "AsyncGridIn", "AsyncGridOut", "AsyncGridOutCursor"),
        "asynchronous",
    ),
}
_MODULES = frozenset({"asynchronous", "errors", "grid_file", "grid_file_shared", "synchronous"})

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            found = getattr(__import__(f"{__name__}.{_HOMES[name]}", None, None, (name,)), name)
        elif name in _MODULES:
            found = __import__(f"{__name__}.{name}", None, None, ("__name__",))
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOMES, *_MODULES})
