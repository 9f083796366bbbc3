"""The import hook: answers the names of PyMongo's packages with petiole's modules. Changes nothing by itself."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from petiole.compat.table import COMPOSED, DISTRIBUTIONS, MODULES, ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MISSING = object()


class Alias(ModuleType):
    """A module of PyMongo's that is none of petiole's: submodules by the table, other names from the modules behind."""

    def __getattr__(self, name: str) -> Any:
        submodule = f"{self.__name__}.{name}"
        if submodule in MODULES or submodule in COMPOSED:
            return import_module(submodule)
        if not name.startswith("__") or name == "__all__":
            for behind in COMPOSED[self.__name__]:
                value = getattr(import_module(behind), name, _MISSING)
                if value is not _MISSING:
                    setattr(self, name, value)
                    return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        below = f"{self.__name__}."
        children = (name.removeprefix(below) for name in (*MODULES, *COMPOSED) if name.startswith(below))
        behind = (
            name
            for module in COMPOSED[self.__name__]
            for name in dir(import_module(module))
            if name[:2] != "__"
        )
        return sorted({*vars(self), *behind, *(name for name in children if "." not in name)})


class AliasLoader(Loader):
    """Makes what is composed, and puts petiole's own modules in the places of all others."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return Alias(spec.name) if spec.name in COMPOSED else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in MODULES:
            # The import system hands on what is in here afterwards.
            sys.modules[name] = import_module(MODULES[name])
            return
        module.__doc__ = "\n".join(filter(None, (import_module(behind).__doc__ for behind in COMPOSED[name])))
        if name in DISTRIBUTIONS:
            version = DISTRIBUTIONS[name]
            vars(module).update(
                __version__=version,
                version=version,
                version_tuple=tuple(int(part) for part in version.split(".")),
                get_version_string=lambda: version,
            )


class AliasDistribution(Distribution):
    """What `importlib.metadata` says of a package that petiole stands for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {DISTRIBUTIONS[self._name]}\n"
        if filename == "top_level.txt":
            return "bson\ngridfs\npymongo\n" if self._name == "pymongo" else f"{self._name}\n"
        return None

    def locate_file(self, path: Any) -> NoReturn:
        raise FileNotFoundError(f"{self._name} is petiole here: it has no file {path}")


class AliasFinder(DistributionFinder, MetaPathFinder):
    """Answers for the packages of the table, and for nothing else."""

    _loader = AliasLoader()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ROOTS:
            return None
        if fullname in COMPOSED or fullname in MODULES:
            return ModuleSpec(fullname, self._loader, is_package=fullname in COMPOSED)
        raise ModuleNotFoundError(
            f"No module named {fullname!r}: petiole stands for PyMongo here, and has no such module",
            name=fullname,
        )

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterable[AliasDistribution]:
        wanted = None if context is None else context.name
        plain = None if wanted is None else wanted.lower()
        return [AliasDistribution(name) for name in DISTRIBUTIONS if plain in (None, name)]
