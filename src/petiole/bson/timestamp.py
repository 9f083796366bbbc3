"""`Timestamp`: MongoDB's internal time. Owns only the name; the class is native (`petiole._native`)."""

from __future__ import annotations

from petiole._native import Timestamp

__all__ = ["UPPERBOUND", "Timestamp"]

UPPERBOUND = 4294967296
"""Both parts of a Timestamp are below this."""
