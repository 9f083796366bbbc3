"""`python -m tests.matrix [SERIES ...] [-- PYTEST ARGUMENTS]`: the tests on older servers, one series after another."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.matrix.servers import WHEELS, mongod

from petiole.local.binary import ENVIRONMENT_VARIABLE

WHAT_DEPENDS_ON_SERVERS = ("tests/spec", "tests/integration/operations")
"""What runs when no arguments for pytest are given."""


def main(arguments: list[str]) -> int:
    """Run pytest once for each series; the exit status is 1 if the tests failed on any."""
    where = arguments.index("--") if "--" in arguments else len(arguments)
    series, tests = arguments[:where] or list(WHEELS), arguments[where + 1 :]
    if unknown := set(series) - set(WHEELS):
        print(
            f"No server of the series {', '.join(sorted(unknown))}: there are {', '.join(WHEELS)}.",
            file=sys.stderr,
        )
        return 2
    failed = [one for one in series if not _passes(one, tests or list(WHAT_DEPENDS_ON_SERVERS))]
    print(f"{', '.join(series)}: failed on {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _passes(series: str, tests: list[str]) -> bool:
    print(f"MongoDB {series}", flush=True)
    environment = {**os.environ, ENVIRONMENT_VARIABLE: str(mongod(series))}
    return subprocess.run([sys.executable, "-m", "pytest", *tests], env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
