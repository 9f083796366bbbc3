"""The functions of ``uri_parser`` give what PyMongo's give, and never show a credential."""

import warnings

import pytest
from tests.unit.values.parity import assert_same, assert_same_class

from petiole import uri_parser
from petiole._uri.parse import parse
from petiole.errors import InvalidURI
from petiole.uri_parser import parse_uri

SNIPPETS = r"""
parse_uri("mongodb://h")
parse_uri("mongodb://h:1,[::1]:2,[fe80::1%25eth0],x")
parse_uri("mongodb://u:p%40@h/db.col?w=1")
parse_uri("mongodb://u:p%40@h/db.col?w=1&w=2")
parse_uri("mongodb://h/?")
parse_uri("mongodb://h/db?ssl=true")
parse_uri("mongodb://h?ssl=true")
parse_uri("mongodb://h/db?tls=true&ssl=false")
parse_uri("mongodb://h/db?tls=true&ssl=true")
parse_uri("mongodb://h/db?tlsInsecure=true&tlsAllowInvalidCertificates=true")
parse_uri("mongodb://h/db?ssl=false&tlsInsecure=true")
parse_uri("mongodb://h/db?tls=false&tlsCAFile=x")
parse_uri("mongodb://h/db?tlsDisableOCSPEndpointCheck=true&tlsInsecure=true")
parse_uri("mongodb://h/db?foo=1")
parse_uri("mongodb://h/db?foo=1", warn=True)
parse_uri("mongodb://h/db?maxPoolSize=abc")
parse_uri("mongodb://h/db?maxPoolSize=abc", warn=True)
parse_uri("mongodb://h/db?maxPoolSize=abc", validate=False)
parse_uri("mongodb://h/db?maxPoolSize=5", normalize=False)
parse_uri("mongodb://h/db?MAXPOOLSIZE=5")
parse_uri("mongodb://h/db?ssl=true", normalize=False)
parse_uri("mongodb://h/?readPreferenceTags=a:b,c:d&readPreferenceTags=&readpreference=secondary")
parse_uri("mongodb://h/db?readPreferenceTags=a")
parse_uri("mongodb://h/db?readPreferenceTags=a:b:c")
parse_uri("mongodb://h/db?readPreferenceTags=a%3Ab")
parse_uri("mongodb://h/db?readPreferenceTags=a:%20b+c")
parse_uri("mongodb://h/db?authMechanismProperties=SERVICE_NAME:x,CANONICALIZE_HOST_NAME:true")
parse_uri("mongodb://h/db?authMechanismProperties=foo:x")
parse_uri("mongodb://h/db?authMechanismProperties=SERVICE_NAME")
parse_uri("mongodb://h/db?authMechanismProperties=CANONICALIZE_HOST_NAME:bad")
parse_uri("mongodb://h/db?authMechanismProperties=CANONICALIZE_HOST_NAME:bad", warn=True)
parse_uri("mongodb://h/db?authMechanismProperties=AWS_SESSION_TOKEN%3Aabc&authMechanism=MONGODB-AWS")
parse_uri("mongodb://u@h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:se:cret")
parse_uri("mongodb://h/db?compressors=zlib&zlibCompressionLevel=9")
parse_uri("mongodb://h/db?compressors=zlib,foo")
parse_uri("mongodb://h/db?zlibCompressionLevel=10")
parse_uri("mongodb://h/db?zlibCompressionLevel=x")
parse_uri("mongodb://h/db?w=majority&journal=true&wTimeoutMS=5")
parse_uri("mongodb://h/db?w=-1")
parse_uri("mongodb://h/db?wtimeout=5")
parse_uri("mongodb://h/db?fsync=true&j=true")
parse_uri("mongodb://h/db?directConnection=true")
parse_uri("mongodb://h,i/db?directConnection=true")
parse_uri("mongodb://h,i/db?loadBalanced=true")
parse_uri("mongodb://h/db?loadBalanced=true&replicaSet=x")
parse_uri("mongodb://h/db?loadBalanced=true&directConnection=true")
parse_uri("mongodb://h/db?srvMaxHosts=1")
parse_uri("mongodb://h/db?srvServiceName=1")
parse_uri("mongodb://h/db?srvAllowedHostsSuffix=1")
parse_uri("mongodb://h/db?srvMaxHosts=0")
parse_uri("mongodb://h/db?srvServiceName=")
parse_uri("mongodb+srv://a.b.c,d.e.f/")
parse_uri("mongodb+srv://a.b.c:27017/")
parse_uri("mongodb+srv://a.b.c/?directConnection=true")
parse_uri("mongodb+srv://1.2.3.4/")
parse_uri("mongodb+srv:///")
parse_uri("mongodb+srv://")
parse_uri("foo://h")
parse_uri("")
parse_uri("mongodb://")
parse_uri("mongodb:///db")
parse_uri("mongodb://h:0")
parse_uri("mongodb://h:70000")
parse_uri("mongodb://h:abc")
parse_uri("mongodb://h:")
parse_uri("mongodb://h,")
parse_uri("mongodb://,h")
parse_uri("mongodb://a:b:c@h")
parse_uri("mongodb://a@b@h")
parse_uri("mongodb://a%b@h")
parse_uri("mongodb://:p@h")
parse_uri("mongodb://@h")
parse_uri("mongodb://u:@h")
parse_uri("mongodb://u@h")
parse_uri("mongodb://a+b:c+d@h")
parse_uri("mongodb://%2Ftmp%2Fmongodb-27017.sock/db")
parse_uri("mongodb://%2Ftmp%2Fmongodb-27017.sock")
parse_uri("mongodb://rel%2Fmongodb.sock,h:5/db")
parse_uri("mongodb://h/d b")
parse_uri("mongodb://h/d%24b")
parse_uri("mongodb://h/d%20b")
parse_uri("mongodb://h/a.b.c")
parse_uri("mongodb://h/.c")
parse_uri("mongodb://h/d@b")
parse_uri("mongodb://h/db?authMechanismProperties=a:b", warn=True)
parse_uri("mongodb://h/a.")
parse_uri("mongodb://h/a?b=c;d=e")
parse_uri("mongodb://h/a?w=1;journal=true")
parse_uri("mongodb://h/a?w=1;journal=true&ssl=true")
parse_uri("mongodb://h/a?w")
parse_uri("mongodb://h/a?w=")
parse_uri("mongodb://h/a?=1")
parse_uri("mongodb://h/a?w=1&")
parse_uri("mongodb://h/a?w=1&&journal=true")
parse_uri("mongodb://h/a?appname=a%20b+c")
parse_uri("mongodb://h/a?appname=a@b")
parse_uri("mongodb://[::1")
parse_uri("mongodb://::1")
parse_uri("mongodb://[::1]:")
parse_uri("mongodb://H.EXAMPLE:1")
parse_uri(None)
parse_uri("mongodb://h/db?replicaSet=")
parse_uri("mongodb://h/db?replicaSet=a%26b")
parse_uri("mongodb://h/db?authSource=")
parse_uri("mongodb://h/db?authSource=$external&authMechanism=bad")
parse_uri("mongodb://h/?timeoutMS=5&waitQueueTimeoutMS=7&maxIdleTimeMS=8&heartbeatFrequencyMS=500")
parse_uri("mongodb://h/?serverSelectionTimeoutMS=100&socketTimeoutMS=0&localThresholdMS=3")
parse_uri("mongodb://h/?maxStalenessSeconds=120&connectTimeoutMS=500")
parse_uri("mongodb://h/db?heartbeatFrequencyMS=100")
parse_uri("mongodb://h/db?maxStalenessSeconds=0")
parse_uri("mongodb://h/db?maxStalenessSeconds=-1")
parse_uri("mongodb://h/db?maxStalenessSeconds=-2")
parse_uri("mongodb://h/db?uuidRepresentation=standard&tz_aware=true&unicode_decode_error_handler=ignore")
parse_uri("mongodb://h/db?datetime_conversion=DATETIME_MS")
parse_uri("mongodb://h/db?retryWrites=maybe")
parse_uri("mongodb://h/db?serverMonitoringMode=x")
parse_uri("mongodb://h/db?serverMonitoringMode=poll")
parse_uri("mongodb://h/db?tlsCertificateKeyFile=/nonexistent")
parse_uri("mongodb://h/db?tlsCertificateKeyFile=/nonexistent", warn=True)
parse_uri("mongodb://u:secret@h:99999/db")
parse_uri("mongodb://%2Ftmp%2Fa%2Cb.sock,h")
parse_uri("mongodb://u:secret@h/db?tlsCertificateKeyFilePassword=a%2Cb+c")
parse_uri("mongodb://h/?maxAdaptiveRetries=3&enableOverloadRetargeting=true&waitQueueMultiple=4&connect=true")
parse_uri("mongodb://h", default_port=5)
parse_uri("mongodb://h", default_port=None)
parse_uri("mongodb://a.b:27017,c.d/?replicaSet=s&readConcernLevel=majority&minPoolSize=1&maxConnecting=3")
split_hosts("a,b:5")
split_hosts("a,,b")
split_hosts("")
split_hosts("%2Ftmp%2Fx.sock")
split_hosts("/tmp/x.sock")
parse_host("a:5")
parse_host("[::1]:5")
parse_host("[::1]")
parse_host("::1")
parse_host("a:b:c")
parse_host("A")
parse_host("a:")
parse_host("a:-1")
parse_host("a:1.5")
parse_host("a: 5")
parse_host("a", 5)
parse_ipv6_literal_host("[::1]", 27017)
parse_ipv6_literal_host("[::1]:5", 27017)
parse_ipv6_literal_host("[::1", 27017)
parse_userinfo("a:b")
parse_userinfo("a")
parse_userinfo("a:")
parse_userinfo(":a")
parse_userinfo("")
parse_userinfo("a:b:c")
parse_userinfo("a@b:c")
parse_userinfo("a%40b:c%")
parse_userinfo("a%40b:c%20")
parse_userinfo("a+b:c+d")
parse_userinfo("a%zz:b")
split_options("w=1&journal=true")
split_options("w=1;journal=true")
split_options("w")
split_options("")
split_options("w=1=2")
split_options("w=1 ")
split_options("appname=a b")
split_options(" ")
split_options("w = 1")
split_options("w=1 &journal=true")
split_options("w=1=2&journal=true")
split_options("ssl=true")
split_options("w=1", validate=False)
split_options("foo=1", validate=False, normalize=False)
validate_options({"w": 1})
validate_options({"foo": 1})
validate_options({"foo": 1}, warn=True)
validate_options({"maxPoolSize": "x"}, warn=True)
validate_options({"w": 1, "MAXPOOLSIZE": "5"})
[SCHEME, SCHEME_LEN, SRV_SCHEME, SRV_SCHEME_LEN, DEFAULT_PORT]
""".strip().splitlines()

