"""What client, database and collection have in common: the options they hand down, as properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petiole._core.options import Options
    from petiole.bson.codec_options import CodecOptions
    from petiole.read_concern import ReadConcern
    from petiole.read_preferences import _ServerMode as ReadPreference
    from petiole.write_concern import WriteConcern


class Bound:
    """Has options. No `__slots__`: applications mix these classes with their own."""

    _options: Options

    @property
    def codec_options(self) -> CodecOptions[Any]:
        """Read only access to the CodecOptions of this instance."""
        return self._options.codec_options

    @property
    def write_concern(self) -> WriteConcern:
        """Read only access to the WriteConcern of this instance."""
        return self._options.write_concern

    @property
    def read_concern(self) -> ReadConcern:
        """Read only access to the ReadConcern of this instance."""
        return self._options.read_concern

    @property
    def read_preference(self) -> ReadPreference:
        """Read only access to the read preference of this instance."""
        return self._options.read_preference
