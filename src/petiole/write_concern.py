"""Write concern: what a write must reach before it counts as done (specification: Read and Write Concern)."""

from __future__ import annotations

from typing import Any

from petiole.errors import ConfigurationError


def validate_boolean(option: str, value: Any) -> bool:
    """`value` if it is a bool.

    :raises TypeError: otherwise.
    """
    if isinstance(value, bool):
        return value
    raise TypeError(f"{option} must be True or False, was: {option}={value}")


def _checked(w: int | str | None, wtimeout: int | None, j: bool | None, fsync: bool | None) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if wtimeout is not None:
        if not isinstance(wtimeout, int):
            raise TypeError(f"wtimeout must be an integer, not {type(wtimeout)}")
        if wtimeout < 0:
            raise ValueError("wtimeout cannot be less than 0")
        document["wtimeout"] = wtimeout
    if j is not None:
        document["j"] = validate_boolean("j", j)
    if fsync is not None:
        validate_boolean("fsync", fsync)
        if j and fsync:
            raise ConfigurationError("Can't set both j and fsync at the same time")
        document["fsync"] = fsync
    if j and w == 0:
        raise ConfigurationError("Cannot set w to 0 and j to True")
    if w is not None:
        if not isinstance(w, (int, str)):
            raise TypeError(f"w must be an integer or string, not {type(w)}")
        if isinstance(w, int) and w < 0:
            raise ValueError("w cannot be less than 0")
        document["w"] = w
    return document


class WriteConcern:
    """A write concern; nothing given means the server's default.

    :param w: how many members must have the write (0: unacknowledged), "majority", or a custom name.
    :param wtimeout: milliseconds after which waiting for `w` gives up (the write itself stays).
    :param j: wait for the journal.
    :param fsync: for old servers without a journal; excludes `j`.
    :raises ConfigurationError: for combinations that contradict each other.
    """

    __slots__ = ("_acknowledged", "_document", "_server_default")

    def __init__(
        self,
        w: int | str | None = None,
        wtimeout: int | None = None,
        j: bool | None = None,
        fsync: bool | None = None,
    ) -> None:
        self._document = _checked(w, wtimeout, j, fsync)
        self._acknowledged = w != 0
        self._server_default = not self._document

    @property
    def is_server_default(self) -> bool:
        """Whether nothing is set, so the server's own default applies."""
        return self._server_default

    @property
    def document(self) -> dict[str, Any]:
        """The document sent to the server: a new one each time."""
        return self._document.copy()

    @property
    def acknowledged(self) -> bool:
        """False if the server is asked not to answer (``w=0``)."""
        return self._acknowledged

    def __repr__(self) -> str:
        return "WriteConcern({})".format(
            ", ".join(f"{key}={value!r}" for key, value in self._document.items())
        )

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, WriteConcern):
            return self._document == other._document
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]


DEFAULT_WRITE_CONCERN = WriteConcern()
