"""One server of a deployment: its folder, its port, its process, and the faults that a test can do to it."""

import signal
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .conversation import Conversation, Document, is_data_bearing
from .errors import LocalServerError, PortTakenError
from .ports import free_port
from .process import ServerProcess

HOST = "127.0.0.1"
_PORT_ATTEMPTS = 10


class Member:
    """A `mongod` that can be stopped, killed, paused and started again, on the same data, log and port."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        port: int | None,
        remove: Path | None,
        environment: Mapping[str, str] | None,
        tls: ssl.SSLContext | None,
        timeout: float,
    ) -> None:
        self.folder = folder
        self.log_file = folder / "mongod.log"
        self.paused = False
        self._arguments = arguments
        self._port = port
        self._remove = remove
        self._environment = environment
        self._tls = tls
        self._timeout = timeout
        self._process: ServerProcess | None = None
        (folder / "data").mkdir(parents=True, exist_ok=True)

    def __repr__(self) -> str:
        state = "paused" if self.paused else "running" if self.running else "stopped"
        return f"<Member {HOST}:{self._port} {state}>"

    @property
    def port(self) -> int:
        """The TCP port. It is known once the member has been started."""
        if self._port is None:
            raise LocalServerError("The server has no port before it is started.")
        return self._port

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return HOST, self.port

    @property
    def host(self) -> str:
        """The address as replica sets and URIs write it."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id of the `mongod`, or None while it does not run."""
        return self._process.pid if self._process is not None and self._process.running else None

    @property
    def running(self) -> bool:
        """Whether there is a process (it may be paused)."""
        return self._process is not None and self._process.running

    def spawn(self) -> None:
        """Start the process without waiting for it. `wait_ready` must follow."""
        port = self._port if self._port is not None else free_port(HOST)
        command = [*self._arguments, "--dbpath", str(self.folder / "data"), "--port", str(port)]
        self._candidate = port
        self._process = ServerProcess(
            command, self.log_file, remove=self._remove, environment=self._environment
        )

    def wait_ready(self) -> None:
        """Return when connections are accepted. A port lost to another process is replaced by a new one."""
        deadline = time.monotonic() + self._timeout
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            assert self._process is not None
            try:
                self._process.wait_ready(max(0.0, deadline - time.monotonic()))
            except PortTakenError:
                if self._port is not None:
                    raise PortTakenError(f"Another process listens on port {self._port}.") from None
                if attempt == _PORT_ATTEMPTS:
                    raise
                self.spawn()
            else:
                self._port = self._candidate
                return

    def start(self) -> None:
        """Start the server again, and wait until it can be read from. No-op if it runs."""
        if self.running:
            return
        self.spawn()
        self.wait_ready()
        if "--replSet" in self._arguments:
            self.wait_until(lambda hello: is_data_bearing(hello) or "setName" not in hello)

    def stop(self) -> None:
        """End the server cleanly. No-op if it does not run."""
        self.paused = False
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash does."""
        self.paused = False
        if self._process is not None:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        """Stop the server if it runs, and start it again."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the process: its sockets stay open, and nothing answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            self.paused = True

    def resume(self) -> None:
        """Let a paused process run on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self.paused = False

    def converse(self, timeout: float | None = None) -> Conversation:
        """A connection for one command after the other, for at most `timeout` seconds in all."""
        return Conversation(self.address, time.monotonic() + (timeout or self._timeout), self._tls)

    def wait_until(self, condition: Callable[[Document], bool], timeout: float | None = None) -> Document:
        """The first `hello` reply that meets `condition`; raises LocalServerError when none does in time."""
        deadline = time.monotonic() + (timeout or self._timeout)
        while True:
            try:
                with Conversation(self.address, deadline, self._tls) as conversation:
                    return conversation.wait_until(condition)
            except TimeoutError:
                raise LocalServerError(f"{self.host} did not reach the expected state in time.") from None
            except ConnectionResetError:
                # A server closes connections when its role changes; when it has ended, waiting is no use.
                if not self.running:
                    raise LocalServerError(f"{self.host} ended; its log is {self.log_file}.") from None
