"""`Binary`: bytes with a BSON subtype, and the UUIDs and vectors that are stored so.

Owns the subtypes' numbers, `Binary`, `UuidRepresentation` and the vector classes; packing of vectors is in
`_vector`. It follows the BSON specification's binary subtypes, the UUID specification (how each legacy
driver ordered the bytes) and the BSON Binary Vector specification. `uuid` and `numpy` are imported on first
use only.

Native code makes a `Binary` with `bytes.__new__(Binary, data)` and the instance attribute
`_Binary__subtype` (an int; `_SUBTYPE_ATTRIBUTE` names it). Subtype 0 decodes to plain bytes, so every
Binary carries the attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from array import array
    from mmap import mmap
    from uuid import UUID

    import numpy as np
    import numpy.typing as npt

BINARY_SUBTYPE = 0
"""Any bytes; decoded as `bytes`."""
FUNCTION_SUBTYPE = 1
"""A function."""
OLD_BINARY_SUBTYPE = 2
"""Any bytes, in the encoding that repeats the length; deprecated."""
OLD_UUID_SUBTYPE = 3
"""A UUID in the byte order of the driver that wrote it."""
UUID_SUBTYPE = 4
"""A UUID in the standard byte order."""
MD5_SUBTYPE = 5
"""An MD5 digest."""
COLUMN_SUBTYPE = 7
"""Compressed time series data."""
SENSITIVE_SUBTYPE = 8
"""Data that must not be logged: `repr` hides it."""
VECTOR_SUBTYPE = 9
"""A vector, see `Binary.from_vector`."""
USER_DEFINED_SUBTYPE = 128
"""The first of the subtypes that users define."""

ALL_UUID_SUBTYPES = (OLD_UUID_SUBTYPE, UUID_SUBTYPE)

_SUBTYPE_ATTRIBUTE = "_Binary__subtype"


class UuidRepresentation:
    """How a `uuid.UUID` is stored, a value of `CodecOptions.uuid_representation`."""

    UNSPECIFIED = 0
    """Native UUIDs are refused; stored ones decode to `Binary`. The default."""
    STANDARD = UUID_SUBTYPE
    """Subtype 4 in the standard byte order."""
    PYTHON_LEGACY = OLD_UUID_SUBTYPE
    """Subtype 3 in the standard byte order, as old Python drivers wrote."""
    JAVA_LEGACY = 5
    """Subtype 3, both halves reversed, as old Java drivers wrote."""
    CSHARP_LEGACY = 6
    """Subtype 3, the first three fields little-endian, as old C# drivers wrote."""


STANDARD = UuidRepresentation.STANDARD
PYTHON_LEGACY = UuidRepresentation.PYTHON_LEGACY
JAVA_LEGACY = UuidRepresentation.JAVA_LEGACY
CSHARP_LEGACY = UuidRepresentation.CSHARP_LEGACY

ALL_UUID_REPRESENTATIONS = (
    UuidRepresentation.UNSPECIFIED,
    UuidRepresentation.STANDARD,
    UuidRepresentation.PYTHON_LEGACY,
    UuidRepresentation.JAVA_LEGACY,
    UuidRepresentation.CSHARP_LEGACY,
)
UUID_REPRESENTATION_NAMES = {
    UuidRepresentation.UNSPECIFIED: "UuidRepresentation.UNSPECIFIED",
    UuidRepresentation.STANDARD: "UuidRepresentation.STANDARD",
    UuidRepresentation.PYTHON_LEGACY: "UuidRepresentation.PYTHON_LEGACY",
    UuidRepresentation.JAVA_LEGACY: "UuidRepresentation.JAVA_LEGACY",
    UuidRepresentation.CSHARP_LEGACY: "UuidRepresentation.CSHARP_LEGACY",
}


class BinaryVectorDtype(Enum):
    """What the elements of a vector are; the value is the byte that stands for it."""

    INT8 = b"\x03"
    """Signed 8-bit integers."""
    FLOAT32 = b"\x27"
    """32-bit floating point numbers."""
    PACKED_BIT = b"\x10"
    """Single bits, eight to an unsigned byte, the first the highest."""


class BinaryVector:
    """A vector with the type of its elements.

    :param data: the elements, for `PACKED_BIT` whole bytes
    :param dtype: what the elements are
    :param padding: how many of the last byte's lowest bits do not count (`PACKED_BIT` only)
    """

    __slots__ = ("data", "dtype", "padding")

    def __init__(
        self,
        data: Sequence[float | int] | npt.NDArray[np.number],
        dtype: BinaryVectorDtype,
        padding: int = 0,
    ) -> None:
        self.data = data
        self.dtype = dtype
        self.padding = padding

    def __repr__(self) -> str:
        return f"BinaryVector(dtype={self.dtype}, padding={self.padding}, data={self.data})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BinaryVector):
            return False
        if (self.dtype, self.padding) != (other.dtype, other.padding):
            return False
        # Comparing an array gives an array: compare as lists, whichever sides are arrays.
        return _as_list(self.data) == _as_list(other.data)

    __hash__: Any = None

    def __len__(self) -> int:
        return len(self.data)


def _as_list(data: Any) -> list[Any]:
    to_list = getattr(data, "tolist", None)
    return list(data if to_list is None else to_list())


