"""Programs that outlive this process, and are none of its children."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.unit.engine.sides import until

from petiole._runtime.daemon import start_daemon


def script(folder: Path, text: str) -> str:
    path = folder / "a program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("PPid:"))
    return int(line.split()[1])


def test_its_arguments_reach_it_as_they_are(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    program = script(
        tmp_path, f'for a in "$@"; do echo "[$a]"; done > "{noted}.part"; mv "{noted}.part" "{noted}"'
    )
    start_daemon(program, ["--a=b c", "$HOME", "", "*"])
    until(noted.exists)
    assert noted.read_text() == "[--a=b c]\n[$HOME]\n[]\n[*]\n"


def test_it_is_no_child_and_in_a_session_of_its_own(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    program = script(tmp_path, f'echo $$ > "{noted}.part"; mv "{noted}.part" "{noted}"; exec sleep 600')
    start_daemon(program, [])
    until(noted.exists)
    pid = int(noted.read_text())
    try:
        assert parent_of(pid) != os.getpid()
        assert os.getsid(pid) != os.getsid(0)
    finally:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text())


def test_a_program_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = tmp_path / "noted"
    script(tmp_path, f'echo > "{noted}"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    start_daemon("a program", [])
    until(noted.exists)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no program 'no-such-thing'"):
        start_daemon("no-such-thing", [])
    with pytest.raises(FileNotFoundError):
        start_daemon(str(tmp_path / "x"), [])
