"""Bodies and client-side errors are PyMongo's, for every expression in `command_cases`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.commands import command_cases
from tests.unit.commands.record_commands import RECORDED, as_text

from petiole.errors import PyMongoError

ANSWERS: dict[str, Any] = json.loads(RECORDED.read_text())


def test_every_case_was_recorded() -> None:
    assert list(ANSWERS) == list(command_cases.ALL)


@pytest.mark.parametrize("expression", command_cases.ALL)
def test_what_pymongo_makes_of_it(expression: str) -> None:
    expected = ANSWERS[expression]
    if "error" in expected:
        with pytest.raises((PyMongoError, TypeError, ValueError)) as caught:
            command_cases.ALL[expression]()
        assert type(caught.value).__name__ == expected["error"]
        assert str(caught.value).replace("petiole.", "pymongo.") == expected["message"]
    else:
        assert as_text(command_cases.ALL[expression]()) == expected["command"]
