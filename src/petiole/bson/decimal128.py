"""`Decimal128`: IEEE 754-2008 128-bit decimal floating point, in the BID encoding.

Owns the class, its conversion to and from `decimal.Decimal`, and its text; see the BSON Decimal128
specification. `decimal` is imported on first use only.

Native code makes one with `tp_new` (`object.__new__(Decimal128)`) and the slot `_bid`: the 16 bytes as they
stand in BSON (little-endian). The pickle state is the pair of 64-bit halves that PyMongo writes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Union

from petiole.bson.codec_options import TypeDecoder, TypeEncoder

if TYPE_CHECKING:
    import decimal

_PAIR = struct.Struct("<QQ")
_WORD = 0xFFFFFFFFFFFFFFFF
_SIGN = 1 << 63
_INFINITY = 0x7800000000000000
_NAN = 0x7C00000000000000
_SIGNALING_NAN = 0x7E00000000000000
_LARGE_COEFFICIENT = 0x6000000000000000
_EXPONENT_BITS = 0x3FFF
_COEFFICIENT_BITS = (1 << 113) - 1
_BIAS = 6176
_MAX_COEFFICIENT = 10**34 - 1

_VALUE_OPTIONS = Union["decimal.Decimal", float, str, tuple[int, Sequence[int], int]]

_strict_context: decimal.Context | None = None


def create_decimal128_context() -> decimal.Context:
    """A `decimal` context with the precision, range and rounding of Decimal128, which traps nothing."""
    return _context([])


def _context(traps: list[Any]) -> decimal.Context:
    import decimal

    return decimal.Context(
        prec=34,
        rounding=decimal.ROUND_HALF_EVEN,
        Emin=-6143,
        Emax=6144,
        capitals=1,
        clamp=1,
        flags=[],
        traps=traps,
    )


def _trapping_context() -> decimal.Context:
    """The context in which a value that cannot be held exactly is an error."""
    global _strict_context
    if _strict_context is None:
        import decimal

        _strict_context = _context([decimal.InvalidOperation, decimal.Overflow, decimal.Inexact])
    # A copy, as a context's flags are not for use from several threads.
    return _strict_context.copy()


class Decimal128:
    """A 128-bit decimal floating point number.

    Not for arithmetic: convert with `to_decimal`. Two are equal if their bits are, so `1` and `1.0` differ.

    :param value: a str or a `decimal.Decimal` that fits exactly; or the high and the low 64 bits
    :raises decimal.DecimalException: for a value that would have to be rounded, overflows or is no number
    """

    __slots__ = ("_bid",)

    _type_marker = 19

    def __init__(self, value: _VALUE_OPTIONS) -> None:
        self._bid: bytes
        if isinstance(value, (list, tuple)):
            if len(value) != 2:
                raise ValueError(
                    "Invalid size for creation of Decimal128 from list or tuple. "
                    "Must have exactly 2 elements."
                )
            self.__setstate__(value)
            return
        if not isinstance(value, str):
            import decimal

            if not isinstance(value, decimal.Decimal):
                raise TypeError(f"Cannot convert {value!r} to Decimal128")
        self._bid = _encode(_trapping_context().create_decimal(value))

    @classmethod
    def from_bid(cls, value: bytes) -> Decimal128:
        """The number in the 16 bytes of its BSON form (little-endian BID)."""
        if not isinstance(value, bytes):
            raise TypeError(f"value must be an instance of bytes, not {type(value)}")
        if len(value) != 16:
            raise ValueError("value must be exactly 16 bytes")
        self = cls.__new__(cls)
        self._bid = bytes(value)
        return self

    @property
    def bid(self) -> bytes:
        """The 16 bytes of the BSON form (little-endian BID)."""
        return self._bid

    def to_decimal(self) -> decimal.Decimal:
        """The number as a `decimal.Decimal`, exactly."""
        import decimal

        low, high = _PAIR.unpack(self._bid)
        sign = high >> 63
        for pattern, name in (_SIGNALING_NAN, "sNaN"), (_NAN, "NaN"), (_INFINITY, "Infinity"):
            if high & pattern == pattern:
                return decimal.Decimal("-" * sign + name)
        coefficient, exponent = _parts(high, low)
        return decimal.Decimal((sign, tuple(map(int, str(coefficient))), exponent))

    def __str__(self) -> str:
        low, high = _PAIR.unpack(self._bid)
        if high & _NAN == _NAN:
            # The specification prints neither the sign nor the kind of a NaN.
            return "NaN"
        sign = "-" if high & _SIGN else ""
        if high & _INFINITY == _INFINITY:
            return f"{sign}Infinity"
        return sign + _text(*_parts(high, low))

    def __repr__(self) -> str:
        return f"Decimal128('{self!s}')"

    def __getstate__(self) -> tuple[int, int]:
        low, high = _PAIR.unpack(self._bid)
        return high, low

    def __setstate__(self, value: Any) -> None:
        high, low = value
        self._bid = _PAIR.pack(low & _WORD, high & _WORD)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Decimal128):
            return self._bid == other._bid
        return NotImplemented

    __hash__: Any = None

    def __ne__(self, other: object) -> bool:
        return not self == other


def _encode(value: decimal.Decimal) -> bytes:
    """The BID of a number that the context has already fitted into the format."""
    sign, digits, exponent = value.as_tuple()
    high = _SIGN if sign else 0
    if isinstance(exponent, str):
        if exponent == "F":
            return _PAIR.pack(0, high | _INFINITY)
        if digits:
            raise ValueError("NaN with debug payload is not supported")
        return _PAIR.pack(0, high | (_SIGNALING_NAN if exponent == "N" else _NAN))
    coefficient = int("".join(map(str, digits)))
    # 34 digits need less than 113 bits, so the second form of the combination field never occurs.
    high |= (exponent + _BIAS) << 49 | coefficient >> 64
    return _PAIR.pack(coefficient & _WORD, high)


def _parts(high: int, low: int) -> tuple[int, int]:
    """Coefficient and exponent of a finite number."""
    if high & _LARGE_COEFFICIENT == _LARGE_COEFFICIENT:
        # Such coefficients are larger than 34 digits can be: not canonical, and so zero.
        return 0, ((high >> 47) & _EXPONENT_BITS) - _BIAS
    exponent = ((high >> 49) & _EXPONENT_BITS) - _BIAS
    coefficient = (high << 64 | low) & _COEFFICIENT_BITS
    return (coefficient if coefficient <= _MAX_COEFFICIENT else 0), exponent


def _text(coefficient: int, exponent: int) -> str:
    """Scientific string, as the specification of decimal arithmetic defines it."""
    digits = str(coefficient)
    adjusted = exponent + len(digits) - 1
    if exponent > 0 or adjusted < -6:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{fraction}E{adjusted:+d}"
    if exponent == 0:
        return digits
    digits = digits.rjust(1 - exponent, "0")
    return f"{digits[:exponent]}.{digits[exponent:]}"


class DecimalEncoder(TypeEncoder):
    """Lets `decimal.Decimal` be encoded, as Decimal128; for a `TypeRegistry`."""

    @property
    def python_type(self) -> type[decimal.Decimal]:
        import decimal

        return decimal.Decimal

    def transform_python(self, value: Any) -> Decimal128:
        """The Decimal128 of a `decimal.Decimal`."""
        return Decimal128(value)


class DecimalDecoder(TypeDecoder):
    """Decodes Decimal128 as `decimal.Decimal`; for a `TypeRegistry`."""

    @property
    def bson_type(self) -> type[Decimal128]:
        return Decimal128

    def transform_bson(self, value: Any) -> decimal.Decimal:
        """The `decimal.Decimal` of a Decimal128."""
        decoded: decimal.Decimal = value.to_decimal()
        return decoded
