"""What an authentication conversation is made of, whatever the mechanism.

Pure. A conversation is a generator: it yields commands to send (as their bodies) and receives the replies,
which are `ok`: for an error reply, the error is thrown in. What else it needs from outside it
yields as well, as one of the requests below, and receives the result. It ends when the server has accepted the user,
and raises `OperationFailure` or `ConfigurationError` when something is not to be believed or not to be had.

Follows: Authentication, "Authentication Handshake", and RFC 4422 (SASL).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from petiole.errors import OperationFailure

if TYPE_CHECKING:
    from petiole._auth.oidc_callback import OIDCCallbackContext
    from petiole._auth.token_cache import TokenCache

Body: TypeAlias = dict[str, Any]


class Work(NamedTuple):
    """A computation of milliseconds or more, to be done where it stops nobody else."""

    run: Callable[[], Any]


class Fetch(NamedTuple):
    """An HTTP request; its answer is a status and a body. `OSError` is thrown in where there is no answer."""

    method: str
    url: str
    headers: Mapping[str, str]


class Read(NamedTuple):
    """The text of a file. `OSError` is thrown in where it cannot be read."""

    path: str


class CanonicalName(NamedTuple):
    """The canonical name of a host, in small letters; the host itself where it cannot be found.

    `reverse`: that of its address is wanted, if it has one.
    """

    host: str
    reverse: bool


class Look(NamedTuple):
    """The process's surroundings; the answer is `Surroundings`."""


class Surroundings(NamedTuple):
    """Environment variables, and what time it is in UTC."""

    environ: Mapping[str, str]
    now: datetime


class TokenNeeded(NamedTuple):
    """An access token: by an application's callback, or else by a generator of these requests.

    Providers are asked one at a time. The answer is a token, which the cache then holds as well.
    """

    cache: TokenCache
    fetch: Callable[[OIDCCallbackContext], Any] | None
    context: OIDCCallbackContext
    source: Generator[Step, Any, Any] | None


Step: TypeAlias = "Body | Work | Fetch | Read | CanonicalName | Look | TokenNeeded"
Conversation: TypeAlias = Generator[Step, Any, None]


def sasl_start(mechanism: str, payload: bytes, *, options: Mapping[str, Any] | None = None) -> Body:
    """The first command of a SASL conversation."""
    body: Body = {"saslStart": 1, "mechanism": mechanism, "payload": payload, "autoAuthorize": 1}
    if options is not None:
        body["options"] = dict(options)
    return body


def sasl_continue(reply: Mapping[str, Any], payload: bytes) -> Body:
    """The command that answers `reply`."""
    return {"saslContinue": 1, "conversationId": reply.get("conversationId"), "payload": payload}


def payload_of(reply: Mapping[str, Any]) -> bytes:
    """What the server said in a SASL reply."""
    payload = reply.get("payload", b"")
    if isinstance(payload, str):
        return payload.encode()
    if not isinstance(payload, bytes):
        raise OperationFailure("SASL conversation failed: the server's payload is not binary.")
    return payload
