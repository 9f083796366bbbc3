"""SASLprep against the examples of RFC 4013 and, character by character, against PyMongo's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.saslprep import saslprep as pymongo_saslprep

from petiole._auth.saslprep import saslprep

EXAMPLES = {
    # RFC 4013, section 3.
    "I\u00adX": "IX",
    "user": "user",
    "USER": "USER",
    "\u00aa": "a",
    "\u2168": "IX",
    # Non-ASCII spaces become spaces, and only those; what maps to nothing goes.
    "a\u00a0b\u3000c": "a b c",
    "p\u200bq": "p q",
    "\ufeffx\u200d": "x",
    # Right-to-left text with neutral characters inside.
    "\u06271\u0628": "\u06271\u0628",
    "": "",
}


@pytest.mark.parametrize(("given_text", "prepared"), EXAMPLES.items())
def test_examples(given_text: str, prepared: str) -> None:
    assert saslprep(given_text) == prepared


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("\u0007", "prohibited"),
        ("pass\x7fword", "prohibited"),
        ("\u0085", "prohibited"),
        ("\ue000", "prohibited"),
        ("\ufdd0", "prohibited"),
        ("\ufffd", "prohibited"),
        ("\u2ff0", "prohibited"),
        ("\u0340\u200e", "prohibited"),
        ("\U000e0001", "prohibited"),
        ("\U0001f600", "prohibited"),
        ("\u06271", "bidirectional"),
        ("1\u0627", "bidirectional"),
        ("\u0627a\u0627", "bidirectional"),
    ],
)
def test_refused(text: str, check: str) -> None:
    with pytest.raises(ValueError, match=f"failed {check}") as caught:
        saslprep(text)
    assert text not in str(caught.value)


def test_unassigned_characters_pass_where_they_may() -> None:
    assert saslprep("\U0001f600", allow_unassigned=True) == "\U0001f600"


def outcome(prepare: Callable[[str], str], text: str) -> str:
    """The prepared text, or that it was refused."""
    try:
        return prepare(text)
    except ValueError:
        return "refused"
    except IndexError:  # PyMongo's way of saying that nothing is left.
        return ""


def test_every_character_is_treated_as_by_pymongo() -> None:
    differing = {
        code
        for code in range(0x20, 0x30000)
        if not 0xD800 <= code < 0xE000
        and outcome(saslprep, chr(code)) != outcome(pymongo_saslprep, chr(code))
    }
    # The zero width space, which the server takes for a space and PyMongo for nothing.
    assert differing == {0x200B}


@given(st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF, exclude_characters="\u200b")))
def test_texts_are_treated_as_by_pymongo(text: str) -> None:
    assert outcome(saslprep, text) == outcome(pymongo_saslprep, text)
