"""Which `mongod` is used, and what is said when there is none that works."""

import importlib.util
import os
from pathlib import Path

import pytest

from petiole.local import LocalServer, LocalServerError, MissingServerError, find_mongod
from petiole.local.binary import series_of


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A file in the place of a `mongod`; tests write what it does."""
    file = tmp_path / "mongod"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file


def test_the_given_binary_comes_first(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETIOLE_MONGOD", "/nowhere/mongod")
    assert find_mongod(script) == script


def test_then_the_environment_variable(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETIOLE_MONGOD", str(script))
    assert find_mongod() == script


def test_then_the_wheel(monkeypatch: pytest.MonkeyPatch, script: Path) -> None:
    monkeypatch.delenv("PETIOLE_MONGOD", raising=False)
    monkeypatch.setenv("PATH", str(script.parent))
    assert find_mongod().parts[-4:] == ("fiftyone", "db", "bin", "mongod")


def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PETIOLE_MONGOD", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def test_then_the_path(monkeypatch: pytest.MonkeyPatch, script: Path) -> None:
    without_wheel(monkeypatch)
    monkeypatch.setenv("PATH", str(script.parent))
    assert find_mongod() == script


def test_none_at_all_names_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_wheel(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        MissingServerError, match=r'There is no mongod here: .*pip install "petiole\[local\]"'
    ):
        LocalServer().start()


def test_a_variable_that_names_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETIOLE_MONGOD", "/nowhere/mongod")
    with pytest.raises(MissingServerError, match="PETIOLE_MONGOD names /nowhere/mongod, which is not a file"):
        find_mongod()


def test_a_lost_executable_bit_is_restored(script: Path) -> None:
    script.chmod(0o644)
    assert os.access(find_mongod(script), os.X_OK)


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        (
            "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file",
            r"needs the shared library libcurl\.so\.4: install it with: apt-get install libcurl4\.$",
        ),
        (
            "mongod: error while loading shared libraries: libcrypto.so.3: cannot open shared object file",
            r"libcrypto\.so\.3: install it with: apt-get install libssl3\.$",
        ),
        (
            "mongod: error while loading shared libraries: libfoo.so.9: cannot open shared object file",
            r"libfoo\.so\.9, which this system does not have: install the package that holds it",
        ),
        (
            "mongod: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.99' not found (required by mongod)",
            r"needs GLIBC_2\.99, and this system's C library is older",
        ),
    ],
)
def test_a_loader_error_becomes_a_sentence(script: Path, complaint: str, sentence: str) -> None:
    script.write_text(f'#!/bin/sh\necho "{complaint}" >&2\nexit 127\n'.replace("`", "\\`"))
    with pytest.raises(MissingServerError, match=sentence):
        LocalServer(binary=script).start()


def test_a_binary_for_another_machine_is_refused(script: Path) -> None:
    script.write_bytes(b"\x7fELF" + bytes(60))
    with pytest.raises(MissingServerError, match="cannot be executed on this system"):
        LocalServer(binary=script).start()


def test_a_binary_that_never_gets_ready_is_given_up(script: Path) -> None:
    script.write_text('#!/bin/sh\n[ "$1" = --version ] && exit\necho still thinking\nexec sleep 600\n')
    with pytest.raises(LocalServerError, match="not ready in time: still thinking"):
        LocalServer(binary=script, timeout=0.5).start()


def test_the_series_is_what_the_server_prints(tmp_path: Path) -> None:
    script = tmp_path / "mongod"
    script.write_text('#!/bin/sh\necho "db version v4.4.2"\n')
    script.chmod(0o755)
    assert series_of(script) == (4, 4)


def test_a_server_that_prints_no_version_is_of_no_series(tmp_path: Path) -> None:
    assert series_of(tmp_path / "missing") is None
