"""The names of the package, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pymongo
import pytest

import petiole

# What a program that never uses it should not wait for.
DEAR = {"asyncio", "concurrent.futures", "logging", "random", "ssl", "traceback", "hashlib", "unicodedata"}


def loaded(statements: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after some statements."""
    program = f"import sys\n{statements}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", pymongo.__all__)
def test_the_package_has_the_names_of_pymongo(name: str) -> None:
    assert name in petiole.__all__
    assert name in dir(petiole)
    theirs, ours = getattr(pymongo, name), getattr(petiole, name)
    if isinstance(theirs, (int, str)) and name.upper() == name:
        assert ours == theirs
    else:
        assert type(ours) is type(theirs)


def test_the_versions_agree() -> None:
    assert petiole.version == petiole.__version__ == petiole.get_version_string()
    assert ".".join(map(str, petiole.version_tuple)) == petiole.version
    assert petiole.has_c() is True


def test_modules_are_there_without_being_imported() -> None:
    for name in ("errors", "results", "collection", "client_session", "bson", "read_preferences"):
        statements = f"import petiole; assert petiole.{name}.__name__ == 'petiole.{name}'"
        assert f"petiole.{name}" in loaded(statements)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'petiole' has no attribute 'no_such'"):
        _ = petiole.no_such  # type: ignore[attr-defined]


def test_importing_the_package_loads_next_to_nothing() -> None:
    bare = loaded("")
    assert loaded("import petiole") - bare == {"__future__", "petiole", "petiole._version"}


def test_a_blocking_client_does_not_load_what_it_does_not_need() -> None:
    modules = loaded("import petiole; petiole.MongoClient('localhost:1', connect=False).db.coll")
    assert "petiole.collection" in modules
    assert modules & DEAR - loaded("") == set()
    assert not any(name.startswith("petiole.asynchronous") for name in modules)


def test_a_client_without_encryption_knows_nothing_of_it() -> None:
    made = "client = petiole.MongoClient('localhost:1', connect=False)"
    plain = "assert type(client._executor).__name__ == 'Executor' and client._engine.encryption is None"
    modules = loaded(f"import petiole; {made}; {plain}")
    for name in (
        "pymongocrypt",
        "petiole._engine.auto_encryption",
        "petiole._engine.encryption",
        "subprocess",
    ):
        assert not any(module.startswith(name) for module in modules)
