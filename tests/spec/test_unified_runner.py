"""The parts of the unified test runner that the specifications' own tests do not reach: loops, spans, requirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.spec.unified.context import Context
from tests.spec.unified.deployment import Deployment, exact, numbers
from tests.spec.unified.driver import FACES, Driver, Face
from tests.spec.unified.entities import Entities, EntityError
from tests.spec.unified.execution import execute
from tests.spec.unified.matching import Matcher, Mismatch
from tests.spec.unified.tracing import expect_spans

PETIOLE = Driver("petiole")


class Pretended(Deployment):
    """A replica set of 6.0.5 that nobody has to start."""

    def __init__(self) -> None:
        super().__init__(PETIOLE, "mongodb://localhost")
        vars(self).update(version=(6, 0, 5), topology="replicaset", members=1)

    def parameter(self, name: str) -> Any:
        return {"authenticationMechanisms": ["SCRAM-SHA-256"], "enableTestCommands": True}.get(name)


@pytest.fixture
def pretended() -> Deployment:
    return Pretended()


@pytest.fixture(params=FACES, ids=lambda kind: kind.name)
def context(request: pytest.FixtureRequest, pretended: Deployment) -> Context:
    face: Face = request.param(PETIOLE)
    return Context(face, pretended, execute)


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ({"minServerVersion": "6.0"}, None),
        ({"minServerVersion": "6.0.6"}, "server 6.0.6 or newer"),
        ({"maxServerVersion": "6.0.5"}, None),
        ({"maxServerVersion": "6.0.4"}, "server 6.0.4 or older"),
        ({"topologies": ["replicaset", "sharded"]}, None),
        ({"topologies": ["single", "sharded"]}, "topology single or sharded"),
        ({"serverless": "require"}, "serverless"),
        ({"serverless": "forbid"}, None),
        ({"auth": True}, "authentication"),
        ({"auth": False}, None),
        ({"authMechanism": "scram-sha-256"}, None),
        ({"authMechanism": "MONGODB-OIDC"}, "authentication mechanism MONGODB-OIDC"),
        ({"csfle": True}, "client-side encryption (csfle)"),
        ({"serverParameters": {"enableTestCommands": True}}, None),
        ({"serverParameters": {"other": 1}}, "server parameter other=1"),
    ],
)
def test_requirement(pretended: Deployment, requirement: Mapping[str, Any], reason: str | None) -> None:
    assert pretended.unmet([requirement]) == reason


def test_one_met_requirement_is_enough(pretended: Deployment) -> None:
    unmet = {"minServerVersion": "7.0"}
    assert pretended.unmet([unmet, {"serverless": "require"}]) == "server 7.0 or newer; or serverless"
    assert pretended.unmet([unmet, {"minServerVersion": "5.0"}]) is None
    assert pretended.unmet(None) is None


def test_versions_compare_by_numbers() -> None:
    assert numbers("4.0.10") > numbers("4.0.9")
    assert numbers("4.9.0-alpha4-271-g7d5cf02") == (4, 9, 0)
    assert numbers("8") == (8, 0, 0)


def test_outcome_compares_types_but_not_the_order_of_keys() -> None:
    assert exact({"a": 1, "b": [1.0]}) == exact({"b": [1], "a": 1.0})
    assert exact({"a": 1}) != exact({"a": True})
    assert exact({"a": "1"}) != exact({"a": b"1"})


def test_entities_have_one_name_and_kind() -> None:
    entities = Entities()
    entities.add("a", "value", 1)
    with pytest.raises(EntityError, match="already"):
        entities.add("a", "value", 2)
    with pytest.raises(EntityError, match="is a value, not a client"):
        entities.get("a", "client")
    with pytest.raises(EntityError, match="no entity 'b'"):
        entities.get("b", "value")


def looped(context: Context, operations: list[dict[str, Any]], **stores: str) -> None:
    """Run a loop; it ends when the operation "stop" has been executed."""

    async def stop(context: Context, operation: Mapping[str, Any]) -> None:
        if operation["name"] == "stop":
            context.terminated = True
        else:
            await execute(context, operation)

    context.execute = stop
    arguments = {"operations": operations, **stores}
    context.face.run(execute(context, {"name": "loop", "object": "testRunner", "arguments": arguments}))


STOP = {"name": "stop", "object": "testRunner"}
FAILS = {"name": "waitForThread", "object": "testRunner", "arguments": {"thread": "none"}}


def test_loop_counts(context: Context) -> None:
    looped(context, [STOP], storeIterationsAsEntity="iterations", storeSuccessesAsEntity="successes")
    assert context.entities.get("iterations", "value") == 1
    assert context.entities.get("successes", "value") == 1


def test_loop_stores_errors_and_goes_on(context: Context) -> None:
    context.terminated = False
    rounds = iter(range(3))

    async def sometimes(context: Context, operation: Mapping[str, Any]) -> None:
        if next(rounds, None) is None:
            context.terminated = True
        else:
            await execute(context, operation)

    context.execute = sometimes
    arguments = {"operations": [FAILS], "storeErrorsAsEntity": "errors"}
    context.face.run(execute(context, {"name": "loop", "object": "testRunner", "arguments": arguments}))
    errors = context.entities.get("errors", "value")
    assert [error["error"] for error in errors] == ["there is no entity 'none'"] * 3


def test_loop_without_a_store_raises(context: Context) -> None:
    with pytest.raises(EntityError):
        looped(context, [FAILS])


def span(name: str, *nested: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"name": name, "attributes": attributes, "nested": list(nested)}


def test_spans_match_in_order_and_depth() -> None:
    matcher = Matcher(PETIOLE, Entities())
    actual = [span("find db.c", span("find", a=1, b=2), a=1), span("insert db.c")]
    wanted = [
        {"name": "find db.c", "attributes": {"a": 1}, "nested": [{"name": "find", "attributes": {"a": 1}}]}
    ]
    expect_spans(matcher, {"spans": wanted, "ignoreExtraSpans": True}, actual)
    with pytest.raises(Mismatch, match="unexpected"):
        expect_spans(matcher, {"spans": wanted}, actual)
    with pytest.raises(Mismatch, match="there is no span"):
        expect_spans(matcher, {"spans": [*wanted, *wanted], "ignoreExtraSpans": True}, actual)
    with pytest.raises(Mismatch, match=r"attributes\.a"):
        expect_spans(matcher, {"spans": [{"name": "find db.c", "attributes": {"a": 2}}]}, actual[:1])
