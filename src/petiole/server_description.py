"""What is known about one server. The code is in `petiole._sdam.server`."""

from petiole._sdam.server import ServerDescription

__all__ = ["ServerDescription"]
