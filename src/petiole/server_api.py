"""The Stable API: which version of it a client declares with every command (specification: Versioned API)."""

from __future__ import annotations

from typing import Any


class ServerApiVersion:
    """The known versions of the Stable API."""

    V1 = "1"


class ServerApi:
    """The Stable API a client wants.

    :param version: a :class:`ServerApiVersion`.
    :param strict: whether the server refuses what is not in that version.
    :param deprecation_errors: whether the server refuses what is deprecated in that version.
    :raises ValueError: for an unknown version.
    """

    def __init__(
        self, version: str, strict: bool | None = None, deprecation_errors: bool | None = None
    ) -> None:
        if version != ServerApiVersion.V1:
            raise ValueError(f"Unknown ServerApi version: {version}")
        for name, value in (("strict", strict), ("deprecation_errors", deprecation_errors)):
            if value is not None and not isinstance(value, bool):
                raise TypeError(
                    f"Wrong type for ServerApi {name}, value must be an instance of bool, not {type(value)}"
                )
        self._version = version
        self._strict = strict
        self._deprecation_errors = deprecation_errors

    @property
    def version(self) -> str:
        """The declared version."""
        return self._version

    @property
    def strict(self) -> bool | None:
        """Whether the server refuses what is not in the version; None: its default."""
        return self._strict

    @property
    def deprecation_errors(self) -> bool | None:
        """Whether the server refuses what is deprecated in the version; None: its default."""
        return self._deprecation_errors

    def __repr__(self) -> str:
        return (
            f"ServerApi({self._version!r}, strict={self._strict!r}, "
            f"deprecation_errors={self._deprecation_errors!r})"
        )

    def _fields(self) -> dict[str, Any]:
        """The fields every command carries."""
        fields: dict[str, Any] = {"apiVersion": self._version}
        if self._strict is not None:
            fields["apiStrict"] = self._strict
        if self._deprecation_errors is not None:
            fields["apiDeprecationErrors"] = self._deprecation_errors
        return fields
