"""The operations that tests may ask of each kind of entity, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.spec.unified.context import Context

Implementation = Callable[[Context, Any, dict[str, Any]], Awaitable[Any]]


class Operations:
    """The operations of one kind of entity. Each takes the test, the entity and the arguments."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._operations: dict[str, Implementation] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._operations

    def __getitem__(self, name: str) -> Implementation:
        return self._operations[name]

    def add(self, *names: str) -> Callable[[Implementation], Implementation]:
        def decorate(function: Implementation) -> Implementation:
            for name in names:
                self._operations[name] = function
            return function

        return decorate

    def add_methods(
        self, methods: Mapping[str, str], implementation: Callable[[str], Implementation]
    ) -> None:
        """Add operations that only differ in the name of the driver's method."""
        for name, method in methods.items():
            self._operations[name] = implementation(method)
