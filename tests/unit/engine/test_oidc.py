"""MONGODB-OIDC against a scripted server, on both faces: callbacks, kept tokens, tokens that run out, humans."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import bson
import pytest
from tests.unit.engine.rig import EMPTY_BATCH, Rig
from tests.unit.engine.sides import Loop
from tests.unit.engine.wire_server import Peer

from petiole.auth_oidc import OIDCCallback, OIDCCallbackContext, OIDCCallbackResult, OIDCIdPInfo
from petiole.errors import ConfigurationError, OperationFailure

REFUSED = {"ok": 0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"}
AGAIN = {"ok": 0, "errmsg": "token expired", "code": 391, "codeName": "ReauthenticationRequired"}
PROVIDER = {"issuer": "https://issuer.example", "clientId": "me", "requestScopes": ["a", "b"]}


class Issuer(OIDCCallback):
    """Gives out token-1, token-2 and so on."""

    def __init__(self, *, takes: float = 0.0, refreshes: bool = False) -> None:
        self.takes = takes
        self.refreshes = refreshes
        self.calls: list[OIDCCallbackContext] = []
        self.at: list[float] = []

    def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:
        self.at.append(time.monotonic())
        self.calls.append(context)
        time.sleep(self.takes)
        refresh = f"refresh-{len(self.calls)}" if self.refreshes else None
        return OIDCCallbackResult(f"token-{len(self.calls)}", refresh_token=refresh)


class Bank:
    """The server's side: takes the tokens it accepts, and lets them run out."""

    def __init__(self, rig: Rig, *accepted: str) -> None:
        self.accepted = set(accepted)
        self.shown: list[str] = []
        self._trusted: set[int] = set()
        self._hello = rig.server.hello
        rig.server.greeting = self.greet
        rig.server.script = self.script

    def expire(self, *accepted: str) -> None:
        """Want authentication anew, with one of these tokens."""
        self.accepted = set(accepted)
        self._trusted.clear()

    def greet(self, peer: Peer, body: dict[str, Any]) -> Any:
        if "speculativeAuthenticate" not in body:
            return None
        reply = self.judge(peer, bson.decode(body["speculativeAuthenticate"]["payload"])["jwt"])
        return {**self._hello, "speculativeAuthenticate": reply} if reply["ok"] else None

    def judge(self, peer: Peer, token: str) -> dict[str, Any]:
        self.shown.append(token)
        if token not in self.accepted:
            return REFUSED
        self._trusted.add(peer.number)
        return {"ok": 1, "conversationId": 1, "done": True, "payload": b""}

    def script(self, peer: Peer, body: dict[str, Any]) -> Any:
        if "saslStart" in body or "saslContinue" in body:
            payload = bson.decode(body["payload"])
            if "jwt" in payload:
                return self.judge(peer, payload["jwt"])
            return {"ok": 1, "conversationId": 1, "done": False, "payload": bson.encode(PROVIDER)}
        return EMPTY_BATCH if peer.number in self._trusted else AGAIN


def machine(rig: Rig, issuer: OIDCCallback, **options: Any) -> Any:
    return rig.client(
        authMechanism="MONGODB-OIDC", authMechanismProperties={"OIDC_CALLBACK": issuer}, **options
    )


def human(rig: Rig, issuer: OIDCCallback, **options: Any) -> Any:
    return rig.client(
        authMechanism="MONGODB-OIDC", authMechanismProperties={"OIDC_HUMAN_CALLBACK": issuer}, **options
    )


def find(client: Any) -> Callable[[], Any]:
    return lambda: client.shop.orders.find_one()


