"""Packing of vectors into the bytes of binary subtype 9, and back.

Owns the format of the BSON Binary Vector specification: one byte for the type of the elements, one for the
padding, then the elements, little-endian. It knows nothing of documents, and imports NumPy only if an array
is given or asked for.
"""

from __future__ import annotations

import struct
import sys
from typing import Any

from petiole.bson.binary import BinaryVector, BinaryVectorDtype

_FORMAT = {BinaryVectorDtype.INT8: "b", BinaryVectorDtype.FLOAT32: "f", BinaryVectorDtype.PACKED_BIT: "B"}
_NUMPY_DTYPE = {
    BinaryVectorDtype.INT8: "int8",
    BinaryVectorDtype.FLOAT32: "<f4",
    BinaryVectorDtype.PACKED_BIT: "uint8",
}
_RANGE = {BinaryVectorDtype.INT8: ("INT8", -128, 127), BinaryVectorDtype.PACKED_BIT: ("UINT8", 0, 255)}


def pack(vector: Any, dtype: BinaryVectorDtype | None, padding: int) -> bytes:
    """The bytes of a vector, given as a list or a NumPy array."""
    if not isinstance(dtype, BinaryVectorDtype):
        raise TypeError(
            "dtype must be a bson.BinaryVectorDtype of BinaryVectorDType.INT8, PACKED_BIT, FLOAT32"
        )
    head = dtype.value + struct.pack("<B", padding)
    if isinstance(vector, list):
        _check_padding(dtype, padding, len(vector))
        elements = struct.pack(f"<{len(vector)}{_FORMAT[dtype]}", *vector)
    elif _is_array(vector):
        _check_padding(dtype, padding, len(vector))
        elements = _array_bytes(vector, dtype)
    else:
        raise TypeError(
            "Could not create Binary. Vector must be a BinaryVector, list[int], list[float] or numpy ndarray."
        )
    if padding and elements[-1] & ((1 << padding) - 1):
        raise ValueError(
            "Vector has a padding P, but bits in the final byte lower than P are non-zero. They must be zero."
        )
    return head + elements


def _check_padding(dtype: BinaryVectorDtype, padding: int, length: int) -> None:
    if not padding:
        return
    if dtype is not BinaryVectorDtype.PACKED_BIT:
        raise ValueError(f"padding does not apply to {dtype=}")
    if not 0 <= padding < 8:
        raise ValueError(f"{padding=}. It must be in [0,1, ..7].")
    if not length:
        raise ValueError("Empty vector with non-zero padding.")


def _is_array(vector: Any) -> bool:
    # An array can only exist where NumPy was imported, so it need not be imported to recognise one.
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(vector, numpy.ndarray)


def _array_bytes(vector: Any, dtype: BinaryVectorDtype) -> bytes:
    if vector.ndim != 1:
        raise ValueError("from_numpy_vector only supports 1D arrays as it creates a single vector.")
    if dtype in _RANGE and vector.size:
        name, low, high = _RANGE[dtype]
        if vector.min() < low or vector.max() > high:
            raise ValueError(f"Values found outside {name} range.")
    data: bytes = vector.astype(_NUMPY_DTYPE[dtype], copy=False).tobytes()
    return data


def unpack(data: bytes, return_numpy: bool) -> BinaryVector:
    """The vector in the bytes; every length, type and padding is checked first."""
    type_byte, padding = struct.unpack_from("<sB", data)
    dtype = BinaryVectorDtype(type_byte)
    count = len(data) - 2
    if dtype is not BinaryVectorDtype.PACKED_BIT:
        if padding:
            raise ValueError(
                f"Corrupt data. Padding ({padding}) must be 0 for all but PACKED_BIT dtypes. ({dtype=})"
            )
        if dtype is BinaryVectorDtype.FLOAT32:
            if count % 4:
                raise ValueError("Corrupt data. N bytes for a float32 vector must be a multiple of 4.")
            count //= 4
    elif padding:
        _check_ignored_bits(data, padding)
    if return_numpy:
        return BinaryVector(_array(data, dtype), dtype, padding)
    return BinaryVector(list(struct.unpack_from(f"<{count}{_FORMAT[dtype]}", data, 2)), dtype, padding)


def _check_ignored_bits(data: bytes, padding: int) -> None:
    if len(data) == 2:
        raise ValueError("Corrupt data. Vector has a padding P, but no data.")
    if padding > 7:
        raise ValueError(f"Corrupt data. Padding ({padding}) must be between 0 and 7.")
    if data[-1] & ((1 << padding) - 1):
        import warnings

        # The specification lets drivers that once wrote such vectors go on reading them.
        warnings.warn(
            "Vector has a padding P, but bits in the final byte lower than P are non-zero. "
            "A later version will refuse it.",
            DeprecationWarning,
            stacklevel=4,
        )


def _array(data: bytes, dtype: BinaryVectorDtype) -> Any:
    try:
        import numpy
    except ImportError as error:
        raise ImportError("as_vector(return_numpy=True) needs NumPy, which is not installed") from error

    return numpy.frombuffer(data, dtype=_NUMPY_DTYPE[dtype], offset=2)
