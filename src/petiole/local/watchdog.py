"""Runs one `mongod` and ends it when the process that asked for it ends, however that happens.

Executed as a script by a fresh, bare interpreter (`python -I -S watchdog.py ...`), so it imports nothing of
petiole and starts in milliseconds. It has one thread: that is why the kernel's parent-death signal, which is
tied to the *thread* that started a child, is reliable here and would not be in the user's program.

    watchdog.py PARENT_PID LOG_FILE REMOVE_FOLDER|- COMMAND...

* standard input: one byte per signal to send to the server. Its end means that the parent has gone.
* standard output: lines for the parent: `pid N`, `ready`, `sent N`, `exit CODE`.
* the server's own output goes to LOG_FILE.
* REMOVE_FOLDER is deleted if the parent has gone without stopping the server.
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys

READY = b"waiting for connections"
PR_SET_PDEATHSIG = 1


def die_with_watchdog() -> None:
    """Runs in the child between fork and exec: the server must not outlive a killed watchdog either."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def report(line: str) -> None:
    """Tell the parent; a parent that has gone is noticed by the poll loop."""
    with contextlib.suppress(OSError):
        os.write(1, line.encode() + b"\n")


class Watch:
    """The poll loop over the parent, its orders, and the server's output."""

    def __init__(self, parent: int, log_file: str, server: "subprocess.Popen[bytes]") -> None:
        assert server.stdout is not None
        self.server = server
        self.orphaned = False
        self.output = server.stdout.fileno()
        self.log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.tail: bytes | None = b""  # the end of the output until the server is ready, then None
        self.poll = select.poll()
        self.poll.register(0, select.POLLIN)
        self.poll.register(self.output, select.POLLIN)
        self.parent_handle = -1
        # A forked child of the parent may hold our standard input open; the handle sees the parent alone.
        with contextlib.suppress(AttributeError, OSError):
            self.parent_handle = os.pidfd_open(parent)
            self.poll.register(self.parent_handle, select.POLLIN)
        if os.getppid() != parent:
            self.abandon()

    def run(self) -> int:
        """Returns the server's exit status, once it has ended."""
        open_ = True
        while open_:
            for descriptor, _ in self.poll.poll():
                if descriptor == self.output:
                    open_ = self.copy_output()
                elif descriptor == self.parent_handle:
                    self.abandon()
                else:
                    self.obey()
        return self.server.wait()

    def copy_output(self) -> bool:
        chunk = os.read(self.output, 1 << 16)
        os.write(self.log, chunk)
        if self.tail is not None:
            self.tail += chunk.lower()
            if READY in self.tail:
                self.tail = None
                report("ready")
            else:
                self.tail = self.tail[-len(READY) :]
        return bool(chunk)

    def obey(self) -> None:
        orders = os.read(0, 64)
        if not orders:
            self.abandon()
        for number in orders:
            self.server.send_signal(number)
            report(f"sent {number}")

    def abandon(self) -> None:
        """The parent has gone: end the server, which ends the loop through the end of its output."""
        self.orphaned = True
        for descriptor in (0, self.parent_handle):
            with contextlib.suppress(KeyError, ValueError):
                self.poll.unregister(descriptor)
        self.server.kill()


def main() -> int:
    parent, log_file, remove = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    try:
        server = subprocess.Popen(
            sys.argv[4:],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_watchdog,
        )
    except OSError as error:
        with open(log_file, "a") as log:
            log.write(f"cannot execute: {error.strerror}\n")
        report("exit 126")
        return 0
    report(f"pid {server.pid}")
    watch = Watch(parent, log_file, server)
    status = watch.run()
    if watch.orphaned and remove != "-":
        # Every member's watchdog does this once its own server has ended, so the last one leaves nothing.
        shutil.rmtree(remove, ignore_errors=True)
    report(f"exit {status}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
