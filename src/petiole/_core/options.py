"""The four options that client, database and collection hand down, and what is compiled from them.

One object is shared by everything that inherits it unchanged, so `client.db.coll` makes no new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._commands.elements import elements
from petiole.bson.codec_options import CodecOptions
from petiole.read_concern import ReadConcern
from petiole.read_preferences import _ServerMode
from petiole.write_concern import WriteConcern

if TYPE_CHECKING:
    from petiole._native import Codec


class Options:
    """Immutable. `codec`, and the concerns as encoded elements, are made on first use."""

    __slots__ = (
        "_codec",
        "_read",
        "_reply_codec",
        "_write",
        "codec_options",
        "read_concern",
        "read_preference",
        "write_concern",
    )

    def __init__(
        self,
        codec_options: CodecOptions[Any],
        read_preference: _ServerMode,
        write_concern: WriteConcern,
        read_concern: ReadConcern,
    ) -> None:
        self.codec_options = codec_options
        self.read_preference = read_preference
        self.write_concern = write_concern
        self.read_concern = read_concern
        self._codec: Codec | None = None
        self._reply_codec: Codec | None = None
        self._read: bytes | None = None
        self._write: bytes | None = None

    def replaced(
        self,
        codec_options: CodecOptions[Any] | None,
        read_preference: _ServerMode | None,
        write_concern: WriteConcern | None,
        read_concern: ReadConcern | None,
    ) -> Options:
        """These options with some replaced; this object itself when none are.

        :raises TypeError: if one of them is of another class.
        """
        if (
            codec_options is None
            and read_preference is None
            and write_concern is None
            and read_concern is None
        ):
            return self
        check_options(codec_options, read_preference, write_concern, read_concern)
        return Options(
            codec_options or self.codec_options,
            read_preference or self.read_preference,
            write_concern or self.write_concern,
            read_concern or self.read_concern,
        )

    @property
    def codec(self) -> Codec:
        """The compiled codec options."""
        codec = self._codec
        if codec is None:
            codec = self._codec = self.codec_options._codec
        return codec

    @property
    def reply_codec(self) -> Codec:
        """As `codec`, but for whole replies, which are plain dicts whatever documents are to become."""
        codec = self._reply_codec
        if codec is None:
            options = self.codec_options
            if options.document_class is not dict:
                options = options.with_options(document_class=dict)
            codec = self._reply_codec = options._codec
        return codec

    @property
    def read(self) -> bytes:
        """The `readConcern` element, empty for the server's default."""
        fragment = self._read
        if fragment is None:
            document = self.read_concern.document
            fragment = self._read = elements(self.codec, {"readConcern": document}) if document else b""
        return fragment

    @property
    def write(self) -> bytes:
        """The `writeConcern` element, empty for the server's default."""
        fragment = self._write
        if fragment is None:
            concern = self.write_concern
            document = {} if concern.is_server_default else {"writeConcern": concern.document}
            fragment = self._write = elements(self.codec, document)
        return fragment


def check_options(
    codec_options: Any, read_preference: Any, write_concern: Any = None, read_concern: Any = None
) -> None:
    """Raise `TypeError` for an option that is not of its kind; None is none given."""
    if codec_options is not None and not isinstance(codec_options, CodecOptions):
        raise TypeError("codec_options must be an instance of bson.codec_options.CodecOptions")
    if read_preference is not None and not isinstance(read_preference, _ServerMode):
        raise TypeError(
            f"{read_preference!r} is not valid for read_preference. "
            "See petiole.read_preferences for valid options."
        )
    for name, value, kind in (
        ("write_concern", write_concern, WriteConcern),
        ("read_concern", read_concern, ReadConcern),
    ):
        if value is not None and not isinstance(value, kind):
            raise TypeError(
                f"{name} must be an instance of petiole.{name}.{kind.__name__}, not {type(value)}"
            )
