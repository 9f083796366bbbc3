"""What a client's constructor makes of a connection string and keywords is what PyMongo's makes."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymongo
import pytest
from tests.unit.values.parity import names, plain

import petiole
from petiole._auth.credentials import MongoCredential
from petiole._core.client_repr import client_repr
from petiole._runtime.socks import Proxy
from petiole._uri.parse import parse
from petiole.client_options import ClientSetup, build_client_options, with_srv
from petiole.errors import ConfigurationError
from petiole.pool_options import PoolOptions, TlsOptions

# Arguments of a client: positional ones (host, port), then keywords.
CALLS = r"""
"mongodb://a,b:2/db?replicaSet=rs&w=2"
["a:1", "mongodb://b:2"]
["mongodb://u:p@h:5/db?w=3", "j:4"], 1
["mongodb://a/x?w=1", "mongodb://b/y?w=2"]
[]
("a",)
5
"a", 5
"a:5", 7
"a", "5"
"h", "mongodb://x"
"a", 70000
"a,b:3,[::1]:5"
""
"/tmp/x.sock"
"mongodb://%2Ftmp%2Fx.sock"
"[::1]:5"
"::1"
foo=1
serverApi=1
j=True
wtimeout=5
maxPoolSize="x"
maxpoolsize=7
"mongodb://a/?maxPoolSize=4", maxPoolSize=9
"mongodb://a/?maxPoolSize=4", maxpoolsize=9
"mongodb://a/?maxPoolSize=x"
"mongodb://a/?foo=x"
"mongodb://a/?ssl=true", tls=False
"mongodb://a/?ssl=true", ssl=False
"mongodb://a/?tls=true", tls=False
"mongodb://a/?tls=true", ssl=False
"mongodb://a/?ssl=true", tls=True
"mongodb://a/?tls=false", tlsInsecure=True
ssl=True, tls=False
ssl="true"
tls=True
tlsInsecure=True
tlsInsecure=False
tlsAllowInvalidCertificates=True
tlsAllowInvalidCertificates=False
tlsAllowInvalidHostnames=False
tlsDisableOCSPEndpointCheck=False
tls=True, tlsInsecure=True
tls=True, tlsInsecure=True, tlsAllowInvalidHostnames=False
tls=True, tlsAllowInvalidHostnames=True
tls=True, tlsAllowInvalidCertificates=True, tlsAllowInvalidHostnames=False
tls=False, tlsCAFile=None
tls=False, tlsCAFile=PEM
tls=False, tlsCRLFile=PEM
tls=False, tlsCertificateKeyFilePassword="x"
tls=False, tlsInsecure=False
tls=False, tlsInsecure=True
tls=False, tlsAllowInvalidCertificates=False
tls=True, tlsCAFile="/nonexistent"
tlsCertificateKeyFilePassword="x"
tlsCertificateKeyFilePassword=5
"mongodb://h/?tlsInsecure=true", tlsAllowInvalidCertificates=True
"mongodb://u:p@h/db"
"mongodb://u:p@h/db", username="v"
"mongodb://u:p@h/db", password="v"
"mongodb://u:p@h/db?authSource=x", authSource="y"
"mongodb://u@h"
username="u"
username="u", password="p"
username="u", password="p", authSource="x", authMechanism="SCRAM-SHA-1"
username="u", password="p", authMechanism="SCRAM-SHA-256"
username="u", password="p", authMechanism="PLAIN"
username="u", password="p", authMechanism="GSSAPI"
username="u", password="p", authMechanism="GSSAPI", authSource="db"
username="u", password="p", authMechanism="MONGODB-X509"
username="u", password="p", authMechanism="MONGODB-AWS"
username="u", authMechanism="MONGODB-AWS"
username="u", authMechanism="MONGODB-X509"
password="p"
authMechanism="MONGODB-X509"
authMechanism="MONGODB-X509", authSource="db"
authMechanism="SCRAM-SHA-1"
authMechanism="MONGODB-CR"
authMechanism="MONGODB-OIDC"
authMechanism="MONGODB-OIDC", authMechanismProperties={"ENVIRONMENT": "bad"}
authMechanism="MONGODB-OIDC", authMechanismProperties={"ENVIRONMENT": "azure"}
authMechanism="MONGODB-OIDC", authMechanismProperties={"ENVIRONMENT": "gcp"}
authMechanism="MONGODB-OIDC", password="p", authMechanismProperties={"ENVIRONMENT": "test"}
authMechanism="MONGODB-OIDC", username="p", authMechanismProperties={"ENVIRONMENT": "test"}
authSource="x"
username=5
"mongodb://h/db?authSource=x"
"mongodb://h/?authMechanism=MONGODB-AWS"
"mongodb://u@h/?authMechanism=GSSAPI&authMechanismProperties=SERVICE_NAME:x"
"mongodb://u@h/?authMechanism=GSSAPI&authMechanismProperties=CANONICALIZE_HOST_NAME:forward"
authMechanism="MONGODB-AWS", authMechanismProperties={"AWS_SESSION_TOKEN": "t"}
authMechanismProperties={"SERVICE_NAME": 5}
readPreference="secondary", readPreferenceTags="a:b", maxStalenessSeconds=120
"mongodb://h/?readPreference=nearest&readPreferenceTags=a:b&readPreferenceTags="
read_preference=Secondary()
read_preference=5
readPreference=Secondary()
readPreferenceTags="a:b"
maxStalenessSeconds=120
maxStalenessSeconds=-1
"mongodb://h/?readPreference=primary&maxStalenessSeconds=120"
w=1, journal=True, wtimeoutms=5
wTimeoutMS=5
w=0, journal=True
w=0
w=-1
w="majority"
fsync=True
readConcernLevel="majority"
readConcernLevel=5
connectTimeoutMS=0, socketTimeoutMS=0
connectTimeoutMS=5, socketTimeoutMS=6, waitQueueTimeoutMS=7, maxIdleTimeMS=8, timeoutMS=12
serverSelectionTimeoutMS=9, heartbeatFrequencyMS=600, localThresholdMS=11
serverSelectionTimeoutMS=0
serverSelectionTimeoutMS=None
heartbeatFrequencyMS=400
"mongodb://h/?timeoutMS=0"
minPoolSize=5, maxPoolSize=2
minPoolSize=5, maxPoolSize=0
maxPoolSize=None
maxPoolSize=0
maxConnecting=0
maxConnecting=4
waitQueueMultiple=4
appname="x"
appName="x"
appname="x" * 129
driver=DriverInfo("a")
driver=5
server_api=ServerApi("2")
server_api=5
compressors="zlib", zlibCompressionLevel=3
compressors=["zlib"]
directConnection=True
directConnection="false"
["a", "b"], None, directConnection=True
["a", "b"], None, loadBalanced=True
loadBalanced=True
loadBalanced=True, replicaSet="x"
loadBalanced=True, directConnection=True
srvServiceName="x"
srv_host_validator=len
srv_host_validator="x"
srv_host_validator=None
"mongodb://h/?srvAllowedHostsSuffix="
"mongodb://h/?srvServiceName=x"
retryWrites=False, retryReads=False
retryWrites="maybe"
event_listeners=[5]
event_listeners=5
event_listeners=[]
document_class=list
document_class=SON
tz_aware=True
tz_aware="true"
tz_aware=5
tzinfo=5
tzinfo=UTC, tz_aware=True
uuidRepresentation="standard"
uuidRepresentation="x"
datetime_conversion="DATETIME_MS"
datetime_conversion=3
unicode_decode_error_handler="ignore"
server_selector=5
serverMonitoringMode="poll"
replicaSet="x"
replicaset="x"
replicaSet=5
auto_encryption_opts=5
auto_encryption_opts=None
"mongodb://h/?connect=false"
"mongodb://h/?tz_aware=true&uuidRepresentation=javaLegacy"
maxAdaptiveRetries=5, enableOverloadRetargeting=True
max_adaptive_retries=5, enable_overload_retargeting=True
"mongodb://h/?w=1&w=2"
"mongodb://h/?authMechanismProperties=SERVICE_NAME:"
""".strip().splitlines()

COMPARED = (
    "auto_encryption_opts",
    "codec_options",
    "direct_connection",
    "enable_overload_retargeting",
    "event_listeners",
    "heartbeat_frequency",
    "load_balanced",
    "local_threshold_ms",
    "max_adaptive_retries",
    "read_concern",
    "read_preference",
    "replica_set_name",
    "retry_reads",
    "retry_writes",
    "server_monitoring_mode",
    "server_selection_timeout",
    "timeout",
    "write_concern",
)
COMPARED_OF_POOLS = (
    "appname",
    "connect_timeout",
    "driver",
    "load_balanced",
    "max_connecting",
    "max_idle_time_seconds",
    "max_pool_size",
    "min_pool_size",
    "server_api",
    "socket_timeout",
    "wait_queue_timeout",
)


def call(package: str, arguments: str, pem: str) -> Mapping[str, Any]:
    """What comes of one call, in text."""
    from datetime import UTC

    scope = names(package, "read_preferences", "driver_info", "server_api") | {"PEM": pem, "UTC": UTC}

    def ours(host: Any = None, port: Any = None, **keywords: Any) -> Mapping[str, Any]:
        return describe_ours(build_client_options(host, port, keywords))

    def theirs(*positional: Any, **keywords: Any) -> Mapping[str, Any]:
        with pymongo.MongoClient[Any](*positional, **{"connect": False} | keywords) as client:
            return describe_theirs(client)

    scope["call"] = ours if package == "petiole" else theirs
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result: dict[str, Any] = dict(eval(f"call({arguments})", scope))
        except Exception as error:
            result = {"error": type(error).__name__, "text": plain(str(error))}
    result["warnings"] = {plain(str(warning.message)) for warning in caught}
    return result


def describe(options: Any, pools: Any, seeds: Any) -> dict[str, Any]:
    described: dict[str, Any] = {name: plain(repr(getattr(options, name))) for name in COMPARED}
    described |= {name: plain(repr(getattr(pools, name))) for name in COMPARED_OF_POOLS}
    described["non_default_options"] = pools.non_default_options
    described["seeds"] = sorted(seeds, key=str)
    return described


def describe_ours(setup: ClientSetup) -> dict[str, Any]:
    pools = setup.options.pool_options
    return describe(setup.options, pools, setup.seeds) | {
        "tls": pools.tls is not None,
        "credentials": credentials(pools.credentials),
        "compressors": pools.compressors,
    }


def describe_theirs(client: Any) -> dict[str, Any]:
    pools = client.options.pool_options
    return describe(client.options, pools, client._topology_settings.seeds) | {
        "tls": pools._ssl_context is not None,
        "credentials": credentials(pools._credentials),
        "compressors": pools._compression_settings.compressors,
    }


def credentials(value: Any) -> Any:
    """All of a credential but its cache."""
    return None if value is None else (*value[:4], str(tuple(value.mechanism_properties or ())))


@pytest.mark.parametrize("arguments", CALLS)
def test_as_pymongo(arguments: str, tmp_path: Path) -> None:
    pem = tmp_path / "empty.pem"
    pem.touch()
    assert call("petiole", arguments, str(pem)) == call("pymongo", arguments, str(pem))


@pytest.mark.parametrize("package", [petiole, pymongo])
def test_a_number_of_hosts_is_for_srv_names(package: Any) -> None:
    with pytest.raises(package.errors.ConfigurationError, match=r"only allowed with 'mongodb\+srv://' URIs"):
        package.MongoClient("mongodb://h", srvMaxHosts=1, connect=False)


def test_no_heartbeat_frequency_is_the_default() -> None:
    # PyMongo fails with a TypeError of its own code here.
    assert build_client_options(None, None, {"heartbeatFrequencyMS": None}).options.heartbeat_frequency == 10


def test_the_defaults_are_pymongos() -> None:
    ours, theirs = call("petiole", "", ""), call("pymongo", "", "")
    assert ours == theirs
    assert ours["seeds"] == [("localhost", 27017)]


def test_oidc_gets_its_environment_and_hosts() -> None:
    properties = {"ENVIRONMENT": "azure", "TOKEN_RESOURCE": "r"}
    credential = credential_of(authMechanism="MONGODB-OIDC", authMechanismProperties=properties)
    own: Any = credential.mechanism_properties
    assert (own.environment, own.token_resource, own.username) == ("azure", "r", "")
    assert "*.mongodb.net" in own.allowed_hosts
    assert credential.source == "$external"


def credential_of(**keywords: Any) -> MongoCredential:
    credential = build_client_options(None, None, keywords).options.pool_options.credentials
    assert credential is not None
    return credential


def test_no_repr_shows_a_secret() -> None:
    keywords = {
        "username": "u",
        "password": "s3cr3t",
        "authMechanism": "MONGODB-AWS",
        "authMechanismProperties": {"AWS_SESSION_TOKEN": "s3cr3t"},
    }
    assert "s3cr3t" not in repr(credential_of(**keywords))
    assert "s3cr3t" not in repr(TlsOptions(certificate_key_file_password="s3cr3t"))


def test_no_repr_of_a_client_shows_a_secret() -> None:
    secrets = {
        "username": "u",
        "password": "s3cr3t",
        "authMechanism": "MONGODB-AWS",
        "authMechanismProperties": {"AWS_SESSION_TOKEN": "s3cr3t"},
        "tls": True,
        "tlsCertificateKeyFilePassword": "s3cr3t",
        "proxyHost": "p",
        "proxyUsername": "u",
        "proxyPassword": "s3cr3t",
    }
    setup = build_client_options(None, None, secrets)
    texts = [client_repr("MongoClient", setup), repr(setup.options.pool_options.proxy), repr(setup.parsed)]
    assert texts[0].count("<redacted>") == 4
    for text in texts:
        assert "s3cr3t" not in text


PROXY = {"proxyHost": "p", "proxyUsername": "u", "proxyPassword": "w"}


@pytest.mark.parametrize(
    ("query", "keywords", "proxy"),
    [
        ("proxyHost=p", {}, Proxy("p", 1080)),
        ("PROXYHOST=p&proxyport=1", {}, Proxy("p", 1)),
        ("proxyHost=p&proxyUsername=&proxyPassword=", {}, Proxy("p", 1080)),
        ("proxyHost=p&proxyUsername=u%3A&proxyPassword=%40", {}, Proxy("p", 1080, "u:", "@")),
        ("proxyHost=p&proxyPort=1", {"proxyPort": 2, "proxyHost": "q"}, Proxy("q", 2)),
        ("", PROXY, Proxy("p", 1080, "u", "w")),
        ("", {}, None),
    ],
)
def test_proxies(query: str, keywords: dict[str, Any], proxy: Proxy | None) -> None:
    options = build_client_options(f"mongodb://h/?{query}", None, keywords).options
    assert options.pool_options.proxy == proxy


@pytest.mark.parametrize(
    ("query", "keywords", "message"),
    [
        ("proxyPort=1", {}, "proxyPort cannot be specified without proxyHost"),
        ("proxyUsername=u&proxyPassword=p", {}, "proxyUsername cannot be specified without proxyHost"),
        ("", {"proxyPassword": "p"}, "proxyPassword cannot be specified without proxyHost"),
        ("proxyHost=p&proxyUsername=u", {}, "proxyUsername and proxyPassword"),
        ("proxyHost=p&proxyPassword=u", {"proxyUsername": ""}, "proxyUsername and proxyPassword"),
        ("", PROXY | {"proxyPassword": ""}, "proxyUsername and proxyPassword"),
        ("", PROXY | {"proxyPassword": "ü" * 128}, "at most 255 bytes"),
        ("proxyHost=", {}, "proxyHost cannot be an empty string"),
        ("proxyHost=p&proxyHost=p", {}, "proxyHost cannot be specified more than once"),
        ("proxyHost=p&proxyport=1&proxyPort=2", {}, "proxyPort cannot be specified more than once"),
    ],
)
def test_half_a_proxy(query: str, keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        build_client_options(f"mongodb://h/?{query}", None, keywords)


def test_half_a_proxy_for_an_srv_name() -> None:
    """It is a valid string, but no client comes of it."""
    setup = build_client_options("mongodb+srv://a.b.c/?proxyPort=1080")
    assert parse("mongodb+srv://a.b.c/?proxyPort=1080").options["proxyPort"] == 1080
    with pytest.raises(ConfigurationError, match="without proxyHost"):
        with_srv(setup, [("x.b.c", 27017)], None)
    whole = with_srv(
        build_client_options("mongodb+srv://a.b.c/?proxyHost=p"), [("x.b.c", 27017)], "authSource=y"
    )
    assert whole.options.pool_options.proxy == Proxy("p", 1080)


def test_no_record_names_a_proxy() -> None:
    setup = build_client_options("mongodb+srv://a.b.c/")
    with pytest.raises(ConfigurationError, match="Only authSource"):
        with_srv(setup, [("x.b.c", 27017)], "proxyHost=p")


def test_credentials_are_equal_whatever_they_cached() -> None:
    first, second = credential_of(username="u", password="p"), credential_of(username="u", password="p")
    assert first.cache is not None
    first.cache.data = "keys"
    assert first == second
    assert hash(first) == hash(second)


def test_tls_options_are_handed_on(tmp_path: Path) -> None:
    pem = tmp_path / "x.pem"
    pem.touch()
    options = build_client_options(
        f"mongodb://h/?tlsCAFile={pem}&tlsCertificateKeyFilePassword=x", None, {"tlsInsecure": True}
    ).options.pool_options
    assert options.tls == TlsOptions(
        ca_file=str(pem),
        certificate_key_file_password="x",
        allow_invalid_certificates=True,
        allow_invalid_hostnames=True,
        disable_ocsp_endpoint_check=True,
    )
    assert options.tls_allow_invalid_hostnames
    assert not PoolOptions().tls_allow_invalid_hostnames


def test_named_parameters_of_a_client_may_be_none() -> None:
    none: dict[str, Any] = dict.fromkeys(["document_class", "tz_aware", "connect", "type_registry"])
    setup = build_client_options("h", None, none)
    assert setup.options.codec_options.document_class is dict
    assert setup.options.connect is None


def test_an_srv_name_waits_for_its_records() -> None:
    setup = build_client_options("mongodb+srv://u:p@a.b.c/db?srvMaxHosts=2", None, {"srvServiceName": "own"})
    assert (setup.seeds, setup.database) == ([], "db")
    assert setup.srv is not None
    assert (setup.srv.query_name, setup.srv.max_hosts) == ("_own._tcp.a.b.c", 2)
    assert setup.options.pool_options.tls is not None
    resolved = with_srv(setup, [("X.b.c", 1), ("y.b.c", 2)], "authSource=other")
    assert resolved.seeds == [("x.b.c", 1), ("y.b.c", 2)]
    assert resolved.srv == setup.srv
    credential = resolved.options.pool_options.credentials
    assert credential is not None
    assert credential.source == "other"


def test_keywords_win_over_the_txt_record() -> None:
    setup = build_client_options("mongodb+srv://a.b.c/", None, {"replicaSet": "own", "tls": False})
    resolved = with_srv(setup, [("x.b.c", 1)], "replicaSet=other")
    assert resolved.options.replica_set_name == "own"
    assert resolved.options.pool_options.tls is None


def test_srv_records_that_contradict_the_keywords_are_refused() -> None:
    setup = build_client_options("mongodb+srv://a.b.c/", None, {"loadBalanced": True})
    with pytest.raises(ConfigurationError, match="multiple hosts"):
        with_srv(setup, [("x.b.c", 1), ("y.b.c", 2)], None)
    with pytest.raises(ConfigurationError, match="directConnection"):
        build_client_options("mongodb+srv://a.b.c/", None, {"directConnection": True})


def test_a_host_given_twice_is_one_seed() -> None:
    assert build_client_options(["a", "A:27017", "b"]).seeds == [("a", 27017), ("b", 27017)]
