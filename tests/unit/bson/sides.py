"""Runs the same expression on PyMongo's `bson` and on `petiole.bson`, and tells what came of it.

Owns the comparison that the parity tests of this folder share: the type, `repr` and `str` of a value, or the
class and the message of an error, with the two packages' names and with addresses made equal.
"""

from __future__ import annotations

import collections
import copy
import datetime
import decimal
import importlib
import io
import pickle
import pickletools
import re
import struct
import uuid
import warnings
from functools import cache, partial
from typing import Any

import numpy as np

PYMONGO = "bson"
PETIOLE = "petiole.bson"

_MODULES = (
    "",
    ".binary",
    ".codec_options",
    ".datetime_ms",
    ".decimal128",
    ".errors",
    ".raw_bson",
    ".regex",
    ".tz_util",
)
_STANDARD = {
    "collections": collections,
    "copy": copy,
    "datetime": datetime,
    "decimal": decimal,
    "io": io,
    "np": np,
    "pickle": pickle,
    "re": re,
    "struct": struct,
    "uuid": uuid,
}


def element(kind: int, payload: bytes, name: bytes = b"a") -> bytes:
    """A document of one element, framed rightly whatever is inside."""
    body = bytes([kind]) + name + b"\0" + payload
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def shorthands(found: dict[str, Any]) -> dict[str, Any]:
    """What the expressions say in place of long calls of one side's classes."""
    options, registry = found["CodecOptions"], found["TypeRegistry"]

    def codec(base: str, kind: str, method: str, python_type: Any, transform: Any) -> Any:
        body = {kind: python_type, method: lambda self, value: transform(value)}
        return type(base.removeprefix("Type"), (found[base],), body)()

    return {
        "D": found["BinaryVectorDtype"],
        "clamp": {"datetime_conversion": found["DatetimeConversion"].DATETIME_CLAMP},
        "conversion": found["DatetimeConversion"],
        "decoder": partial(codec, "TypeDecoder", "bson_type", "transform_bson"),
        "east": found["FixedOffset"](60, "x"),
        "element": element,
        "encoder": partial(codec, "TypeEncoder", "python_type", "transform_python"),
        "encoder_of": partial(
            codec, "TypeEncoder", "python_type", "transform_python", transform=lambda value: value
        ),
        "fallback": lambda function, *codecs: options(type_registry=registry(codecs, function)),
        "options": options,
        "registry": lambda *codecs: options(type_registry=registry(codecs)),
        "uuids": lambda representation: options(uuid_representation=representation),
        "west": found["FixedOffset"](-60, "x"),
        "with_fallback": lambda: registry(fallback_encoder=repr),
    }


@cache
def names(package: str) -> dict[str, Any]:
    """All public names of a package's modules, and what the expressions use of the standard library."""
    found: dict[str, Any] = dict(_STANDARD)
    for module in (importlib.import_module(package + suffix) for suffix in _MODULES):
        listed = getattr(module, "__all__", [name for name in dir(module) if not name.startswith("__")])
        found.update({name: getattr(module, name) for name in listed if name not in _STANDARD})
    found["package"] = importlib.import_module(package)
    found.update(shorthands(found))
    return found


def outcome(package: str, expression: str, messages: bool = True) -> str:
    """What an expression gives on one side, as text that can be compared with the other side's.

    Without `messages`, of an error only the class.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = eval(expression, dict(names(package)))
        except Exception as error:
            text = f"raises {type(error).__module__}.{type(error).__qualname__}"
            text += f": {error}" if messages else ""
        else:
            text = f"{type(value).__name__} | {value!r} | {value!s}"
    text = re.sub(r"0x[0-9a-f]{8,}", "ADDRESS", text)
    # PyMongo adds a link to its manual to some messages.
    return re.sub(r" See: https\S+", "", text).replace(PETIOLE, PYMONGO)


def assert_same(expression: str, messages: bool = True) -> None:
    """Fails unless both packages give the same for an expression."""
    ours, theirs = (outcome(side, expression, messages) for side in (PETIOLE, PYMONGO))
    assert ours == theirs, f"\npetiole: {ours}\nPyMongo: {theirs}"


def opcodes(pickled: bytes) -> list[tuple[str, Any]]:
    """The instructions of a pickle without the framing, by PyMongo's module names."""
    found = []
    for opcode, argument, _ in pickletools.genops(pickletools.optimize(pickled)):
        if isinstance(argument, str):
            argument = argument.replace(PETIOLE, PYMONGO)
        if opcode.name != "FRAME":
            found.append((opcode.name, argument))
    return found


class RedirectingUnpickler(pickle.Unpickler):
    """Loads the other package's pickles as `sys.modules` would if it were installed under that name."""

    def __init__(self, pickled: bytes, source: str, target: str) -> None:
        super().__init__(io.BytesIO(pickled))
        self._source, self._target = source, target

    def find_class(self, module: str, name: str) -> Any:
        if module == self._source or module.startswith(f"{self._source}."):
            module = self._target + module.removeprefix(self._source)
        return super().find_class(module, name)
