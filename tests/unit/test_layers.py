"""What import-linter cannot see: imports from the package itself, and modules that no layer names."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "petiole"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What tests run the package against stands beside the layers, and has a contract of its own.
OUTSIDE = {"local"}


def imported_from_package(file: Path) -> set[str]:
    """The names that a module imports with `from petiole import ...`, also when written relatively."""
    depth = len(file.relative_to(PACKAGE).parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            absolute = node.level == 0 and node.module == "petiole"
            relative = node.level == depth and node.module is None
            if absolute or relative:
                names.update(alias.name for alias in node.names)
    return names


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_only_submodules_are_imported_from_the_package(file: Path) -> None:
    for name in imported_from_package(file):
        module = PACKAGE / name
        assert name == "_native" or module.is_dir() or module.with_suffix(".py").is_file(), (
            f"{name} is not a module: import it from the module that defines it"
        )


def test_every_module_has_a_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = (contract for contract in settings["contracts"] if contract["id"] == "layers")
    text = " ".join(contract["layers"])
    layered = set("".join(character if character.isidentifier() else " " for character in text).split())
    modules = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert modules - layered - OUTSIDE - {"__init__"} == set()
