"""The list of rows: `benchmarks.registry`, and the choice of rows on the command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import chosen
from benchmarks.datasets import LOADERS
from benchmarks.registry import Job, Row, Rule, rows

ROOT = Path(__file__).resolve().parents[3]


def test_every_target_of_the_trunk_has_its_row() -> None:
    targets = {name: (row.rule, row.bound) for name, row in rows().items()}
    assert targets["bson_encode"] == (Rule.MEAN_SPEED, 3.0)
    assert targets["bson_decode"] == (Rule.MEAN_SPEED, 2.0)
    for name in ("ping", "find_one", "insert_one"):
        assert targets[name] == (Rule.COST, 0.40)
        assert targets[f"async_{name}"] == (Rule.COST, 0.35)
        assert [point.name for point in rows()[f"async_{name}"].points] == ["1", "10", "100"]
    assert targets["threads_find_one"] == (Rule.SPEED, 2.0)
    assert targets["iterate"] == targets["insert_many"] == (Rule.COST, 0.55)
    assert targets["import"] == (Rule.COST, 0.5)
    assert targets["memory_list"] == (Rule.COST, 1.0)
    assert targets["background_threads"] == (Rule.ABSOLUTE, 1.0)
    for name in ("growth_tasks", "growth_documents", "memory_iterate"):
        assert targets[name] == (Rule.GROWTH, 1.3)


@pytest.mark.parametrize("row", rows().values(), ids=lambda row: row.name)
def test_a_row_is_whole(row: Row) -> None:
    assert row.points
    assert set(row.needs) <= set(LOADERS)
    assert all(point.units >= 1 and point.minimum >= 1 for point in row.points)
    assert bool(row.members) or not row.needs
    if row.gauge:
        assert all(point.units == 1 for point in row.points), "a gauge is not divided by units"


def test_quick_points_replace_the_points_only_if_there_are_some() -> None:
    row = rows()["growth_documents"]
    assert row.points_for(quick=True) == row.points[:3]
    assert rows()["ping"].points_for(quick=True) == rows()["ping"].points


def test_a_job_survives_the_way_to_the_worker() -> None:
    job = Job(uri="mongodb://h/", database="d", folder="/f", quick=True, uvloop=True)
    assert Job(**job.to_json()) == job


def test_all_rows_are_chosen_without_names() -> None:
    assert [row.name for row in chosen([])] == list(rows())


def test_rows_are_chosen_by_name_and_pattern() -> None:
    assert [row.name for row in chosen(["ping", "bson_*"])] == ["bson_encode", "bson_decode", "ping"]


def test_an_unknown_row_is_named() -> None:
    with pytest.raises(SystemExit, match="no row is called pong"):
        chosen(["ping", "pong"])


def test_a_worker_loads_no_driver_before_its_row_does() -> None:
    program = (
        "import sys, benchmarks.worker, benchmarks.registry; benchmarks.registry.rows();"
        "print(sorted({'pymongo', 'bson', 'petiole', 'motor'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
