"""Today's errors, and those that only 3.x had."""

from petiole._net.pool_parts import ExceededMaxWaiters
from petiole.errors import *  # noqa: F403
from petiole.errors import NotPrimaryError

NotMasterError = NotPrimaryError
"""What the error was called before 3.12."""

__all__ = ["ExceededMaxWaiters", "NotMasterError"]
