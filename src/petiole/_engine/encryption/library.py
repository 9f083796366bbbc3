"""libmongocrypt, by the low-level binding of pymongocrypt: loading it, its handles, and when they may be let go of.

Nothing imports this before encryption is asked for: the package is an extra, and takes long to load. Cryptography takes
microseconds, so it runs where it is called; what takes time is asked for by a context, and
`petiole._engine.encryption.machine` sees to it.
Follows: Client Side Encryption, "Integrating with libmongocrypt".
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn, TypeAlias

from pymongocrypt.mongocrypt import MongoCrypt, MongoCryptCallback, MongoCryptOptions

from petiole.bson import encode
from petiole.errors import InvalidOperation

Context: TypeAlias = Any
"""A context of libmongocrypt's, which pymongocrypt has no types for."""


class LibraryOptions(NamedTuple):
    """What a handle is made of; documents are encoded."""

    kms_providers: Any
    key_expiration_ms: Any = None
    schema_map: bytes | None = None
    encrypted_fields_map: bytes | None = None
    bypass_query_analysis: bool = False
    bypass_encryption: bool = True
    """Also for explicit encryption: then no crypt_shared library is looked for."""
    crypt_shared_lib_path: str | None = None
    crypt_shared_lib_required: bool = False

    def __repr__(self) -> str:
        return "LibraryOptions(<redacted>)"


class Library:
    """One handle of libmongocrypt's. Callable from any thread; it is let go of once no context uses it any more.

    Needs no lock, which a fork might leave held: a user says that it is there and then looks whether the handle is
    closed, `close` says so and then looks for users, so one of the two sees the other.
    """

    def __init__(self, options: LibraryOptions, owner: str) -> None:
        """:param owner: whom errors call closed.

        :raises ValueError, TypeError, MongoCryptError: if the options are of no use.
        """
        given = MongoCryptOptions(
            _checkable(options.kms_providers),
            schema_map=options.schema_map,
            encrypted_fields_map=options.encrypted_fields_map,
            bypass_query_analysis=options.bypass_query_analysis,
            crypt_shared_lib_path=options.crypt_shared_lib_path,
            crypt_shared_lib_required=options.crypt_shared_lib_required,
            bypass_encryption=options.bypass_encryption,
            key_expiration_ms=options.key_expiration_ms,
            enable_multiple_collinfo=True,
        )
        given.kms_providers = options.kms_providers
        self.kms_providers: Mapping[str, Any] = options.kms_providers
        self._owner = owner
        self._handle = MongoCrypt(given, _Encoder())
        self._kept = [self._handle]
        """Whoever takes it out lets go of it."""
        self._users: set[object] = set()
        self._closed = False

    @property
    def has_crypt_shared(self) -> bool:
        """Whether the crypt_shared library was found, so that nobody else has to analyse commands."""
        return self._handle.crypt_shared_lib_version is not None

    @contextmanager
    def context(self, make: Callable[[Any], Context]) -> Generator[Context, None, None]:
        """A context that `make` makes of the handle, for the block.

        :raises InvalidOperation: if the handle is closed.
        """
        user = object()
        self._users.add(user)
        try:
            self.check_open()
            with make(self._handle) as context:
                yield context
        finally:
            self._users.discard(user)
            self._let_go()

    def check_open(self) -> None:
        """Raise `InvalidOperation` if it is closed."""
        if self._closed:
            raise InvalidOperation(f"Cannot use closed {self._owner}")

    def close(self) -> None:
        """Make no more contexts. May be called again."""
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        if self._closed and not self._users:
            try:
                self._kept.pop().close()
            except IndexError:
                pass  # Somebody else has.


def _checkable(providers: Any) -> Any:
    """The providers, but those that have an access token: libmongocrypt takes it, pymongocrypt's check does not."""
    if not isinstance(providers, dict):
        return providers
    return {name: {} if _has_token(name, given) else given for name, given in providers.items()}


def _has_token(name: Any, given: Any) -> bool:
    return (
        str(name).partition(":")[0] in ("azure", "gcp") and isinstance(given, dict) and "accessToken" in given
    )


def _never_asked(*args: Any) -> NoReturn:
    raise AssertionError("pymongocrypt's own state machine is not used: it blocks")


_Encoder: Any = type(
    "_Encoder",
    (MongoCryptCallback,),
    dict.fromkeys(MongoCryptCallback.__abstractmethods__, _never_asked)
    | {"__doc__": "What a handle asks for when it is made.", "bson_encode": staticmethod(encode)},
)
