"""The tests of client-side encryption that there are in their older form alone."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from tests.spec.conftest import specifications_folder
from tests.spec.test_unified import (  # Most of them are fixtures.
    Deployments,
    deployments,  # noqa: F401
    driver,  # noqa: F401
    face,  # noqa: F401
    often_checked,  # noqa: F401
    start,  # noqa: F401
)
from tests.spec.unified.driver import Face
from tests.spec.unified.older import unified
from tests.spec.unified.runner import run_test, why_skipped

FOLDER = "client-side-encryption/tests"


class Case(NamedTuple):
    """A test of a file."""

    text: str
    number: int


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = specifications_folder(metafunc.config) / FOLDER
    cases = [
        pytest.param(Case(path.read_text(), number), id=f"{path.stem}: {test['description']}")
        for path in sorted((folder / "legacy").glob("*.json"))
        if not (folder / "unified" / path.name).exists()
        for number, test in enumerate(json.loads(path.read_text())["tests"])
    ]
    metafunc.parametrize("case", cases)


@pytest.mark.timeout(60)
def test_older_form(face: Face, deployments: Deployments, case: Case) -> None:  # noqa: F811
    older = face.driver.bson("json_util").loads(case.text)
    content, test = unified(older, older["tests"][case.number])
    deployment = deployments.get()
    reason = why_skipped(face, deployment, content, test)
    if reason is not None:
        pytest.skip(reason)
    run_test(face, deployment, content, test)
