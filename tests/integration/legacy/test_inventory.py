"""Name by name: the public API of PyMongo 3.11 is there, with compatible parameters."""

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

INVENTORY = Path(__file__).parents[4] / "shared" / "api" / "pymongo-3.11.4.json"

CLASSES = {
    "pymongo.mongo_client": ["MongoClient"],
    "pymongo.database": ["Database", "SystemJS"],
    "pymongo.collection": ["Collection"],
    "pymongo.cursor": ["Cursor"],
    "pymongo.bulk": ["BulkOperationBuilder", "BulkWriteOperation", "BulkUpsertOperation"],
    "pymongo.cursor_manager": ["CursorManager"],
    "pymongo.son_manipulator": [
        "SONManipulator",
        "ObjectIdInjector",
        "ObjectIdShuffler",
        "NamespaceInjector",
        "AutoReference",
    ],
}


def _described() -> list[Any]:
    if not INVENTORY.exists():
        return []
    modules = json.loads(INVENTORY.read_text())
    return [
        pytest.param(module, name, modules[module]["classes"][name], id=name)
        for module, names in CLASSES.items()
        for name in names
    ]


def _parameters(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize(("module", "name", "described"), _described())
def test_names_and_parameters(module: str, name: str, described: dict[str, Any]) -> None:
    cls = getattr(import_module(module.replace("pymongo", "petiole.legacy", 1)), name)
    names = [*described["properties"], *described["methods"], *described["attributes"]]
    assert [one for one in names if not hasattr(cls, one)] == []
    for method, parameters in described["methods"].items():
        wanted = [one.split("=")[0].lstrip("*") for one in parameters]
        found = _parameters(getattr(cls, method))
        if wanted[-1:] == ["kwargs"] or wanted[-1:] == ["args"]:
            wanted.pop()
        if "args" not in found or method == "eval":
            assert found[: len(wanted)] == wanted, method
