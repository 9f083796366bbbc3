"""`hello` and its legacy form: the first message of a connection, and every heartbeat.

Pure (specifications: MongoDB Handshake; Server Discovery and Monitoring, "hello or legacy hello";
OP_COMPRESSED; Authentication, "Speculative Authentication"; Load Balancer Support). Owns the body and the
limits a reply sets; what a reply says about the deployment is read in `_sdam`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.base import Command, Limits
from petiole.bson.int64 import Int64

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HELLO = "hello"
LEGACY_HELLO = "isMaster"
BACKPRESSURE = "2"
"""The revision of the client backpressure specification that servers may count on."""


class Hello(Command):
    """A `hello` as OP_MSG; the legacy form's frame is the connection's matter."""

    name = HELLO
    reads = True
    sessions = False

    __slots__ = ()


def hello_body(
    *,
    legacy: bool = False,
    client: Mapping[str, Any] | None = None,
    compressors: Sequence[str] | None = None,
    load_balanced: bool = False,
    sasl_supported_mechs: str | None = None,
    speculative: Mapping[str, Any] | None = None,
    topology_version: Mapping[str, Any] | None = None,
    max_await_time_ms: int | None = None,
) -> dict[str, Any]:
    """The body of a handshake (with `client`) or of a heartbeat.

    :param legacy: speak `isMaster`; for servers that are not known to understand `hello`.
    :param compressors: the names offered; an empty list is sent too, None is not.
    :param sasl_supported_mechs: ``"database.user"`` whose mechanisms are asked for.
    :param speculative: the first message of an authentication, sent along.
    :param topology_version: with `max_await_time_ms` makes the server answer when something changes.
    """
    body: dict[str, Any] = {LEGACY_HELLO if legacy else HELLO: 1}
    if legacy:
        body["helloOk"] = True
    if topology_version is not None:
        body["topologyVersion"] = topology_version
        body["maxAwaitTimeMS"] = Int64(max_await_time_ms or 0)
    if client is not None:
        body["client"] = client
        body["backpressure"] = BACKPRESSURE
    if compressors is not None:
        body["compression"] = list(compressors)
    if load_balanced:
        body["loadBalanced"] = True
    if sasl_supported_mechs is not None:
        body["saslSupportedMechs"] = sasl_supported_mechs
    if speculative is not None:
        body["speculativeAuthenticate"] = speculative
    return body


def limits(reply: Mapping[str, Any]) -> Limits:
    """What the connection accepts; what the reply leaves out, or cannot mean, has the specification's default."""
    default = Limits()
    return Limits(
        _size(reply.get("maxBsonObjectSize"), default.max_bson_size),
        _size(reply.get("maxMessageSizeBytes"), default.max_message_size),
        _size(reply.get("maxWriteBatchSize"), default.max_write_batch_size),
        _size(reply.get("maxWireVersion"), default.max_wire_version),
    )


def _size(claimed: Any, default: int) -> int:
    """A size, or a version, as messages can have it: they count in positive int32s."""
    sensible = isinstance(claimed, (int, float)) and 1 <= claimed < 1 << 31
    return int(claimed) if sensible else default


def chosen_compressor(offered: Sequence[str], reply: Mapping[str, Any]) -> str | None:
    """The first compressor of ours that the server takes, if any (OP_COMPRESSED, "Client Implementation")."""
    accepted = reply.get("compression") or ()
    return next((name for name in offered if name in accepted), None)


def supported_mechanisms(reply: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The user's SASL mechanisms; None where the server did not say."""
    found = reply.get("saslSupportedMechs")
    return None if found is None else tuple(found)
