"""The reply to the command that was called `isMaster`, and is `hello` today."""

from petiole.hello import Hello as IsMaster

__all__ = ["IsMaster"]
