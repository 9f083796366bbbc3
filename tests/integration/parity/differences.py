"""Where petiole is meant to differ from PyMongo: a snippet, or a part of one, and the reason.

A test whose snippet contains such a text must find a difference, or this table is out of date.
"""

from __future__ import annotations

INTENDED: dict[str, str] = {}


def intended(snippet: str) -> str | None:
    """The reason why the drivers differ on a snippet, if they are meant to."""
    return next((reason for part, reason in INTENDED.items() if part in snippet), None)
