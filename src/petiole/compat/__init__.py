"""Programs and frameworks written for PyMongo, on petiole, without a changed line.

After `install()`, `import pymongo`, `bson`, `gridfs` and `motor`, and their documented submodules, give petiole. The
classes are petiole's own: `pymongo.MongoClient is petiole.MongoClient`. The command
`python -m petiole.compat program.py` does so for a program that is not to be touched.

Programs of four eras are understood: today's, of PyMongo 4; those of PyMongo 3, whose `pymongo.MongoClient` is
`petiole.legacy.MongoClient`; and those of 2 and 1, whose `pymongo.Connection` is `petiole.legacy.Connection`.

Owns which names are taken, and the import hook (`finder`) that takes them. Nothing of it runs unless it is asked for.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from petiole._engine import log_switch
from petiole.compat import pickles
from petiole.compat.finder import AliasFinder
from petiole.compat.table import ERAS, MANGLED, ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["install", "installed", "uninstall"]

ERA_VARIABLE = "PETIOLE_ERA"
"""The environment variable that says the era where the program does not: 4, 3, 2 or 1."""

_finders: list[AliasFinder] = []
"""The one that is installed, if any."""


def install(era: int | None = None) -> None:
    """Make `import pymongo`, `bson`, `gridfs` and `motor` give petiole, until `uninstall`. A second call does nothing.

    Call it before anything imports PyMongo: as the first lines of the program's main module, or of a `conftest.py`.

    :param era: 4 for programs written for PyMongo 4, 3 for those written for PyMongo 3, and so on; the variable
        `PETIOLE_ERA` for None, and 4 where that is not set.
    :raises RuntimeError: where PyMongo itself was imported already: what has its classes would not know petiole's; or
        where the alias is installed for another era.
    :raises ValueError: for another era.
    """
    if era is None:
        era = _finders[0].era if _finders else _era_of_environment()
    if era not in ERAS:
        raise ValueError(f"era must be 4, 3, 2 or 1, not {era!r}")
    if _finders:
        if _finders[0].era != era:
            raise RuntimeError(
                f"petiole.compat is installed for the era {_finders[0].era}: uninstall it first"
            )
        return
    foreign = sorted(name for name in ROOTS if name in sys.modules)
    if foreign:
        raise RuntimeError(
            f"{' and '.join(foreign)} had been imported before petiole.compat.install() was called: call it first, "
            "or run the program with python -m petiole.compat"
        )
    for kind, name, value in _additions(era):
        setattr(kind, name, value)
    for kind, _, theirs in pickles.values():
        kind.__module__ = theirs
    log_switch.rename("pymongo")
    _finders.append(AliasFinder(era))
    sys.meta_path.insert(0, _finders[0])


def _era_of_environment() -> int:
    text = os.environ.get(ERA_VARIABLE) or "4"
    if not text.isdecimal() or int(text) not in ERAS:
        raise ValueError(f"the environment variable {ERA_VARIABLE} must be 4, 3, 2 or 1, not {text!r}")
    return int(text)


def uninstall() -> None:
    """Let the next `import pymongo` give PyMongo again, where that is installed. Without `install`, it does nothing.

    What was imported before stays petiole's.
    """
    if not _finders:
        return
    finder = _finders.pop()
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    for name in (*finder.table.composed, *finder.table.modules):
        sys.modules.pop(name, None)
    for kind, name, _ in _additions(finder.era):
        delattr(kind, name)
    for kind, ours, _ in pickles.values():
        kind.__module__ = ours
    log_switch.rename("petiole")


def installed() -> bool:
    """Whether `pymongo` is petiole for imports from now on."""
    return any(finder in sys.meta_path for finder in _finders)


def _additions(era: int) -> Iterator[tuple[type, str, object]]:
    """What classes have for as long as the alias is installed: class, name and value."""
    for module, kinds in MANGLED.items():
        for kind, names in kinds.items():
            owner = getattr(import_module(module), kind)
            for name in names:
                yield owner, f"_{kind}__{name}", getattr(owner, name)
    yield from pickles.states()
    if era == 3:
        from petiole.bson.son import SON
        from petiole.legacy.py3compat import iteritems

        yield SON, "iteritems", iteritems
