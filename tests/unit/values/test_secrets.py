"""No password, token or passphrase of a connection string is in a client's repr, an error, its causes, or a warning.

The strings are wrong in many ways: secrets hold characters that should have been escaped, and are in the wrong place.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from petiole._core.client_repr import client_repr
from petiole.client_options import build_client_options
from petiole.uri_parser import parse_uri

SECRET = "S3cr3tXYZ"
AROUND = (
    "",
    "/",
    "?",
    "@",
    ":",
    "%",
    "&",
    "=",
    ";",
    ",",
    " ",
    "%zz",
    "%00",
    "/a.b",
    "?a=b",
    "#[",
    "mongodb://",
)
STRINGS = (
    "mongodb://user:{}@host/",
    "mongodb://user:{}@host/db?authSource=x",
    "mongodb+srv://user:{}@host.a.b/",
    "mongodb://{}@host",
    "mongodb://user:{}@host:99999/",
    "mongodb://user:{}@h,h2:x/",
    "mongodb://user:{}@/",
    "mongodb://user:{}@host/?authMechanism=NOPE",
    "mongodb://user:{0}@host/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:{0}",
    "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:{}",
    "mongodb://h/?proxyHost=a&proxyUsername=b&proxyPassword={}",
    "mongodb://h/?proxyPassword={}",
    "mongodb://h/?tlsCertificateKeyFilePassword={}",
    "mongodb://h/?tlsCertificateKeyFilePassword={}&tls=false",
    "mongodb://user:{}",
    "mongo://user:{}@host",
    "user:{}@host",
    "mongodb://u:{}@h/?readPreference=zzz&w=-1",
    "mongodb://u:{}@%2Ftmp%2Fx.sock:1/",
)


def shown(uri: str) -> Iterator[str]:
    """All texts that come of a string."""
    for make in (repr_of_client, parts):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            error: BaseException | None = None
            try:
                yield make(uri)
            except Exception as failure:
                error = failure
        while error is not None:
            yield f"{error!r} {error}"
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        yield from (str(one.message) for one in caught)


def repr_of_client(uri: str) -> str:
    return client_repr("MongoClient", build_client_options(uri))


def parts(uri: str) -> str:
    if not uri.startswith("mongodb+srv"):  # Which would ask the DNS.
        parse_uri(uri)  # The parts are not shown to anybody, so secrets may be among them.
    return ""


@pytest.mark.parametrize("template", STRINGS)
def test_no_secret_is_shown(template: str) -> None:
    for before in AROUND:
        for after in AROUND:
            uri = template.format(before + SECRET + after)
            for text in shown(uri):
                assert SECRET not in text, uri
