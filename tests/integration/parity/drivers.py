"""The four clients that a snippet runs on: PyMongo's and petiole's, blocking and asyncio.

Owns the names that a snippet sees, the clients, and their closing.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import decimal
import importlib
import io
import pickle
import re
import sys
import uuid
from types import ModuleType
from typing import Any, NamedTuple

from tests.integration.parity.adapter import Blocking, Loop, bare

_MODULES = (
    "collation",
    "driver_info",
    "errors",
    "operations",
    "read_concern",
    "read_preferences",
    "results",
    "server_api",
    "write_concern",
)
_BSON_MODULES = (
    "",
    ".binary",
    ".codec_options",
    ".code",
    ".datetime_ms",
    ".dbref",
    ".decimal128",
    ".int64",
    ".max_key",
    ".min_key",
    ".objectid",
    ".raw_bson",
    ".regex",
    ".son",
    ".timestamp",
    ".tz_util",
)
_STANDARD = {
    module.__name__: module for module in (contextlib, copy, datetime, decimal, io, pickle, re, sys, uuid)
}

_GRIDS = ("GridFS", "GridFSBucket", "GridIn", "GridOut", "GridOutCursor")


class Driver(NamedTuple):
    """A package and one of its faces."""

    package: str
    client_class: str

    @property
    def bson(self) -> str:
        return "bson" if self.package == "pymongo" else f"{self.package}.bson"

    @property
    def is_async(self) -> bool:
        return self.client_class.startswith("Async")

    def names(self) -> dict[str, Any]:
        """The public names of the package and of its `bson`, and some of the standard library."""
        found: dict[str, Any] = {}
        package = importlib.import_module(self.package)
        modules = [self.bson + suffix for suffix in _BSON_MODULES]
        modules += [f"{self.package}.{name}" for name in _MODULES]
        for module in (*map(importlib.import_module, modules), package):
            found |= {name: getattr(module, name) for name in _public(module)}
        return found | self._gridfs() | _STANDARD | {"package": package}

    def _gridfs(self) -> dict[str, Any]:
        """The names of its `gridfs`, those of the asyncio face without their prefix."""
        folder = "gridfs" if self.package == "pymongo" else f"{self.package}.gridfs"
        errors = importlib.import_module(f"{folder}.errors")
        module = importlib.import_module(f"{folder}.asynchronous" if self.is_async else folder)
        names = [name for name in module.__all__ if self.is_async or not name.startswith("Async")]
        return {name: getattr(errors, name) for name in ("CorruptGridFile", "FileExists", "GridFSError")} | {
            name.removeprefix("Async"): getattr(module, name) for name in names
        }


def _public(module: ModuleType) -> list[str]:
    return getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]


class Clients:
    """The clients of one driver in a test session: one that all snippets share, and their own."""

    def __init__(self, driver: Driver, uri: str) -> None:
        self._names = driver.names()
        self._class = self._names[driver.client_class]
        self._loop = Loop() if driver.is_async else None
        self._own: list[Any] = []
        self._uri = uri
        self.shared = self._make(uri)
        # A client that has connected: what its first operation does beside is no part of a snippet.
        self.shared["parity"]["things"].find_one()

    def scope(self) -> dict[str, Any]:
        """What a snippet sees."""
        database = self.shared["parity"]
        return self._wrapped() | {
            "client": self.shared,
            "db": database,
            "c": database["things"],
            "uri": self._uri,
            "make": self.make,
            "kind": lambda value: type(bare(value)).__name__,
            "tries": _tries,
        }

    def _wrapped(self) -> dict[str, Any]:
        """The names, the constructors of GridFS made to take what snippets have."""
        if self._loop is None:
            return self._names
        grids = {name: Blocking(value, self._loop) for name, value in self._names.items() if name in _GRIDS}
        return self._names | grids

    def make(self, *args: Any, **kwargs: Any) -> Any:
        """A client of the snippet's own, to the tests' server unless told otherwise."""
        made = self._make(*(args or (() if "host" in kwargs else (self._uri,))), **kwargs)
        self._own.append(made)
        return made

    def _make(self, *args: Any, **kwargs: Any) -> Any:
        client = self._class(*args, **kwargs)
        return Blocking(client, self._loop) if self._loop else client

    def close_own(self) -> None:
        """Closes the clients that the last snippet made."""
        for client in self._own:
            # PyMongo's fails if the client is closed already and had a cursor open.
            with contextlib.suppress(self._names["InvalidOperation"]):
                client.close()
        self._own.clear()

    def close(self) -> None:
        self.close_own()
        self.shared.close()
        if self._loop:
            self._loop.close()


def _tries(function: Any) -> Any:
    """The value of a function, or its error."""
    try:
        return function()
    except Exception as error:
        return error
