"""Runs the initial-dns-seedlist-discovery tree against the zone its README asks for, and the README's prose tests.

What is discovered afterwards from the servers (`hosts`, `ping`) needs those servers, and is no part of this.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from petiole._uri.srv import SrvRules
from petiole.client_options import build_client_options, with_srv
from petiole.errors import ConfigurationError
from petiole.uri_parser import parse_uri

DOMAIN = "test.build.10gen.cc"
LOCALHOST = f"localhost.{DOMAIN}"
SRV: dict[str, list[tuple[str, int]]] = {
    "test1": [(LOCALHOST, 27017), (LOCALHOST, 27018)],
    "test2": [(LOCALHOST, 27018), (LOCALHOST, 27019)],
    "test12": [("localhost.build.10gen.cc", 27017)],
    "test13": [(DOMAIN, 27017)],
    "test14": [("localhost.not-test.build.10gen.cc", 27017)],
    "test15": [("localhost.test.not-build.10gen.cc", 27017)],
    "test16": [("localhost.test.build.not-10gen.cc", 27017)],
    "test17": [("localhost.test.build.10gen.not-cc", 27017)],
    "test18": [(f"localhost.sub.{DOMAIN}", 27017)],
    "test19": [("localhost.evil.build.10gen.cc", 27017), (LOCALHOST, 27017)],
    "test22": [(LOCALHOST, 27017), (LOCALHOST, 27018)],
    "test23": [(LOCALHOST, 8000)],
    "test24": [(LOCALHOST, 8000)],
}
SRV |= {f"test{number}": [(LOCALHOST, 27017)] for number in (3, 5, 6, 7, 8, 10, 11, 20, 21)}
TXT = {
    "test5": ["replicaSet=repl0&authSource=thisDB"],
    "test6": ["replicaSet=repl0", "authSource=otherDB"],
    "test7": ["ssl=false"],
    "test8": ["authSource"],
    "test10": ["socketTimeoutMS=500"],
    "test11": ["replicaSet=repl0"],
    "test20": ["loadBalanced=true"],
    "test21": ["loadBalanced=false"],
    "test24": ["loadBalanced=true"],
}


def look_up(rules: SrvRules) -> tuple[Sequence[tuple[str, int]], str | None]:
    """What a resolver says of the zone."""
    service, _, name = rules.query_name.removesuffix(f".{DOMAIN}").partition("._tcp.")
    records, txt = SRV.get(name, []), TXT.get(name, [])
    if not records or service != ("_customname" if name == "test22" else "_mongodb"):
        raise ConfigurationError(f"The DNS query name does not exist: {rules.query_name}.")
    if len(txt) > 1:
        raise ConfigurationError("Only one TXT record is supported")
    limit = rules.max_hosts or len(records)
    # A resolver draws lots; the tests of a limit look at the number only.
    return records[:limit], txt[0] if txt else None


@pytest.mark.specification("initial-dns-seedlist-discovery/tests")
def test_seedlist(case: Mapping[str, Any]) -> None:
    if case.get("error"):
        with pytest.raises(ConfigurationError):
            discover(case["uri"])
        return
    setup = discover(case["uri"])
    seeds = [f"{host}:{port}" for host, port in setup.seeds]
    if "seeds" in case:
        assert sorted(seeds) == sorted(case["seeds"])
    if "numSeeds" in case:
        assert len(seeds) == case["numSeeds"]
    check_options(setup, case.get("options", {}))
    check_parsed(case["uri"], case.get("parsed_options", {}))


def discover(uri: str) -> Any:
    setup = build_client_options(uri)
    assert setup.srv is not None
    assert setup.seeds == []
    return with_srv(setup, *look_up(setup.srv))


def check_options(setup: Any, expected: dict[str, Any]) -> None:
    given = setup.options._options
    for name, value in expected.items():
        assert given["tls" if name == "ssl" else name] == value, name


def check_parsed(uri: str, expected: dict[str, Any]) -> None:
    parsed = parse_uri(uri)
    keys = {"user": "username", "db": "database", "auth_database": "database", "defaultDatabase": "database"}
    for name, value in expected.items():
        assert parsed[keys.get(name, name)] == value, name


def resolved(uri: str, host: str, **keywords: Any) -> list[Any]:
    setup = build_client_options(uri, None, keywords)
    return with_srv(setup, [(host, 27017)], None).seeds


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
def test_prose_2_3_4_an_answer_of_another_domain_is_refused(asked: str, answered: str) -> None:
    with pytest.raises(ConfigurationError, match="Invalid SRV host"):
        resolved(f"mongodb+srv://{asked}", answered)


@pytest.mark.parametrize(
    ("asked", "answered"), [("blogs.mongodb.com", "blogs.evil.com"), ("mongo.local", "mongo.local")]
)
def test_prose_5_a_validator_replaces_the_rule(asked: str, answered: str) -> None:
    seeds = resolved(f"mongodb+srv://{asked}", answered, srv_host_validator=lambda host: True)
    assert seeds == [(answered, 27017)]


def test_prose_6_a_validator_can_refuse_what_the_rule_accepts() -> None:
    with pytest.raises(ConfigurationError, match="rejected by srv_host_validator"):
        resolved(
            "mongodb+srv://blogs.mongodb.com", "cluster.mongodb.com", srv_host_validator=lambda host: False
        )


def test_prose_7_a_validator_gets_the_normalised_name() -> None:
    asked = []

    def validator(host: str) -> bool:
        asked.append(host)
        return True

    resolved("mongodb+srv://blogs.mongodb.com", "CLUSTER.MONGODB.COM.", srv_host_validator=validator)
    assert asked == ["cluster.mongodb.com"]


def test_prose_8_an_error_of_the_validator_is_kept_as_the_cause() -> None:
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


def test_prose_10_the_suffix_is_compared_with_the_normalised_name() -> None:
    uri = "mongodb+srv://blogs.mongodb.com/?srvAllowedHostsSuffix=.mongodb.com"
    assert resolved(uri, "CLUSTER.MONGODB.COM.") == [("cluster.mongodb.com", 27017)]


def test_prose_11_a_validator_must_be_callable() -> None:
    with pytest.raises(TypeError, match="callable"):
        build_client_options("mongodb+srv://a.b.c", None, {"srv_host_validator": "notacallable"})


def test_prose_12_a_reserved_label_may_be_the_suffix() -> None:
    uri = "mongodb+srv://cluster.localhost/?srvAllowedHostsSuffix=localhost"
    assert resolved(uri, "db.cluster.localhost") == [("db.cluster.localhost", 27017)]


def test_prose_13_a_validator_needs_an_srv_name() -> None:
    with pytest.raises(ConfigurationError, match="only allowed"):
        build_client_options("mongodb://localhost:27017", None, {"srv_host_validator": bool})
