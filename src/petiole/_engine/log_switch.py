"""Tells clients of loggers that are enabled after the client was made, at no cost for operations.

Every logger keeps the answers of `isEnabledFor`, and `logging` empties what all loggers keep when any level changes
(`setLevel`, `basicConfig`, `disable`). So the loggers of petiole are given a place to keep them that says when it is
emptied. That place has no public name: where it is missing, clients ask once, when they are made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

if TYPE_CHECKING:
    from logging import Logger

COMPONENTS = ("command", "connection", "serverSelection", "topology")


class _Heeds(Protocol):
    def heed(self, component: str) -> None:
        """Look whether that component's logger is enabled by now."""


_heeding: dict[ref[_Heeds], None] = {}
_watched: set[str] = set()
_root = "petiole"


class _Answers(dict[Any, Any]):
    """What a logger keeps. Emptying it takes place under the lock of `logging`: nobody here may wait for another."""

    component: str

    def clear(self) -> None:
        super().clear()
        _tell(self.component)


def logger_of(component: str) -> Logger | None:
    """A component's logger; None while nobody has imported `logging`, which is not done for this."""
    logging = sys.modules.get("logging")
    return None if logging is None else logging.getLogger(name_of(component))


def name_of(component: str) -> str:
    """The name of a component's logger."""
    return f"{_root}.{component}"


def rename(root: str) -> None:
    """Log as `root.command` and so on from now on: `petiole`, or what programs know it as."""
    global _root
    _root = root
    _watched.clear()
    watch()
    for component in COMPONENTS:
        _tell(component)


def register(heeding: _Heeds) -> None:
    """Call `heed` whenever a component's logger may have been enabled, for as long as the object lives."""
    _heeding[ref(heeding, _forget)] = None
    watch()


def watch() -> None:
    """Watch the loggers from now on, if there are any yet. May be called again."""
    for component in COMPONENTS:
        logger = None if component in _watched else logger_of(component)
        if logger is not None and isinstance(getattr(logger, "_cache", None), dict):
            answers = _Answers()
            answers.component = component
            logger._cache = answers  # type: ignore[attr-defined]
            _watched.add(component)
            _tell(component)


def _tell(component: str) -> None:
    for known in tuple(_heeding):
        heeding = known()
        if heeding is not None:
            heeding.heed(component)


def _forget(known: ref[_Heeds]) -> None:
    _heeding.pop(known, None)
