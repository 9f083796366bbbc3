"""Runs every unified test of the tree on both faces, and tests the runner by the format's own tests.

``--topology`` chooses the servers; ``--driver pymongo`` runs PyMongo instead, which shows whether the runner is right.
"""

from __future__ import annotations

import contextlib
import functools
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from tests.proxies.guise import Guise
from tests.proxies.newer import Newer
from tests.spec.conftest import specifications_folder
from tests.spec.unified.deployment import Deployment
from tests.spec.unified.driver import FACES, Driver, Face
from tests.spec.unified.encryption import Encryption
from tests.spec.unified.file_format import NEWEST, check_file
from tests.spec.unified.internals import check_often
from tests.spec.unified.missing import operations_of
from tests.spec.unified.runner import run_test, why_skipped
from tests.spec.unified.schema import Malformed

from petiole.local import LocalServer

FORMAT = Path("unified-test-format/tests")
SETS = ("replicaset", "three")
TOPOLOGIES: dict[str, int | None] = {
    "single": None,
    "replicaset": 1,
    "three": 3,
    "sharded": 1,
    "load-balanced": 1,
    "newer": 1,
}
"""How many members stand behind each; the last three are a set of one behind proxies that rewrite its `hello`."""

BEHIND_PROXIES: dict[str, tuple[str, ...]] = {
    "test_behind_a_load_balancer": ("load-balancers/",),
    "test_on_mongoses": (
        "load-balancers/tests/non-lb",
        "transactions/tests/unified/mongos-",
        "transactions/tests/unified/pin-mongos",
        "server-discovery-and-monitoring/tests/unified/serverMonitoringMode",
        "retryable-writes/tests/unified/insertOne-serverErrors",
    ),
}
"""What every run tries behind proxies; the whole of it with `--topology sharded` and `--topology load-balanced`."""

TIMED = "client-side-operations-timeout"
"""The tree whose tests tell apart times that lie no more than 5 to 50 ms from each other, which a busy machine does
not. What is wrong with the driver fails every time; so a test of it has failed if it has failed so often, the last
times with all its times longer."""
TRIES = 5
TIMES = frozenset({"blockTimeMS", "maxAwaitTimeMS", "maxTimeMS", "socketTimeoutMS", "timeoutMS"})


class Case(NamedTuple):
    """A test of a file."""

    path: Path
    number: int


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not {"case", "path"} & set(metafunc.fixturenames):
        return
    root = specifications_folder(metafunc.config)
    if metafunc.function.__name__ == "test_malformed_file_is_refused":
        paths = sorted((root / FORMAT / "invalid").glob("*.json"))
        metafunc.parametrize("path", paths, ids=[path.stem for path in paths])
        return
    name = metafunc.function.__name__
    failing = name == "test_wrong_test_fails"
    chosen = BEHIND_PROXIES.get(name, ("",))
    if name in BEHIND_PROXIES and metafunc.config.getoption("--topology", "replicaset") != "replicaset":
        chosen = ()  # They are run whole then.
    cases = [
        pytest.param(Case(path, number), id=f"{path.parent.relative_to(root)}/{path.stem}: {description}")
        for path in sorted(root.rglob("*.json"))
        if "invalid" not in path.parts and ("valid-fail" in path.parts) == failing
        if str(path.relative_to(root)).startswith(chosen)
        for number, description in enumerate(descriptions(path))
    ]
    metafunc.parametrize("case", cases)


def descriptions(path: Path) -> Iterator[str]:
    """The tests of a unified file, by their descriptions; none of another file."""
    content = json.loads(path.read_text())
    if isinstance(content, dict) and "schemaVersion" in content:
        for test in content["tests"]:
            yield test["description"]


@functools.lru_cache(maxsize=8)
def load(path: Path, driver: Driver) -> Any:
    content = driver.bson("json_util").loads(path.read_text())
    check_file(content)
    return content


@pytest.fixture(scope="session")
def driver(pytestconfig: pytest.Config) -> Driver:
    package = str(pytestconfig.getoption("--driver", "petiole"))
    return Driver(package, package == "pymongo" or bool(pytestconfig.getoption("--try-missing", False)))


class Deployments:
    """The servers of the tests, with users and without, each started when the first test asks for it."""

    def __init__(self, driver: Driver, topology: str, stack: contextlib.ExitStack) -> None:
        self._driver = driver
        self._topology = topology
        self._stack = stack
        self._started: dict[tuple[str, bool], Deployment] = {}
        self._encryption = functools.cache(lambda: stack.enter_context(Encryption(driver)))

    def get(self, *, auth: bool = False, single: bool = False) -> Deployment:
        topology = "single" if single else self._topology
        if (topology, auth) not in self._started:
            # In memory where there is such a folder: each test makes and drops collections, which are files.
            memory = Path("/dev/shm")
            folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
            path = self._stack.enter_context(folder)
            members = TOPOLOGIES[topology]
            server = self._stack.enter_context(LocalServer(replica_set=members, path=path, auth=auth))
            uris = fronts(server.uri, topology, self._stack)
            deployment = self._started[topology, auth] = Deployment(
                self._driver, *uris, auth=auth, encryption=self._encryption
            )
            self._stack.callback(deployment.close)
            deployment.kill_sessions()
        return self._started[topology, auth]

    def why_not(self, test: Any) -> str | None:
        """Why a test is not for these servers: those that look newer are so in two things alone."""
        if self._topology != "newer" or uses_bulk_write_or_raw_data(test):
            return None
        return "neither clientBulkWrite nor rawData (--topology newer)"

    def fitting(self, content: Any, test: Any) -> Deployment:
        """One with users, or a standalone server for a set, where a test asks for it; for the others the usual one."""
        places = [place["runOnRequirements"] for place in (content, test) if "runOnRequirements" in place]
        return self.get(
            auth=any(one.get("auth") for place in places for one in place),
            single=self._topology in SETS and any(_only_single(place) for place in places),
        )


