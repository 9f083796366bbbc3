"""Clocks and random numbers of the two real runtimes."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from petiole._runtime.base import Deadline

monotonic = time.monotonic
random_bytes = os.urandom

NEVER = Deadline(None, monotonic)
"""The deadline that does not pass, of operations to which no limit of their own was given."""
UNLIMITED = Deadline(None, monotonic)
"""The limit of 0: it does not pass either, but takes the places of other limits, and retries go on for ever."""


def draw(below: int) -> int:
    """A random integer from 0 up to and excluding `below`, which is small beside 2**32."""
    # Of the system's, not of `random`, which takes longer to import than most of petiole.
    return int.from_bytes(random_bytes(4), "little") * below >> 32


def deadline_in(seconds: float | None) -> Deadline:
    """A deadline that many seconds from now; `NEVER` for None."""
    return NEVER if seconds is None else Deadline(monotonic() + seconds, monotonic, seconds)


def utc_now() -> datetime:
    """The date and time, aware, in UTC."""
    return datetime.now(UTC)
