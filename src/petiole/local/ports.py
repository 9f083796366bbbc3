"""Finds TCP ports that nobody uses and that the system will not hand to somebody else for a while.

A port that is only found free can be taken before the server listens on it. Two things make that rare: the
port is left in TIME_WAIT, in which the kernel gives it to nobody who asks for "any port" while a listener
that sets SO_REUSEADDR (as `mongod` does) may have it; and this process does not hand out the same port twice
in a row. What remains is met by a retry in member.py.
"""

import socket
import threading

_lock = threading.Lock()
_recent: list[int] = []
_REMEMBERED = 256


def free_port(host: str = "127.0.0.1") -> int:
    """A port on `host` that is free now."""
    with _lock:
        while (port := _reserve(host)) in _recent:
            continue
        _recent.append(port)
        del _recent[:-_REMEMBERED]
        return port


def _reserve(host: str) -> int:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, 0))
        listener.listen(1)
        port: int = listener.getsockname()[1]
        with socket.create_connection((host, port)) as client:
            served, _ = listener.accept()
            served.close()  # the side that closes first keeps the port in TIME_WAIT
            client.recv(1)
    return port
