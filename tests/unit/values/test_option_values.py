"""Every validator takes and refuses what PyMongo's does, in the same words; the defaults are PyMongo's."""

import warnings
from collections.abc import Callable
from typing import Any

import pymongo.common
import pytest
from pymongo import compression_support
from pymongo.errors import ConfigurationError as TheirConfigurationError
from tests.unit.values.parity import plain

from petiole._uri import choices, defaults, objects, scalars
from petiole._uri.mapping import CaseInsensitiveDictionary
from petiole._uri.table import OPTIONS, validate_option
from petiole.bson.codec_options import DatetimeConversion
from petiole.errors import ConfigurationError

VALUES = [
    True,
    1,
    0,
    -1,
    "true",
    "True",
    "x",
    "5",
    "-5",
    1.5,
    "1.5",
    None,
    "",
    [],
    {},
    b"a",
    "inf",
    10**10,
    "0",
]
VALUES += [
    float("nan"),
    "-1",
    "secondary",
    "a:b",
    ["a:b", ""],
    "replace",
    "stream",
    "standard",
    "DATETIME_MS",
]
VALUES += [
    "é" * 65,
    "a" * 128,
    "/nonexistent",
    "PLAIN",
    "SERVICE_NAME:x",
    {"SERVICE_NAME": 5},
    " 5 ",
    "\u0661",
    1e9,
    3,
]

# Ours differ, for the better, in these: all compressors are built in, a class is asked for in words, and conversions
# may be named as the documentation does. Or PyMongo has nothing like them.
OWN = {
    "validate_port",
    "validate_compressors",
    "validate_datetime_conversion",
    "validate_document_class",
    "validate_type_registry",
    "validate_event_listeners",
    "validate_tracing",
}
RENAMED = {"validate_event_listeners": "_validate_event_listeners"}


def validators() -> list[Any]:
    found = []
    for module in (scalars, choices, objects):
        for name, function in vars(module).items():
            if name.startswith("validate_") and name not in OWN and function.__module__ == module.__name__:
                theirs = getattr(pymongo.common, name, None) or getattr(compression_support, name)
                found.append(pytest.param(function, theirs, id=name))
    return found


def outcome(validate: Callable[[str, Any], Any], value: Any) -> tuple[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", plain(repr(validate("opt", value)))
        except Exception as error:
            return type(error).__name__, plain(str(error))


@pytest.mark.parametrize(("ours", "theirs"), validators())
def test_as_pymongo(ours: Callable[[str, Any], Any], theirs: Callable[[str, Any], Any]) -> None:
    for value in VALUES:
        expected = outcome(theirs, value)
        if expected[1].startswith("unhashable"):
            # An accident of PyMongo's code; ours may say what is wrong.
            assert outcome(ours, value)[0] in ("TypeError", "ValueError")
        else:
            assert outcome(ours, value) == expected, repr(value)


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        (
            {"SERVICE_NAME": "x", "AWS_SESSION_TOKEN": "t"},
            {"SERVICE_NAME": "x", "AWS_SESSION_TOKEN": "<redacted>"},
        ),
        ({"OIDC_CALLBACK": 1}, {"OIDC_CALLBACK": "<redacted>"}),
        (5, 5),
    ],
)
def test_properties_are_shown_without_secrets(properties: Any, shown: Any) -> None:
    assert choices.redact_auth_mechanism_properties(properties) == shown
    assert pymongo.common.redact_auth_mechanism_properties_for_repr(properties) == shown


@pytest.mark.parametrize("value", [1, 65535, "1080"])
def test_ports(value: Any) -> None:
    assert scalars.validate_port("proxyPort", value) == int(value)


@pytest.mark.parametrize("name", ["datetime", "datetime_ms", "datetime_auto", "datetime_clamp"])
def test_datetime_conversions_in_small_letters_and_in_capitals(name: str) -> None:
    expected = DatetimeConversion[name.upper()]
    for value in (name, name.upper(), expected.value, str(expected.value), expected):
        assert choices.validate_datetime_conversion("datetime_conversion", value) is expected


def test_what_is_no_datetime_conversion() -> None:
    assert choices.validate_datetime_conversion("datetime_conversion", None) is DatetimeConversion.DATETIME
    with pytest.raises(
        KeyError, match="'nearly' is no valid value for datetime_conversion: it must be one of datetime, "
    ):
        choices.validate_datetime_conversion("datetime_conversion", "nearly")
    with pytest.raises(ValueError, match="9"):
        choices.validate_datetime_conversion("datetime_conversion", 9)
    with pytest.raises(TypeError, match="datetime_conversion must be a str or int"):
        choices.validate_datetime_conversion("datetime_conversion", 1.5)


@pytest.mark.parametrize("value", [0, 65536, -1, "", "x", None, 1.5])
def test_what_is_no_port(value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="proxyPort"):
        scalars.validate_port("proxyPort", value)


SPECIFIED = {
    "tlsdisablecertificaterevocationcheck",
    "proxyhost",
    "proxyport",
    "proxyusername",
    "proxypassword",
}
"""Options that PyMongo does not have, and connection strings may. The one of traces is for keywords only."""

DEFAULTS = [name for name in vars(defaults) if name.isupper() and hasattr(pymongo.common, name)]


def test_defaults_are_pymongos() -> None:
    assert len(DEFAULTS) > 25
    for name in DEFAULTS:
        assert getattr(defaults, name) == getattr(pymongo.common, name), name


def test_every_option_of_pymongo_is_in_the_table() -> None:
    assert set(pymongo.common.VALIDATORS) - set(OPTIONS) == set()


def test_the_table_has_nothing_else_but_what_the_specification_adds() -> None:
    assert set(OPTIONS) - set(pymongo.common.VALIDATORS) == SPECIFIED | {"tracing"}


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_an_option_may_be_in_a_connection_string_where_pymongo_allows_it(name: str) -> None:
    allowed = name in pymongo.common.URI_OPTIONS_VALIDATOR_MAP or name in SPECIFIED
    assert OPTIONS[name].in_uri is allowed


@pytest.mark.parametrize(
    "name", ["foo", "maxpoolsiz", "serverApi", "_connect", "wtimeout", "j", "zzzzzz", ""]
)
def test_an_unknown_keyword_gets_suggestions(name: str) -> None:
    with pytest.raises(TheirConfigurationError) as theirs:
        pymongo.common.validate(name, 1)
    with pytest.raises(ConfigurationError) as ours:
        validate_option(name, 1)
    # The order of equally similar names depends on the order of the tables.
    assert sorted(str(ours.value)) == sorted(str(theirs.value))


def test_the_mapping_ignores_case_and_keeps_it() -> None:
    options = CaseInsensitiveDictionary({"maxPoolSize": 1}, W=2)
    options["MAXPOOLSIZE"] = 3
    assert options["maxpoolsize"] == 3
    assert "MaxPoolSize" in options
    assert options.cased_key("maxpoolsize") == "MAXPOOLSIZE"
    assert dict(options) == {"maxpoolsize": 3, "w": 2}
    assert options == {"MaxPoolSize": 3, "w": 2}
    assert options == CaseInsensitiveDictionary(options)
    assert options != 5
    del options["W"]
    assert repr(options) == "{'MAXPOOLSIZE': 3}"
    assert CaseInsensitiveDictionary(options).cased_key("maxpoolsize") == "MAXPOOLSIZE"
    assert len(options) == 1
