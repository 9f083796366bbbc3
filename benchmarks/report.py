"""From samples to verdicts, the table and the JSON. Measures nothing."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks import figures
from benchmarks.interleave import Sample, Side
from benchmarks.registry import Measure, Point, Row, Rule

FILE_WIDTH = 180
SPEEDS = (Rule.SPEED, Rule.MEAN_SPEED)


@dataclass(frozen=True)
class Line:
    """One line of the table: a point of a row, or a row's summary over its points."""

    row: str
    title: str
    point: str
    costs: dict[str, float | None] = field(default_factory=dict)
    """The median judged figure per unit, by side label."""
    shown: dict[str, str] = field(default_factory=dict)
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    wall_ratio: float | None = None
    target: str = ""
    met: bool | None = None
    """None where there is no target at this line, or no figure to hold against it."""
    note: str = ""


def judged(row: Row, samples: Sequence[Sample]) -> list[float]:
    """The figures that the row is judged by."""
    if row.gauge:
        return [sample.value for sample in samples if sample.value is not None]
    return [sample.cpu if row.measure is Measure.CPU else sample.wall for sample in samples]


def lines(row: Row, sides: Sequence[Side], quick: bool) -> list[Line]:
    """The lines of one row. The first side is the subject, the second the reference."""
    points = row.points_for(quick)
    found = [_point_line(row, point, sides) for point in points]
    notes = [f"{side.label}: {side.failure}" for side in sides if side.failure]
    if row.rule in (Rule.MEAN_SPEED, Rule.GROWTH):
        found.append(_summary(row, found, sides, "; ".join(notes)))
    elif notes:
        found[-1] = replace(found[-1], note="; ".join(notes))
    return found


def _point_line(row: Row, point: Point, sides: Sequence[Side]) -> Line:
    per_side = {side.label: judged(row, side.samples.get(point.name, [])) for side in sides}
    costs = {label: figures.spread(cost).median if cost else None for label, cost in per_side.items()}
    shown = {label: "" if cost is None else formatted(row, cost) for label, cost in costs.items()}
    subject, reference = sides[0], sides[1]
    mine, theirs = per_side[subject.label], per_side[reference.label]
    own = costs[subject.label]
    absolute = row.rule is Rule.ABSOLUTE
    target, met = "", None
    if row.rule in (Rule.COST, Rule.SPEED, Rule.ABSOLUTE):
        target = target_text(row)
    if not mine or not theirs:
        if absolute and own is not None:
            met = own <= row.bound
        return Line(row.name, row.title, point.name, costs, shown, target=target, met=met)
    ratio = figures.ratio_spread(mine, theirs)
    if row.rule in SPEEDS:
        ratio = figures.inverted(ratio)
    if target:
        met = holds(row, own if absolute and own is not None else ratio.median)
    return Line(
        row.name,
        row.title,
        point.name,
        costs,
        shown,
        ratio=ratio.median,
        low=ratio.low,
        high=ratio.high,
        wall_ratio=_wall_ratio(row, point, subject, reference),
        target=target,
        met=met,
    )


def _wall_ratio(row: Row, point: Point, subject: Side, reference: Side) -> float | None:
    if row.gauge:
        return None
    mine = [sample.wall for sample in subject.samples[point.name]]
    theirs = [sample.wall for sample in reference.samples[point.name]]
    ratio = figures.ratio_of_medians(mine, theirs)
    return 1 / ratio if row.rule in SPEEDS else ratio


def _summary(row: Row, points: Sequence[Line], sides: Sequence[Side], note: str) -> Line:
    target = target_text(row)
    if row.rule is Rule.MEAN_SPEED:
        ratios = [line.ratio for line in points if line.ratio is not None]
        mean = figures.geometric_mean(ratios) if len(ratios) == len(points) else None
        met = None if mean is None else holds(row, mean)
        return Line(row.name, row.title, "geometric mean", ratio=mean, target=target, met=met, note=note)
    rises: dict[str, float | None] = {}
    for side in sides:
        costs = [line.costs[side.label] for line in points]
        known = [cost for cost in costs if cost is not None]
        rises[side.label] = figures.growth(known) if len(known) == len(costs) else None
    own = rises[sides[0].label]
    shown = {label: "" if rise is None else f"x{rise:.2f}" for label, rise in rises.items()}
    met = None if own is None else holds(row, own)
    return Line(row.name, row.title, "greatest rise", rises, shown, target=target, met=met, note=note)


