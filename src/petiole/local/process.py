"""One supervised `mongod` process, seen from the program that wants it: start, readiness, signals, end.

The process is a child of a watchdog (watchdog.py), and everything goes through it: so no process id can be
mistaken for another's, no signal is lost, and the server ends with this program. Nothing here sleeps: it
waits on the watchdog's pipe.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .binary import explain_loader_error
from .errors import LocalServerError, MissingServerError, PortTakenError

_WATCHDOG = Path(__file__).with_name("watchdog.py")
_EXIT_NET_ERROR = 48  # mongod's exit status when it cannot listen
_STOP_GRACE = 10.0


class ServerProcess:
    """A running `mongod` under a watchdog. All methods may be called from any thread."""

    def __init__(
        self,
        command: Sequence[str],
        log_file: Path,
        *,
        remove: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = command
        self._log_file = log_file
        # A temporary folder goes with its log, so there is no use in naming it.
        self._where = "" if remove else f" (its log is {log_file})"
        self._log_start = log_file.stat().st_size if log_file.exists() else 0
        self._lock = threading.Lock()
        self._buffer = b""
        self._said: list[str] = []
        self.pid: int | None = None
        self.exit_status: int | None = None
        self._watchdog = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(_WATCHDOG)),
                *(str(os.getpid()), str(log_file), str(remove or "-")),
                *command,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment} if environment else None,
            start_new_session=True,  # Ctrl-C is for the program, which then stops the server
        )

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet (it may be paused)."""
        with self._lock:
            self._listen(0.0)
            return self.exit_status is None

    def wait_ready(self, timeout: float) -> None:
        """Return when the server accepts connections; raise an error that says why it does not."""
        with self._lock:
            if self._wait_for("ready", timeout):
                return
        if self.exit_status is None:
            self.kill()
            raise LocalServerError(f"mongod was not ready in time: {_reason(self._output())}{self._where}.")
        raise self._failure()

    def send_signal(self, number: int) -> None:
        """Send a signal to the server, and return when it has been sent. No-op if the server has ended."""
        with self._lock:
            self._send(number)

    def stop(self, grace: float = _STOP_GRACE) -> None:
        """End the server cleanly, or by force after `grace` seconds."""
        with self._lock:
            for number, timeout in ((signal.SIGCONT, 0.0), (signal.SIGTERM, grace), (signal.SIGKILL, None)):
                if self.exit_status is None:
                    self._send(number)
                    self._wait_exit(timeout)
            self._reap()

    def kill(self) -> None:
        """End the server at once, as a crash or a power cut would."""
        with self._lock:
            self._send(signal.SIGKILL)
            self._wait_exit(None)
            self._reap()

    def _send(self, number: int) -> None:
        self._listen(0.0)
        if self.exit_status is not None or self._watchdog.stdin is None:
            return
        self._said = [line for line in self._said if not line.startswith("sent ")]
        try:
            os.write(self._watchdog.stdin.fileno(), bytes((number,)))
        except BrokenPipeError:
            self._listen(None)
        else:
            self._wait_for(f"sent {number}", _STOP_GRACE)

    def _wait_for(self, line: str, timeout: float) -> bool:
        end = time.monotonic() + timeout
        while line not in self._said and self.exit_status is None:
            if (left := end - time.monotonic()) <= 0:
                return False
            self._listen(left)
        return line in self._said and self.exit_status is None

    def _wait_exit(self, timeout: float | None) -> None:
        end = None if timeout is None else time.monotonic() + timeout
        while self.exit_status is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return
            self._listen(left)

    def _listen(self, timeout: float | None) -> None:
        """Take in what the watchdog says, waiting up to `timeout` seconds for it (None: without end)."""
        stdout = self._watchdog.stdout
        if self.exit_status is not None or stdout is None:
            return
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            return
        chunk = os.read(stdout.fileno(), 4096)
        if not chunk:  # the watchdog itself was killed, and the kernel has killed the server with it
            self.exit_status = -signal.SIGKILL
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "pid":
                self.pid = int(value)
            elif word == "exit":
                self.exit_status = int(value)
            else:
                self._said.append(line.decode())

    def _reap(self) -> None:
        self._watchdog.wait()
        for pipe in (self._watchdog.stdin, self._watchdog.stdout):
            if pipe is not None:
                pipe.close()

    def _failure(self) -> LocalServerError:
        """Why the server ended before it was ready, from its exit status and its log."""
        with self._lock:
            self._reap()
        output = self._output()
        if sentence := explain_loader_error(Path(self._command[0]), output):
            return MissingServerError(sentence)
        reason = _reason(output)
        if self.exit_status == _EXIT_NET_ERROR and "in use" in reason:
            return PortTakenError(f"mongod cannot listen: {reason}.")
        return LocalServerError(
            f"mongod ended with status {self.exit_status} before it was ready: {reason}{self._where}."
        )

    def _output(self) -> str:
        """What the server has logged since this start."""
        if not self._log_file.exists():
            return ""
        with self._log_file.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def _reason(output: str) -> str:
    """The last error or fatal line of a log, shortened to what a person needs; else its last line."""
    lines = [line for line in output.splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("s") in ("E", "F"):
            attributes = entry.get("attr") or {}
            error = attributes.get("error")
            detail = error.get("errmsg") if isinstance(error, dict) else error
            return f"{entry.get('msg')}: {detail}" if detail else str(entry.get("msg"))
    plain = [line for line in lines if not line.startswith("{")]
    return " ".join(plain[:2]) if plain else (lines[-1] if lines else "it wrote nothing")
