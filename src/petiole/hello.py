"""The reply to the hello command. The code is in `petiole._sdam.hello`."""

from petiole._sdam.hello import Hello, HelloCompat

__all__ = ["Hello", "HelloCompat"]
