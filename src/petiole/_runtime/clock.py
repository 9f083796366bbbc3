"""Clocks and random numbers of the two real runtimes."""

from __future__ import annotations

import os
import time
from random import Random, SystemRandom

from petiole._runtime.base import Deadline

monotonic = time.monotonic
random_bytes = os.urandom

NEVER = Deadline(None, monotonic)
"""The deadline that does not pass."""

_random = Random(SystemRandom().getrandbits(64))


def draw(below: int) -> int:
    """A random integer from 0 up to and excluding `below`."""
    return _random.randrange(below)


def deadline_in(seconds: float | None) -> Deadline:
    """A deadline that many seconds from now; `NEVER` for None."""
    return NEVER if seconds is None else Deadline(monotonic() + seconds, monotonic)
