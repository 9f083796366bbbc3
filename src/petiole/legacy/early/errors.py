"""Errors that only 1.x and 2.x had; all others are today's."""

from petiole.errors import ConfigurationError, WTimeoutError

TimeoutError = WTimeoutError
"""What is raised when `wtimeout` has passed before a write reached what it waits for."""


class UnsupportedOption(ConfigurationError):
    """An option that is not supported, of which there is none any more."""


__all__ = ["TimeoutError", "UnsupportedOption"]
