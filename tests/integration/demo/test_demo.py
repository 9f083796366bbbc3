"""The demonstration, run as `make demo` runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def demo(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)


def test_it_shows_everything_on_its_own_data() -> None:
    program = demo()
    assert program.returncode == 0, program.stdout + program.stderr
    for words in (
        "20,189 changes of the clocks on Earth",
        "Pacific/Apia",
        "9,412 matched, 9,412 modified.",
        "without an index: COLLSCAN, 20,189 documents examined",
        "with index zone_1_at_-1: IXSCAN → FETCH, 38 documents examined",
        "20,189 documents with",
        "2,500 operations, and 500 notes written.",
        "Most documents: Europe/London, 218.",
        "Done in",
    ):
        assert words in program.stdout


@pytest.mark.parametrize(
    "document",
    [
        {"city": "Bern", "age": 7},
        {"only": "text"},
        {"nested": {"a": [1, 2]}, "when": {"$date": "2020-01-01T00:00:00Z"}},
        {},
    ],
)
def test_it_finds_questions_for_any_documents(tmp_path: Path, document: dict[str, object]) -> None:
    file = tmp_path / "any.jsonl"
    file.write_text("".join(json.dumps(document) + "\n" for _ in range(3)))
    program = demo(str(file))
    assert program.returncode == 0, program.stdout + program.stderr
    assert "3 documents of any.jsonl." in program.stdout
    assert "Done in" in program.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1}\n{oops\n', "line 2 is not JSON"),
        ("[1]\n", "line 1 is not a JSON object"),
        ("\n", "holds no documents"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_data_is_one_sentence(tmp_path: Path, content: str | None, sentence: str) -> None:
    file = tmp_path / "bad.jsonl"
    if content is not None:
        file.write_text(content)
    program = demo(str(file))
    assert program.returncode == 1
    assert sentence in " ".join(program.stdout.split())
    assert "Traceback" not in program.stderr
