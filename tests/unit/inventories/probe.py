"""Prints what of an inventory of names is missing where this runs, or takes other parameters, as JSON.

An inventory maps modules to their functions, classes and constants. A parameter is compatible if a call that was
possible then means the same here; more may be possible.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OURS = {"raw_data"}
"""Parameters that only petiole has, by keyword alone."""
_NONE = object()


def findings(inventory: dict[str, Any]) -> Iterator[str]:
    """The dotted names: of a module, or of what a module should have."""
    for name, described in inventory.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            yield name
            continue
        for constant in described.get("constants", ()):
            if not hasattr(module, constant):
                yield f"{name}.{constant}"
        for function, wanted in described.get("functions", {}).items():
            if not fits(wanted, getattr(module, function, _NONE)):
                yield f"{name}.{function}"
        for kind, members in described.get("classes", {}).items():
            yield from (f"{name}.{kind}{path}" for path in of_class(getattr(module, kind, _NONE), members))


def options() -> Any:
    """Those of a client: what are properties elsewhere are attributes here, which only instances have."""
    from pymongo import MongoClient

    return MongoClient(connect=False).options


EXAMPLES: dict[str, Callable[[], Any]] = {
    "ClientOptions": options,
    "PoolOptions": lambda: options().pool_options,
}


def of_class(kind: Any, described: dict[str, Any]) -> Iterator[str]:
    if kind is _NONE:
        yield ""
        return
    names = [base.__name__ for base in inspect.getmro(kind)] if inspect.isclass(kind) else []
    for base in (base.rpartition(".")[2] for base in described["bases"]):
        told = base.endswith(("Error", "Exception", "Listener", "Failure", "Event")) and base[0] != "_"
        if told and base not in names:
            yield f"({base})"
    example = EXAMPLES.get(kind.__name__, lambda: kind)()
    for member in (*described["properties"], *described["attributes"]):
        if not hasattr(example, member):
            yield f".{member}"
    for method, wanted in described["methods"].items():
        if not fits([] if method.startswith("__") else wanted, getattr(kind, method, _NONE)):
            yield f".{method}"
    if described["init"] is not None and not fits(described["init"], kind):
        yield ".__init__"


def fits(wanted: list[str], found: Any) -> bool:
    if found is _NONE:
        return False
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return True  # Built in: it says nothing of its parameters.
    here = [one for one in parameters if one.name not in OURS and one.name not in ("self", "cls", "_cls")]
    kinds = {one.kind for one in here}
    named = {one.name: one for one in here}
    positions = [one.name for one in here if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    for index, parameter in enumerate(one for one in wanted if one not in ("self", "async")):
        name, _, default = parameter.partition("=")
        if name.startswith(("*", "_")):
            continue
        if name in named:
            in_place = (
                positions.index(name) == index
                if name in positions
                else inspect.Parameter.VAR_POSITIONAL in kinds
            )
            if not in_place or not same_default(default, named[name].default):
                return False
        elif not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}:
            return False
    return True


def same_default(wanted: str, found: Any) -> bool:
    """Whether it is the same, where both are plain values; None leaves it open until the call."""
    try:
        value = ast.literal_eval(wanted)
    except (SyntaxError, ValueError):
        return True
    plain = (int, bool, str, bytes, float)
    return not isinstance(found, plain) or found == value


if __name__ == "__main__":
    print(json.dumps(list(findings(json.loads(Path(sys.argv[1]).read_text())))))
