"""The native module: codec, messages and replies, the coroutine driver."""

from collections.abc import Coroutine, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

from typing_extensions import Buffer as ReadableBuffer

from petiole.bson.codec_options import CodecOptions

_T = TypeVar("_T")

class Codec:
    """`CodecOptions`, compiled: encodes and decodes by them."""

    def __init__(self, codec_options: CodecOptions[Any], /) -> None: ...
    def encode(self, document: Mapping[str, Any], check_keys: bool = False, /) -> bytes:
        """A document's BSON; `_id` first. Raises `InvalidDocument`, `InvalidStringData`, `OverflowError`."""
    def decode(self, data: ReadableBuffer, /) -> Any:
        """One document of the options' class. Raises `InvalidBSON`."""
    def decode_all(self, data: ReadableBuffer, /) -> list[Any]:
        """Documents one after the other."""
    def inflate(self, data: ReadableBuffer, /) -> dict[str, Any]:
        """One document as a dict, whose embedded documents are of the options' class."""
    @property
    def options(self) -> CodecOptions[Any]:
        """The options that it was made of."""

class ObjectId:
    """A MongoDB ObjectId: see `petiole.bson.objectid`."""

    _type_marker: int
    def __init__(self, oid: str | ObjectId | bytes | None = None) -> None: ...
    @classmethod
    def from_datetime(cls, generation_time: datetime) -> Self: ...
    @classmethod
    def is_valid(cls, oid: Any) -> bool: ...
    @property
    def binary(self) -> bytes: ...
    @property
    def generation_time(self) -> datetime: ...
    def __getstate__(self) -> bytes: ...
    def __setstate__(self, value: bytes | str | dict[str, Any], /) -> None: ...
    def __lt__(self, other: object) -> bool: ...
    def __le__(self, other: object) -> bool: ...
    def __gt__(self, other: object) -> bool: ...
    def __ge__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

class Timestamp:
    """A BSON timestamp: see `petiole.bson.timestamp`."""

    _type_marker: int
    def __init__(self, time: int | datetime, inc: int) -> None: ...
    @property
    def time(self) -> int: ...
    @property
    def inc(self) -> int: ...
    def as_datetime(self) -> datetime: ...
    def __getstate__(self) -> dict[str, int]: ...
    def __setstate__(self, state: dict[str, int], /) -> None: ...
    def __lt__(self, other: object) -> bool: ...
    def __le__(self, other: object) -> bool: ...
    def __gt__(self, other: object) -> bool: ...
    def __ge__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def begins_with_operator(document: object, /) -> bool | None:
    """Whether a dict's first key begins with `$`; None for anything but a dict whose first key is a str."""

def run(coroutine: Coroutine[Any, Any, _T], /) -> _T:
    """Run a coroutine that never suspends to its end; `RuntimeError` (and it is closed) if it suspends."""

def op_msg(
    codec: Codec, flags: int, body: MutableMapping[str, Any], database: str, fragments: bytes, /
) -> bytes:
    """An OP_MSG of one body: `body`'s elements, `$db`, then `fragments` (elements encoded already)."""

def op_msg_batch(
    codec: Codec,
    flags: int,
    body: MutableMapping[str, Any],
    database: str,
    fragments: bytes,
    identifier: str,
    documents: Sequence[Any],
    start: int,
    ids: list[Any] | None,
    max_count: int,
    max_message_size: int,
    max_bson_size: int,
    /,
) -> tuple[bytes, int]:
    """An OP_MSG with a document sequence of `documents[start:end]`, and that `end`.

    With `ids`, a document without an `_id` gets an ObjectId, and every `_id` is appended to `ids`.
    Raises `DocumentTooLarge` when a document exceeds `max_bson_size` bytes.
    """

def compress(compressor: str, level: int, message: bytes, /) -> bytes:
    """A message put into an OP_COMPRESSED one, by "snappy", "zlib" (with that level) or "zstd"."""

def op_msg_parts(message: bytes, /) -> tuple[int, bytes, list[tuple[str, bytes]]]:
    """Request id, body and document sequences of a message: what listeners are shown."""

def parse_reply(message: bytes | bytearray | memoryview, request: bytes | None = None, /) -> Reply:
    """Read one reply. Raises `ProtocolError` when it is not a well-formed OP_MSG (or OP_REPLY), or not to `request`."""

def message_memory(length: int, /) -> memoryview:
    """Writable memory for a message to receive, used again once nobody holds it; until written, it holds anything."""

class Reply:
    """A parsed reply; documents in it are decoded when asked for."""

    @property
    def clean(self) -> bool:
        """`ok` is 1 and there are neither write errors, nor a write concern error, nor labels."""
    @property
    def ok(self) -> bool: ...
    @property
    def more_to_come(self) -> bool:
        """The server sends another reply unasked (exhaust)."""
    @property
    def response_to(self) -> int: ...
    @property
    def cluster_time(self) -> tuple[int, bytes] | None:
        """The cluster time as an integer to compare, and the whole `$clusterTime` element to send back."""
    @property
    def operation_time(self) -> int | None:
        """`operationTime` as an integer: seconds in the upper 32 bits."""
    @property
    def snapshot_time(self) -> int | None:
        """`atClusterTime` as an integer: the time a snapshot read was made at."""
    @property
    def n(self) -> int:
        """The field `n`, 0 when there is none."""
    @property
    def raw(self) -> bytes:
        """The body's bytes."""
    def get(self, name: str, codec: Codec, /) -> Any:
        """One top-level value, decoded; None when there is none."""
    def cursor_value(self, name: str, codec: Codec, /) -> Any:
        """One value beside the batch of a cursor reply, decoded; None when there is none."""
    def document(self, codec: Codec, /) -> Any:
        """The whole body, decoded."""
    def cursor(self, codec: Codec, /) -> tuple[int, str, Batch]:
        """Cursor id (0 when exhausted), namespace and the batch of a cursor reply."""
    def first(self, codec: Codec, /) -> Any:
        """The first document of a cursor reply's batch, or None."""

class Batch:
    """The documents of one cursor reply, decoded one by one as they are iterated."""

    def __iter__(self) -> Iterator[Any]: ...
    def __next__(self) -> Any: ...
    def __len__(self) -> int:
        """Documents not yet handed out."""
    def take(self, count: int, /) -> list[Any]:
        """Decode up to that many documents."""
    def rest(self) -> list[Any]:
        """Decode all that remain."""
    def raw(self) -> bytes:
        """The remaining documents' bytes, one after the other; the batch is empty afterwards."""

def extjson_dumps(value: object, options: object, /) -> str:
    """A value as extended JSON; `options` is a `JSONOptions`."""

def extjson_convert(value: object, options: object, /) -> Any:
    """A value as Python values that `json.dumps` writes as extended JSON. What is not BSON stays as it is."""

def extjson_default(value: object, options: object, /) -> Any:
    """As `extjson_convert` for one value that is no container; `TypeError` for anything else."""

def extjson_loads(text: object, options: object, /) -> Any:
    """The value of extended JSON, or `NotImplemented` for text that is left to the standard library."""

def extjson_hook(document: object, options: object, /) -> Any:
    """The value that a document wraps, or the document itself."""
