"""Runs the uri-options tree: the value each option gets, and which of them are refused or warned about."""

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.spec.seedlist_zone import serving_zone

from petiole.client_options import ClientSetup, build_client_options
from petiole.errors import ConfigurationError
from petiole.uri_parser import parse_uri

# Options of the specification whose tests are about drivers with one thread only (URI Options, "single-threaded").
SINGLE_THREADED = ("serverSelectionTryOnce", "socketCheckIntervalMS")
# They come in seconds.
TIMES = (
    "connectTimeoutMS",
    "heartbeatFrequencyMS",
    "maxIdleTimeMS",
    "serverSelectionTimeoutMS",
    "socketTimeoutMS",
    "timeoutMS",
    "waitQueueTimeoutMS",
)


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the tests name must be readable."""
    for name in ("ca.pem", "cert.pem", "client.pem", "crl.pem"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def zone() -> Iterator[None]:
    """What the tests resolve."""
    with serving_zone():
        yield


@pytest.mark.usefixtures("certificates", "zone")
@pytest.mark.specification("uri-options/tests")
def test_uri_options(case: Mapping[str, Any]) -> None:
    for name in SINGLE_THREADED:
        if name.lower() in case["uri"].lower():
            pytest.skip(f"{name} is for single-threaded drivers")
    if not case["valid"]:
        with pytest.raises((ConfigurationError, ValueError)):
            parse_uri(case["uri"], warn=True)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parsed = parse_uri(case["uri"], warn=True)
        setup = build_client_options(case["uri"])
    assert bool(caught) is bool(case["warning"]), [str(warning.message) for warning in caught]
    actual = {name.lower(): value for name, value in parsed["options"].items()}
    for name, expected in (case["options"] or {}).items():
        assert actual[name.lower()] == (expected / 1000 if name in TIMES else expected), name
    check_client(setup, case["options"] or {})


def check_client(setup: ClientSetup, expected: Mapping[str, Any]) -> None:
    """The options arrive where the engine reads them."""
    options = setup.options
    attributes = {
        "directConnection": options.direct_connection,
        "enableOverloadRetargeting": options.enable_overload_retargeting,
        "loadBalanced": options.load_balanced,
        "maxAdaptiveRetries": options.max_adaptive_retries,
        "maxStalenessSeconds": options.read_preference.max_staleness,
        "readConcernLevel": options.read_concern.level,
        "readPreferenceTags": options.read_preference.tag_sets,
        "replicaSet": options.replica_set_name,
        "srvMaxHosts": setup.srv and setup.srv.max_hosts,
        "srvServiceName": setup.srv and setup.srv.service_name,
        "tls": options.pool_options.tls is not None,
    }
    for name in expected.keys() & attributes.keys():
        assert attributes[name] == expected[name], name
