"""TLS options of KMS providers: what is taken, and what is refused as PyMongo refuses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from petiole._engine.encryption.tls import KmsTls
from petiole.errors import ConfigurationError, InvalidURI


def test_no_options() -> None:
    context, _ = KmsTls(None).of("aws")
    assert context.check_hostname
    assert KmsTls({}).of("aws")[0].check_hostname


@pytest.mark.parametrize("given", [{}, {"tls": True}, {"ssl": True}, {"tlsDisableOCSPEndpointCheck": True}])
def test_what_is_taken(given: dict[str, Any]) -> None:
    before = dict(given)
    context, _ = KmsTls({"kmip": given}).of("kmip")
    assert context.check_hostname
    assert given == before


@pytest.mark.parametrize("given", [1, "kmip", [("kmip", {})]])
def test_no_mapping(given: Any) -> None:
    with pytest.raises(TypeError, match="kms_tls_options must be a dict"):
        KmsTls(given)


def test_no_mapping_within() -> None:
    with pytest.raises(TypeError, match=r'kms_tls_options\["kmip"\] must be a dict'):
        KmsTls({"kmip": 1})


@pytest.mark.parametrize("given", [{"tls": False}, {"ssl": False}])
def test_without_tls(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="TLS is required for KMS providers"):
        KmsTls({"kmip": given})


@pytest.mark.parametrize(
    "name",
    [
        "tlsInsecure",
        "tlsAllowInvalidCertificates",
        "tlsAllowInvalidHostnames",
        "tlsDisableCertificateRevocationCheck",
        "tlsinsecure",
    ],
)
@pytest.mark.parametrize("value", [True, False])
def test_insecure(name: str, value: bool) -> None:
    with pytest.raises(ConfigurationError, match="Insecure TLS options prohibited"):
        KmsTls({"kmip": {name: value}})


def test_conflicts_and_unknown_options() -> None:
    with pytest.raises(InvalidURI):
        KmsTls({"kmip": {"tls": True, "ssl": False}})
    with pytest.raises(ConfigurationError, match="Unknown option"):
        KmsTls({"kmip": {"authority": "ours"}})


def test_files(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        KmsTls({"kmip": {"tlsCAFile": str(tmp_path / "none.pem")}})
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="holds no certificate of an authority"):
        KmsTls({"kmip": {"tlsCAFile": str(tmp_path / "empty.pem")}})