# The same class of error, where our text differs: it does not repeat what may be a part of a password, or says more.
OWN_WORDS = r"""
parse_uri("mongodb://h/db?tlsAllowInvalidCertificates=true&tlsDisableOCSPEndpointCheck=true")
parse_uri(b"mongodb://h")
parse_uri("mongodb://%2Ftmp%2Fmongodb.SOCK,h")
parse_uri("mongodb://h%41")
""".strip().splitlines()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_as_pymongo(snippet: str) -> None:
    assert_same(f"ordered({snippet})", "uri_parser")


@pytest.mark.parametrize("snippet", OWN_WORDS)
def test_same_class_of_error(snippet: str) -> None:
    assert_same_class(snippet, "uri_parser")


def test_names_of_options_are_those_of_the_specification() -> None:
    from pymongo.uri_parser_shared import URI_OPTIONS

    # PyMongo lists it, for type checkers, and refuses it.
    listed = {name for name in URI_OPTIONS if name != "serverSelectionTryOnce"}
    assert listed - uri_parser.URI_OPTIONS == set()


SECRET = "s3cr3t"
LEAKS = [
    f"mongodb://user:{SECRET}@h:99999/",
    f"mongodb://user:{SECRET}@h:abc/",
    f"mongodb://user:{SECRET}%@h/",
    f"mongodb://user:{SECRET}:x@h/",
    f"mongodb://user:{SECRET}@x@h/",
    f"mongodb://user:a/{SECRET}@h/db",
    f"mongodb://user:1/{SECRET}@h/db",
    f"mongodb://user:1?{SECRET}=1@h/db",
    f"mongodb://user:a?{SECRET}=1@h/db",
    f"mongodb://user:{SECRET}@h/?foo=1",
    f"mongodb://user:{SECRET}@h/?w=1;ssl=true&x=1",
    f"mongodb://user:{SECRET}@h/d b",
    f"mongodb://user:{SECRET}@/db",
    f"mongodb://user:{SECRET}@h%41/db",
    f"mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:x,{SECRET}:y",
    f"mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:x,{SECRET}",
    f"mongodb://user:{SECRET}@h/?authMechanism={SECRET}x&maxPoolSize={SECRET}",
    f"mongodb://h/?tlsCertificateKeyFilePassword={SECRET}&tlsCAFile=/nonexistent",
    f"mongodb+srv://user:{SECRET}@a,b/",
    f"mongodb+srv://user:{SECRET}@1.2.3.4/",
]


