"""The names of `petiole.gridfs`, and the parameters of its methods, are those of PyMongo's `gridfs`."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import gridfs
import pytest

import petiole.gridfs

CLASSES = [name for name in gridfs.__all__ if "Grid" in name]


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in found]


def public(owner: type) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


@pytest.mark.parametrize("module", ["", ".asynchronous", ".synchronous", ".errors", ".grid_file_shared"])
def test_modules_have_the_same_names(module: str) -> None:
    theirs = importlib.import_module(f"gridfs{module}")
    ours = importlib.import_module(f"petiole.gridfs{module}")
    names = getattr(theirs, "__all__", ["CorruptGridFile"] if module == ".errors" else ["DEFAULT_CHUNK_SIZE"])
    assert set(names) <= set(ours.__all__)
    assert set(ours.__all__) <= set(dir(theirs))
    assert [name for name in ours.__all__ if not hasattr(ours, name)] == []


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_the_same_public_names(name: str) -> None:
    theirs, ours = getattr(gridfs, name), getattr(petiole.gridfs, name)
    # The cursors' own are tested with the cursors.
    assert public(theirs) - public(ours) == set()


@pytest.mark.parametrize("name", CLASSES)
def test_methods_have_the_same_parameters(name: str) -> None:
    theirs, ours = getattr(gridfs, name), getattr(petiole.gridfs, name)
    different = {}
    for method, function in vars(theirs).items():
        if inspect.isfunction(function) and (method == "__init__" or not method.startswith("_")):
            one, other = parameters(getattr(ours, method)), parameters(function)
            if one != other:
                different[method] = (one, other)
    assert different == {}


def test_what_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = petiole.gridfs.nothing  # type: ignore[attr-defined]
    assert {"errors", "GridFS"} <= set(dir(petiole.gridfs))
