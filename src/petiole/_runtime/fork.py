"""What must be renewed in a forked child: locks, sockets and threads are the parent's."""

from __future__ import annotations

import os
from collections.abc import Callable


def after_fork_in_child(renew: Callable[[], None]) -> None:
    """Call `renew` in every child that is forked from now on; nothing where the platform does not fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
