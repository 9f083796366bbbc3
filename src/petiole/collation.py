"""Collation: language-specific rules for comparing strings, as the server's commands take them."""

from __future__ import annotations

from typing import Any

from petiole.write_concern import validate_boolean


class CollationStrength:
    """Values for `strength` of a :class:`Collation`: how much of a character is compared."""

    PRIMARY = 1
    SECONDARY = 2
    TERTIARY = 3
    QUATERNARY = 4
    IDENTICAL = 5


class CollationAlternate:
    """Values for `alternate` of a :class:`Collation`: whether spaces and punctuation are base characters."""

    NON_IGNORABLE = "non-ignorable"
    SHIFTED = "shifted"


class CollationMaxVariable:
    """Values for `maxVariable` of a :class:`Collation`: what ``SHIFTED`` ignores."""

    PUNCT = "punct"
    SPACE = "space"


class CollationCaseFirst:
    """Values for `caseFirst` of a :class:`Collation`: which case sorts first."""

    UPPER = "upper"
    LOWER = "lower"
    OFF = "off"


def _validate_str(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"Wrong type for {name}, value must be an instance of str, not {type(value)}")


def _validate_integer(name: str, value: Any) -> int:
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise TypeError(f"Wrong type for {name}, value must be an integer, not {type(value)}")
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"The value of {name} must be an integer") from None


_VALIDATORS = {
    "caseLevel": validate_boolean,
    "caseFirst": _validate_str,
    "strength": _validate_integer,
    "numericOrdering": validate_boolean,
    "alternate": _validate_str,
    "maxVariable": _validate_str,
    "normalization": validate_boolean,
    "backwards": validate_boolean,
}


class Collation:
    """A collation.

    :param locale: an ICU locale such as "en_US", or "simple" for comparing bytes.
    :param kwargs: sent to the server as they are.
    :raises TypeError: if a value has the wrong type.
    """

    __slots__ = ("_document",)

    def __init__(
        self,
        locale: str,
        caseLevel: bool | None = None,
        caseFirst: str | None = None,
        strength: int | None = None,
        numericOrdering: bool | None = None,
        alternate: str | None = None,
        maxVariable: str | None = None,
        normalization: bool | None = None,
        backwards: bool | None = None,
        **kwargs: Any,
    ) -> None:
        document: dict[str, Any] = {"locale": _validate_str("locale", locale)}
        given = (
            caseLevel,
            caseFirst,
            strength,
            numericOrdering,
            alternate,
            maxVariable,
            normalization,
            backwards,
        )
        for (name, validator), value in zip(_VALIDATORS.items(), given, strict=True):
            if value is not None:
                document[name] = validator(name, value)
        document.update(kwargs)
        self._document = document

    @property
    def document(self) -> dict[str, Any]:
        """The document sent to the server: a new one each time."""
        return self._document.copy()

    def __repr__(self) -> str:
        return "Collation({})".format(", ".join(f"{key}={value!r}" for key, value in self._document.items()))

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, Collation):
            return self._document == other._document
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]


def validate_collation_or_none(value: Any) -> dict[str, Any] | None:
    """The document of a collation given as an object or a dict.

    :raises TypeError: if `value` is something else.
    """
    if value is None:
        return None
    if isinstance(value, Collation):
        return value.document
    if isinstance(value, dict):
        return value
    raise TypeError("collation must be a dict, an instance of collation.Collation, or None")
