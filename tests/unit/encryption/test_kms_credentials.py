"""Credentials of KMS providers that were given as `{}`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.kms.estate import Estate
from tests.unit.engine.sides import Side

from petiole._auth.conversation import Fetch, Look, Surroundings
from petiole._auth.kms_credentials import KmsCredentialCache, find_kms_credentials
from petiole._engine.encryption.credentials import OnDemandCredentials
from petiole._runtime.clock import NEVER
from petiole.bson import decode
from petiole.errors import ConfigurationError

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class World:
    """Answers what the search asks for, and notes it."""

    def __init__(self, *answers: Any, environ: dict[str, str] | None = None) -> None:
        self.answers = list(answers)
        self.environ = environ or {}
        self.now = NOW
        self.asked: list[Fetch] = []

    def find(self, cache: KmsCredentialCache, **providers: Any) -> dict[str, dict[str, str]]:
        search = find_kms_credentials(providers, cache)
        try:
            step: Any = next(search)
            while True:
                if isinstance(step, Look):
                    step = search.send(Surroundings(self.environ, self.now))
                    continue
                assert isinstance(step, Fetch)
                self.asked.append(step)
                answer = self.answers.pop(0)
                step = search.throw(answer) if isinstance(answer, Exception) else search.send(answer)
        except StopIteration as end:
            found: dict[str, dict[str, str]] = end.value
            return found


def azure(expires_in: object = '"3600"') -> tuple[int, bytes]:
    return 200, f'{{"access_token": "a token", "expires_in": {expires_in}}}'.encode()


def test_nobody_is_asked_for_what_was_given() -> None:
    given = {"aws": {"accessKeyId": "a"}, "gcp": {"email": "b"}, "local": {}, "aws:name": {}}
    assert World().find(KmsCredentialCache(), **given) == {}


def test_amazons_from_the_environment() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
    assert World(environ=environ).find(KmsCredentialCache(), aws={}) == {
        "aws": {"accessKeyId": "id", "secretAccessKey": "secret"}
    }
    environ["AWS_SESSION_TOKEN"] = "token"
    assert World(environ=environ).find(KmsCredentialCache(), aws={})["aws"]["sessionToken"] == "token"


def test_amazons_of_the_machine_are_kept() -> None:
    document = (
        b'{"AccessKeyId": "id", "SecretAccessKey": "secret", "Token": "token", '
        b'"Expiration": "2030-01-01T06:00:00Z"}'
    )
    world, cache = World((200, b"session"), (200, b"role"), (200, document)), KmsCredentialCache()
    wanted = {"aws": {"accessKeyId": "id", "secretAccessKey": "secret", "sessionToken": "token"}}
    assert world.find(cache, aws={}) == wanted
    assert world.find(cache, aws={}) == wanted
    assert len(world.asked) == 3


def test_none_of_amazons() -> None:
    with pytest.raises(ConfigurationError, match="the KMS provider aws: no credentials were given"):
        World(OSError("unreachable")).find(KmsCredentialCache(), aws={})


def test_googles() -> None:
    world = World((200, b'{"access_token": "a token"}'))
    assert world.find(KmsCredentialCache(), gcp={}) == {"gcp": {"accessToken": "a token"}}
    url = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
    assert world.asked == [Fetch("GET", url, {"Metadata-Flavor": "Google"})]


def test_the_host_of_googles() -> None:
    world = World((200, b'{"access_token": "a token"}'), environ={"GCE_METADATA_HOST": "localhost:1"})
    world.find(KmsCredentialCache(), gcp={})
    assert world.asked[0].url.startswith("http://localhost:1/computeMetadata/")


def test_azures_token_is_kept_until_a_minute_before_its_end() -> None:
    world, cache = World(azure(), azure()), KmsCredentialCache()
    assert world.find(cache, azure={}) == {"azure": {"accessToken": "a token"}}
    world.now = NOW + timedelta(seconds=3539)
    world.find(cache, azure={})
    assert len(world.asked) == 1
    world.now = NOW + timedelta(seconds=3540)
    world.find(cache, azure={})
    assert len(world.asked) == 2
    assert world.asked[0].url == (
        "http://169.254.169.254/metadata/identity/oauth2/token"
        "?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
    )
    assert world.asked[0].headers == {"Metadata": "true", "Accept": "application/json"}


@pytest.mark.parametrize("provider", ["gcp", "azure"])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (OSError("unreachable"), "no credentials can be fetched: unreachable"),
        ((404, b"no such place"), "no credentials were given: HTTP status 404: no such place"),
        ((200, b"a secret"), "is not JSON"),
        ((200, b"[]"), "holds no 'access_token'"),
        ((200, b'{"access_token": ""}'), "holds no 'access_token'"),
        ((200, b'{"access_token": 5}'), "holds no 'access_token'"),
    ],
)
def test_services_that_give_none(provider: str, answer: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        World(answer).find(KmsCredentialCache(), **{provider: {}})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("expires_in", ["null", '"soon"', "[]", "1e400", '"99999999999999999999"'])
def test_azures_times(expires_in: str) -> None:
    cache = KmsCredentialCache()
    with pytest.raises(ConfigurationError, match="no integer 'expires_in'"):
        World(azure(expires_in)).find(cache, azure={})
    assert cache.azure is None


def test_the_metadata_service(side: Side, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCE_METADATA_HOST", estate.instance.endpoint)
    credentials = OnDemandCredentials({"gcp": {}}, side.runtime)
    found = decode(side.call(lambda: credentials.fetch(NEVER)))
    assert found["gcp"]["accessToken"] in estate.tokens
