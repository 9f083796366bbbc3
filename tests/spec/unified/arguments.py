"""Calls a driver's method with the arguments that a test states.

Owns how names and values become Python's: by the signature of the method, so that what the driver takes as a named
parameter is given so, and everything else reaches the server as an option of the command. May not know single
operations; those are in `operations`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from tests.spec.unified.context import Context
from tests.spec.unified.options import Unsupported, convert, snake_case

_NAMES = {
    "maxAwaitTimeMS": "max_await_time_ms",
    "maxCommitTimeMS": "max_commit_time_ms",
    "maxTimeMS": "max_time_ms",
}


async def call(context: Context, method: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """The result of a method of the driver, awaited if need be."""
    values = python_arguments(context, method, arguments)
    with within(context, arguments):
        return await context.face.resolve(method(**values))


def within(context: Context, arguments: Mapping[str, Any]) -> Any:
    """The time limit that the arguments set."""
    if "timeoutMS" not in arguments:
        return nullcontext()
    return context.driver.timeout(arguments["timeoutMS"])


def python_arguments(
    context: Context, method: Callable[..., Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    parameters = inspect.signature(method).parameters
    open_ended = any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters.values())
    result = {}
    for name, value in arguments.items():
        if name == "timeoutMS":
            continue
        python_name = _NAMES.get(name, snake_case(name))
        if python_name not in parameters and not _is_find(method):
            if not open_ended:
                raise Unsupported(f"{getattr(method, '__name__', method)} has no parameter for {name}")
            python_name = name
        result[python_name] = argument(context, name, value)
    return result


def _is_find(method: Callable[..., Any]) -> bool:
    """Whether these arguments go to a cursor, which names all of them."""
    return getattr(method, "__name__", "").lstrip("_") in ("find", "find_one")


def argument(context: Context, name: str, value: Any) -> Any:
    if name == "session":
        return context.entities.get(value, "session").session
    return convert(context.driver, name, value)
