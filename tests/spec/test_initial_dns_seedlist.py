"""Runs the initial-dns-seedlist-discovery tree against the zone its README asks for, and the README's prose tests.

Clients of both faces ask a local name server for it. What is discovered afterwards from the servers (`hosts`, `ping`)
needs those servers, and is no part of this: the clients resolve, but are not opened.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.integration.dns_server import DnsServer, serving
from tests.spec.seedlist_zone import serving_zone

from petiole._native import run
from petiole.asynchronous.mongo_client import AsyncMongoClient
from petiole.client_options import ClientSetup, build_client_options
from petiole.errors import ConfigurationError
from petiole.mongo_client import MongoClient
from petiole.uri_parser import parse_uri

Discover = Callable[..., ClientSetup]
Resolved = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def zone() -> Iterator[DnsServer]:
    """The zone of the tree."""
    with serving_zone() as server:
        yield server


@pytest.fixture
def names() -> Iterator[DnsServer]:
    """A zone with nothing in it yet."""
    with serving() as server:
        yield server


@pytest.fixture(params=["blocking", "asyncio"])
def discover(request: pytest.FixtureRequest) -> Discover:
    """Makes a client of one face and gives what it knows once its name is resolved."""
    face: Any = MongoClient if request.param == "blocking" else AsyncMongoClient

    def resolve(uri: str, **keywords: Any) -> ClientSetup:
        engine = face(uri, connect=False, **keywords)._engine
        assert engine.setup.seeds == []
        drive: Callable[[Any], Any] = run if face is MongoClient else asyncio.run
        drive(engine.topology.preparation(engine.executor.runtime.never))
        setup: ClientSetup = engine.setup
        return setup

    return resolve


@pytest.mark.usefixtures("zone")
@pytest.mark.specification("initial-dns-seedlist-discovery/tests")
def test_seedlist(case: Mapping[str, Any], discover: Discover) -> None:
    if case.get("error"):
        with pytest.raises(ConfigurationError):
            discover(case["uri"])
        with pytest.raises(ConfigurationError):
            parse_uri(case["uri"])
        return
    setup = discover(case["uri"])
    seeds = [f"{host}:{port}" for host, port in setup.seeds]
    if "seeds" in case:
        assert sorted(seeds) == sorted(case["seeds"])
    if "numSeeds" in case:
        assert len(seeds) == case["numSeeds"]
    check_options(setup, case.get("options", {}))
    check_parsed(case["uri"], case.get("parsed_options", {}))


def check_options(setup: Any, expected: dict[str, Any]) -> None:
    given = setup.options._options
    for name, value in expected.items():
        assert given["tls" if name == "ssl" else name] == value, name


def check_parsed(uri: str, expected: dict[str, Any]) -> None:
    parsed = parse_uri(uri)
    keys = {"user": "username", "db": "database", "auth_database": "database", "defaultDatabase": "database"}
    for name, value in expected.items():
        assert parsed[keys.get(name, name)] == value, name


@pytest.fixture
def resolved(names: DnsServer, discover: Discover) -> Resolved:
    """The seeds when the DNS answers with that host."""

    def resolve(uri: str, host: str, **keywords: Any) -> list[Any]:
        fqdn = build_client_options(uri).parsed.fqdn
        names.srv(str(fqdn), (host, 27017))
        return discover(uri, **keywords).seeds

    return resolve


@pytest.mark.parametrize("uri", ["mongodb+srv://localhost", "mongodb+srv://mongo.local"])
def test_prose_1_short_names_are_allowed(uri: str) -> None:
    assert build_client_options(uri).srv is not None


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        # 2. The answer does not end with the domain name.
        ("localhost", "localhost.mongodb"),
        ("mongo.local", "test_1.evil.local"),
        ("blogs.mongodb.com", "blogs.evil.com"),
        # 3. The answer is the name itself.
        ("localhost", "localhost"),
        ("mongo.local", "mongo.local"),
        # 4. No dot before the shared part.
        ("localhost", "test_1.cluster_1localhost"),
        ("mongo.local", "test_1.my_hostmongo.local"),
        ("blogs.mongodb.com", "cluster.testmongodb.com"),
    ],
)
def test_prose_2_3_4_an_answer_of_another_domain_is_refused(
    asked: str, answered: str, resolved: Resolved
) -> None:
    with pytest.raises(ConfigurationError, match="Invalid SRV host"):
        resolved(f"mongodb+srv://{asked}", answered)


@pytest.mark.parametrize(
    ("asked", "answered"), [("blogs.mongodb.com", "blogs.evil.com"), ("mongo.local", "mongo.local")]
)
def test_prose_5_a_validator_replaces_the_rule(asked: str, answered: str, resolved: Resolved) -> None:
    seeds = resolved(f"mongodb+srv://{asked}", answered, srv_host_validator=lambda host: True)
    assert seeds == [(answered, 27017)]


def test_prose_6_a_validator_can_refuse_what_the_rule_accepts(resolved: Resolved) -> None:
    with pytest.raises(ConfigurationError, match="rejected by srv_host_validator"):
        resolved(
            "mongodb+srv://blogs.mongodb.com", "cluster.mongodb.com", srv_host_validator=lambda host: False
        )


def test_prose_7_a_validator_gets_the_normalised_name(resolved: Resolved) -> None:
    asked = []

    def validator(host: str) -> bool:
        asked.append(host)
        return True

    resolved("mongodb+srv://blogs.mongodb.com", "CLUSTER.MONGODB.COM.", srv_host_validator=validator)
    assert asked == ["cluster.mongodb.com"]


def test_prose_8_an_error_of_the_validator_is_kept_as_the_cause(resolved: Resolved) -> None:
    def validator(host: str) -> bool:
        raise KeyError(host)

    with pytest.raises(ConfigurationError) as caught:
        resolved("mongodb+srv://blogs.mongodb.com", "cluster.mongodb.com", srv_host_validator=validator)
    assert isinstance(caught.value.__cause__, KeyError)


def test_prose_9_a_suffix_and_a_validator_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="both"):
        build_client_options(
            "mongodb+srv://blogs.mongodb.com/?srvAllowedHostsSuffix=.mongodb.com",
            None,
            {"srv_host_validator": bool},
        )


def test_prose_10_the_suffix_is_compared_with_the_normalised_name(resolved: Resolved) -> None:
    uri = "mongodb+srv://blogs.mongodb.com/?srvAllowedHostsSuffix=.mongodb.com"
    assert resolved(uri, "CLUSTER.MONGODB.COM.") == [("cluster.mongodb.com", 27017)]


def test_prose_11_a_validator_must_be_callable() -> None:
    with pytest.raises(TypeError, match="callable"):
        build_client_options("mongodb+srv://a.b.c", None, {"srv_host_validator": "notacallable"})


def test_prose_12_a_reserved_label_may_be_the_suffix(resolved: Resolved) -> None:
    uri = "mongodb+srv://cluster.localhost/?srvAllowedHostsSuffix=localhost"
    assert resolved(uri, "db.cluster.localhost") == [("db.cluster.localhost", 27017)]


def test_prose_13_a_validator_needs_an_srv_name() -> None:
    with pytest.raises(ConfigurationError, match="only allowed"):
        build_client_options("mongodb://localhost:27017", None, {"srv_host_validator": bool})
