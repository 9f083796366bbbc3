"""How the faces bind the core: a coroutine function as a blocking one, and both under their public names."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper, wraps
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

from petiole._native import run

P = ParamSpec("P")
R = TypeVar("R")
Face = TypeVar("Face")


def blocking(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """The same function for callers without an event loop: it returns when the work is done.

    For class bodies: `find_one = blocking(CoreCollection[T]._find_one)`.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return run(method(*args, **kwargs))

    return call


def face(cls: type[Face]) -> type[Face]:
    """Give the core's methods that a class binds the names they have there, for `repr`, help and `TypeError`s."""
    for name, bound in list(vars(cls).items()):
        if name.startswith("_") or not isinstance(bound, FunctionType) or not bound.__name__.startswith("_"):
            continue
        core = getattr(bound, "__wrapped__", None)
        public = _named(bound if core is None else core, cls, name)
        setattr(cls, name, public if core is None else blocking(public))
    return cls


def _named(method: FunctionType, cls: type, name: str) -> FunctionType:
    """A copy of a function under another name; what `TypeError`s say comes from its code object."""
    qualified = f"{cls.__qualname__}.{name}"
    code = method.__code__.replace(co_name=name, co_qualname=qualified)
    copy = FunctionType(code, method.__globals__, name, method.__defaults__, method.__closure__)
    copy.__kwdefaults__ = method.__kwdefaults__
    update_wrapper(copy, method, assigned=("__module__", "__doc__", "__annotations__"))
    del copy.__wrapped__  # type: ignore[attr-defined]
    copy.__qualname__ = qualified
    return copy
