"""Runs the connection-string tree: what each connection string parses to, or that it is refused."""

import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from petiole.errors import ConfigurationError
from petiole.uri_parser import SCHEME, SRV_SCHEME, parse_uri


@pytest.mark.specification("connection-string/tests")
def test_connection_string(case: Mapping[str, Any]) -> None:
    if not case["valid"]:
        with pytest.raises((ConfigurationError, ValueError)):
            parse_uri(case["uri"], warn=True)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parsed = parse_uri(case["uri"], warn=True)
    assert bool(caught) is bool(case["warning"]), [str(warning.message) for warning in caught]
    check_hosts(case, parsed)
    check_auth(case, parsed)
    check_options(case, parsed)


def check_hosts(case: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
    if case["hosts"] is None:
        return
    assert len(parsed["nodelist"]) == len(case["hosts"])
    for (host, port), expected in zip(parsed["nodelist"], case["hosts"], strict=True):
        # Names come in lower case, the tests keep theirs.
        assert host.lower() == expected["host"].lower()
        if expected["port"] is not None:
            assert port == expected["port"]


def check_auth(case: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
    if case["auth"] is None:
        return
    assert parsed["username"] == as_parsed(case["auth"]["username"])
    # A user name without a password parses to an empty one, as PyMongo's does.
    assert (parsed["password"] or None) == (as_parsed(case["auth"]["password"]) or None)
    database = parsed["database"]
    if database is not None and parsed["collection"] is not None:
        database = f"{database}.{parsed['collection']}"
    assert database == case["auth"]["db"]


def as_parsed(text: str | None) -> str | None:
    # The specification keeps a bare "+". PyMongo tells its users to escape with quote_plus, which writes a space
    # so: strings that work with PyMongo must go on working.
    return text and text.replace("+", " ")


def check_options(case: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
    actual = {name.lower(): value for name, value in parsed["options"].items()}
    for name, expected in (case["options"] or {}).items():
        assert actual[name.lower()] == expected


@pytest.mark.parametrize("scheme", [SCHEME, SRV_SCHEME])
def test_a_string_that_is_only_a_scheme_is_refused(scheme: str) -> None:
    with pytest.raises(ConfigurationError, match="at least one hostname"):
        parse_uri(scheme)
