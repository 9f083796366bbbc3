"""The names of authentication mechanisms. How they work is in `petiole._auth`."""

from petiole._auth.mechanisms import MECHANISMS

__all__ = ["MECHANISMS"]
