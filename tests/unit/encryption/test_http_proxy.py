"""KMS by way of an HTTP proxy, spoken to with and without TLS, on both runtimes."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import pytest
from pymongocrypt.errors import MongoCryptError
from tests.kms.estate import Estate
from tests.kms.service import Fault
from tests.unit.encryption.connect_proxy import ConnectProxy
from tests.unit.encryption.test_kms import Office
from tests.unit.engine.sides import Loop, Side, until

from petiole._runtime.clock import deadline_in
from petiole.encryption_options import AsyncHTTPProxyKMSConnect, HTTPProxyKMSConnect
from petiole.errors import NetworkTimeout


def through(
    side: Side, url: str, context: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None
) -> HTTPProxyKMSConnect:
    kind = AsyncHTTPProxyKMSConnect if isinstance(side, Loop) else HTTPProxyKMSConnect
    return kind(url, context, headers)


def far_away(estate: Estate) -> dict[str, Any]:
    return {"region": "us-east-1", "key": (estate.master("aws") or {})["key"]}


def test_a_proxy_connects(side: Side, estate: Estate) -> None:
    with ConnectProxy(("127.0.0.1", estate.clouds.port)) as proxy:
        callback = through(side, f"http://user:pass@127.0.0.1:{proxy.port}", headers={"X-A": "b"})
        assert Office(side, estate, callback).make(master=far_away(estate))["keyMaterial"]
        until(lambda: not proxy.open)
    assert proxy.heads == [
        b"CONNECT kms.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: kms.us-east-1.amazonaws.com:443\r\n"
        b"X-A: b\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"
    ]


def test_a_proxy_with_tls(side: Side, estate: Estate) -> None:
    certificate = estate.authority.issue("proxy", alternatives=("127.0.0.1",))
    context = ssl.create_default_context(cafile=str(estate.authority.file))
    with ConnectProxy(("127.0.0.1", estate.clouds.port), certificate) as proxy:
        callback = through(side, f"https://127.0.0.1:{proxy.port}", context)
        assert Office(side, estate, callback).make(master=far_away(estate))["keyMaterial"]
        until(lambda: not proxy.open)


def test_a_proxy_whose_certificate_is_not_trusted(side: Side, estate: Estate) -> None:
    certificate = estate.authority.issue("proxy", alternatives=("127.0.0.1",))
    with (
        ConnectProxy(("127.0.0.1", estate.clouds.port), certificate) as proxy,
        pytest.raises(MongoCryptError, match="certificate verify failed"),
    ):
        Office(side, estate, through(side, f"https://127.0.0.1:{proxy.port}")).make()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required", "refused CONNECT to 127.0.0.1:.*407"),
        (b"nonsense", "refused CONNECT to 127.0.0.1:.*nonsense"),
        (b"", "closed the connection while tunneling to 127.0.0.1"),
        (b"HTTP/1.1 407 " + b"x" * 20_000, "answered at too great a length"),
    ],
)
def test_a_proxy_that_does_not_connect(side: Side, estate: Estate, answer: bytes, message: str) -> None:
    with (
        ConnectProxy(("127.0.0.1", estate.clouds.port), answer=answer) as proxy,
        pytest.raises(MongoCryptError, match=message),
    ):
        Office(side, estate, through(side, f"http://127.0.0.1:{proxy.port}")).make()


@pytest.mark.parametrize("fault", [Fault.MUTE, Fault.HANG], ids=lambda fault: fault.name)
@pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
def test_silence_behind_a_proxy(side: Side, estate: Estate, fault: Fault, secured: bool) -> None:
    certificate = estate.authority.issue("proxy", alternatives=("127.0.0.1",)) if secured else None
    context = ssl.create_default_context(cafile=str(estate.authority.file)) if secured else None
    with ConnectProxy(("127.0.0.1", estate.clouds.port), certificate) as proxy:
        url = f"{'https' if secured else 'http'}://127.0.0.1:{proxy.port}"
        estate.clouds.fail(fault)
        with pytest.raises(NetworkTimeout):
            Office(side, estate, through(side, url, context)).make(deadline=deadline_in(0.5))
        until(lambda: not proxy.open)
