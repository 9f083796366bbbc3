"""What `start_request` returns."""

from __future__ import annotations

from typing import Any, Self

__all__ = ["Request"]


class Request:
    """A request of the running thread, for a `with` statement: `with connection.start_request(): ...`."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def end(self) -> None:
        """End it, as the connection's `end_request` does."""
        self.connection.end_request()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.end()
