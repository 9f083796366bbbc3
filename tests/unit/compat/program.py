"""Runs programs in processes of their own, with petiole in PyMongo's place and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Program:
    """A program in a file, and what it prints as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, code: str, *options: str, **environment: str) -> list[Any]:
        """Run it as Python does, with `options`."""
        self.path.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, *options, str(self.path), "argument"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def on_petiole(self, code: str) -> list[Any]:
        """Run it by `python -m petiole.compat`."""
        return self.run(code, "-m", "petiole.compat")
