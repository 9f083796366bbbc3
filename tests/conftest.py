"""What tests of all kinds may ask for."""

import signal
import socket
from collections.abc import Iterator

import pytest


def pytest_configure() -> None:
    # Tests interrupt themselves; a shell's background jobs are started with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections, over IPv4 and over IPv6: it is taken, and nobody listens."""
    both = socket.has_dualstack_ipv6()
    with socket.socket(socket.AF_INET6 if both else socket.AF_INET) as taken:
        if both:
            taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        taken.bind(("::" if both else "0.0.0.0", 0))
        yield taken.getsockname()[1]
