"""Programs and frameworks written for PyMongo, on petiole, without a changed line.

After `install()`, `import pymongo`, `bson`, `gridfs` and `motor`, and their documented submodules, give petiole. The
classes are petiole's own: `pymongo.MongoClient is petiole.MongoClient`. The command
`python -m petiole.compat program.py` does so for a program that is not to be touched.

Owns which names are taken, and the import hook (`finder`) that takes them. Nothing of it runs unless it is asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from petiole.compat.finder import AliasFinder
from petiole.compat.pickles import RESTORED, restore
from petiole.compat.table import COMPOSED, MANGLED, MODULES, ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["install", "installed", "uninstall"]

_finder = AliasFinder()


def install() -> None:
    """Make `import pymongo`, `bson`, `gridfs` and `motor` give petiole, until `uninstall`. A second call does nothing.

    Call it before anything imports PyMongo: as the first lines of the program's main module, or of a `conftest.py`.

    :raises RuntimeError: where PyMongo itself was imported already; what has its classes would not know petiole's.
    """
    if installed():
        return
    foreign = sorted(name for name in ROOTS if name in sys.modules)
    if foreign:
        raise RuntimeError(
            f"{' and '.join(foreign)} had been imported before petiole.compat.install() was called: call it first, "
            "or run the program with python -m petiole.compat"
        )
    for kind, name, value in _additions():
        setattr(kind, name, value)
    sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Let the next `import pymongo` give PyMongo again, where that is installed. Without `install`, it does nothing.

    What was imported before stays petiole's.
    """
    if not installed():
        return
    sys.meta_path.remove(_finder)
    for name in (*COMPOSED, *MODULES):
        sys.modules.pop(name, None)
    for kind, name, _ in _additions():
        delattr(kind, name)


def installed() -> bool:
    """Whether `pymongo` is petiole for imports from now on."""
    return _finder in sys.meta_path


def _additions() -> Iterator[tuple[type, str, object]]:
    """What classes have for as long as the alias is installed: class, name and value."""
    for module, kinds in MANGLED.items():
        for kind, names in kinds.items():
            owner = getattr(import_module(module), kind)
            for name in names:
                yield owner, f"_{kind}__{name}", getattr(owner, name)
    for module, restored in RESTORED.items():
        for kind in restored:
            yield getattr(import_module(module), kind), "__setstate__", restore
