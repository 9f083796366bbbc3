"""What a read preference is to server selection, and what it does to a set of servers.

Owns: the attributes that selection reads of a read preference, and the order of the filters: mode, staleness,
tags. May not: validate what a user gave; `petiole.read_preferences` does, and this repeats only the rules
without which a result would be wrong.
Follows: Server Selection, "Read Preference" and "Algorithm for filtering by staleness" of Max Staleness.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from petiole._sdam import staleness
from petiole._sdam.selectors import (
    Selection,
    apply_tag_sets,
    readable_server_selector,
    secondary_server_selector,
    writable_server_selector,
)
from petiole.errors import ConfigurationError

PRIMARY_MODE: Final = 0
PRIMARY_PREFERRED_MODE: Final = 1
SECONDARY_MODE: Final = 2
SECONDARY_PREFERRED_MODE: Final = 3
NEAREST_MODE: Final = 4


class ReadPreferenceLike(Protocol):
    """What selection reads of a read preference."""

    @property
    def mode(self) -> int:
        """0 primary, 1 primaryPreferred, 2 secondary, 3 secondaryPreferred, 4 nearest."""
        ...

    @property
    def tag_sets(self) -> Sequence[Mapping[str, Any]]:
        """Tag sets in order of preference."""
        ...

    @property
    def max_staleness(self) -> int:
        """Seconds, or -1."""
        ...

    @property
    def min_wire_version(self) -> int:
        """What every server must speak for this preference to be understood."""
        ...


class Preference(NamedTuple):
    """The least that is a read preference: for callers inside the driver."""

    mode: int
    tag_sets: Sequence[Mapping[str, Any]] = ({},)
    max_staleness: int = -1
    min_wire_version: int = 0


PRIMARY: Final = Preference(PRIMARY_MODE)


def by_preference(preference: ReadPreferenceLike, selection: Selection) -> Selection:
    """The selected servers of a replica set that match the read preference."""
    mode = preference.mode
    if mode == PRIMARY_MODE:
        _check_plain_primary(preference)
        return writable_server_selector(selection)
    if mode == PRIMARY_PREFERRED_MODE:
        return writable_server_selector(selection) or _matching(
            preference, secondary_server_selector(selection)
        )
    if mode == NEAREST_MODE:
        return _matching(preference, readable_server_selector(selection))
    secondaries = _matching(preference, secondary_server_selector(selection))
    if mode == SECONDARY_PREFERRED_MODE:
        return secondaries or writable_server_selector(selection)
    return secondaries


def _check_plain_primary(preference: ReadPreferenceLike) -> None:
    """There is one primary: choosing among primaries by tags or staleness is a mistake."""
    if preference.max_staleness != -1:
        raise ConfigurationError("Read preference primary cannot be combined with maxStalenessSeconds")
    if any(preference.tag_sets or ()):
        raise ConfigurationError("Read preference primary cannot be combined with tags")


def _matching(preference: ReadPreferenceLike, selection: Selection) -> Selection:
    # Staleness first: a tag set that only stale servers match must give way to the next one.
    fresh = staleness.select(preference.max_staleness, selection)
    return apply_tag_sets(preference.tag_sets or ({},), fresh)
