"""MONGODB-AWS: signatures by Amazon's published examples, lying servers, and where credentials come from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from petiole._auth.authentication import Authentication
from petiole._auth.aws import authorization, region_of
from petiole._auth.aws_credentials import AwsCredentials, find_credentials
from petiole._auth.conversation import Fetch, Look, Read, Surroundings, Work
from petiole._auth.credentials import AWSProperties, AWSProvider, CredentialCache, MongoCredential
from petiole.bson import decode, encode
from petiole.client_options import build_client_options
from petiole.errors import ConfigurationError, OperationFailure

NONCE = bytes(range(32))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EXAMPLE = AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
DATED = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}


def credential(
    username: str | None = None,
    password: str | None = None,
    token: str | None = None,
    provider: Any = None,
) -> MongoCredential:
    properties = AWSProperties(token) if provider is None else AWSProvider(provider)
    return MongoCredential("MONGODB-AWS", "$external", username, password, properties, CredentialCache())


@pytest.mark.parametrize(
    ("method", "headers", "body", "names", "signature"),
    [
        # "get-vanilla" and "post-x-www-form-urlencoded" of the Signature Version 4 test suite.
        (
            "GET",
            DATED,
            b"",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "POST",
            {**DATED, "Content-Type": "application/x-www-form-urlencoded"},
            b"Param1=value1",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_amazons_examples(
    method: str, headers: dict[str, str], body: bytes, names: str, signature: str
) -> None:
    assert authorization(method, headers, body, EXAMPLE, "us-east-1", "service") == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("sts.amazonaws.com", "us-east-1"),
        ("sts.us-west-2.amazonaws.com", "us-west-2"),
        ("sts.us-west-2.amazonaws.com.ch", "us-west-2"),
        ("example.com", "com"),
        ("localhost", "us-east-1"),
    ],
)
def test_regions(host: str, region: str) -> None:
    assert region_of(host) == region


def begin(mine: MongoCredential) -> Any:
    conversation = Authentication(mine, NONCE).converse()
    start = next(conversation)
    assert isinstance(start, dict)
    assert start["mechanism"] == "MONGODB-AWS"
    assert decode(start["payload"]) == {"r": NONCE, "p": 110}
    return conversation


def challenge(**fields: Any) -> dict[str, Any]:
    document = {"s": NONCE + bytes(32), "h": "sts.amazonaws.com", **fields}
    return {"conversationId": 1, "done": False, "payload": encode(document)}


@pytest.mark.parametrize("token", [None, "a-token"])
def test_the_conversation(token: str | None) -> None:
    conversation = begin(credential("KEY", "secret", token))
    assert conversation.send(challenge()) == Look()
    proof = conversation.send(Surroundings({}, NOW))
    assert (proof["saslContinue"], proof["conversationId"]) == (1, 1)
    answer = decode(proof["payload"])
    assert answer["d"] == "20260102T030405Z"
    assert answer.get("t") == token
    names = "content-length;content-type;host;x-amz-date;"
    names += "x-amz-security-token;" if token else ""
    assert f"SignedHeaders={names}x-mongodb-gs2-cb-flag;x-mongodb-server-nonce, Signature=" in answer["a"]
    assert "Credential=KEY/20260102/us-east-1/sts/aws4_request" in answer["a"]
    assert "secret" not in str(answer)
    with pytest.raises(StopIteration):
        conversation.send({"done": True, "payload": b""})


def test_a_conversation_that_does_not_end() -> None:
    conversation = begin(credential("KEY", "secret"))
    conversation.send(challenge())
    conversation.send(Surroundings({}, NOW))
    with pytest.raises(OperationFailure, match="failed to complete"):
        conversation.send({"done": False, "payload": b""})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"s": bytes(64)}, "invalid nonce"),
        ({"s": NONCE}, "invalid nonce"),
        ({"s": NONCE + bytes(33)}, "invalid nonce"),
        ({"s": "text"}, "invalid nonce"),
        ({"h": ""}, "invalid sts host"),
        ({"h": "a" * 256}, "invalid sts host"),
        ({"h": "sts..com"}, "invalid sts host"),
        ({"h": ".sts"}, "invalid sts host"),
        ({"h": "sts\nx-evil:1"}, "invalid sts host"),
        ({"h": None}, "invalid sts host"),
    ],
)
def test_challenges_that_are_refused(fields: dict[str, Any], message: str) -> None:
    conversation = begin(credential("KEY", "secret"))
    with pytest.raises(OperationFailure, match=message):
        conversation.send(challenge(**fields))


@pytest.mark.parametrize("payload", [b"", b"nonsense", encode({})])
def test_a_challenge_that_is_none(payload: bytes) -> None:
    conversation = begin(credential("KEY", "secret"))
    with pytest.raises(OperationFailure, match="invalid"):
        conversation.send({"conversationId": 1, "payload": payload})


# Where the credentials come from.

FETCHED = {"AccessKeyId": "K", "SecretAccessKey": "S", "Token": "T", "Expiration": "2026-01-02T04:04:05Z"}
EXPECTED = AwsCredentials("K", "S", "T", NOW + timedelta(hours=1))


def search(
    mine: MongoCredential, environ: dict[str, str], answers: dict[Any, Any], now: datetime = NOW
) -> Any:
    """The credentials found, with `answers` to the requests; one that is an exception is thrown."""
    looking = find_credentials(mine)
    try:
        step = next(looking)
        while True:
            if isinstance(step, Look):
                step = looking.send(Surroundings(environ, now))
                continue
            if isinstance(step, Work):
                step = looking.send(step.run())
                continue
            key = step.path if isinstance(step, Read) else (step.method, step.url, *step.headers.items())  # type: ignore[union-attr]
            answer = answers[key]
            step = looking.throw(answer) if isinstance(answer, Exception) else looking.send(answer)
    except StopIteration as end:
        return end.value


def ok(document: Any) -> tuple[int, bytes]:
    return 200, json.dumps(document).encode()


CONTAINER = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/creds"}
CONTAINER_URL = ("GET", "http://169.254.170.2/creds")
IDENTITY = {
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "AWS_ROLE_ARN": "arn:role",
    "AWS_ROLE_SESSION_NAME": "me",
}
IDENTITY_URL = (
    "GET",
    "https://sts.amazonaws.com/?Action=AssumeRoleWithWebIdentity&RoleSessionName=me&RoleArn=arn%3Arole"
    "&WebIdentityToken=tok%26en&Version=2011-06-15",
    ("Accept", "application/json"),
)
MACHINE = "http://169.254.169.254/latest/"
ROLES = f"{MACHINE}meta-data/iam/security-credentials/"
SHOWN = ("X-aws-ec2-metadata-token", "tok")
ON_MACHINE = {
    ("PUT", f"{MACHINE}api/token", ("X-aws-ec2-metadata-token-ttl-seconds", "30")): (200, b"tok"),
    ("GET", ROLES, SHOWN): (200, b"role\n"),
    ("GET", f"{ROLES}role", SHOWN): ok(FETCHED),
}


def test_of_the_user() -> None:
    assert search(credential("KEY", "secret", "token"), {}, {}) == ("KEY", "secret", "token", None)


def test_of_the_environment() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", **CONTAINER}
    assert search(credential(), environ, {}) == ("A", "B", None, None)
    assert search(credential(), environ | {"AWS_SESSION_TOKEN": "C"}, {}) == ("A", "B", "C", None)


@pytest.mark.parametrize(
    "environ", [{"AWS_ACCESS_KEY_ID": "A"}, {"AWS_SECRET_ACCESS_KEY": "B"}, {"AWS_SESSION_TOKEN": "C"}]
)
def test_a_part_of_an_environment(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="only a part"):
        search(credential(), environ, {})


def test_of_a_web_identity() -> None:
    keys = {
        "AccessKeyId": "K",
        "SecretAccessKey": "S",
        "SessionToken": "T",
        "Expiration": NOW.timestamp() + 3600,
    }
    document = {
        "AssumeRoleWithWebIdentityResponse": {"AssumeRoleWithWebIdentityResult": {"Credentials": keys}}
    }
    for shown in (document, {"Credentials": keys}):  # Amazon's form, and the specification's.
        answers = {"/token": "tok&en\n", IDENTITY_URL: ok(shown)}
        assert search(credential(), IDENTITY | CONTAINER, answers) == EXPECTED


def test_of_the_container() -> None:
    assert search(credential(), CONTAINER, {CONTAINER_URL: ok(FETCHED)}) == EXPECTED


def test_of_the_machine() -> None:
    assert search(credential(), {}, ON_MACHINE) == EXPECTED


def test_they_are_kept_until_shortly_before_their_end() -> None:
    mine = credential()
    answers = {CONTAINER_URL: ok(FETCHED)}
    assert search(mine, CONTAINER, answers) == EXPECTED
    assert search(mine, CONTAINER, {}, NOW + timedelta(minutes=54)) == EXPECTED
    with pytest.raises(KeyError):  # There is no answer to the request that it now makes.
        search(mine, CONTAINER, {}, NOW + timedelta(minutes=56))
    assert "S" not in repr(mine.cache)


def test_kept_ones_go_before_the_environment() -> None:
    mine = credential()
    assert search(mine, CONTAINER, {CONTAINER_URL: ok(FETCHED)}) == EXPECTED
    environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}
    assert search(mine, environ, {}) == EXPECTED
    assert search(mine, environ, {}, NOW + timedelta(minutes=56)) == ("A", "B", None, None)


@pytest.mark.parametrize("refused", [False, True])
def test_kept_ones_that_do_not_serve_are_fetched_anew(refused: bool) -> None:
    mine = credential()
    assert mine.cache is not None
    mine.cache.data = EXPECTED
    conversation = begin(mine)
    conversation.send(challenge())
    proof = conversation.send(Surroundings({}, NOW))
    proof = conversation.send(Surroundings({}, NOW)) if isinstance(proof, Look) else proof
    assert "Credential=K/" in decode(proof["payload"])["a"]
    if refused:
        with pytest.raises(OperationFailure):
            conversation.throw(OperationFailure("no", 18))
        assert mine.cache.data is None
    else:
        with pytest.raises(StopIteration):
            conversation.send({"done": True, "payload": b""})
        assert mine.cache.data == EXPECTED


def test_a_time_without_its_zone() -> None:
    naive = {**FETCHED, "Expiration": "2026-01-02T04:04:05"}
    mine = credential()
    assert search(mine, CONTAINER, {CONTAINER_URL: ok(naive)}) == EXPECTED
    assert search(mine, CONTAINER, {}) == EXPECTED


class Provided:
    """What botocore's credentials look like."""

    access_key, secret_key, token = "P", "secret", None


