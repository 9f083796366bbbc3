"""Read preferences: which servers a read may go to (specification: Server Selection).

This module owns the values and their validation. Which servers of a deployment suit a preference is decided by
the selection functions in ``_sdam``; calling a preference asks the selection to do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from petiole.errors import ConfigurationError

_PRIMARY = 0
_PRIMARY_PREFERRED = 1
_SECONDARY = 2
_SECONDARY_PREFERRED = 3
_NEAREST = 4

_MONGOS_MODES = ("primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest")

_Hedge = Mapping[str, Any]
_TagSets = Sequence[Mapping[str, Any]]

# The first wire version that knows maxStalenessSeconds (MongoDB 3.4).
_MAX_STALENESS_WIRE_VERSION = 5


def _validate_tag_sets(tag_sets: _TagSets | None) -> _TagSets | None:
    if tag_sets is None:
        return None
    if not isinstance(tag_sets, (list, tuple)):
        raise TypeError(f"Tag sets {tag_sets!r} invalid, must be a sequence")
    if not tag_sets:
        raise ValueError(f"Tag sets {tag_sets!r} invalid, must be None or contain at least one set of tags")
    for tags in tag_sets:
        if not isinstance(tags, Mapping):
            raise TypeError(
                f"Tag set {tags!r} invalid, must be an instance of dict, bson.son.SON or other type that "
                "inherits from collection.Mapping"
            )
    return list(tag_sets)


def _validate_max_staleness(max_staleness: Any) -> int:
    if max_staleness == -1:
        return -1
    message = f"maxStalenessSeconds must be a positive integer, not {max_staleness}"
    if not isinstance(max_staleness, int):
        raise TypeError(message)
    if max_staleness <= 0:
        raise ValueError(message)
    return max_staleness


def _validate_hedge(hedge: _Hedge | None) -> _Hedge | None:
    if hedge is None:
        return None
    if not isinstance(hedge, dict):
        raise TypeError(f"hedge must be a dictionary, not {hedge!r}")
    import warnings

    warnings.warn(
        "The read preference 'hedge' option is deprecated because hedged reads are deprecated in "
        "MongoDB version 8.0+. Support for 'hedge' will be removed together with PyMongo 5.0's.",
        DeprecationWarning,
        stacklevel=4,
    )
    return hedge


class _ServerMode:
    """Base class of all read preferences: a mode with tag sets, a bound on staleness, and hedging."""

    __slots__ = ("_hedge", "_max_staleness", "_mode", "_mongos_mode", "_tag_sets")

    def __init__(
        self,
        mode: int,
        tag_sets: _TagSets | None = None,
        max_staleness: int = -1,
        hedge: _Hedge | None = None,
    ) -> None:
        self._mongos_mode = _MONGOS_MODES[mode]
        self._mode = mode
        self._tag_sets = _validate_tag_sets(tag_sets)
        self._max_staleness = _validate_max_staleness(max_staleness)
        self._hedge = _validate_hedge(hedge)

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.__class__.__name__

    @property
    def mongos_mode(self) -> str:
        """The mode as the server and the connection string name it."""
        return self._mongos_mode

    @property
    def document(self) -> dict[str, Any]:
        """The ``$readPreference`` document: a new one each time."""
        document: dict[str, Any] = {"mode": self._mongos_mode}
        if self._tag_sets not in (None, [{}]):
            document["tags"] = self._tag_sets
        if self._max_staleness != -1:
            document["maxStalenessSeconds"] = self._max_staleness
        if self._hedge not in (None, {}):
            document["hedge"] = self._hedge
        return document

    @property
    def mode(self) -> int:
        """The mode as an integer."""
        return self._mode

    @property
    def tag_sets(self) -> _TagSets:
        """The tag sets in order of preference; ``[{}]`` means any member."""
        return list(self._tag_sets) if self._tag_sets else [{}]

    @property
    def max_staleness(self) -> int:
        """The estimated lag in seconds beyond which a secondary is not read from; -1: no bound."""
        return self._max_staleness

    @property
    def hedge(self) -> _Hedge | None:
        """Options of hedged reads on sharded clusters (deprecated by the server)."""
        return self._hedge

    @property
    def min_wire_version(self) -> int:
        """The wire version a server needs for this preference."""
        return _MAX_STALENESS_WIRE_VERSION if self._max_staleness != -1 else 0

    def __call__(self, selection: Any) -> Any:
        """The servers of `selection` that suit this preference."""
        return selection.by_preference(self)

    def __repr__(self) -> str:
        return (
            f"{self.name}(tag_sets={self._tag_sets!r}, max_staleness={self._max_staleness!r}, "
            f"hedge={self._hedge!r})"
        )

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, _ServerMode):
            return (
                self._mode == other._mode
                and self.tag_sets == other.tag_sets
                and self._max_staleness == other._max_staleness
                and self._hedge == other._hedge
            )
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        # Not the slots as they are: the state stays readable for other versions, and by PyMongo's classes.
        return {
            "mode": self._mode,
            "tag_sets": self._tag_sets,
            "max_staleness": self._max_staleness,
            "hedge": self._hedge,
        }

    def __setstate__(self, value: Mapping[str, Any]) -> None:
        self._mode = value["mode"]
        self._mongos_mode = _MONGOS_MODES[self._mode]
        self._tag_sets = _validate_tag_sets(value["tag_sets"])
        self._max_staleness = _validate_max_staleness(value["max_staleness"])
        self._hedge = value["hedge"]


class Primary(_ServerMode):
    """Read from the primary of a replica set, from a standalone, or by way of a mongos from primaries."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_PRIMARY)

    def __repr__(self) -> str:
        return "Primary()"

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, _ServerMode):
            return other._mode == _PRIMARY
        return NotImplemented

    __hash__ = None


