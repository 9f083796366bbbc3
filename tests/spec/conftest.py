"""Where the specifications' tests are, and how a test takes its cases from them.

``pytest tests/spec --specifications DIR``; else ``$PETIOLE_SPECIFICATIONS``; else ``../shared/specifications`` beside
the repository. A test marked ``@pytest.mark.specification("uri-options/tests")`` runs once for every entry of
"tests" in the JSON files there, as its argument `case`. Without the folder they are skipped, and the summary says so.
"""

import json
import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "specifications"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--specifications", metavar="DIR", help="the folder of the driver specifications")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "specification(folder): run once per test case of the JSON files in that folder"
    )


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
    cases = [
        pytest.param(case, id=f"{path.stem}: {case['description']}")
        for path in sorted(folder.rglob("*.json"))
        for case in json.loads(path.read_text())["tests"]
    ]
    missing = pytest.mark.skip(reason=f"no specifications in {folder}: pass --specifications DIR")
    metafunc.parametrize("case", cases or [pytest.param(None, marks=missing, id="missing")])
