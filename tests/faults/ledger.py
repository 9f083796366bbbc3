"""What the workers were told, and whether that is what the servers hold.

Owns: the accounts of single workers, and the verdict over them. It knows neither clients nor servers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

LIMIT = 30.0
"""Seconds that an operation may take: server selection may use up its timeout twice."""


class Account:
    """What one worker was told. Only that worker writes to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stored: set[str] = set()
        """The ids whose storage was acknowledged by a majority."""
        self.increments = 0
        """Acknowledged increments of the worker's counter."""
        self.in_doubt = 0
        """Increments that ended by an error: applied once, or not at all."""
        self.writes = 0
        """Acknowledged writes of all kinds."""
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self.wrong: list[str] = []

    def complain(self, what: str) -> None:
        """Note something that must not happen."""
        self.wrong.append(f"{self.name}: {what}")


def verdict(account: Account, stored: set[str], counted: int) -> list[str]:
    """What is wrong with an account, given what the servers hold of its worker."""
    wrong = list(account.wrong)
    if account.slowest > LIMIT:
        wrong.append(f"{account.name}: an operation took {account.slowest:.1f} s")
    if lost := account.stored - stored:
        wrong.append(f"{account.name}: acknowledged but not there: {sorted(lost)}")
    most = account.increments + account.in_doubt
    if not account.increments <= counted <= most:
        wrong.append(f"{account.name}: {counted} increments, not from {account.increments} to {most}")
    return wrong


def table(outcomes: Mapping[str, int]) -> str:
    """How often what happened, as lines."""
    return "\n".join(f"{count:8} {what}" for what, count in sorted(outcomes.items()))