class Binary(bytes):
    """Bytes with a BSON subtype.

    A `Binary` equals another one of the same bytes and subtype, and never plain `bytes`.

    :param data: anything that has the buffer interface
    :param subtype: 0 to 255
    """

    _type_marker = 5
    __subtype: int

    def __new__(
        cls,
        data: memoryview | bytes | bytearray | mmap | array[Any],
        subtype: int = BINARY_SUBTYPE,
    ) -> Self:
        if not isinstance(subtype, int):
            raise TypeError(f"subtype must be an instance of int, not {type(subtype)}")
        if not 0 <= subtype < 256:
            raise ValueError("subtype must be contained in [0, 256)")
        # Only buffers count: `bytes(5)` and `bytes([1])` would be accepted otherwise.
        self = bytes.__new__(cls, data if isinstance(data, bytes) else memoryview(data).tobytes())
        self.__subtype = subtype
        return self

    @classmethod
    def from_uuid(cls, uuid: UUID, uuid_representation: int = UuidRepresentation.STANDARD) -> Binary:
        """The stored form of a UUID.

        :raises ValueError: for `UuidRepresentation.UNSPECIFIED` or an unknown representation
        """
        from uuid import UUID

        if not isinstance(uuid, UUID):
            raise TypeError(f"uuid must be an instance of uuid.UUID, not {type(uuid)}")
        _check_representation(uuid_representation)
        if uuid_representation == UuidRepresentation.UNSPECIFIED:
            raise ValueError(
                "cannot encode native uuid.UUID with UuidRepresentation.UNSPECIFIED. UUIDs can be manually "
                "converted to bson.Binary instances using bson.Binary.from_uuid() or a different "
                "UuidRepresentation can be configured. See the documentation for UuidRepresentation for "
                "more information."
            )
        if uuid_representation == UuidRepresentation.STANDARD:
            return cls(uuid.bytes, UUID_SUBTYPE)
        return cls(_reordered(uuid.bytes, uuid_representation), OLD_UUID_SUBTYPE)

    def as_uuid(self, uuid_representation: int = UuidRepresentation.STANDARD) -> UUID:
        """The UUID that is stored here.

        :raises ValueError: where the subtype, the length or the representation does not fit
        """
        from uuid import UUID

        if self.__subtype not in ALL_UUID_SUBTYPES:
            raise ValueError(f"cannot decode subtype {self.__subtype} as a uuid")
        _check_representation(uuid_representation)
        if uuid_representation == UuidRepresentation.UNSPECIFIED:
            raise ValueError("uuid_representation cannot be UNSPECIFIED")
        if len(self) != 16:
            raise ValueError(f"cannot decode a uuid from a {len(self)}-byte payload, expected 16")
        standard = uuid_representation == UuidRepresentation.STANDARD
        if standard != (self.__subtype == UUID_SUBTYPE):
            name = UUID_REPRESENTATION_NAMES[uuid_representation]
            raise ValueError(f"cannot decode subtype {self.__subtype} to {name}")
        return UUID(bytes=_reordered(self, uuid_representation))

    @classmethod
    def from_vector(
        cls,
        vector: BinaryVector | list[int] | list[float] | npt.NDArray[np.number],
        dtype: BinaryVectorDtype | None = None,
        padding: int | None = None,
    ) -> Binary:
        """The stored form of a vector.

        :param vector: a `BinaryVector`, or a list or NumPy array of elements, one-dimensional
            (`PACKED_BIT`: of whole bytes)
        :param dtype: what the elements are; not with a `BinaryVector`
        :param padding: how many of the last byte's lowest bits do not count (`PACKED_BIT` only)
        :raises ValueError, struct.error, OverflowError: for elements that do not fit
        """
        from petiole.bson._vector import pack

        if isinstance(vector, BinaryVector):
            if dtype or padding:
                raise ValueError(
                    "The first argument, vector, has type BinaryVector. "
                    "dtype or padding cannot be separately defined, but were."
                )
            vector, dtype, padding = vector.data, vector.dtype, vector.padding  # type: ignore[assignment]
        return cls(pack(vector, dtype, padding or 0), VECTOR_SUBTYPE)

    def as_vector(self, return_numpy: bool = False) -> BinaryVector:
        """The vector that is stored here.

        :param return_numpy: its data as a read-only NumPy array instead of a list
        :raises ValueError: where the bytes are not a vector
        """
        from petiole.bson._vector import unpack

        if self.__subtype != VECTOR_SUBTYPE:
            raise ValueError(f"Cannot decode subtype {self.__subtype} as a vector")
        return unpack(self, return_numpy)

    @property
    def subtype(self) -> int:
        """The BSON subtype."""
        return self.__subtype

    def __getnewargs__(self) -> tuple[bytes, int]:  # type: ignore[override]
        return bytes(self), self.__subtype

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Binary):
            return self.__subtype == other.__subtype and bytes.__eq__(self, other)
        # Not equal to plain bytes, which would have another subtype on the next write.
        return False

    def __hash__(self) -> int:
        return super().__hash__() ^ hash(self.__subtype)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        if self.__subtype == SENSITIVE_SUBTYPE:
            return f"<Binary(REDACTED, {self.__subtype})>"
        return f"Binary({bytes.__repr__(self)}, {self.__subtype})"


def _check_representation(representation: int) -> None:
    if representation not in ALL_UUID_REPRESENTATIONS:
        raise ValueError("uuid_representation must be a value from bson.binary.UuidRepresentation")


def _reordered(data: bytes, representation: int) -> bytes:
    """The 16 bytes in the order of a legacy driver, or back: each order is its own inverse."""
    if representation == UuidRepresentation.JAVA_LEGACY:
        return data[7::-1] + data[:7:-1]
    if representation == UuidRepresentation.CSHARP_LEGACY:
        return data[3::-1] + data[5:3:-1] + data[7:5:-1] + data[8:]
    return bytes(data)
