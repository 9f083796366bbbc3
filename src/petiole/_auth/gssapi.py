"""GSSAPI: Kerberos, by the module `kerberos` (pykerberos) or, on Windows, `winkerberos`.

Pure but for that module, whose every call may ask a key distribution centre and is therefore handed out as work.
Follows: Authentication, "GSSAPI"; RFC 4752, whose security layers the driver does not want: it has TLS.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from petiole._auth.conversation import CanonicalName, Step, Work, payload_of, sasl_continue, sasl_start
from petiole._auth.credentials import GSSAPIProperties
from petiole.errors import ConfigurationError, OperationFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._auth.conversation import Conversation
    from petiole._auth.credentials import MongoCredential

_MOST_ROUNDS = 10
"""Kerberos needs two or three."""


def converse(credential: MongoCredential, host: str) -> Conversation:
    """The conversation: agree on a context, then name the user, whom the server compares with the ticket's owner.

    :param host: of the server, as it is connected to.
    """
    kerberos = yield Work(_kerberos)
    service = yield from _service(credential, host, windows=kerberos.__name__ == "winkerberos")
    context = yield Work(partial(_begin, kerberos, service, credential))
    try:
        status = yield _call(kerberos, kerberos.authGSSClientStep, context, "")
        first = yield _call(kerberos, _response, kerberos, context)
        reply = yield sasl_start("GSSAPI", first)
        for _ in range(_MOST_ROUNDS):
            if status == kerberos.AUTH_GSS_COMPLETE:
                break
            status = yield _call(kerberos, kerberos.authGSSClientStep, context, _challenge(reply))
            answer = yield _call(kerberos, _response, kerberos, context)
            reply = yield sasl_continue(reply, answer)
        else:
            raise OperationFailure("Kerberos authentication failed to complete.")
        yield _call(kerberos, kerberos.authGSSClientUnwrap, context, _challenge(reply))
        user = partial(_name_user, kerberos, context, credential.username)
        reply = yield sasl_continue(reply, (yield _call(kerberos, user)))
        if not reply.get("done"):
            raise OperationFailure("SASL conversation failed to complete.")
    finally:
        kerberos.authGSSClientClean(context)


def _kerberos() -> Any:
    try:
        import winkerberos  # type: ignore[import-not-found, unused-ignore]

        return winkerberos
    except ImportError:
        pass
    try:
        import kerberos  # type: ignore[import-not-found, unused-ignore]

        return kerberos
    except ImportError:
        raise ConfigurationError(
            'The "kerberos" module must be installed to use GSSAPI authentication: '
            'pip install "petiole[gssapi]"'
        ) from None


def _service(credential: MongoCredential, host: str, *, windows: bool) -> Generator[Step, Any, str]:
    """The service's name as the module wants it (authentication specification, "Hostname Canonicalization")."""
    properties = credential.mechanism_properties
    assert isinstance(properties, GSSAPIProperties)
    name = properties.service_host or host
    mode = properties.canonicalize_host_name
    if mode not in (False, "none"):
        name = yield CanonicalName(name, mode != "forward")
    if properties.service_realm is None:
        return f"{properties.service_name}@{name}"
    # MIT's library would take a realm behind "service@host" for a part of the host's name.
    between = "@" if windows else "/"
    return f"{properties.service_name}{between}{name}@{properties.service_realm}"


def _begin(kerberos: Any, service: str, credential: MongoCredential) -> Any:
    by_password: dict[str, Any] = {}
    if credential.password is not None:
        user, _, realm = (credential.username or "").partition("@")
        by_password = {"user": user, "domain": realm or None, "password": credential.password}
    try:
        initiate = partial(kerberos.authGSSClientInit, service, gssflags=kerberos.GSS_C_MUTUAL_FLAG)
        status, context = _checked(kerberos, partial(initiate, **by_password))
    except TypeError:
        if not by_password:
            raise
        raise ConfigurationError(
            f"GSSAPI: the module {kerberos.__name__!r} takes no passwords: get a ticket by kinit, and give none"
        ) from None
    if status != kerberos.AUTH_GSS_COMPLETE:
        raise OperationFailure("Kerberos context failed to initialize.")
    return context


def _call(kerberos: Any, function: Callable[..., Any], *arguments: Any) -> Work:
    """The work of one of the module's functions; those that return a status tell by it whether they failed."""

    def run() -> Any:
        result = _checked(kerberos, partial(function, *arguments))
        if result == -1:
            raise OperationFailure(f"Kerberos: {getattr(function, '__name__', 'a step')} failed")
        return result

    return Work(run)


def _checked(kerberos: Any, function: Callable[[], Any]) -> Any:
    try:
        return function()
    except kerberos.KrbError as error:
        raise OperationFailure(f"Kerberos: {error}") from error


def _response(kerberos: Any, context: Any) -> bytes:
    return b64decode(kerberos.authGSSClientResponse(context) or "")


def _name_user(kerberos: Any, context: Any, user: str | None) -> bytes:
    kerberos.authGSSClientWrap(context, kerberos.authGSSClientResponse(context), user)
    return _response(kerberos, context)


def _challenge(reply: Any) -> str:
    return b64encode(payload_of(reply)).decode()
