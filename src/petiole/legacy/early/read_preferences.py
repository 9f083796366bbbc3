"""Read preferences as 2.x named them: numbers of modes, which clients of then take in the place of objects."""

from __future__ import annotations

from petiole import read_preferences as todays
from petiole.errors import ConfigurationError

__all__ = ["ReadPreference", "modes", "mongos_enum", "mongos_mode"]

_MODES = ("primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest")
modes = ("PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST")


class ReadPreference(todays.ReadPreference):
    """The read preferences; `SECONDARY_ONLY` is what 2.0 called `SECONDARY`."""

    SECONDARY_ONLY = todays.ReadPreference.SECONDARY


def mongos_mode(mode: int) -> str:
    """The name of a mode in connection strings."""
    return _MODES[mode]


def mongos_enum(enum: str) -> int:
    """The number of a mode by that name. Raises `ConfigurationError` if there is none."""
    if enum not in _MODES:
        raise ConfigurationError(f"{enum!r} is no mode of a read preference")
    return _MODES.index(enum)
