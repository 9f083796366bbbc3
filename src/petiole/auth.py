"""The names of authentication mechanisms. How they work is in `petiole._auth`."""

from petiole._auth.credentials import MECHANISMS

__all__ = ["MECHANISMS"]
