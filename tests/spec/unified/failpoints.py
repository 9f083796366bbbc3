"""Sets fail points for a test, and takes them back from the same servers when it ends.

Follows: unified-test-format, "failPoint", "targetedFailPoint" and "Disabling Fail Points".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.spec.unified.deployment import Deployment
    from tests.spec.unified.driver import Face


class FailPoints:
    """The fail points of one test."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._set: list[tuple[tuple[str, int], str]] = []

    async def set(self, face: Face, client: Any, fail_point: Mapping[str, Any]) -> None:
        """Set one on the primary, by the client of the test."""
        primary = self._deployment.driver.module("read_preferences").Primary()
        # On which server it is set must be known before: afterwards asking may already fail.
        address = await face.resolve(client.address) or self._deployment.client.address
        await face.resolve(client.admin.command(dict(fail_point), read_preference=primary))
        self._set.append((address, fail_point["configureFailPoint"]))

    def set_on(self, address: tuple[str, int], fail_point: Mapping[str, Any]) -> None:
        """Set one on the server of this address."""
        self._deployment.direct(address).admin.command(dict(fail_point))
        self._set.append((address, fail_point["configureFailPoint"]))

    def clear(self) -> None:
        while self._set:
            address, name = self._set.pop()
            admin = self._deployment.direct(address).admin
            if name == "onPrimaryTransactionalWrite":
                _await_writes(admin)
            admin.command("configureFailPoint", name, mode="off")


def _await_writes(admin: Any) -> None:
    """Wait until no retryable write is under way.

    The server closes the connection at the first document that fails, and only then tries the documents of the batch
    one by one: with the fail point off meanwhile it would apply them, after the client was told of the failure.
    """
    under_way = {"active": True, "command.txnNumber": {"$exists": True}}
    while list(admin.aggregate([{"$currentOp": {"allUsers": True}}, {"$match": under_way}])):
        pass
