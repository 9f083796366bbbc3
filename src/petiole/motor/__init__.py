"""The client of Motor, on Tornado (`petiole.motor.MotorClient`) and on asyncio (`petiole.motor.motor_asyncio`).

Its methods return Futures at once. They are the operations of `petiole.asynchronous`, and run on the event loop
itself: there are no worker threads. Tornado is imported with the first name that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._version import __version__ as version

if TYPE_CHECKING:
    from petiole.motor.motor_tornado import (
        MotorChangeStream,
        MotorClient,
        MotorClientEncryption,
        MotorClientSession,
        MotorCollection,
        MotorCommandCursor,
        MotorCursor,
        MotorDatabase,
        MotorGridFSBucket,
        MotorGridIn,
        MotorGridOut,
        MotorGridOutCursor,
    )

__all__ = [
    "MotorChangeStream",
    "MotorClient",
    "MotorClientEncryption",
    "MotorClientSession",
    "MotorCollection",
    "MotorCommandCursor",
    "MotorCursor",
    "MotorDatabase",
    "MotorGridFSBucket",
    "MotorGridIn",
    "MotorGridOut",
    "MotorGridOutCursor",
    "get_version_string",
    "version",
    "version_tuple",
]

version_tuple = tuple(int(part) for part in version.split("."))


def get_version_string() -> str:
    """The version of petiole."""
    return version


def __getattr__(name: str) -> Any:
    if name in __all__:
        from petiole.motor import motor_tornado

        found = globals()[name] = getattr(motor_tornado, name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