class PrimaryPreferred(_ServerMode):
    """Read from the primary if there is one, else from a secondary.

    :param tag_sets: which secondaries, in order of preference.
    :param max_staleness: seconds a secondary may lag; at least 90, -1 for no bound.
    :param hedge: deprecated by the server.
    """

    __slots__ = ()

    def __init__(
        self, tag_sets: _TagSets | None = None, max_staleness: int = -1, hedge: _Hedge | None = None
    ) -> None:
        super().__init__(_PRIMARY_PREFERRED, tag_sets, max_staleness, hedge)


class Secondary(_ServerMode):
    """Read from a secondary; parameters as for :class:`PrimaryPreferred`."""

    __slots__ = ()

    def __init__(
        self, tag_sets: _TagSets | None = None, max_staleness: int = -1, hedge: _Hedge | None = None
    ) -> None:
        super().__init__(_SECONDARY, tag_sets, max_staleness, hedge)


class SecondaryPreferred(_ServerMode):
    """Read from a secondary if one suits, else from the primary; parameters as :class:`PrimaryPreferred`."""

    __slots__ = ()

    def __init__(
        self, tag_sets: _TagSets | None = None, max_staleness: int = -1, hedge: _Hedge | None = None
    ) -> None:
        super().__init__(_SECONDARY_PREFERRED, tag_sets, max_staleness, hedge)


class Nearest(_ServerMode):
    """Read from any member within the latency window; parameters as for :class:`PrimaryPreferred`."""

    __slots__ = ()

    def __init__(
        self, tag_sets: _TagSets | None = None, max_staleness: int = -1, hedge: _Hedge | None = None
    ) -> None:
        super().__init__(_NEAREST, tag_sets, max_staleness, hedge)


_ALL_READ_PREFERENCES = (Primary, PrimaryPreferred, Secondary, SecondaryPreferred, Nearest)
_NOT_PRIMARY = (PrimaryPreferred, Secondary, SecondaryPreferred, Nearest)


def make_read_preference(mode: int, tag_sets: _TagSets | None, max_staleness: int = -1) -> _ServerMode:
    """The read preference for a mode's number.

    :raises ConfigurationError: if primary is combined with tags or a bound on staleness.
    """
    if mode == _PRIMARY:
        if tag_sets not in (None, [{}]):
            raise ConfigurationError("Read preference primary cannot be combined with tags")
        if max_staleness != -1:
            raise ConfigurationError("Read preference primary cannot be combined with maxStalenessSeconds")
        return Primary()
    return _NOT_PRIMARY[mode - 1](tag_sets, max_staleness)


_MODES = ("PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST")


class ReadPreference:
    """The five read preferences without tags and without a bound on staleness."""

    PRIMARY = Primary()
    PRIMARY_PREFERRED = PrimaryPreferred()
    SECONDARY = Secondary()
    SECONDARY_PREFERRED = SecondaryPreferred()
    NEAREST = Nearest()


def read_pref_mode_from_name(name: str) -> int:
    """The number of a mode named as in a connection string.

    :raises ValueError: if there is no such mode.
    """
    return _MONGOS_MODES.index(name)


class MovingAverage:
    """An exponentially weighted moving average of round trip times (Server Selection, "Round Trip Times")."""

    average: float | None

    def __init__(self) -> None:
        self.average = None

    def add_sample(self, sample: float) -> None:
        """Take one measurement in.

        :raises ValueError: if it is negative.
        """
        if sample < 0:
            raise ValueError(f"duration cannot be negative {sample}")
        self.average = sample if self.average is None else 0.8 * self.average + 0.2 * sample

    def get(self) -> float | None:
        """The average in seconds, or None without a sample."""
        return self.average

    def reset(self) -> None:
        """Forget all samples."""
        self.average = None
