"""SASLprep: the form in which a password is compared, however it was typed (RFC 4013, a profile of RFC 3454).

Pure: a string in, a string out. The tables are those of the standard library's `stringprep`, which are of
Unicode 3.2, as the RFC demands; hence normalisation is Unicode 3.2's as well.
"""

from __future__ import annotations

import stringprep
from unicodedata import ucd_3_2_0

# RFC 4013, 2.3. C.1.2 is not among them: step 1 has mapped those to the ordinary space.
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str, *, allow_unassigned: bool = False) -> str:
    """`text` prepared.

    :param allow_unassigned: let characters pass that Unicode 3.2 did not know. SCRAM does not (RFC 5802, 2.2:
        passwords are "stored strings").
    :raises ValueError: if it holds a character that is not allowed, or left-to-right and right-to-left ones
        in an order that is not. The text itself is not in the message: it may be a password.
    """
    if text.isascii() and text.isprintable():
        return text
    # A zero width space is in both tables. The server, which prepares the password it stores, takes it for a space.
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if stringprep.in_table_c12(char) or not stringprep.in_table_b1(char)
    )
    prepared = ucd_3_2_0.normalize("NFKC", mapped)
    for char in prepared:
        if any(prohibited(char) for prohibited in _PROHIBITED):
            raise ValueError("SASLprep: failed prohibited character check")
        if not allow_unassigned and stringprep.in_table_a1(char):
            raise ValueError("SASLprep: failed prohibited character check (unassigned in Unicode 3.2)")
    _check_directions(prepared)
    return prepared


def _check_directions(text: str) -> None:
    """RFC 3454, 6: right-to-left text has no left-to-right characters, and begins and ends right-to-left."""
    if not any(stringprep.in_table_d1(char) for char in text):
        return
    if any(stringprep.in_table_d2(char) for char in text) or not (
        stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    ):
        raise ValueError("SASLprep: failed bidirectional check")
