"""`python -m tests.faults --kills 20` kills a primary that often under load; it fails if anything was wrong."""

from __future__ import annotations

import argparse
import sys
import time

from tests.faults.primary import torment


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="how many primaries to kill")
    arguments = parser.parse_args()
    began = time.monotonic()
    wrong = torment(arguments.kills, lambda line: print(line, flush=True))
    for line in wrong:
        print(line)
    print(f"{arguments.kills} kills in {time.monotonic() - began:.0f} s, wrong: {len(wrong) or 'nothing'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
