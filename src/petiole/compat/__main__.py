"""`python -m petiole.compat PROGRAM.py …` or `-m MODULE …`: runs a program as Python does, with petiole for PyMongo.

Processes that the program starts are not taken care of, unless they are forked. For them, `--path` prints a folder:
`PYTHONPATH=$(python -m petiole.compat --path)` holds for every Python that has petiole and is started with it. Where a
program was written for PyMongo 3, `--era 3` says so, or `PETIOLE_ERA=3` in the environment; so do 2 and 1.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from petiole.compat import install

USAGE = """\
usage: python -m petiole.compat [--era 1|2|3|4] PROGRAM.py [ARGUMENT ...]
       python -m petiole.compat [--era 1|2|3|4] -m MODULE [ARGUMENT ...]
       python -m petiole.compat --path
"""


def main() -> int:
    """Run the program that the command line names; its own way of ending is kept."""
    match sys.argv[1:]:
        case ["--era", era, *rest] if era in ("1", "2", "3", "4"):
            return run(rest, int(era))
        case rest:
            return run(rest, None)


def run(arguments: list[str], era: int | None) -> int:
    """Carry out what stands behind the era."""
    match arguments:
        case ["-h" | "--help", *_]:
            sys.stdout.write(USAGE)
        case ["--path"]:
            print(Path(__file__).with_name("switch"))
        case ["-m", module, *_]:
            install(era)
            sys.argv = arguments[1:]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [program, *_] if not program.startswith("-"):
            install(era)
            sys.argv = arguments
            sys.path[0] = os.path.dirname(os.path.abspath(program))
            runpy.run_path(program, run_name="__main__")
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
