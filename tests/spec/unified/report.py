"""Sums up the unified tests at the end of a run: per tree what passed and failed, and what was skipped and why."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

_ID = re.compile(r"test_unified\.py::\w+\[([^:]+)/[^/:]+: ")
_OUTCOMES = ("passed", "failed", "skipped")


def write(reporter: Any) -> None:
    """Write the tables to pytest's terminal reporter."""
    trees: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for outcome in (*_OUTCOMES, "error"):
        for report in reporter.stats.get(outcome, ()):
            found = _ID.search(getattr(report, "nodeid", ""))
            if found is None:
                continue
            trees[found[1]]["failed" if outcome == "error" else outcome] += 1
            if outcome == "skipped":
                reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if not trees:
        return
    reporter.section("unified tests")
    width = max(map(len, trees))
    reporter.line(f"{'':{width}}  passed  failed  skipped")
    for tree, counts in sorted(trees.items()):
        reporter.line(f"{tree:{width}} " + "".join(f"{counts[outcome]:8}" for outcome in _OUTCOMES))
    total = sum(trees.values(), Counter())
    reporter.line(f"{'all':{width}} " + "".join(f"{total[outcome]:8}" for outcome in _OUTCOMES))
    if reasons:
        reporter.section("unified tests skipped because of", sep="-")
        for reason, number in reasons.most_common():
            reporter.line(f"{number:6}  {reason}")
