"""Found by Python at its start where this folder is on PYTHONPATH: puts petiole in PyMongo's place."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

from petiole.compat import install

install()

# Another module of that name, which this one hides, is not to be lost.
_here = Path(__file__).parent
_hidden = PathFinder.find_spec("sitecustomize", [entry for entry in sys.path if Path(entry) != _here])
if _hidden is not None and _hidden.loader is not None:
    _hidden.loader.exec_module(module_from_spec(_hidden))
