"""SRV names: what is asked, whom to believe as PyMongo does, and what the TXT record may set."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.uri_parser import parse_uri as pymongo_parse_uri

from petiole._uri.srv import SrvRules, srv_rules
from petiole.errors import ConfigurationError
from petiole.uri_parser import parse_uri


def resolver(
    hosts: list[tuple[str, int | None]], txt: str | None, seen: list[Any]
) -> Callable[[SrvRules, float], tuple[list[tuple[str, int | None]], str | None]]:
    def resolve(rules: SrvRules, timeout: float) -> tuple[list[tuple[str, int | None]], str | None]:
        seen.append((rules.query_name, rules.max_hosts, timeout))
        return hosts, txt

    return resolve


def test_the_name_is_kept() -> None:
    parsed = parse_uri("mongodb+srv://u:p@a.b.c/db?w=2", resolver=resolver([("x.b.c", 1)], None, []))
    assert parsed["fqdn"] == "a.b.c"
    assert parsed["nodelist"] == [("x.b.c", 1)]
    assert parsed["options"] == {"w": 2, "tls": True}


def test_srv_is_resolved_by_the_resolver() -> None:
    seen: list[Any] = []
    resolve = resolver([("x.b.c", 1), ("y.b.c", 2)], "replicaSet=rs&authSource=other", seen)
    uri = "mongodb+srv://a.b.c/?authSource=own&srvServiceName=custom&srvMaxHosts=0&connectTimeoutMS=500"
    parsed = parse_uri(uri, resolver=resolve)
    assert seen == [("_custom._tcp.a.b.c", 0, 0.5)]
    assert parsed["nodelist"] == [("x.b.c", 1), ("y.b.c", 2)]
    assert parsed["options"]["replicaSet"] == "rs"
    assert parsed["options"]["authSource"] == "own"
    assert parsed["options"]["tls"] is True


def test_srv_can_be_without_tls() -> None:
    resolve = resolver([("x.b.c", 1)], None, [])
    for name in ("tls", "ssl"):
        parsed = parse_uri(f"mongodb+srv://a.b.c/?{name}=false", resolver=resolve)
        assert parsed["options"]["tls"] is False


@pytest.mark.parametrize(
    ("query", "txt", "message"),
    [
        ("", "w=1", "Only authSource, replicaSet, and loadBalanced"),
        ("?loadBalanced=true", None, "multiple hosts"),
        ("?srvMaxHosts=1", "replicaSet=rs", "replicaSet with srvMaxHosts"),
        ("?srvMaxHosts=1", "loadBalanced=true", "loadBalanced with srvMaxHosts"),
    ],
)
def test_srv_records_are_checked(query: str, txt: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_uri(f"mongodb+srv://a.b.c/{query}", resolver=resolver([("x.b.c", 1), ("y.b.c", 2)], txt, []))


def test_srv_without_a_timeout_has_the_default() -> None:
    seen: list[Any] = []
    parse_uri("mongodb+srv://a.b.c/", resolver=resolver([("x.b.c", 1)], None, seen))
    assert seen == [("_mongodb._tcp.a.b.c", 0, 20.0)]


LABELS = (
    "localhost",
    "local",
    "internal",
    "test",
    "example",
    "invalid",
    "corp",
    "home",
    "mail",
    "lan",
    "onion",
)

# (host asked for, host answered, keywords): what PyMongo does with them is in `test_srv_hosts_are_believed`.
SRV_HOSTS = [
    ("h.a.b", "x.a.b", {}),
    ("h.a.b", "x.y.a.b", {}),
    ("h.a.b", "X.A.B", {}),
    ("h.a.b", "x.c.b", {}),
    ("h.a.b", "a.b", {}),
    ("h.a.b", "xa.b", {}),
    ("h.a.b", "h.a.b", {}),
    ("a.b", "x.a.b", {}),
    ("a.b", "a.b", {}),
    ("a.b", "y.b", {}),
    ("a", "x.a", {}),
    ("a", "a", {}),
    ("h.a.b", "x.c.d", {"srv_allowed_hosts_suffix": "c.d"}),
    ("h.a.b", "x.c.d", {"srv_allowed_hosts_suffix": ".c.d"}),
    ("h.a.b", "x.c.d", {"srv_allowed_hosts_suffix": "C.D"}),
    ("h.a.b", "x.a.b", {"srv_allowed_hosts_suffix": "c.d"}),
    ("h.a.b", "c.d", {"srv_allowed_hosts_suffix": "c.d"}),
    ("h.a.b", "xc.d", {"srv_allowed_hosts_suffix": "c.d"}),
    ("h.a.b", "x.d", {"srv_allowed_hosts_suffix": "d"}),
    ("h.a.b", "x.d", {"srv_allowed_hosts_suffix": " "}),
    ("h.a.b", "x.c.d", {"srv_allowed_hosts_suffix": ".c.d."}),
    *[("h.a.b", f"x.{label}", {"srv_allowed_hosts_suffix": label}) for label in LABELS],
    ("h.a.b", "x.a.b", {"srv_allowed_hosts_suffix": ""}),
    ("a.b", "a.b", {"srv_allowed_hosts_suffix": "c.d"}),
    ("h.a.b", "x.c.d", {"srv_host_validator": lambda host: True}),
    ("h.a.b", "X.c.d", {"srv_host_validator": str.islower}),
    ("h.a.b", "x.a.b", {"srv_host_validator": lambda host: False}),
    ("h.a.b", "x.a.b", {"srv_host_validator": 5}),
    ("h.a.b", "x.a.b", {"srv_host_validator": str.islower, "srv_allowed_hosts_suffix": "c.d"}),
]


@pytest.mark.parametrize(("asked", "answered", "keywords"), SRV_HOSTS)
def test_srv_hosts_are_believed_as_by_pymongo(
    asked: str, answered: str, keywords: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    import dns.resolver

    def resolve(name: str, kind: str, **_: Any) -> list[Any]:
        if kind == "TXT":
            raise dns.resolver.NoAnswer
        target = SimpleNamespace(to_text=lambda omit_final_dot: answered)
        return Answer([SimpleNamespace(target=target, port=1)])

    class Answer(list[Any]):
        rrset = SimpleNamespace(ttl=60)

    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    uri = f"mongodb+srv://{asked}/"
    theirs = ours = ""
    try:
        their_nodes = pymongo_parse_uri(uri, **keywords)["nodelist"]
    except Exception as error:
        theirs, their_nodes = f"{type(error).__name__}: {error}", []
    try:
        our_nodes = parse_uri(uri, **keywords, resolver=resolver([(answered, 1)], None, []))["nodelist"]
    except Exception as error:
        ours, our_nodes = f"{type(error).__name__}: {error}", []
    assert (ours, our_nodes) == (theirs, their_nodes)


def test_a_validator_must_answer_with_a_bool() -> None:
    rules = srv_rules("h.a.b", {"srv_host_validator": lambda host: "yes"})
    with pytest.raises(ConfigurationError, match="must return a bool"):
        rules.check("x.a.b")
