"""`Regex`: a BSON regular expression.

Owns the class and the translation of BSON's flag letters to `re`'s flags. MongoDB's expressions are PCRE,
so an expression is compiled by Python's `re` only on demand. Native code makes one with `Regex(pattern,
flags)`, or with `tp_new` and the attributes `pattern` and `flags`.
"""

from __future__ import annotations

import re
from re import Pattern
from typing import Any, Generic, TypeVar

from petiole.bson._state import set_slot_state, slot_state
from petiole.bson.son import RE_TYPE

_T = TypeVar("_T", str, bytes)

_FLAG_OF_LETTER = {
    "i": re.IGNORECASE,
    "l": re.LOCALE,
    "m": re.MULTILINE,
    "s": re.DOTALL,
    "u": re.UNICODE,
    "x": re.VERBOSE,
}


def str_flags_to_int(str_flags: str) -> int:
    """The `re` flags that BSON's flag letters stand for; letters unknown to `re` count for nothing."""
    flags = 0
    for letter, flag in _FLAG_OF_LETTER.items():
        if letter in str_flags:
            flags |= flag
    return flags


class Regex(Generic[_T]):
    """A BSON regular expression.

    :param pattern: the expression, str or bytes
    :param flags: flags of `re`, or BSON's letters (of `ilmsux`)
    """

    __slots__ = ("flags", "pattern")

    _type_marker = 11

    __getstate__ = slot_state
    __setstate__ = set_slot_state

    def __init__(self, pattern: _T, flags: str | int = 0) -> None:
        if not isinstance(pattern, (str, bytes)):
            raise TypeError(f"pattern must be a string, not {type(pattern)}")
        self.pattern: _T = pattern
        if isinstance(flags, str):
            self.flags = str_flags_to_int(flags)
        elif isinstance(flags, int):
            self.flags = flags
        else:
            raise TypeError(f"flags must be a string or int, not {type(flags)}")

    @classmethod
    def from_native(cls: type[Regex[Any]], regex: Pattern[_T]) -> Regex[_T]:
        """The BSON form of a compiled Python expression.

        Python's dialect is not PCRE: the server may read the same text differently. An expression compiled
        from str has `re.UNICODE` set, which the server refuses in some places; clear it on `flags` if
        unwanted.
        """
        if not isinstance(regex, RE_TYPE):
            raise TypeError(f"regex must be a compiled regular expression, not {type(regex)}")
        return Regex(regex.pattern, regex.flags)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Regex):
            return bool(self.pattern == other.pattern and self.flags == other.flags)
        return NotImplemented

    __hash__: Any = None

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return f"Regex({self.pattern!r}, {self.flags!r})"

    def try_compile(self) -> Pattern[_T]:
        """Compiles the expression with Python's `re`; raises `re.error` where the dialects differ."""
        return re.compile(self.pattern, self.flags)
