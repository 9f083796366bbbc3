"""The options of the 3.x client, under their names of then."""

import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from petiole.bson.binary import UuidRepresentation
from petiole.errors import ConfigurationError, InvalidURI
from petiole.legacy import MongoClient
from petiole.legacy.errors import ExceededMaxWaiters
from petiole.legacy.options import RENAMED
from petiole.local import LocalServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def made(*args: Any, **kwargs: Any) -> MongoClient:
    return MongoClient(*args, **{"connect": False, **kwargs})


def tls(**kwargs: Any) -> Any:
    return made(**kwargs).options.pool_options.tls


def test_uuid_representation() -> None:
    assert made().codec_options.uuid_representation == UuidRepresentation.PYTHON_LEGACY
    assert (
        made(uuidRepresentation="standard").codec_options.uuid_representation == UuidRepresentation.STANDARD
    )
    by_uri = made("mongodb://a/?uuidRepresentation=javaLegacy")
    assert by_uri.codec_options.uuid_representation == UuidRepresentation.JAVA_LEGACY
    assert by_uri.db.coll.codec_options.uuid_representation == UuidRepresentation.JAVA_LEGACY


@pytest.mark.parametrize(
    "old", ["wtimeout", "j", "ssl_match_hostname", "ssl_cert_reqs", "ssl_pem_passphrase"]
)
@pytest.mark.parametrize("by_uri", [True, False])
def test_renamed_options_say_their_names_of_today(old: str, by_uri: bool) -> None:
    value: Any = {"wtimeout": 5, "j": True, "ssl_cert_reqs": "CERT_NONE", "ssl_pem_passphrase": "x"}.get(
        old, True
    )
    with pytest.warns(DeprecationWarning, match=f"use '{RENAMED[old]}' instead"):
        made(f"mongodb://a/?tls=true&{old}={'true' if value is True else value}") if by_uri else made(
            tls=True, **{old: value}
        )


def test_wtimeout_and_j() -> None:
    assert made(wtimeout=4, j=True).write_concern.document == {"wtimeout": 4, "j": True}
    assert made("mongodb://a/?wtimeout=3&j=true&w=2").write_concern.document == {
        "wtimeout": 3,
        "j": True,
        "w": 2,
    }
    assert made("mongodb://a/?wtimeout=3", wtimeout=9).write_concern.document == {"wtimeout": 9}


def test_fsync() -> None:
    assert made(fsync=True).write_concern.document == {"fsync": True}
    with pytest.raises(ConfigurationError):
        made(fsync=True, j=True)


@pytest.mark.parametrize("required", [ssl.CERT_REQUIRED, ssl.CERT_OPTIONAL, "CERT_REQUIRED", "CERT_OPTIONAL"])
def test_ssl_cert_reqs_implies_ssl(required: Any) -> None:
    assert tls(ssl_cert_reqs=required).allow_invalid_certificates is False
    assert tls(ssl_cert_reqs=ssl.CERT_NONE).allow_invalid_certificates is True
    assert tls(host="mongodb://a/?ssl_cert_reqs=CERT_NONE").allow_invalid_certificates is True
    with pytest.raises(ValueError, match="must be one of: `ssl"):
        tls(ssl_cert_reqs=9)


def test_a_passphrase_in_a_connection_string() -> None:
    assert tls(host="mongodb://a/?ssl=true&ssl_pem_passphrase=a%26b").certificate_key_file_password == "a&b"


def test_ssl_match_hostname() -> None:
    assert tls(ssl=True, ssl_match_hostname=False).allow_invalid_hostnames is True
    assert tls(ssl=True).allow_invalid_hostnames is False
    assert tls(host="mongodb://a/?ssl=true&ssl_match_hostname=false").allow_invalid_hostnames is True


@pytest.mark.parametrize("name", ["ssl_ca_certs", "ssl_crlfile", "ssl_certfile", "ssl_keyfile"])
def test_ssl_files_are_looked_for(name: str) -> None:
    with pytest.warns(DeprecationWarning, match=name), pytest.raises(FileNotFoundError):
        made(**{name: "/nowhere"})


def test_ssl_parameters_without_ssl(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    with pytest.raises(ConfigurationError, match="has not been enabled"):
        made(ssl=False, ssl_ca_certs=str(file))
    with pytest.raises(ConfigurationError, match="ssl_keyfile needs ssl_certfile"):
        made(ssl_keyfile=str(file))
    with pytest.raises(InvalidURI):
        made(ssl=True, tls=False)


@pytest.mark.parametrize("value", [True, False])
def test_socket_keep_alive(standalone: LocalServer, value: bool) -> None:
    import socket

    with pytest.warns(DeprecationWarning, match="socketKeepAlive"):
        client = MongoClient(standalone.uri, socketKeepAlive=value)
    with client:
        client.admin.command("ping")
        (server,) = client._engine.topology.servers
        (pool,) = server.pools.values()
        (connection,) = pool._idle
        sock: Any = connection.stream._socket  # type: ignore[attr-defined]
        assert bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) is value


def test_wait_queue_multiple(standalone: LocalServer) -> None:
    with pytest.warns(DeprecationWarning, match="limit the size of the thread pool"):
        client = MongoClient(standalone.uri, maxPoolSize=1, waitQueueMultiple=1)
    with client:
        client.admin.command("ping")
        (server,) = client._engine.topology.servers
        (pool,) = server.pools.values()
        taken = pool.take()
        assert taken is not None
        results: list[Any] = []
        waiting = threading.Thread(target=lambda: results.append(client.admin.command("ping")))
        waiting.start()
        while not pool._waiting:
            pass
        with pytest.raises(ExceededMaxWaiters, match="exceeded max waiters: 1 threads already waiting"):
            client.admin.command("ping")
        pool.check_in(taken)
        waiting.join()
        assert results[0]["ok"] == 1
    with pytest.raises(ValueError, match="must be an integer"):
        made(waitQueueMultiple="x")


def test_max_pool_size_cannot_be_0() -> None:
    with pytest.raises(ValueError, match="must be a positive integer"):
        made(maxPoolSize=0)


def test_unknown_option() -> None:
    with pytest.raises(ConfigurationError, match="Unknown option"):
        made(foo=1)


def test_tz_aware_document_class_and_read_preference() -> None:
    from petiole import ReadPreference
    from petiole.bson.son import SON

    client = made(tz_aware=True, document_class=SON, read_preference=ReadPreference.SECONDARY)
    assert client.codec_options.tz_aware
    assert client.codec_options.document_class is SON
    assert client.read_preference == ReadPreference.SECONDARY


def test_ssl_certfile_and_ssl_keyfile_apart(tmp_path: Path) -> None:
    with LocalServer(tls=True) as server:
        files = server.certificates
        assert files is not None
        both = Path(files.client).read_text()
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        begin = both.index("-----BEGIN CERTIFICATE")
        end = both.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
        certificate.write_text(both[begin:end])
        key.write_text(both[:begin] + both[end:])
        given: dict[str, Any] = {
            "ssl_certfile": str(certificate),
            "ssl_keyfile": str(key),
            "ssl_ca_certs": str(files.authority),
        }
        with MongoClient(host="localhost", port=server.ports[0], **given) as client:
            assert client.admin.command("ping")["ok"] == 1
            assert client.options.pool_options.tls is not None
            assert client.options.pool_options.tls.key_file == str(key)
        with pytest.raises(ConfigurationError, match="Private key"):
            made(ssl_certfile=str(certificate), ssl_ca_certs=str(files.authority))
