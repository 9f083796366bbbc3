"""Makes a program of the stand-in, for `mongocryptd_spawn_path`; and runs it on a thread, where none is needed."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.analyser.server import Server

_ROOT = Path(__file__).resolve().parents[2]
_LONG = 3600.0


def write_program(folder: Path) -> Path:
    """A program in that folder that is started like mongocryptd, wherever from."""
    import petiole

    source = Path(petiole.__file__).parents[1]
    path = folder / "mongocryptd"
    path.write_text(
        f"#!/bin/sh\nPYTHONPATH='{_ROOT}{os.pathsep}{source}' exec '{sys.executable}' -m tests.analyser \"$@\"\n"
    )
    path.chmod(0o755)
    return path


@contextlib.contextmanager
def analyser(version: str = "8.2") -> Iterator[str]:
    """The connection string of an analyser that runs as long as the context."""
    server = Server(("127.0.0.1", 0), _LONG, version)
    thread = threading.Thread(target=server.serve, name="analyser", daemon=True)
    thread.start()
    host, port = server.address
    try:
        yield f"mongodb://{host}:{port}"
    finally:
        server.end()
        thread.join()
