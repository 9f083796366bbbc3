"""No `mongod` outlives the program that started it, however the program ends."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from petiole.local import LocalServer

PROGRAM = """
import os, signal, sys, threading
from petiole.local import LocalServer

server = LocalServer(replica_set={replica_set})
starter = threading.Thread(target=server.start)  # a parent-death signal would be sent when this thread ends
starter.start()
starter.join()
print(server.members[0].folder.parent, *(member.pid for member in server.members), flush=True)
{ending}
"""


def run(ending: str, replica_set: int | None = None) -> "tuple[subprocess.Popen[str], Path, list[int]]":
    """Start a program that starts a server and ends as `ending` says."""
    source = textwrap.dedent(PROGRAM).format(ending=ending, replica_set=replica_set)
    program = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    folder, *pids = program.stdout.readline().split()
    return program, Path(folder), [int(pid) for pid in pids]


def wait_gone(pids: list[int]) -> None:
    """Wait until the processes have ended, however long that takes within the test's time limit."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            assert select.select([handle], [], [], 30)[0], f"mongod {pid} still runs"
        finally:
            os.close(handle)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("replica_set", [None, 3])
def test_a_killed_program_leaves_no_server_and_no_folder(replica_set: int | None) -> None:
    program, folder, pids = run("signal.pause()", replica_set)
    assert all(map(alive, pids))
    program.kill()
    program.wait()
    wait_gone(pids)
    wait_folder_gone(folder)


@pytest.mark.parametrize("ending", ["sys.exit(3)", "os._exit(3)", "os.kill(os.getpid(), signal.SIGTERM)"])
def test_a_program_that_forgets_to_stop_leaves_nothing(ending: str) -> None:
    program, folder, pids = run(ending)
    program.wait()
    wait_gone(pids)
    wait_folder_gone(folder)


def test_a_forked_child_that_lives_on_does_not_keep_the_server() -> None:
    program, folder, pids = run("print(os.fork() or signal.pause(), flush=True); signal.pause()")
    assert program.stdout is not None
    child = int(program.stdout.readline())
    try:
        program.kill()
        program.wait()
        wait_gone(pids)
        wait_folder_gone(folder)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_child_that_ends_does_not_stop_the_server() -> None:
    with LocalServer() as server:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        os.waitpid(child, 0)
        with server.members[0].converse() as conversation:
            assert conversation.hello()["ok"] == 1


def test_a_killed_watchdog_takes_its_server_along() -> None:
    with LocalServer() as server:
        (member,) = server.members
        pid = member.pid
        assert pid is not None
        os.kill(parent_of(pid), signal.SIGKILL)
        wait_gone([pid])
        wait_until(lambda: not member.running)
        member.start()
        assert member.pid != pid


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


def wait_folder_gone(folder: Path) -> None:
    wait_until(lambda: not folder.exists())


def wait_until(condition: Callable[[], bool]) -> None:
    """Polls: nothing announces that a folder has been removed by a process that is nobody's child."""
    waiting = select.poll()
    for _ in range(600):
        if condition():
            return
        waiting.poll(50)
    raise AssertionError("it did not happen within 30 s")
