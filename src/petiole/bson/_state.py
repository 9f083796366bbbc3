"""Pickle and copy state of the small value classes.

Owns the one rule how a class with `__slots__` lists its state: a dictionary from attribute name to value,
which is what PyMongo's pickles hold, so either side reads the other's. Unlike PyMongo it also carries the
slots and the instance dictionary that a subclass adds.
"""

from __future__ import annotations

from typing import Any


def slot_state(self: Any) -> dict[str, Any]:
    """The values of all slots that are set, by their mangled names, and the instance dictionary."""
    state: dict[str, Any] = {}
    for cls in reversed(type(self).__mro__):
        slots = cls.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            name = mangled(cls.__name__, slot)
            if name not in {"__dict__", "__weakref__"} and hasattr(self, name):
                state[name] = getattr(self, name)
    state.update(getattr(self, "__dict__", {}))
    return state


def set_slot_state(self: Any, state: dict[str, Any]) -> None:
    """Puts back what `slot_state` listed."""
    for name, value in state.items():
        object.__setattr__(self, name, value)


def mangled(class_name: str, name: str) -> str:
    """The name under which a class body's `name` is stored."""
    if name.startswith("__") and not name.endswith("__"):
        return f"_{class_name.lstrip('_')}{name}"
    return name
