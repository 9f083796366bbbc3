"""Where the specifications' tests are, and how a test takes its cases from them.

``pytest tests/spec --specifications DIR``; else ``$PETIOLE_SPECIFICATIONS``; else ``../shared/specifications``
beside the repository. A test marked ``@pytest.mark.specification("uri-options/tests")`` runs once for every entry of
"tests" in the JSON files there (or for every file, where it has none), as its argument `case`. Without the folder
they are skipped, and the summary says so.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.spec.unified import report

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "specifications"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--specifications", metavar="DIR", help="the folder of the driver specifications")
    parser.addoption(
        "--topology",
        choices=("replicaset", "single", "three", "sharded", "load-balanced", "newer"),
        default="replicaset",
        help="the servers of the unified tests",
    )
    parser.addoption(
        "--driver", choices=("petiole", "pymongo"), default="petiole", help="the driver of the unified tests"
    )
    parser.addoption(
        "--try-missing", action="store_true", help="run the unified tests of what petiole is said to lack"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "specification(folder): run once per test case of the JSON files in that folder"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    report.write(terminalreporter)


def specifications_folder(config: pytest.Config) -> Path:
    chosen = config.getoption("--specifications", None) or os.environ.get("PETIOLE_SPECIFICATIONS")
    return Path(chosen) if chosen else _BESIDE


@pytest.fixture(scope="session")
def specifications(pytestconfig: pytest.Config) -> Path:
    """The folder of the specifications; a test that asks for it is skipped where there is none."""
    folder = specifications_folder(pytestconfig)
    if not folder.is_dir():
        pytest.skip(f"no specifications in {folder}: pass --specifications DIR")
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("specification")
    if marker is None:
        return
    folder = specifications_folder(metafunc.config) / marker.args[0]
    found = [case for path in sorted(folder.rglob("*.json")) for case in cases_of(path, folder)]
    missing = pytest.mark.skip(reason=f"no specifications in {folder}: pass --specifications DIR")
    metafunc.parametrize("case", found or [pytest.param(None, marks=missing, id="missing")])


def cases_of(path: Path, folder: Path) -> Iterator[Any]:
    """The entries of "tests" in a file, or the file as one case."""
    content = json.loads(path.read_text())
    name = str(path.relative_to(folder).with_suffix(""))
    if "tests" not in content:
        yield pytest.param(content, id=name)
        return
    for case in content["tests"]:
        yield pytest.param(case, id=f"{name}: {case['description']}")
