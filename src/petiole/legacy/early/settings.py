"""What clients, databases and collections of 1.x and 2.x could be told at any time: safety and read preference.

Owns the attributes and what a write's `safe` and its options come to. What is set on a client holds for the databases
that are made from then on, and so on down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from petiole._core.bound import Bound
from petiole.bson.binary import ALL_UUID_REPRESENTATIONS
from petiole.errors import ConfigurationError
from petiole.legacy.deprecation import deprecated
from petiole.legacy.early.options import as_preference
from petiole.read_preferences import ReadPreference
from petiole.write_concern import WriteConcern, validate_boolean

if TYPE_CHECKING:
    from petiole.read_preferences import _ServerMode

_OPTIONS = ("w", "wtimeout", "j", "fsync")
_LAST_ERROR = "Use write_concern instead."


class Settings(Bound):
    """Beside the other bases of clients, databases and collections."""

    _safe: bool = False

    # Writes.

    @property
    def safe(self) -> bool:
        """Whether writes are acknowledged that do not say it themselves. It can be set."""
        return self._safe

    @safe.setter
    def safe(self, value: bool) -> None:
        deprecated("safe is deprecated. Use write_concern instead.")
        self._safe = validate_boolean("safe", value)

    @property
    def write_concern(self) -> WriteConcern:
        """What acknowledged writes wait for. Set to a dict, it makes writes acknowledged, or with `w` 0 not."""
        return self._options.write_concern

    @write_concern.setter
    def write_concern(self, value: Mapping[str, Any] | WriteConcern) -> None:
        document = value.document if isinstance(value, WriteConcern) else value
        if not isinstance(document, Mapping):
            raise ConfigurationError("write_concern must be an instance of dict")
        self._replace_concern(WriteConcern(**document))

    def get_lasterror_options(self) -> dict[str, Any]:
        """The options of acknowledged writes: `w`, `wtimeout`, `j`, `fsync`."""
        deprecated(f"get_lasterror_options is deprecated. {_LAST_ERROR}")
        return self._options.write_concern.document

    def set_lasterror_options(self, **kwargs: Any) -> None:
        """Set options of acknowledged writes; others keep their values."""
        deprecated(f"set_lasterror_options is deprecated. {_LAST_ERROR}")
        _check_names(kwargs)
        self._replace_concern(WriteConcern(**{**self._options.write_concern.document, **kwargs}))

    def unset_lasterror_options(self, *options: str) -> None:
        """Remove options of acknowledged writes; all for none given."""
        deprecated(f"unset_lasterror_options is deprecated. {_LAST_ERROR}")
        document = self._options.write_concern.document
        kept = {name: value for name, value in document.items() if options and name not in options}
        self._options = self._options.replaced(None, None, WriteConcern(**kept), None)

    def _replace_concern(self, concern: WriteConcern) -> None:
        self._safe = concern.acknowledged
        kept = concern if concern.acknowledged else WriteConcern()
        self._options = self._options.replaced(None, None, kept, None)

    def _concern_of(self, safe: bool | None, given: Mapping[str, Any]) -> WriteConcern:
        """The write concern of one write. Options mean that it is acknowledged, unless `safe` or `w` says no."""
        _check_names(given)
        if given.get("w") == 0 or safe is False:
            return WriteConcern(w=0)
        if not (safe or given or self._safe):
            return WriteConcern(w=0)
        return WriteConcern(**{**self._options.write_concern.document, **given})

    def _given_concern(self, concern: Any) -> tuple[WriteConcern | None, bool]:
        """What an object is made with for `write_concern`: the concern to keep, and whether writes are acknowledged."""
        if concern is None:
            return None, self._safe
        made = concern if isinstance(concern, WriteConcern) else WriteConcern(**concern)
        return (made, True) if made.acknowledged else (WriteConcern(), False)

    # Reads.

    @property
    def slave_okay(self) -> bool:
        """Whether queries may go to a secondary. It can be set; then they prefer one."""
        return self._options.read_preference.mode != 0

    @slave_okay.setter
    def slave_okay(self, value: bool) -> None:
        deprecated("slave_okay is deprecated. Use read_preference instead.")
        validate_boolean("slave_okay", value)
        self.read_preference = ReadPreference.SECONDARY_PREFERRED if value else ReadPreference.PRIMARY

    @property
    def read_preference(self) -> _ServerMode:
        """Which members of a replica set are read from. It can be set, also to a number of 2.x."""
        return self._options.read_preference

    @read_preference.setter
    def read_preference(self, value: Any) -> None:
        self._options = self._options.replaced(None, as_preference(value), None, None)

    @property
    def tag_sets(self) -> Any:
        """The tags of members that may be read from, in the order of preference. It can be set."""
        return self._options.read_preference.tag_sets

    @tag_sets.setter
    def tag_sets(self, value: Any) -> None:
        preference = as_preference(self._options.read_preference.mode, value)
        self._options = self._options.replaced(None, preference, None, None)

    @property
    def secondary_acceptable_latency_ms(self) -> float:
        """Milliseconds that a member may be farther away than the nearest one, to be read from."""
        latency: float = self._executor.topology.description.settings.local_threshold_ms  # type: ignore[attr-defined]
        return latency

    # Values.

    @property
    def uuid_subtype(self) -> int:
        """How UUIDs are stored: one of `petiole.bson.binary`'s subtypes and representations. It can be set."""
        return self._options.codec_options.uuid_representation

    @uuid_subtype.setter
    def uuid_subtype(self, value: int) -> None:
        if value not in ALL_UUID_REPRESENTATIONS:
            raise ConfigurationError(f"{value!r} is not a valid UUID subtype")
        options = self._options.codec_options.with_options(uuid_representation=value)
        self._options = self._options.replaced(options, None, None, None)


class ClientSettings(Settings):
    """Beside the other bases of clients: what documents and dates become, for databases that are made from then on."""

    @property
    def document_class(self) -> type[Any]:
        """What documents are decoded into. It can be set, for databases that are made from then on."""
        return self._options.codec_options.document_class

    @document_class.setter
    def document_class(self, value: type[Any]) -> None:
        options = self._options.codec_options.with_options(document_class=value)
        self._options = self._options.replaced(options, None, None, None)

    def get_document_class(self) -> type[Any]:
        """The same as `document_class`."""
        return self.document_class

    def set_document_class(self, klass: type[Any]) -> None:
        """Set `document_class`."""
        self.document_class = klass

    @property
    def tz_aware(self) -> bool:
        """Whether datetimes know their time zone."""
        return self._options.codec_options.tz_aware


def _check_names(given: Mapping[str, Any]) -> None:
    unknown = sorted(name for name in given if name not in _OPTIONS)
    if unknown:
        raise ConfigurationError(
            f"{', '.join(unknown)}: no option of a write; there are {', '.join(_OPTIONS)}"
        )
