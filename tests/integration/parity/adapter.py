"""Makes the asyncio clients look blocking, so that one snippet serves every face.

Owns `Blocking`, a stand-in for an object of an asyncio client: what it returns is awaited on a private loop, and its
asynchronous iteration and context management become the ordinary ones. It adds nothing and hides no error.
"""

from __future__ import annotations

import asyncio
import inspect
import operator
from collections.abc import Iterator
from typing import Any, Self

# No operation of a snippet takes so long; one that does has hung.
_TIMEOUT = 20.0


class Loop:
    """The private event loop of one asyncio client."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        self._loop.close()

    def finish(self, value: Any) -> Any:
        """A result as a snippet may have it: awaited, and wrapped if it belongs to the asyncio face."""
        if inspect.isawaitable(value):
            value = self._loop.run_until_complete(_bounded(value))
        return self.wrap(value)

    def wrap(self, value: Any) -> Any:
        if any(base.__name__.lstrip("_").startswith("Async") for base in type(value).__mro__):
            return Blocking(value, self)
        if hasattr(type(value), "__aenter__"):
            return Blocking(value, self)
        return value


async def _bounded(value: Any) -> Any:
    return await asyncio.wait_for(value, _TIMEOUT)


class Blocking:
    """The blocking stand-in for `target`."""

    def __init__(self, target: Any, loop: Loop) -> None:
        self.__dict__["__target"] = target
        self.__dict__["__loop"] = loop

    def __getattr__(self, name: str) -> Any:
        target, loop = _parts(self)
        value = getattr(target, name)
        if callable(value) and not inspect.isclass(value):
            return Blocking(value, loop)
        return loop.finish(value)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_parts(self)[0], name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        target, loop = _parts(self)
        return loop.finish(target(*bare(args), **bare(kwargs)))

    def __getitem__(self, item: Any) -> Any:
        target, loop = _parts(self)
        return loop.finish(target[item])

    def __iter__(self) -> Iterator[Any]:
        target, loop = _parts(self)
        return Blocking(aiter(target), loop)

    def __next__(self) -> Any:
        target, loop = _parts(self)
        try:
            return loop.finish(anext(target))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        target, loop = _parts(self)
        return loop.finish(type(target).__aenter__(target))  # type: ignore[no-any-return]

    def __exit__(self, *exc: object) -> Any:
        target, loop = _parts(self)
        return loop.finish(type(target).__aexit__(target, *exc))

    def __eq__(self, other: object) -> Any:
        return _parts(self)[0] == bare(other)

    def __ne__(self, other: object) -> Any:
        return _parts(self)[0] != bare(other)

    def __hash__(self) -> int:
        return hash(_parts(self)[0])

    def __bool__(self) -> bool:
        return bool(_parts(self)[0])

    def __repr__(self) -> str:
        return repr(_parts(self)[0])

    def __str__(self) -> str:
        return str(_parts(self)[0])


def _parts(stand_in: Blocking) -> tuple[Any, Loop]:
    return stand_in.__dict__["__target"], stand_in.__dict__["__loop"]


def bare(value: Any) -> Any:
    """A value without stand-ins, also within the usual containers; the same object where there are none.

    Documents must stay the ones the snippet has: drivers write `_id` into them.
    """
    if isinstance(value, Blocking):
        return _parts(value)[0]
    if type(value) in (list, tuple):
        items = [bare(item) for item in value]
        same = all(map(operator.is_, items, value))
        return value if same else type(value)(items)
    if type(value) is dict:
        fields = {key: bare(item) for key, item in value.items()}
        return value if all(map(operator.is_, fields.values(), value.values())) else fields
    return value
