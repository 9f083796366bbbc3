"""`python -m petiole.compat PROGRAM.py …` or `-m MODULE …`: runs a program as Python does, with petiole for PyMongo.

Child processes that the program starts with the same Python are not taken care of: see `PETIOLE_COMPAT`.
"""

from __future__ import annotations

import runpy
import sys

from petiole.compat import install

USAGE = "usage: python -m petiole.compat (PROGRAM.py | -m MODULE) [ARGUMENT ...]\n"


def main() -> int:
    """Run the program that the command line names; its own way of ending is kept."""
    arguments = sys.argv[1:]
    if not arguments or arguments == ["-m"] or arguments[0] in ("-h", "--help"):
        (sys.stdout if arguments[:1] in (["-h"], ["--help"]) else sys.stderr).write(USAGE)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    install()
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = arguments[0].rpartition("/")[0]
        runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
