"""What a library built on the driver adds to the handshake (specification: MongoDB Handshake)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Self


class _DriverInfo(NamedTuple):
    name: str
    version: str | None
    platform: str | None


class DriverInfo(_DriverInfo):
    """The name, version and platform of a library that wraps the driver.

    :raises TypeError: if a value is not a string.
    :raises ValueError: if a value holds ``|``, which separates the entries in the handshake.
    """

    def __new__(cls, name: str, version: str | None = None, platform: str | None = None) -> Self:
        self = super().__new__(cls, name, version, platform)
        for field, value in zip(self._fields, self, strict=True):
            if value is None:
                continue
            if not isinstance(value, str):
                raise TypeError(
                    f"Wrong type for DriverInfo {field} option, value must be an instance of str, "
                    f"not {type(value)}"
                )
            if "|" in value:
                raise ValueError(f"DriverInfo {field} must not contain the '|' delimiter")
        return self
