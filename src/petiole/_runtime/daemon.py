"""Starts a program that outlives whoever started it, and is never this process's to wait for.

On POSIX a shell starts it in the background and ends at once, so that the program is adopted by the system and leaves
no zombie here when it ends; on Windows there are none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

_NULL = subprocess.DEVNULL


def start_daemon(program: str, arguments: Sequence[str]) -> None:
    """Start a program that reads nothing, and whose output nobody sees. Returns before it is ready.

    :raises OSError, subprocess.CalledProcessError: if there is no such program, or no shell that starts it.
    """
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"there is no program {program!r}, or it is not on the PATH")
    command = [found, *arguments]
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        subprocess.Popen(command, creationflags=flags, stdin=_NULL, stdout=_NULL, stderr=_NULL)
        return
    # In a session of its own: a Ctrl-C at the terminal is not meant for it.
    subprocess.run(
        ["/bin/sh", "-c", '"$0" "$@" &', os.path.abspath(found), *arguments],
        start_new_session=True,
        stdin=_NULL,
        stdout=_NULL,
        stderr=_NULL,
        check=True,
    )
