"""`Code`: JavaScript, with or without a scope.

Owns the class. The scope lives in the instance dictionary under the name that PyMongo's pickles use.
Native code makes one as `Code(source)` or `Code(source, scope)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Code(str):
    """JavaScript source text.

    :param code: the source; a `Code` hands its scope on
    :param scope: values for the names that the source leaves free; None encodes as plain code
    :param kwargs: more of the scope
    """

    _type_marker = 13

    __scope: Mapping[str, Any] | None

    def __new__(cls, code: str | Code, scope: Mapping[str, Any] | None = None, **kwargs: Any) -> Self:
        if not isinstance(code, str):
            raise TypeError(f"code must be an instance of str, not {type(code)}")
        self = str.__new__(cls, code)
        inherited = code.scope if isinstance(code, Code) else None
        if scope is not None and not isinstance(scope, Mapping):
            raise TypeError(f"scope must be an instance of dict, not {type(scope)}")
        if inherited is None and not kwargs:
            self.__scope = scope
        elif scope is None and not kwargs:
            self.__scope = inherited
        else:
            # A merged scope is a new dictionary: the caller's stays as it is.
            self.__scope = {**(inherited or {}), **(scope or {}), **kwargs}
        return self

    @property
    def scope(self) -> Mapping[str, Any] | None:
        """The scope, or None for code without one."""
        return self.__scope

    def __repr__(self) -> str:
        return f"Code({str.__repr__(self)}, {self.__scope!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Code):
            return (self.__scope, str(self)) == (other.__scope, str(other))
        return False

    __hash__: Any = None

    def __ne__(self, other: object) -> bool:
        return not self == other
