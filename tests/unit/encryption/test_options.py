"""The values of `petiole.encryption_options` and `petiole.encryption_shared`, beside PyMongo's."""

from __future__ import annotations

from typing import Any

import pymongo.encryption_options
import pymongo.encryption_shared
import pymongo.errors
import pytest

import petiole.encryption_options
import petiole.encryption_shared
import petiole.errors
from petiole.encryption_options import (
    AsyncHTTPProxyKMSConnect,
    AutoEncryptionOpts,
    HTTPProxyKMSConnect,
    RangeOpts,
    StringOpts,
)
from petiole.errors import ConfigurationError

THEIRS: Any = pymongo.encryption_options
LOCAL = {"local": {"key": bytes(96)}}


def outcome(module: Any, kind: str, *args: Any, **kwargs: Any) -> Any:
    """What an object of PyMongo's or ours holds, or the error that there is instead."""
    try:
        made = getattr(module, kind)(*args, **kwargs)
        held = dict(vars(made))
        for name in ("_sync_kms_ssl_contexts", "_async_kms_ssl_contexts"):
            held.pop(name, None)
        return held, getattr(made, "document", None)
    except Exception as error:
        return type(error).__name__, str(error)


def same(kind: str, *args: Any, **kwargs: Any) -> None:
    ours = outcome(petiole.encryption_options, kind, *args, **kwargs)
    assert ours == outcome(pymongo.encryption_options, kind, *args, **kwargs)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"schema_map": {"a.b": {}}, "bypass_auto_encryption": True, "mongocryptd_uri": "mongodb://x"},
        {"encrypted_fields_map": {"a.b": {}}, "key_vault_client": object(), "bypass_query_analysis": True},
        {"crypt_shared_lib_path": "/lib", "crypt_shared_lib_required": True, "key_expiration_ms": 5},
        {
            "mongocryptd_bypass_spawn": True,
            "mongocryptd_spawn_path": "/bin/x",
            "kms_tls_options": {"aws": {}},
        },
        {"mongocryptd_spawn_args": ["--port=1"]},
        {"mongocryptd_spawn_args": ["--idleShutdownTimeoutSecs=5"]},
        {"mongocryptd_spawn_args": ["--idleShutdownTimeoutSecs", "5"]},
        {"mongocryptd_spawn_args": ("--port=1",)},
        {"mongocryptd_spawn_args": 1},
        {"encrypted_fields_map": 1},
        {"kms_connect_callback": print},
        {"kms_connect_callback": "proxy"},
    ],
)
def test_automatic_encryption(options: dict[str, Any]) -> None:
    same("AutoEncryptionOpts", LOCAL, "db.keys", **options)


def test_arguments_are_not_kept_to_be_changed() -> None:
    given = ["--port=1"]
    AutoEncryptionOpts(LOCAL, "db.keys", mongocryptd_spawn_args=given)
    assert given == ["--port=1"]


@pytest.mark.parametrize("args", [(), (1, 2, 3, 4, 5), (1.5, "a"), (None, None, 0)])
def test_ranges(args: tuple[Any, ...]) -> None:
    same("RangeOpts", *args)


def test_a_sparsity_that_is_none() -> None:
    with pytest.raises(ValueError, match="invalid literal for int"):
        _ = RangeOpts("much").document  # type: ignore[arg-type]


@pytest.mark.parametrize("args", [(), ({}, {"strMinQueryLength": 1}, {}, True, False)])
def test_strings(args: tuple[Any, ...]) -> None:
    same("StringOpts", *args)
    assert StringOpts().document == {}


@pytest.mark.parametrize("name", ["Algorithm", "QueryType"])
def test_enumerations(name: str) -> None:
    ours, theirs = (
        getattr(module, name) for module in (petiole.encryption_shared, pymongo.encryption_shared)
    )
    assert {one.name: one.value for one in ours} == {one.name: one.value for one in theirs}
    assert [str(one) for one in ours] == [str(one) for one in theirs]


def test_a_result_without_updates() -> None:
    result = petiole.encryption_shared.RewrapManyDataKeyResult()
    assert result.bulk_write_result is None
    assert repr(result) == "RewrapManyDataKeyResult(None)"


def test_secrets_are_not_shown() -> None:
    options = AutoEncryptionOpts({"aws": {"accessKeyId": "id", "secretAccessKey": "a secret"}}, "db.keys")
    assert "secret" not in repr(options)


# Proxies.


@pytest.mark.parametrize(
    "url",
    [
        "http://h", "http://h:81", "http://[::1]:80", "http://u:p@h", "http://u%40:p%3A@h", "HTTP://h",
        "h", "http://", "socks5://h", "http://h:x", "http://h:70000", "http://h/path", "http://h?q", 1,
    ],
)  # fmt: skip
def test_urls_of_proxies(url: Any) -> None:
    def told(kind: Any) -> Any:
        try:
            made = kind(url)
            return made.host, made.port, made.ssl_context, made.headers
        except Exception as error:
            return type(error).__name__, str(error)

    assert told(HTTPProxyKMSConnect) == told(THEIRS.HTTPProxyKMSConnect)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-A": "b"}, {"a": 1}, {1: "a"}, {"": "x"}, {"a\r\nb": "c"}, {"a": "b\r\n"}, {"Host": "x"}],
)
def test_headers_for_proxies(headers: Any) -> None:
    def told(kind: Any) -> Any:
        try:
            return kind("http://u:p@h", headers=headers).headers
        except Exception as error:
            return type(error).__name__, str(error)

    assert told(HTTPProxyKMSConnect) == told(THEIRS.HTTPProxyKMSConnect)


def test_no_tls_for_a_proxy_without() -> None:
    with pytest.raises(ConfigurationError, match="ssl_context requires an https proxy_url"):
        HTTPProxyKMSConnect("http://h", object())  # type: ignore[arg-type]
    assert HTTPProxyKMSConnect("https://h").ssl_context is not None
    assert issubclass(AsyncHTTPProxyKMSConnect, HTTPProxyKMSConnect)


def test_the_password_of_a_proxy_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        HTTPProxyKMSConnect("socks5://user:password@h")
    assert "password" not in str(caught.value)
    assert "password" not in repr(HTTPProxyKMSConnect("http://user:password@h"))
