"""Turns a coroutine function of the core into a blocking function of the same signature."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from petiole._native import run

P = ParamSpec("P")
R = TypeVar("R")


def blocking(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """The same function for callers without an event loop: it returns when the work is done.

    For class bodies: `find_one = blocking(CoreCollection[T]._find_one)`.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return run(method(*args, **kwargs))

    call.__name__ = method.__name__.lstrip("_")
    return call
