"""`python -m tests.simulation SEED` shows one run; `python -m tests.simulation --seeds COUNT` runs many."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from tests.simulation.simulation import Failure, simulate


def main() -> int:
    """What the command line asks for; the exit status is 1 if a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="show what happens with this seed")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to run, when none is named")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        return _show(arguments.seed)
    return _run(range(arguments.first, arguments.first + arguments.seeds))


def _show(seed: int) -> int:
    try:
        simulate(seed, print)
    except Failure:
        traceback.print_exc()
        return 1
    return 0


def _run(seeds: range) -> int:
    failed: list[int] = []
    began = time.monotonic()
    for count, seed in enumerate(seeds, 1):
        try:
            simulate(seed)
        except Failure as failure:
            failed.append(seed)
            print(str(failure).splitlines()[0], flush=True)
        if count % 1000 == 0:
            print(f"{count} seeds in {time.monotonic() - began:.0f} s, failed: {len(failed)}", flush=True)
    print(f"{len(seeds)} seeds in {time.monotonic() - began:.1f} s, failed: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
