"""Random connection strings: PyMongo and petiole accept the same ones and read the same out of them."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import PyMongoError as TheirPyMongoError
from pymongo.uri_parser import parse_uri as pymongo_parse_uri
from tests.unit.values.parity import ordered, plain

from petiole._uri.srv import SrvRules
from petiole.errors import PyMongoError
from petiole.uri_parser import parse_uri

USERINFO = st.sampled_from(
    ["", "u@", "u:p@", "u:@", ":p@", "@", "u%40:p%3A@", "u:p:q@", "a@b@", "u%@", "%75:%zz@"]
)
HOST = st.sampled_from(
    [
        "h",
        "h:1",
        "H.X",
        "[::1]",
        "[::1]:2",
        "::1",
        "",
        "h:0",
        "h:65536",
        "h:a",
        "%2Ftmp%2Fx.sock",
        "h%41",
        "1.2.3.4",
    ]
)
PATH = st.sampled_from(["", "/", "/db", "/db.c", "/d b", "/a$b", "/%64b", "/.c"])
NAMES = st.sampled_from(
    [
        "w",
        "W",
        "journal",
        "tls",
        "ssl",
        "tlsInsecure",
        "tlsAllowInvalidHostnames",
        "replicaSet",
        "authSource",
        "directConnection",
        "loadBalanced",
        "maxPoolSize",
        "minPoolSize",
        "connectTimeoutMS",
        "readPreference",
        "readPreferenceTags",
        "appName",
        "retryWrites",
        "maxStalenessSeconds",
        "localThresholdMS",
        "timeoutMS",
        "authMechanism",
        "authMechanismProperties",
        "compressors",
        "zlibCompressionLevel",
        "srvMaxHosts",
        "nothing",
    ]
)
VALUES = st.sampled_from(
    [
        "",
        "1",
        "0",
        "-1",
        "true",
        "false",
        "x",
        "majority",
        "primary",
        "secondary",
        "a:b",
        "a:b,c:d",
        "1.5",
        "zlib",
        "PLAIN",
        "SERVICE_NAME:x",
        "%20",
        "a+b",
        "a%26b",
        "9999999999",
        "nearest",
    ]
)
PAIR = st.builds("{}={}".format, NAMES, VALUES) | st.sampled_from(["w", "=", "w=1=2", ""])
QUERY = st.builds(str.join, st.sampled_from(["&", ";", "&;"]), st.lists(PAIR, min_size=1, max_size=4))
ERRORS = (ValueError, TypeError, PyMongoError, TheirPyMongoError)
SCHEME = st.sampled_from(["mongodb://", "mongodb://", "mongodb://", "mongodb:/", "MONGODB://", ""])
URIS = st.builds(
    lambda scheme, userinfo, hosts, path, query: scheme + userinfo + ",".join(hosts) + path + query,
    SCHEME,
    USERINFO,
    st.lists(HOST, min_size=1, max_size=3),
    PATH,
    st.just("") | QUERY.map("?{}".format),
)


def outcome(parse: Callable[..., dict[str, Any]], uri: str, warn: bool) -> tuple[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", plain(repr(ordered(parse(uri, warn=warn))))
        except Exception as error:
            # Which of several faults is named first may differ, so the kind is all that is compared.
            return "error", "" if isinstance(error, ERRORS) else type(error).__name__


def nowhere(rules: SrvRules, timeout: float) -> tuple[list[tuple[str, int | None]], None]:
    """Resolves every name to itself."""
    return [(rules.fqdn, 27017)], None


@settings(max_examples=400, deadline=None)
@given(uri=URIS, warn=st.booleans())
def test_random_connection_strings(uri: str, warn: bool) -> None:
    assert outcome(parse_uri, uri, warn) == outcome(pymongo_parse_uri, uri, warn)


@settings(max_examples=200, deadline=None)
# Without the backslash: the specification forbids it in names, PyMongo lets it pass.
@given(
    text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\"), max_size=40)
)
def test_printable_text_parses_as_by_pymongo(text: str) -> None:
    for uri in (text, f"mongodb://{text}", f"mongodb://h/?{text}"):
        assert outcome(parse_uri, uri, True)[0] == outcome(pymongo_parse_uri, uri, True)[0]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_parses_or_is_refused_in_words(text: str) -> None:
    for uri in (text, f"mongodb://{text}", f"mongodb+srv://{text}", f"mongodb://h/?{text}"):
        kind, what = outcome(partial(parse_uri, resolver=nowhere), uri, True)
        assert kind == "value" or what == "", what
