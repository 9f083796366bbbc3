from pathlib import Path

import pytest
from tests.unit.compat.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program in a folder of its own."""
    return Program(tmp_path / "program.py")