@pytest.mark.parametrize("uri", LEAKS)
@pytest.mark.parametrize("warn", [False, True])
def test_no_text_shows_a_credential(uri: str, warn: bool) -> None:
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            parse_uri(uri, warn=warn)
        except Exception as error:
            cause: BaseException | None = error
            while cause is not None:
                said += [str(cause), repr(cause)]
                cause = None if cause.__suppress_context__ else cause.__context__
    said += [str(warning.message) for warning in caught]
    assert said, "nothing was wrong with it"
    assert not [text for text in said if SECRET in text]


def test_the_parts_do_not_show_the_password() -> None:
    assert SECRET not in repr(parse(f"mongodb://user:{SECRET}@h/db"))


def test_an_encoded_comma_belongs_to_the_value() -> None:
    parsed = parse_uri("mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:a%2Cb%3Ac,SERVICE_NAME:x")
    assert parsed["options"]["authMechanismProperties"] == {"AWS_SESSION_TOKEN": "a,b:c", "SERVICE_NAME": "x"}
    parsed = parse_uri("mongodb://h/?readPreferenceTags=dc%3A1:ny%2C2")
    assert parsed["options"]["readPreferenceTags"] == [{"dc:1": "ny,2"}]


def test_every_compressor_is_built_in() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed = parse_uri("mongodb://h/?compressors=zstd,snappy,zlib")
    assert parsed["options"]["compressors"] == ["zstd", "snappy", "zlib"]


def test_a_password_cut_by_a_slash_is_explained() -> None:
    with pytest.raises(InvalidURI, match="quote_plus"):
        parse_uri("mongodb://user:1/x@h/db")