def test_one_token_for_all_connections(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer(takes=0.1)
    client = machine(rig, issuer, username="app")
    running = [rig.start(find(client)) for _ in range(10)]
    assert [one.result(10) for one in running] == [None] * 10
    (context,) = issuer.calls
    assert context == OIDCCallbackContext(timeout_seconds=60, username="app", version=1)
    assert set(bank.shown) == {"token-1"}


def test_a_kept_token_travels_with_the_handshake(rig: Rig) -> None:
    Bank(rig, "token-1")
    client = machine(rig, Issuer(), maxIdleTimeMS=1)
    for _ in range(3):
        rig.do(find(client))
        time.sleep(0.01)
    assert rig.server.seen[:4] == ["saslStart", "find", "find", "find"]


def test_a_coroutine_function_as_callback(rig: Rig) -> None:
    class Asynchronous(Issuer):
        async def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:  # type: ignore[override]
            if isinstance(rig.side, Loop):
                await asyncio.sleep(0.01)
            return Issuer.fetch(self, context)

    Bank(rig, "token-1")
    assert rig.do(find(machine(rig, Asynchronous()))) is None


def test_a_token_that_runs_out(rig: Rig) -> None:
    """The connection stays; its command is sent again after authentication."""
    bank, issuer = Bank(rig, "token-1"), Issuer()
    client = machine(rig, issuer, retryReads=False)
    rig.do(find(client))
    bank.expire("token-2")
    assert rig.do(find(client)) is None
    assert bank.shown == ["token-1", "token-2"]
    assert rig.server.seen == ["saslStart", "find", "find", "saslStart", "find"]
    assert issuer.at[1] - issuer.at[0] >= 0.1  # Never called more often than that.
    bank.expire("token-3")
    assert rig.do(lambda: client.shop.orders.insert_one({})).acknowledged


def test_a_kept_token_that_is_refused_on_a_new_connection(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer()
    client = machine(rig, issuer, maxIdleTimeMS=1)
    rig.do(find(client))
    bank.expire("token-2")
    time.sleep(0.01)
    assert rig.do(find(client)) is None
    assert len(issuer.calls) == 2


def test_a_fresh_token_that_is_refused(rig: Rig) -> None:
    Bank(rig)
    issuer = Issuer()
    assert rig.fail(find(machine(rig, issuer)), OperationFailure).code == 18
    assert len(issuer.calls) == 1


def test_reauthentication_that_fails(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer()
    client = machine(rig, issuer)
    rig.do(find(client))
    bank.expire()
    assert rig.fail(find(client), OperationFailure).code == 18
    bank.expire("token-3")
    assert rig.do(find(client)) is None


@pytest.mark.parametrize("result", [None, "token-1", OIDCCallbackResult(""), OIDCCallbackResult(None)])  # type: ignore[arg-type]
def test_callbacks_that_return_no_token(rig: Rig, result: Any) -> None:
    class Wrong(OIDCCallback):
        def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:
            return result  # type: ignore[no-any-return]

    Bank(rig)
    rig.fail(find(machine(rig, Wrong())), ConfigurationError)


def test_a_callback_that_raises(rig: Rig) -> None:
    class Raising(Issuer):
        def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:
            if not self.calls:
                self.calls.append(context)
                raise LookupError("no token today")
            return super().fetch(context)

    Bank(rig, "token-2")
    client = machine(rig, Raising())
    assert "no token today" in str(rig.fail(find(client), LookupError))
    assert rig.do(find(client)) is None


def test_humans(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer(refreshes=True)
    client = human(rig, issuer, username="ann")
    assert rig.do(find(client)) is None
    assert rig.server.seen == ["saslStart", "saslContinue", "find"]
    assert bson.decode(rig.server.bodies[0]["payload"]) == {"n": "ann"}
    provider = OIDCIdPInfo("https://issuer.example", "me", ["a", "b"])
    expected = OIDCCallbackContext(timeout_seconds=300, username="ann", version=1, idp_info=provider)
    assert issuer.calls == [expected]
    bank.expire("token-2")
    assert rig.do(find(client)) is None
    assert issuer.calls[1].refresh_token == "refresh-1"
    assert bank.shown == ["token-1", "token-2"]


def test_a_refresh_token_that_is_refused(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer(refreshes=True)
    client = human(rig, issuer)
    rig.do(find(client))
    bank.expire("token-3")
    assert rig.do(find(client)) is None
    assert [call.refresh_token for call in issuer.calls] == [None, "refresh-1", None]


def test_a_login_that_takes_longer_than_a_connection_may(rig: Rig) -> None:
    Bank(rig, "token-1")
    client = human(rig, Issuer(takes=0.6), connectTimeoutMS=300)
    assert rig.do(find(client)) is None


def test_a_humans_token_is_shown_to_allowed_hosts_only(rig: Rig) -> None:
    bank, issuer = Bank(rig, "token-1"), Issuer()
    error = rig.fail(find(human(rig, issuer, authOIDCAllowedHosts=["*.example.com"])), ConfigurationError)
    assert "127.0.0.1" in str(error)
    assert (issuer.calls, bank.shown) == ([], [])
    assert rig.do(find(human(rig, issuer, authOIDCAllowedHosts=["127.*"]))) is None


def test_tokens_do_not_show_themselves(rig: Rig) -> None:
    Bank(rig, "token-1")
    client = machine(rig, Issuer(refreshes=True))
    rig.do(find(client))
    for text in (repr(client), repr(client.options.pool_options.credentials)):
        assert "token-1" not in text
    shown = repr(OIDCCallbackResult("token-1", refresh_token="refresh-1"))
    assert "token-1" not in shown
    assert "refresh-1" not in shown
