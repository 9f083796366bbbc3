"""`python -m petiole.compat PROGRAM.py …` or `-m MODULE …`: runs a program as Python does, with petiole for PyMongo.

Processes that the program starts are not taken care of, unless they are forked. For them, `--path` prints a folder:
`PYTHONPATH=$(python -m petiole.compat --path)` holds for every Python that has petiole and is started with it.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from petiole.compat import install

USAGE = """\
usage: python -m petiole.compat PROGRAM.py [ARGUMENT ...]
       python -m petiole.compat -m MODULE [ARGUMENT ...]
       python -m petiole.compat --path
"""


def main() -> int:
    """Run the program that the command line names; its own way of ending is kept."""
    match sys.argv[1:]:
        case ["-h" | "--help", *_]:
            sys.stdout.write(USAGE)
        case ["--path"]:
            print(Path(__file__).with_name("switch"))
        case ["-m", module, *_]:
            install()
            sys.argv = sys.argv[2:]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [program, *_] if not program.startswith("-"):
            install()
            sys.argv = sys.argv[1:]
            sys.path[0] = os.path.dirname(os.path.abspath(program))
            runpy.run_path(program, run_name="__main__")
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
