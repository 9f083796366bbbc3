"""Asks the DNS for SRV and TXT records.

Owns the questions and what the answers say; blocks, so an event loop asks through `Runtime.offload`. May not judge
which hosts are believed. It asks dnspython's default resolver, which follows the system's configuration and which a
program may replace (`dns.resolver.default_resolver`). Follows Initial DNS Seedlist Discovery, "Querying DNS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from petiole._runtime.clock import deadline_in

if TYPE_CHECKING:
    from dns.resolver import Answer


class LookupFailed(Exception):
    """The DNS gave no usable answer; says what was asked for and why."""


class SrvAnswer(NamedTuple):
    """Hosts and ports as the records name them, for how many seconds they may be kept, and the TXT record."""

    hosts: list[tuple[str, int]]
    ttl: float
    txt: str | None


def look_up(service: str, name: str | None, lifetime: float) -> SrvAnswer:
    """The SRV records of `service`, and the one TXT record of `name`, which may be missing.

    :param name: None asks for no TXT record.
    :param lifetime: seconds for everything.
    :raises LookupFailed: if there are no SRV records, several TXT records, or no answer in time.
    """
    from dns.exception import DNSException  # Imports as much as the whole driver; few programs need it.

    deadline = deadline_in(lifetime)
    try:
        records = _ask(service, "SRV", lifetime)
        txt = None if name is None else _txt(name, deadline.remaining() or 0.0)
    except (DNSException, OSError) as error:
        raise LookupFailed(str(error) or type(error).__name__) from error
    hosts = [(record.target.to_text(omit_final_dot=True), record.port) for record in records]
    rrset = records.rrset
    return SrvAnswer(hosts, 0.0 if rrset is None else float(rrset.ttl), txt)


def _ask(name: str, kind: str, lifetime: float) -> Answer:
    from dns import resolver

    return resolver.resolve(name, kind, lifetime=lifetime)


def _txt(name: str, lifetime: float) -> str | None:
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        records = list(_ask(name, "TXT", lifetime))
    except (NoAnswer, NXDOMAIN):
        return None
    if len(records) != 1:
        raise LookupFailed("Only one TXT record is supported")
    try:
        return b"".join(records[0].strings).decode()  # One record may come in several strings.
    except UnicodeDecodeError as error:
        raise LookupFailed(f"The TXT record of {name} is not text") from error