def holds(row: Row, figure: float) -> bool:
    return figure >= row.bound if row.rule in SPEEDS else figure <= row.bound


def target_text(row: Row) -> str:
    if row.rule in SPEEDS:
        return f"≥ {row.bound:.1f}x"
    if row.rule is Rule.ABSOLUTE:
        return f"= {row.bound:.0f}" if row.bound == 1 else f"≤ {row.bound:.0f}"
    return f"≤ {row.bound:.2f}"


def formatted(row: Row, figure: float) -> str:
    """A figure with its unit, in three or four digits; of a row about throughput, the units per second."""
    if row.rule is Rule.SPEED and figure:
        return f"{1 / figure:,.0f}/s"
    if row.measure is Measure.BYTES:
        return f"{figure / 1e6:.1f} MB"
    if row.measure is Measure.THREADS:
        return f"{figure:.0f}"
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if figure * factor < 10_000:
            digits = max(0, 2 - math.floor(math.log10(figure * factor))) if figure > 0 else 0
            return f"{figure * factor:.{min(digits, 3)}f} {unit}"
    return f"{figure:.2f} s"


def cells(line: Line, labels: Sequence[str]) -> list[str]:
    """The line as the cells of the table, in the order of `headings`."""
    ratio = "" if line.ratio is None else f"{line.ratio:.3f}"
    around = "" if line.low is None or line.high is None else f"{line.low:.3f}-{line.high:.3f}"
    wall = "" if line.wall_ratio is None else f"{line.wall_ratio:.2f}"
    verdict = {True: "pass", False: "MISS", None: ""}[line.met]
    if line.target and line.met is None:
        verdict = "none"
    shown = [line.shown.get(label, "") for label in labels]
    return [line.title, line.point, *shown, ratio, around, wall, line.target, verdict]


def headings(labels: Sequence[str]) -> list[str]:
    return ["row", "at", *labels, "ratio", "quartiles", "wall", "target", "verdict"]


def print_table(found: Sequence[Line], labels: Sequence[str]) -> None:
    """Print the lines, with rich if it is installed."""
    body = [(cells(line, labels), line.note) for line in found]
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        print_plain(body, headings(labels))
        return
    table = Table()
    for number, heading in enumerate(headings(labels)):
        table.add_column(heading, justify="left" if number < 2 else "right", no_wrap=number > 1)
    for row_cells, _ in body:
        colour = {"pass": "[green]", "MISS": "[bold red]", "none": "[yellow]"}.get(row_cells[-1], "")
        table.add_row(*row_cells[:-1], colour + row_cells[-1])
    # Written into a file the table keeps its width; rich would squeeze it into 80 columns.
    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    console.print(table)
    for row_cells, note in body:
        if note:
            print(f"{row_cells[0]}: {note}")


def print_plain(body: Sequence[tuple[list[str], str]], heading: list[str]) -> None:
    """The table without any library."""
    columns = list(zip(heading, *[row_cells for row_cells, _ in body], strict=True))
    widths = [max(map(len, column)) for column in columns]
    for row_cells in (heading, *[row_cells for row_cells, _ in body]):
        padded = [
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row_cells, widths, strict=True))
        ]
        print("  ".join(padded).rstrip())
    for row_cells, note in body:
        if note:
            print(f"{row_cells[0]}: {note}")


def to_json(row: Row, sides: Sequence[Side], found: Sequence[Line], quick: bool) -> dict[str, Any]:
    """The row with every side's figures, for a file."""
    return {
        "name": row.name,
        "title": row.title,
        "measure": row.measure.value,
        "unit": row.unit,
        "rule": row.rule.value,
        "bound": row.bound,
        "failures": {side.label: side.failure for side in sides if side.failure},
        "lines": [
            {
                "point": line.point,
                "costs": line.costs,
                "ratio": line.ratio,
                "quartiles": [line.low, line.high],
                "wall_ratio": line.wall_ratio,
                "target": line.target,
                "met": line.met,
            }
            for line in found
        ],
        "rounds": {
            side.label: {
                point.name: [
                    [sample.cpu, sample.wall, sample.value] for sample in side.samples.get(point.name, [])
                ]
                for point in row.points_for(quick)
            }
            for side in sides
        },
    }