def uses_bulk_write_or_raw_data(test: Any) -> bool:
    operations = list(operations_of(test["operations"]))
    return any(
        operation["name"] == "clientBulkWrite" or "rawData" in operation.get("arguments", {})
        for operation in operations
    )


def _only_single(requirements: list[Any]) -> bool:
    topologies = {name for one in requirements for name in one.get("topologies", ("replicaset",))}
    return "single" in topologies and "replicaset" not in topologies


def fronts(uri: str, topology: str, stack: contextlib.ExitStack) -> tuple[str, ...]:
    """What clients connect to: one mongos or service, and several of them (format, "useMultipleMongoses")."""
    if topology not in {"sharded", "load-balanced", "newer"}:
        return (uri,)
    balanced = topology == "load-balanced"
    parts = urlsplit(uri)
    user = "".join(parts.netloc.rpartition("@")[:2])
    target = (str(parts.hostname), int(parts.port or 27017))
    if topology == "newer":
        return (f"mongodb://{user}{stack.enter_context(Newer(target)).hosts}/?{parts.query}",)
    made = [
        stack.enter_context(
            Guise(target, services=count if balanced else 0, addresses=1 if balanced else count)
        )
        for count in (1, 2)
    ]
    return tuple(f"mongodb://{user}{front.hosts}/?{front.query}" for front in made)


Start = Callable[[str], Deployments]


@pytest.fixture(scope="session")
def start(driver: Driver) -> Iterator[Start]:
    """The deployments of a topology, started when a test first asks for one."""
    with contextlib.ExitStack() as stack:
        yield functools.lru_cache(lambda topology: Deployments(driver, topology, stack))


@pytest.fixture(scope="session")
def deployments(pytestconfig: pytest.Config, start: Start) -> Deployments:
    return start(str(pytestconfig.getoption("--topology", "replicaset")))


@pytest.fixture
def deployment(deployments: Deployments) -> Deployment:
    return deployments.get()


@pytest.fixture(scope="module", autouse=True)
def often_checked(driver: Driver) -> Iterator[None]:
    """For these tests alone: the tests of the intervals themselves run in the same process."""
    with pytest.MonkeyPatch.context() as patch:
        check_often(driver, patch)
        yield


@pytest.fixture(params=FACES, ids=lambda kind: kind.name)
def face(request: pytest.FixtureRequest, driver: Driver) -> Face:
    made: Face = request.param(driver)
    return made


@pytest.mark.timeout(60)
def test_unified(face: Face, deployments: Deployments, case: Case) -> None:
    check(face, deployments, case)


@pytest.mark.timeout(60)
def test_behind_a_load_balancer(face: Face, start: Start, case: Case) -> None:
    check(face, start("load-balanced"), case)


@pytest.mark.timeout(60)
def test_on_mongoses(face: Face, start: Start, case: Case) -> None:
    check(face, start("sharded"), case)


def check(face: Face, deployments: Deployments, case: Case) -> None:
    content = load(case.path, face.driver)
    test = content["tests"][case.number]
    deployment = deployments.fitting(content, test)
    reason = deployments.why_not(test) or why_skipped(face, deployment, content, test)
    if reason is not None:
        pytest.skip(reason)
    if TIMED not in case.path.parts:
        run_test(face, deployment, content, test)
        return
    for factor in range(1, TRIES + 1):
        try:
            run_test(face, deployment, stretched(content, factor), stretched(test, factor))
            return
        except Exception:
            if factor == TRIES:
                raise


def stretched(value: Any, factor: int) -> Any:
    """A part of a test with all its times that many times as long."""
    if isinstance(value, list):
        return [stretched(one, factor) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _longer(name, one, factor) for name, one in value.items()}


def _longer(name: str, value: Any, factor: int) -> Any:
    if name not in TIMES:
        return stretched(value, factor)
    if isinstance(value, dict):
        return {operator: _longer(name, one, factor) for operator, one in value.items()}
    return value * factor if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.timeout(60)
def test_wrong_test_fails(face: Face, deployment: Deployment, case: Case) -> None:
    content = load(case.path, face.driver)
    test = content["tests"][case.number]
    reason = why_skipped(face, deployment, content, test)
    if reason is not None:
        pytest.skip(reason)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the test has not passed
        run_test(face, deployment, content, test)


def test_malformed_file_is_refused(path: Path) -> None:
    with pytest.raises(Malformed):
        check_file(json.loads(path.read_text()))


@pytest.mark.parametrize("version", [f"{NEWEST[0]}.{NEWEST[1] + 1}", "2.0", "0.9"])
def test_unknown_version_is_refused(version: str) -> None:
    content = {"description": "", "schemaVersion": version, "tests": [{"description": "", "operations": []}]}
    with pytest.raises(Malformed, match="this runner reads"):
        check_file(content)