def test_of_the_application() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}
    assert search(credential(provider=Provided), environ, {}) == ("P", "secret", None, None)
    by_keyword = {"authMechanism": "MONGODB-AWS"}
    properties = {"AWS_CREDENTIAL_PROVIDER": Provided}
    setup = build_client_options(None, None, {**by_keyword, "authMechanismProperties": properties})
    found = setup.options.pool_options.credentials
    assert found is not None
    assert search(found, {}, {}) == ("P", "secret", None, None)


@pytest.mark.parametrize(
    "wrong", [None, {}, type("Half", (), {"access_key": "secret"}), type("Odd", (Provided,), {"token": 5})]
)
def test_a_provider_that_gives_something_else(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="AWS_CREDENTIAL_PROVIDER must return") as caught:
        search(credential(provider=lambda: wrong), {}, {})
    assert "'secret'" not in str(caught.value)


def test_a_provider_beside_a_user() -> None:
    with pytest.raises(ConfigurationError, match="not both"):
        build_client_options(
            None,
            None,
            {
                "authMechanism": "MONGODB-AWS",
                "username": "u",
                "password": "p",
                "authMechanismProperties": {"AWS_CREDENTIAL_PROVIDER": Provided},
            },
        )


@pytest.mark.parametrize(
    ("environ", "answers"),
    [
        (CONTAINER, {CONTAINER_URL: OSError("unreachable")}),
        (CONTAINER, {CONTAINER_URL: (403, b"secret")}),
        (CONTAINER, {CONTAINER_URL: (200, b"secret")}),
        (CONTAINER, {CONTAINER_URL: ok({"AccessKeyId": "K", "SecretAccessKey": "secret"})}),
        (CONTAINER, {CONTAINER_URL: ok(["secret"])}),
        (CONTAINER, {CONTAINER_URL: ok({**FETCHED, "Expiration": "secret"})}),
        (CONTAINER, {CONTAINER_URL: ok({**FETCHED, "Token": 5})}),
        (IDENTITY, {"/token": FileNotFoundError(2, "No such file")}),
        (IDENTITY, {"/token": "tok&en", IDENTITY_URL: ok({"Error": "secret"})}),
    ],
)
def test_failures(environ: dict[str, str], answers: dict[Any, Any]) -> None:
    with pytest.raises(ConfigurationError, match="MONGODB-AWS") as caught:
        search(credential(), environ, answers)
    assert "secret" not in str(caught.value)


def test_credentials_do_not_show_themselves() -> None:
    assert repr(EXAMPLE) == "AwsCredentials(<redacted>)"
    assert isinstance(Fetch("GET", "u", {}), tuple)
