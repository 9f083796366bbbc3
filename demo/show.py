"""How the demonstration is printed: chapters, the call that was made, what came back, how long it took."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)
_BAR_WIDTH = 40


class Word(str):
    """A name in a call that is shown, instead of a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Stopwatch:
    """Seconds of wall clock, and of this process's processor time."""

    wall = 0.0
    cpu = 0.0

    def __str__(self) -> str:
        return f"{self.wall:.2f} s" if self.wall >= 1 else f"{self.wall * 1000:.1f} ms"


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measure the block."""
    watch = Stopwatch()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield watch
    finally:
        watch.wall, watch.cpu = time.perf_counter() - wall, time.process_time() - cpu


def chapter(number: int, title: str) -> None:
    console.print()
    console.rule(f"[bold green]{number}  {escape(title)}", align="left", style="green")


def call(function: str, *arguments: object, then: str = "") -> None:
    """The call as it was made."""
    written = ", ".join(map(repr, arguments))
    console.print(Text(f"{function}({written}){then}", style="cyan"))


def say(text: str) -> None:
    console.print(text)


def took(text: str) -> None:
    """The closing line of a chapter."""
    console.print(Text(f"  {text}", style="dim"))


def document(content: Mapping[str, Any]) -> None:
    """One document, field by field."""
    table = Table.grid(padding=(0, 2))
    for name, value in content.items():
        table.add_row(Text(f"  {name}", style="bold"), Text(plain(value)))
    console.print(table)


def documents(rows: Iterable[Mapping[str, Any]]) -> None:
    """Documents as a table with their fields as columns."""
    found = list(rows)
    names = list(dict.fromkeys(name for row in found for name in row))
    table = Table(box=None, padding=(0, 2), header_style="bold", pad_edge=True)
    for name in names:
        numbers = all(isinstance(row.get(name), int | float) for row in found)
        table.add_column(name, justify="right" if numbers else "left", overflow="ellipsis", no_wrap=True)
    for row in found:
        table.add_row(*(Text(plain(row.get(name))) for name in names))
    console.print(table)


def bars(rows: Iterable[Mapping[str, Any]]) -> None:
    """`_id` and `count` as a bar chart."""
    found = list(rows)
    largest = max((row["count"] for row in found), default=1)
    table = Table.grid(padding=(0, 2))
    for row in found:
        bar = Text("█" * max(1, round(_BAR_WIDTH * row["count"] / largest)), style="green")
        table.add_row(Text(f"  {plain(row['_id'])}"), Text(f"{row['count']:,}", justify="right"), bar)
    console.print(table)


def plain(value: object) -> str:
    """A value as a person would write it."""
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case list():
            return ", ".join(map(plain, value))
        case Mapping():
            return ", ".join(f"{name} {plain(inner)}" for name, inner in value.items())
        case int() if not isinstance(value, bool):
            return f"{value:,}"
        case _:
            return str(value)
