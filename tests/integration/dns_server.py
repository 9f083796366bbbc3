"""A name server for tests, on loopback: answers from a zone that tests write, by UDP and TCP.

Owns the listening and the answers; notes what was asked. It answers one question after the other, on two threads that
end with it. `resolver_of` makes dnspython ask it.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

_SMALLEST = 512
"""The bytes that UDP carries where a question does not say more."""


class DnsServer:
    """Used as a context manager; `port` is the same for UDP and TCP."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Names without the final dot, and the kinds of records."""
        self.silent = False
        """Whether questions stay without an answer."""
        self.refusal: dns.rcode.Rcode | None = None
        """What all questions are answered with."""
        self.ttl = 60
        self._zone: dict[tuple[str, str], list[str]] = {}
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(self._tcp.getsockname())
        self._udp.settimeout(0.05)
        self._tcp.settimeout(0.05)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=serve) for serve in (self._serve_udp, self._serve_tcp)]

    @property
    def port(self) -> int:
        """Of both protocols."""
        port: int = self._udp.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def srv(self, name: str, *targets: tuple[str, int], service: str = "mongodb") -> None:
        """Let the SRV records of a name be these."""
        records = [f"0 0 {port} {host.removesuffix('.')}." for host, port in targets]
        self._zone[f"_{service}._tcp.{name}", "SRV"] = records

    def txt(self, name: str, *records: str | Iterable[str]) -> None:
        """Let the TXT records of a name be these; one record may consist of several strings."""
        split = [[record] if isinstance(record, str) else record for record in records]
        self._zone[name, "TXT"] = [" ".join(f'"{part}"' for part in parts) for parts in split]

    def remove(self, name: str) -> None:
        """Let a name have no SRV records any more; it exists as before."""
        self._zone[f"_mongodb._tcp.{name}", "SRV"] = []

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        answer = dns.message.make_response(question, recursion_available=True)
        if self.refusal is not None:
            answer.set_rcode(self.refusal)
        elif records := self._zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(asked.name, self.ttl, "IN", kind, *records))
        elif not any(known == name for known, _ in self._zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def _serve_udp(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                wire, peer = self._udp.recvfrom(65535)
                question = dns.message.from_wire(wire)
                answer = self._answer(question)
                data = answer.to_wire()
                if len(data) > max(_SMALLEST, question.payload):
                    answer.answer.clear()
                    answer.flags |= dns.flags.TC
                    data = answer.to_wire()
                if not self.silent:
                    self._udp.sendto(data, peer)

    def _serve_tcp(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._tcp.accept()
                with connection, connection.makefile("rb") as stream:
                    (length,) = struct.unpack("!H", stream.read(2))
                    answer = self._answer(dns.message.from_wire(stream.read(length))).to_wire(max_size=65535)
                    connection.sendall(struct.pack("!H", len(answer)) + answer)


def resolver_of(server: DnsServer) -> dns.resolver.Resolver:
    """A resolver that asks this server and no other."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.port
    return resolver


@contextlib.contextmanager
def serving() -> Iterator[DnsServer]:
    """A name server that dnspython's default resolver asks meanwhile, and with it both drivers."""
    with DnsServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(dns.resolver, "default_resolver", resolver_of(server))
        yield server
