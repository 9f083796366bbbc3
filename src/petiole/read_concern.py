"""Read concern: which data a read may return (specification: Read and Write Concern)."""

from __future__ import annotations

from typing import Any


class ReadConcern:
    """A read concern; no level means the server's default.

    :param level: "local", "available", "majority", "linearizable", "snapshot", or any level the server knows.
    :raises TypeError: if `level` is neither a string nor None.
    """

    def __init__(self, level: str | None = None) -> None:
        if level is not None and not isinstance(level, str):
            raise TypeError(f"level must be a string or None, not {type(level)}")
        self._level = level

    @property
    def level(self) -> str | None:
        """The level, or None for the server's default."""
        return self._level

    @property
    def ok_for_legacy(self) -> bool:
        """Whether a server older than read concerns would give the same."""
        return self._level is None or self._level == "local"

    @property
    def document(self) -> dict[str, Any]:
        """The document sent to the server: a new one each time."""
        return {"level": self._level} if self._level else {}

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, ReadConcern):
            return self.document == other.document
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ReadConcern({self._level})" if self._level else "ReadConcern()"


DEFAULT_READ_CONCERN = ReadConcern()
