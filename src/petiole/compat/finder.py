"""The import hook: answers the names of PyMongo's packages with petiole's modules. Changes nothing by itself."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from petiole.compat.table import ERAS, ROOTS, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MISSING = object()


class Alias(ModuleType):
    """A module of PyMongo's that is none of petiole's: submodules by the table, other names from the modules behind."""

    def __init__(self, name: str, table: Table) -> None:
        super().__init__(name)
        self.__dict__["_table"] = table

    def __getattr__(self, name: str) -> Any:
        table = self._table
        submodule = f"{self.__name__}.{name}"
        if submodule in table.modules or submodule in table.composed:
            return import_module(submodule)
        if name == "__all__":
            return sorted({one for module in self._behind() for one in getattr(module, "__all__", ())})
        if not name.startswith("__"):
            for module in self._behind():
                value = getattr(module, name, _MISSING)
                if value is not _MISSING:
                    setattr(self, name, value)
                    return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _behind(self) -> list[ModuleType]:
        return [import_module(name) for name in self._table.composed[self.__name__]]

    def __dir__(self) -> list[str]:
        below = f"{self.__name__}."
        table = self._table
        known = (*table.modules, *table.composed)
        children = (name.removeprefix(below) for name in known if name.startswith(below))
        behind = (name for module in self._behind() for name in dir(module) if name[:2] != "__")
        return sorted({*vars(self), *behind, *(name for name in children if "." not in name)})


class AliasLoader(Loader):
    """Makes what is composed, and puts petiole's own modules in the places of all others."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return Alias(spec.name, self._table) if spec.name in self._table.composed else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in self._table.modules:
            # The import system hands on what is in here afterwards.
            sys.modules[name] = import_module(self._table.modules[name])
            return
        assert isinstance(module, Alias)
        module.__doc__ = "\n".join(filter(None, (behind.__doc__ for behind in module._behind())))
        version = self._table.distributions.get(name)
        if version is not None:
            vars(module).update(
                __version__=version,
                version=version,
                version_tuple=tuple(int(part) for part in version.split(".")),
                get_version_string=lambda: version,
            )


class AliasDistribution(Distribution):
    """What `importlib.metadata` says of a package that petiole stands for."""

    def __init__(self, name: str, version: str) -> None:
        self._name = name
        self._version = version

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {self._version}\n"
        if filename == "top_level.txt":
            return "bson\ngridfs\npymongo\n" if self._name == "pymongo" else f"{self._name}\n"
        return None

    def locate_file(self, path: Any) -> NoReturn:
        raise FileNotFoundError(f"{self._name} is petiole here: it has no file {path}")


class AliasFinder(DistributionFinder, MetaPathFinder):
    """Answers for the packages of an era's table, and for nothing else."""

    def __init__(self, era: int) -> None:
        self.era = era
        self.table = ERAS[era]
        self._loader = AliasLoader(self.table)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ROOTS:
            return None
        composed = fullname in self.table.composed
        if composed or fullname in self.table.modules:
            return ModuleSpec(fullname, self._loader, is_package=composed)
        raise ModuleNotFoundError(
            f"No module named {fullname!r}: petiole stands for PyMongo here, and has no such module",
            name=fullname,
        )

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterable[AliasDistribution]:
        wanted = None if context is None else context.name
        plain = None if wanted is None else wanted.lower()
        known = self.table.distributions.items()
        return [AliasDistribution(name, version) for name, version in known if plain in (None, name)]
